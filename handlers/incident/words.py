"""Words that several parts of the incident notice share."""

from datetime import datetime

from handlers.incident import clock
from handlers.markup import escape
from handlers.turn import Choice
from handlers.visit import Visit


def choice(visit: Visit, key: str, act: str, **values: object) -> Choice:
    """Return a choice of this capability, in words."""
    return Choice(f"incident:{act}", visit.say(f"incident.choice.{key}", **values))


def field(visit: Visit, name: str) -> str:
    """Return what a thing that can be told is called."""
    return visit.say(f"incident.field.{name}")


def when(visit: Visit, moment: datetime) -> str:
    """Return the hour of `moment`, in Brussels and here."""
    return clock.hours(visit.words, moment, visit.desk.zone)


def dated(visit: Visit, moment: datetime) -> str:
    """Return day and hour of `moment`, in Brussels and here."""
    day = visit.words.day(moment.astimezone(visit.desk.zone))
    return visit.say("incident.dated", day=day, hours=when(visit, moment))


def size(octets: int) -> str:
    """Return the size of a file, as in `1.4 MB`."""
    return f"{octets / 1_000_000:.1f} MB" if octets >= 950_000 else f"{max(octets // 1000, 1)} kB"


def shown(value: str, longest: int = 60) -> str:
    """Return what a person typed for showing it back: on one line, cut where it is long."""
    line = " ".join(value.split())
    return escape(line if len(line) <= longest else f"{line[: longest - 1]}…")
