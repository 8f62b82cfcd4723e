"""Subscriptions in words: what, where, when; and which deadlines are still ahead."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from handlers.ledger import MAIL, Subscribed
from handlers.markup import escape
from handlers.moments import both_times, moment
from handlers.reminders import selecting
from handlers.turn import Choice
from handlers.visit import Visit
from handlers.words import Words
from rules import leads
from rules.deadlines import Deadline
from rules.leads import Lead


def what(visit: Visit, selection: str) -> str:
    """Return a selection in words, as in `KA210 (VET, ADU)`."""
    if selection == selecting.ALL:
        return visit.say("reminders.what.all")
    pairs = (name.split("-", 1) if name.startswith("KA") else [name] for name in _names(selection))
    return visit.words.listed(
        [_action(action, [rest for _, *rest in found]) for action, found in groupby(pairs, _first)]
    )


def when(speech: Words, written: str) -> str:
    """Return lead times in words, the longest first, as in `7 days and 2 hours before`."""
    return speech.say("reminders.before", leads=times(speech, leads.parse(written)))


def times(speech: Words, found: Iterable[Lead]) -> str:
    """Return lead times as people write them, as in `7 days and 2 hours`."""
    return speech.listed(
        [
            speech.say(
                "reminders.hours" if one.hours else "reminders.days", n=one.hours or one.days
            )
            for one in found
        ]
    )


def zone(speech: Words, name: str) -> str:
    """Return a time zone with what its time is called, as in `Latvian time (Europe/Riga)`."""
    key = f"timezone.{name}"
    return f"{speech.say(key)} ({name})" if speech.has(key) else name


def zone_of(visit: Visit, found: Iterable[Subscribed]) -> ZoneInfo:
    """Return the person's own zone: what they are reminded by, else the agency's."""
    first = min(found, key=lambda one: not one.confirmed, default=None)
    return ZoneInfo(first.zone) if first else visit.desk.zone


def where(visit: Visit, channel: str, address: str) -> str:
    """Return where reminders go."""
    if channel == MAIL:
        return visit.say("reminders.to.mail", address=escape(address))
    return visit.say("reminders.to.telegram")


def channel(visit: Visit, name: str) -> str:
    """Return a channel in a word."""
    return visit.say("reminders.channel.mail" if name == MAIL else "reminders.channel.telegram")


def kept(visit: Visit, one: Subscribed) -> str:
    """Return a subscription as it is kept, in a few lines; also that it waits for its yes."""
    text = offered(visit, one)
    return text if one.confirmed else f"{text}\n{visit.say('reminders.pending')}"


def offered(visit: Visit, one: Subscribed) -> str:
    """Return what a subscription is about, in a few lines."""
    return "\n".join(
        [
            f"**{what(visit, one.selection)}**",
            visit.say("reminders.kept.where", where=where(visit, one.channel, one.address)),
            visit.say("reminders.kept.when", when=when(visit.words, one.leads)),
            visit.say(
                "reminders.kept.how",
                language=visit.say(f"language.name.{one.language}"),
                zone=zone(visit.words, one.zone),
            ),
        ]
    )


def ahead(visit: Visit, selection: str, local: ZoneInfo) -> str:
    """Return which deadlines of a selection come next, or that none is known yet."""
    found = selecting.ahead(visit.desk, selection, visit.now)
    if not found:
        return visit.say("reminders.none-ahead", website=visit.desk.agency.website)
    lines = [f"• {named(visit, each, local)}" for each in found]
    return "\n".join([visit.say("reminders.ahead"), *lines])


def coming(visit: Visit, deadline: Deadline, found: Iterable[Subscribed]) -> str:
    """Return when the next reminder of a deadline comes, or that none does."""
    every = list(found)
    moments = [
        each
        for one in every
        if one.confirmed and deadline in selecting.ahead(visit.desk, one.selection, visit.now)
        for each in _moments(deadline, one)
        if each > visit.now
    ]
    if not moments:
        return visit.say("reminders.none-coming")
    return visit.say("reminders.coming", when=at(visit, min(moments), zone_of(visit, every)))


def first(visit: Visit, one: Subscribed) -> str:
    """Return when the first reminder of a subscription comes; empty where none is known yet."""
    moments = [
        each
        for deadline in selecting.ahead(visit.desk, one.selection, visit.now)
        for each in _moments(deadline, one)
        if each > visit.now
    ]
    if not moments:
        return ""
    return visit.say("reminders.first", when=at(visit, min(moments), ZoneInfo(one.zone)))


def at(visit: Visit, instant: datetime, local: ZoneInfo) -> str:
    """Return a moment by the person's own clock."""
    return moment(visit.words, instant, local, local)


def named(visit: Visit, deadline: Deadline, local: ZoneInfo) -> str:
    """Return a deadline with its moment in one line, in its own time and in `local`."""
    when = both_times(visit.words, deadline, local)
    return visit.say("reminders.deadline", action=deadline.action, when=when)


def choice(visit: Visit, key: str, act: str, **values: object) -> Choice:
    """Return a choice of this capability, in words."""
    return Choice(f"reminders:{act}", visit.say(f"reminders.choice.{key}", **values))


def _moments(deadline: Deadline, one: Subscribed) -> list[datetime]:
    zones = ZoneInfo(deadline.zone), ZoneInfo(one.zone)
    return [leads.due(lead, deadline.wall, *zones).target for lead in leads.parse(one.leads)]


def _names(selection: str) -> list[str]:
    return selection.split("+")


def _first(pair: list[str]) -> str:
    return pair[0]


def _action(action: str, sectors: list[list[str]]) -> str:
    codes = ", ".join(code for rest in sectors for code in rest)
    return f"{action} ({codes})" if codes else action
