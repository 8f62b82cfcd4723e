"""Criteria about single organisations: where the coordinator is, what they are, since when."""

from collections.abc import Iterable
from datetime import date

from rules.calls import Kind
from rules.eligibility.answers import Participant
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import Case
from rules.eligibility.logic import Met, agreed, every

_INSTITUTION = "higher_education_institution"


def coordinator_country(groups: tuple[str, ...], case: Case) -> Finding:
    """Judge whether the coordinator is in a country whose organisations may apply."""
    country = case.coordinator.country
    return found(case.within(country, groups), country=country)


def coordinator_kind(kinds: tuple[Kind, ...], case: Case) -> Finding:
    """Judge whether the coordinator is of a kind that may apply."""
    kind = case.coordinator.kind
    return found(None if kind is None else kind in kinds, kind=kind, kinds=kinds)


def coordinator_age(years: int, case: Case) -> Finding:
    """Judge whether the coordinator was established `years` before the day of the deadline."""
    established = case.coordinator.established
    closings = [closing.wall.date() for closing in case.candidates]
    values = {"n": years, "days": tuple(closings), "established": established}
    if not closings:
        return Finding(None, "no-round", values)
    if established is None:
        return Finding(None, "unanswered", values)
    met = agreed(established <= _years_before(closing, years) for closing in closings)
    return Finding(None, "which-round", values) if met is None else found(met, **values)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def participant_kinds(kinds: tuple[Kind, ...], case: Case) -> Finding:
    """Judge whether coordinator and partners are of kinds that may take part.

    A kind that takes part only where a National Authority has defined it stays undecided.
    """
    doubtful = case.value(case.facts.partner_kinds_if_defined) or ()
    given = [participant.kind for participant in case.participants]
    wrong = _sorted({kind for kind in given if kind and kind not in (*kinds, *doubtful)})
    if wrong:
        return found(False, found_kinds=wrong, kinds=kinds)
    if set(given) & set(doubtful):
        return Finding(None, "if-defined", {"found_kinds": _sorted(set(given) & set(doubtful))})
    return found(every((bool(kind) or None for kind in given), case.complete), kinds=kinds)


def _sorted(kinds: Iterable[Kind | None]) -> tuple[str, ...]:
    return tuple(sorted(kind for kind in kinds if kind))


def eche(required: bool, case: Case) -> Finding | None:
    """Judge whether institutions of Member States and associated countries hold a charter."""
    if not required:
        return None
    holds = [_charter(participant, case) for participant in case.participants]
    lacking = sum(1 for held in holds if held is False)
    return found(every(holds, case.complete), n=lacking)


def _charter(participant: Participant, case: Case) -> Met:
    if participant.eche or participant.kind not in (None, _INSTITUTION):
        return True
    here = case.takes_part(participant.country)
    if here is False:
        return True
    return participant.eche if here and participant.kind == _INSTITUTION else None
