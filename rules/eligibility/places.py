"""The criterion about where activities take place."""

from rules.calls import Venues
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import Case
from rules.eligibility.logic import Met, every


def venues(rule: Venues, case: Case) -> Finding:
    """Judge whether all activities take place where they may: where a participant is, mostly.

    An event that shares results may be held elsewhere if justified; the answers do not tell
    which events those are, so such a place stays undecided. A place with a seat of an EU
    institution is decided by what was answered of the seat.
    """
    named = case.answers.venues
    if named is None:
        return Finding(None, "unanswered")
    allowed = {venue: _allowed(venue, rule, case) for venue in named}
    met = every(allowed.values())
    countries = tuple(sorted(venue for venue, value in allowed.items() if value is met))
    if met is None:
        return Finding(None, _question(countries, rule, case), {"countries": countries})
    return found(met, countries=countries)


def _allowed(venue: str, rule: Venues, case: Case) -> Met:
    states, complete = _participants_states(rule, case)
    if case.state(venue) in states:
        return True
    if not _is_seat(venue, rule, case):
        return None if not complete or _shares(venue, rule, case) else False
    justified = case.answers.venue_eu_seat_justified
    return None if not complete and not justified else justified


def _participants_states(rule: Venues, case: Case) -> tuple[set[str], bool]:
    """Return the states where participants are, and whether all of them are answered."""
    countries = [participant.country for participant in case.participants]
    complete = case.complete
    if rule.associated:
        associated = case.answers.associated_partners
        countries += [partner.country for partner in associated or ()]
        complete = complete and associated is not None
    states = {case.state(country) for country in countries if country}
    return states, complete and None not in countries


def _is_seat(venue: str, rule: Venues, case: Case) -> bool:
    return case.state(venue) in rule.seats


def _shares(venue: str, rule: Venues, case: Case) -> bool:
    """Whether an event that shares results may be held in `venue`."""
    excluded = case.value(case.facts.excluded_partners) or ()
    return bool(case.within(venue, rule.result_sharing)) and case.state(venue) not in excluded


def _question(countries: tuple[str, ...], rule: Venues, case: Case) -> str:
    """Name the outcome for undecided places by what would decide them."""
    unanswered = case.answers.venue_eu_seat_justified is None
    if unanswered and any(_is_seat(country, rule, case) for country in countries):
        return "seat-unanswered"
    shared = all(_shares(country, rule, case) for country in countries)
    return "sharing" if shared else "participants-unanswered"
