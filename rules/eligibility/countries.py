"""Criteria about the countries of partners."""

from collections.abc import Iterable

from rules.eligibility.answers import Participant
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import TAKING_PART, Case
from rules.eligibility.logic import every


def partner_countries(groups: tuple[str, ...], case: Case) -> Finding:
    """Judge whether every partner is in a country whose organisations may take part."""
    excluded = case.value(case.facts.excluded_partners) or ()
    given = [partner.country for partner in case.partners]
    wrong = {c for c in given if c and not _admitted(c, groups, excluded, case)}
    if wrong:
        return Finding(False, _way_out(wrong, case), {"countries": tuple(sorted(wrong))})
    return found(every((bool(country) or None for country in given), case.complete))


def _admitted(country: str, groups: tuple[str, ...], excluded: tuple[str, ...], case: Case) -> bool:
    return bool(case.within(country, groups)) and case.state(country) not in excluded


def _way_out(wrong: Iterable[str], case: Case) -> str:
    """Name the outcome: some organisations may still be associated partners without funding."""
    associated = case.value(case.facts.associated_partners)
    if associated is None or any(case.state(country) in associated.excluded for country in wrong):
        return "not-met"
    return "associated-only"


def third_country_value(judged: bool, case: Case) -> Finding | None:
    """Tell of partners whose essential added value the agency will judge."""
    groups = case.value(case.facts.partner_groups) or ()
    excluded = case.value(case.facts.excluded_partners) or ()
    given = {partner.country for partner in case.partners if partner.country}
    admitted = {country for country in given if _admitted(country, groups, excluded, case)}
    outside = sorted(c for c in admitted if not case.within(c, TAKING_PART))
    if not judged or not outside:
        return None
    return Finding(None, "judged", {"countries": tuple(outside)})


def excluded_authorities(states: tuple[str, ...], case: Case) -> Finding | None:
    """Refuse public authorities of `states`; listed only when one is named."""
    named = _partners_of(states, case)
    wrong = {p.country for p in named if p.country and p.kind == "school_authority"}
    return found(False, countries=tuple(sorted(wrong))) if wrong else None


def country_conditions(states: tuple[str, ...], case: Case) -> Finding | None:
    """Tell of partners who take part on conditions that the answers cannot show."""
    named = sorted({p.country for p in _partners_of(states, case) if p.country})
    return Finding(None, "check", {"countries": tuple(named)}) if named else None


def _partners_of(states: tuple[str, ...], case: Case) -> list[Participant]:
    return [p for p in case.partners if p.country and case.state(p.country) in states]
