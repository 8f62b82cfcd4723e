"""KA240: what the coordinator's country and at least one other must each bring."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

from rules.calls import Composition
from rules.eligibility.answers import Participant
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import TAKING_PART, Case
from rules.eligibility.logic import Met

_AUTHORITIES = frozenset({"school_authority", "school_coordination_body"})
_SCHOOLS = frozenset({"school"})
_ROLES = (_AUTHORITIES, _SCHOOLS)

Place = tuple[str, frozenset[str]]
"""A role in a country that an organisation can fill."""


def composition(needed: Composition, case: Case) -> Finding:
    """Judge whether the coordinator's country and another bring the authorities and schools.

    An organisation whose country or kind is not answered may yet fill any place it fits.
    """
    met = _composed(needed, case)
    values = {
        "n": _filled(needed, case),
        "least": needed.countries,
        "authorities": needed.authorities,
        "schools": needed.schools,
    }
    return found(met, **values)


def _composed(needed: Composition, case: Case) -> Met:
    answered = [p for p in case.participants if p.country and p.kind]
    if case.coordinator.country and _possible(needed, case, answered):
        return True
    if not case.complete:
        return False if case.takes_part(case.coordinator.country) is False else None
    return None if _possible(needed, case, case.participants) else False


def _possible(needed: Composition, case: Case, participants: Sequence[Participant]) -> bool:
    countries = _countries(needed, case)
    able = [_places(participant, countries, case) for participant in participants]
    home = case.coordinator.country
    return any(
        _enough(needed, (first, *others), able)
        for first in ([case.state(home)] if home else countries)
        if case.takes_part(first)
        for others in combinations(countries, needed.countries - 1)
        if first not in others
    )


def _countries(needed: Composition, case: Case) -> list[str]:
    """Return the countries to try: those named, and as many others as could matter."""
    named = {case.state(p.country) for p in case.participants if p.country}
    groups = [group for group in case.call.countries.groups if group.id in TAKING_PART]
    members = [member for group in groups for member in group.members]
    spare = [member for member in members if member not in named]
    return [*sorted(named & set(members)), *spare[: needed.countries]]


def _places(participant: Participant, countries: Iterable[str], case: Case) -> set[Place]:
    country = participant.country
    states = [case.state(country)] if country else countries
    return {
        (state, role)
        for state in states
        for role in _ROLES
        if participant.kind is None or participant.kind in role
    }


def _enough(needed: Composition, countries: Iterable[str], able: list[set[Place]]) -> bool:
    """Whether organisations can fill all places at once (Hall's condition)."""
    numbers = dict(zip(_ROLES, (needed.authorities, needed.schools), strict=True))
    wanted = {(country, role): numbers[role] for country in countries for role in _ROLES}
    choices = chain.from_iterable(combinations(wanted, size) for size in range(1, len(wanted) + 1))
    return all(
        sum(wanted[place] for place in chosen) <= sum(1 for places in able if places & set(chosen))
        for chosen in choices
    )


def _filled(needed: Composition, case: Case) -> int:
    """Return how many countries have what is needed by what is answered."""
    countries = _countries(needed, case)
    able = [_places(p, countries, case) for p in case.participants if p.country and p.kind]
    return sum(1 for country in countries if _enough(needed, (country,), able))
