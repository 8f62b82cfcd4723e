"""Criteria about time: the round's deadline and the start of the project."""

from rules.deadlines import Deadline
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import Case
from rules.eligibility.logic import Met, agreed


def start_date(windows: bool, case: Case) -> Finding | None:
    """Judge whether the project starts in the window of a round, confirmed or not."""
    if not windows:
        return None
    start = case.answers.start
    held = [closing for closing in case.rounds if closing.status != "cancelled"]
    known = tuple(closing.starts for closing in held if closing.starts)
    values = {"start": start, "windows": known}
    if not known:
        return Finding(None, "no-round", values)
    taken = [closing for closing in held if start and closing.takes(start)]
    finding = found(None if start is None else bool(taken), **values)
    return Finding(finding.met, finding.outcome, values, taken[0].source if taken else None)


def deadline(case: Case) -> Finding:
    """Judge whether the round is open at `as_of`, the moment of closing included (guide, p. 415).

    Where several rounds may be meant, their common value counts.
    """
    closings = case.candidates
    values: dict[str, object] = {"deadlines": tuple(closing.instant for closing in closings)}
    if case.answers.as_of is not None:
        values["day"] = case.day
    if not closings:
        return Finding(None, "no-round", values)
    met = agreed(_open(closing, case) for closing in closings)
    outcome = found(met).outcome if met is not None else _why_open(closings, case)
    if met is False and all(closing.status == "cancelled" for closing in closings):
        outcome = "cancelled"
    return Finding(met, outcome, values, closings[0].source)


def _open(closing: Deadline, case: Case) -> Met:
    as_of = case.answers.as_of
    if as_of is None:
        return None
    if as_of > closing.instant or closing.status == "cancelled":
        return False
    return True if closing.status == "confirmed" else None


def _why_open(closings: list[Deadline], case: Case) -> str:
    if case.answers.as_of is None:
        return "unanswered"
    return "conditional" if len(closings) == 1 else "which-round"
