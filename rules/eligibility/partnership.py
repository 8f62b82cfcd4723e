"""Criteria about the partnership as a whole: how many organisations, from how many countries.

Only organisations in Member States and associated countries count; a territory counts as the
state it belongs to. Each number has a lower bound, from what is answered, and an upper one.
"""

from math import inf

from rules.calls import AssociatedPartners
from rules.eligibility.answers import Participant
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import Case
from rules.eligibility.logic import at_least, every

_NO_ORGANISATION = ("informal_group", "natural_person")


def min_organisations(least: int, case: Case) -> Finding:
    """Judge whether there are at least `least` organisations that count."""
    certain = len(_certain(case))
    met = at_least(least, certain, certain + _more(case))
    return found(met, n=certain, least=least)


def min_countries(least: int, case: Case) -> Finding:
    """Judge whether the organisations that count come from at least `least` countries."""
    certain = {case.state(country) for country in _certain(case)}
    met = at_least(least, len(certain), len(certain) + _more(case))
    return found(met, n=len(certain), least=least)


def _certain(case: Case) -> list[str]:
    countries = [participant.country for participant in _organisations(case)]
    return [country for country in countries if country and case.takes_part(country)]


def _more(case: Case) -> float:
    """Return how many organisations may yet turn out to count."""
    unanswered = [p for p in _organisations(case) if p.country is None]
    return len(unanswered) if case.complete else inf


def _organisations(case: Case) -> list[Participant]:
    return [p for p in case.participants if p.kind not in _NO_ORGANISATION]


def associated_partners(fact: AssociatedPartners, case: Case) -> Finding:
    """Judge whether an associated partner is in an excluded country; naming none is fine."""
    named = case.answers.associated_partners
    given = [partner.country for partner in named or ()]
    wrong = sorted({c for c in given if c and case.state(c) in fact.excluded})
    if wrong:
        return found(False, countries=tuple(wrong))
    return found(every((bool(country) or None for country in given), named is not None))


def associated_partners_open(case: Case) -> Finding | None:
    """Tell that the guide's chapter is silent, only when associated partners are named."""
    return Finding(None, "silent") if case.answers.associated_partners else None


def same_consortium(single: bool, case: Case) -> Finding | None:
    """Judge whether the same partners hand in another application at this deadline."""
    elsewhere = case.answers.same_consortium_elsewhere
    if not single:
        return None
    return found(None if elsewhere is None else not elsewhere)
