"""Puts the answers of a questionnaire into the shape that the rules read."""

from datetime import datetime
from typing import Any

from handlers.eligibility.parsing import NOT_KNOWN
from handlers.eligibility.questions import Given, listed, partner_kinds
from rules.eligibility import Answers


def assembled(action: str, given: Given, now: datetime) -> Answers:
    """Return the rules' answers for `given`; what is not known stays unanswered."""
    known = {question: value for question, value in given.items() if value != NOT_KNOWN}
    data: dict[str, Any] = {
        "action": action,
        "as_of": now.isoformat(),
        "sector": known.get("sector"),
        "coordinator": _coordinator(known),
        "partners": _partners(known) if "partners" in known else None,
        "months": _number(known, "months"),
        "start": known.get("start"),
        "lump_sum": _number(known, "lump-sum"),
        "work_packages": _number(known, "packages"),
        "management_share": float(known["management"]) if "management" in known else None,
        "venues": listed(known["venues"]) if "venues" in known else None,
        "venue_eu_seat_justified": _yes(known, "seat"),
        "same_consortium_elsewhere": _yes(known, "elsewhere"),
        **_priorities(known),
        **_tasks(known),
    }
    if "associated" in known:
        data["associated_partners"] = [{"country": code} for code in listed(known["associated"])]
    return Answers.read(data)


def _coordinator(known: Given) -> dict[str, Any]:
    return {
        "country": known.get("country"),
        "kind": known.get("kind"),
        "eche": _yes(known, "eche"),
        "established": _established(known),
        "applications_total": _number(known, "total"),
        "applications_as_coordinator": _number(known, "as-coordinator"),
    }


def _established(known: Given) -> str | None:
    """Return the day; where only the year is known, its last day, which is old enough too."""
    written = known.get("established")
    return f"{written}-12-31" if written and written.isdecimal() else written


def _partners(known: Given) -> list[dict[str, Any]]:
    total, eche = _number(known, "partner-total"), _yes(known, "partner-eche")
    kinds = (None if kind == NOT_KNOWN else kind for kind in partner_kinds(known))
    return [
        {
            "country": country,
            "kind": kind,
            "eche": eche if kind == "higher_education_institution" else None,
            "applications_total": total,
        }
        for country, kind in zip(listed(known["partners"]), kinds, strict=True)
    ]


def _priorities(known: Given) -> dict[str, int]:
    answered = _yes(known, "priorities")
    if answered is None:
        return {}
    return {"horizontal_priorities": int(answered), "sector_priorities": 0}


def _tasks(known: Given) -> dict[str, Any]:
    teaching, capacity = _number(known, "tasks-teaching"), _number(known, "tasks-capacity")
    if teaching is None and capacity is None:
        return {}
    return {
        "tasks": {
            "teaching_and_learning": teaching,
            "capacity_and_internationalisation": capacity,
        }
    }


def _number(known: Given, question: str) -> int | None:
    return int(known[question]) if question in known else None


def _yes(known: Given, question: str) -> bool | None:
    return known[question] == "yes" if question in known else None
