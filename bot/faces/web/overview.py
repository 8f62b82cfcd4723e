"""The deadlines beside the chat, told from now, and the addresses of their calendars."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from handlers.deadlines import feed_address, standing
from handlers.moments import action_name, both_times, start_window, zone_name
from handlers.visit import Visit
from rules.deadlines import KA2, Deadline, State
from rules.selection import Selection, in_order
from rules.sources import Citation


@dataclass(frozen=True)
class Action:
    """An action that is due: its code and name, its sectors as code and name."""

    id: str
    code: str
    name: str
    sectors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Moment:
    """Everything that is due at one moment, in one state, for one window of project starts.

    `state` is open, closed, conditional or cancelled; `standing` says it in the markup of replies;
    `hours` has Brussels time first, then the local one where it differs; `was` tells what a moved
    deadline was before; `announced` says that `checked` is the day a change became known.
    """

    state: str
    standing: str
    day: str
    hours: tuple[str, ...]
    instant: str
    was: str | None
    window: str | None
    actions: tuple[Action, ...]
    sources: tuple[Citation, ...]
    checked: str
    announced: bool


@dataclass(frozen=True)
class Calendar:
    """The calendar of one selection, to subscribe to or to fetch once."""

    selection: str
    name: str
    address: str
    webcal: str
    download: str


@dataclass(frozen=True)
class Overview:
    """What stands beside the chat; `is_second_ahead`: a round that may be held still lies ahead."""

    call: int
    sure: tuple[Moment, ...]
    perhaps: tuple[Moment, ...]
    is_any_ahead: bool
    is_second_ahead: bool
    calendars: tuple[Calendar, ...]


def overview(visit: Visit) -> Overview:
    """Return the KA2 deadlines of the newest call as they stand at the visit's now."""
    newest = visit.desk.facts.newest
    ours = in_order(each for each in newest.deadlines.values() if each.action in KA2)
    sure = [each for each in ours if each.status != "conditional"]
    perhaps = [each for each in ours if each not in sure]
    return Overview(
        call=newest.year,
        sure=_moments(visit, sure),
        perhaps=_moments(visit, perhaps),
        is_any_ahead=any(_is_open(visit, each) for each in ours),
        is_second_ahead=any(visit.now <= each.instant for each in perhaps),
        calendars=tuple(_calendar(visit, name) for name in ("KA2", *KA2)),
    )


def _moments(visit: Visit, deadlines: Iterable[Deadline]) -> tuple[Moment, ...]:
    grouped = groupby(
        deadlines, key=lambda each: (each.instant, each.status, each.starts, _was(visit, each))
    )
    return tuple(_moment(visit, list(together)) for _, together in grouped)


def _was(visit: Visit, deadline: Deadline) -> str | None:
    if deadline.moved_from is None:
        return None
    before = both_times(visit.words, deadline.moved_from, visit.desk.zone)
    return visit.say("ics.was", when=before)


def _moment(visit: Visit, together: list[Deadline]) -> Moment:
    first = together[0]
    there = first.instant.astimezone(ZoneInfo(first.zone))
    sources = dict.fromkeys(visit.desk.facts.announced(each) for each in together)
    return Moment(
        state=_state(visit, first),
        standing=standing(visit, first),
        day=visit.words.day(there),
        hours=_hours(visit, first),
        instant=f"{first.instant:%Y-%m-%dT%H:%M:%SZ}",
        was=_was(visit, first),
        window=start_window(visit.words, first),
        actions=tuple(_action(visit, each) for each in together),
        sources=tuple(sources),
        checked=visit.words.day(min(source.as_of for source in sources)),
        announced=any(source.announced for source in sources),
    )


def _hours(visit: Visit, deadline: Deadline) -> tuple[str, ...]:
    there = deadline.instant.astimezone(ZoneInfo(deadline.zone))
    here = deadline.instant.astimezone(visit.desk.zone)
    moments = [there] if here.utcoffset() == there.utcoffset() else [there, here]
    return tuple(
        visit.say(
            "web.deadlines.hour",
            hour=visit.words.clock(moment),
            zone=zone_name(visit.words, str(moment.tzinfo)),
        )
        for moment in moments
    )


def _action(visit: Visit, deadline: Deadline) -> Action:
    sectors = visit.desk.facts.sectors
    named = [(code, sectors[code].in_language(visit.words.language)) for code in deadline.sectors]
    return Action(deadline.id, deadline.action, _name(visit, deadline.action), tuple(named))


def _state(visit: Visit, deadline: Deadline) -> str:
    if deadline.status == "cancelled":
        return "cancelled"
    return deadline.state(visit.now, visit.desk.facts.newest.year).value


def _is_open(visit: Visit, deadline: Deadline) -> bool:
    return deadline.state(visit.now, visit.desk.facts.newest.year) is State.OPEN


def _name(visit: Visit, action: str) -> str:
    return action_name(visit.desk, action, visit.words.language)


def _calendar(visit: Visit, selection: str) -> Calendar:
    language = visit.words.language
    address = feed_address(visit.desk.public_url, Selection((selection,)), language)
    return Calendar(
        selection=selection,
        name=visit.say("web.calendar.all") if selection == "KA2" else _name(visit, selection),
        address=address,
        webcal=f"webcal:{address.partition(':')[2]}",
        download=f"/calendar/{selection}.ics?lang={language}&download=1",
    )
