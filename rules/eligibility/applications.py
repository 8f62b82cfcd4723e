"""Criteria about the field of the application and how many of them an organisation is in."""

from rules.calls import Applications, Sector
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import Case
from rules.eligibility.logic import Met, every


def sector(offered: tuple[Sector, ...], case: Case) -> Finding:
    """Judge whether the agency takes applications of this field in this action."""
    chosen = case.answers.sector
    if chosen is None:
        return Finding(None, "unanswered", {"sectors": offered})
    elsewhere = case.facts.sectors_elsewhere
    body = (case.value(elsewhere) or {}).get(chosen)
    if chosen in offered or body is None or elsewhere is None:
        return found(chosen in offered, sector=chosen, sectors=offered)
    values = {"sector": chosen, "body": body, "sectors": offered}
    return Finding(False, "elsewhere", values, case.ground(elsewhere).source)


def applications_per_organisation(rule: Applications, case: Case) -> Finding:
    """Judge whether any organisation is in more applications than allowed.

    An application in a field that the agency takes but the limit leaves out does not count.
    """
    counts = _counts(rule, case)
    if counts is False:
        return Finding(True, "not-counted", {"sector": case.answers.sector})
    totals = [participant.applications_total for participant in case.participants]
    within = every((None if n is None else n <= rule.limit for n in totals), case.complete)
    most = max((total for total in totals if total is not None), default=0)
    decided = counts is True or within is True
    return found(within if decided else None, n=most, limit=rule.limit)


def _counts(rule: Applications, case: Case) -> Met:
    """Whether the application counts; None where its field, not answered, decides that."""
    offered = case.value(case.facts.sectors)
    exempt = set(offered or ()) - set(rule.fields)
    if case.answers.sector is None:
        return None if exempt else True
    return case.answers.sector not in exempt


def applications_as_coordinator(limit: int, case: Case) -> Finding:
    """Judge whether the coordinator hands in more applications than allowed."""
    number = case.coordinator.applications_as_coordinator
    return found(None if number is None else number <= limit, n=number or 0, limit=limit)
