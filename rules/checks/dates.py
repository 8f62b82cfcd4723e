"""Deadlines keep the hours, years, ids and names that the calls have."""

from collections.abc import Iterator
from datetime import date, time
from itertools import chain

from rules.calls import Call
from rules.deadlines import Deadline
from rules.loader import Facts

_HOURS = {"agency": time(12), "executive-agency": time(17)}


def problems(facts: Facts) -> Iterator[str]:
    """Yield what is wrong with deadlines."""
    yield from chain.from_iterable(_hours(call) for call in facts.calls.values())
    yield from chain.from_iterable(_ids(call) for call in facts.calls.values())
    yield from _names(facts)


def _hours(call: Call) -> Iterator[str]:
    """Agencies close at 12:00 Brussels time, the executive agency at 17:00 (guide 2026, p. 434).

    A deadline that was moved may close at any hour: it is the announcement that says when.
    """
    for deadline in call.deadlines.values():
        where = f"calendar/{call.year}.toml: {deadline.id}"
        if (
            not deadline.sequence
            and deadline.zone == "Europe/Brussels"
            and deadline.wall.time() != _HOURS[deadline.managed_by]
        ):
            hour = _HOURS[deadline.managed_by]
            yield f"{where}: closes at {deadline.wall:%H:%M}, by rule {hour:%H:%M}"
        if deadline.starts and deadline.starts[0] > deadline.starts[1]:
            yield f"{where}: the start window ends before it begins"
        if not _in_call_year(deadline, call):
            yield f"{where}: lies outside call year {call.year}"


def _ids(call: Call) -> Iterator[str]:
    """An id says call, action and round: calendar programs know a deadline by it for good."""
    for deadline in call.deadlines.values():
        expected = f"{call.year}-{deadline.action.lower()}-r{deadline.round}"
        if deadline.id != expected:
            yield f"calendar/{call.year}.toml: {deadline.id}: id: should be {expected}"


def _in_call_year(deadline: Deadline, call: Call) -> bool:
    return date(call.year, 1, 1) <= deadline.wall.date() <= date(call.year, 12, 31)


def _names(facts: Facts) -> Iterator[str]:
    for deadline in facts.deadlines:
        if deadline.action not in facts.actions:
            yield f"actions.toml: {deadline.action}: has a deadline but no name"
        for sector in deadline.sectors:
            if sector not in facts.sectors:
                yield f"calendar/{deadline.call}.toml: {deadline.id}: unknown sector {sector!r}"
