"""What the page of everything held shows, put together from the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.faces.web.forms import Form
from handlers import holdings
from handlers.ledger import Ledger, Subscribed
from handlers.reminders import selecting, telling, zones
from handlers.visit import Visit
from rules import leads
from rules.deadlines import Deadline

OFFERED = leads.parse(leads.DEFAULT)
"""The lead times to tick; any other is typed."""

_REMINDERS = ("reminder", "two-hours")
_NOT_SENT = ("cancelled", "expired")


@dataclass(frozen=True)
class Due:
    """A deadline that is ahead, in words; `handed`: the application is in.

    `later`: a reminder was sent or is due, so that it may be put off.
    """

    id: str
    text: str
    handed: bool
    later: bool


@dataclass(frozen=True)
class Tick:
    """A lead time to tick."""

    value: str
    name: str
    ticked: bool


@dataclass(frozen=True)
class Typed:
    """A change as it was sent and could not be taken, with what is wrong with it and where."""

    subscription: str = ""
    ticks: tuple[str, ...] = ()
    own: str = ""
    language: str = ""
    zone: str = ""
    problem: str = ""
    at: str = ""


@dataclass(frozen=True)
class Kept:
    """A subscription as the page shows it; `changes`: its times, language and zone can be.

    `problem` is what is wrong with a change of it, `at` the field that it stands by.
    """

    id: str
    text: str
    changes: bool
    ticks: tuple[Tick, ...]
    own: str
    language: str
    zone: str
    problem: str = ""
    at: str = ""


@dataclass(frozen=True)
class Overview:
    """Everything the page shows; `done` says what was just done, in the markup of replies."""

    address: str = field(repr=False)
    deadlines: tuple[Due, ...]
    kept: tuple[Kept, ...]
    none_ahead: str
    zones: tuple[str, ...]
    held: str
    done: str


def read(form: Form, subscription: str, problem: str) -> Typed:
    """Return a change of `subscription` as its form was filled in."""
    return Typed(
        subscription,
        tuple(form.every("lead")),
        form.one("leads"),
        form.one("language"),
        form.one("zone"),
        problem,
        problem.rpartition(".")[2],
    )


def wishes(form: Form) -> Mapping[str, str]:
    """Return what the form of a change asks for: lead times ticked and typed, language, zone."""
    times = ", ".join([*form.every("lead"), form.one("leads")])
    return {"leads": times, "language": form.one("language"), "zone": form.one("zone")}


async def overview(
    visit: Visit, ledger: Ledger, address: str, first: str, done: str, typed: Typed
) -> Overview:
    """Return what the page shows, the deadline `first` before the others."""
    found = await ledger.subscriptions()
    held = await ledger.held()
    ahead = sorted(_ahead(visit, found), key=lambda each: each.id != first)
    is_none = any(one.confirmed for one in found) and not ahead
    website = visit.desk.agency.website
    return Overview(
        address=address,
        deadlines=tuple(_due(visit, each, found, held) for each in ahead),
        kept=tuple(_kept(visit, each, each.channel in ledger.channels, typed) for each in found),
        none_ahead=visit.say("reminders.none-ahead", website=website) if is_none else "",
        zones=zones.offered(visit.desk),
        held=holdings.told(visit, held),
        done=done,
    )


def _due(visit: Visit, deadline: Deadline, found: list[Subscribed], held: Mapping[str, Any]) -> Due:
    handed = {each["deadline"] for each in held.get("handed", [])}
    return Due(
        deadline.id,
        telling.named(visit, deadline, telling.zone_of(visit, found)),
        deadline.id in handed,
        _was_reminded(held.get("messages", []), deadline.id, visit.now),
    )


def _was_reminded(messages: Iterable[Mapping[str, Any]], deadline: str, now: datetime) -> bool:
    """Whether a reminder of `deadline` was sent, or is due and not called off."""
    return any(
        each["first"] is not None
        or (each["state"] not in _NOT_SENT and datetime.fromisoformat(each["due"]) <= now)
        for each in messages
        if each["deadline"] == deadline and each["kind"] in _REMINDERS
    )


def _kept(visit: Visit, one: Subscribed, changes: bool, typed: Typed) -> Kept:
    text = telling.kept(visit, one)
    if typed.subscription == one.id:
        ticks, own = typed.ticks, typed.own
        language, zone = typed.language, typed.zone
    else:
        times = leads.parse(one.leads)
        ticks = tuple(str(each) for each in times)
        own = telling.times(visit.words, [each for each in times if each not in OFFERED])
        language, zone, typed = one.language, one.zone, Typed()
    offered = tuple(
        Tick(str(each), telling.times(visit.words, [each]), str(each) in ticks) for each in OFFERED
    )
    return Kept(
        one.id,
        text,
        changes,
        offered,
        own,
        language,
        zone,
        typed.problem and visit.say(typed.problem),
        typed.at,
    )


def _ahead(visit: Visit, found: list[Subscribed]) -> list[Deadline]:
    """Return the deadlines ahead of confirmed subscriptions, each once, earliest first."""
    every = selecting.ahead(visit.desk, "all", visit.now)
    wanted = {
        each.id
        for one in found
        if one.confirmed
        for each in selecting.ahead(visit.desk, one.selection, visit.now)
    }
    return [each for each in every if each.id in wanted]
