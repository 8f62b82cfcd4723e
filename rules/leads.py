"""Lead times: how long before a deadline people are reminded, and the moment that means for them.

`T-7d` is the same wall time seven calendar days before, in the deadline's own zone, so that it
stays noon when the clocks change; `T-2h` is two hours that pass. Those in days are sent from 8 to
20 o'clock where the person is, and one that falls into the night moves to the nearest such hour.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

DEFAULT = "T-30d T-14d T-7d T-3d T-1d T-2h"
MOST_DAYS = 90
MOST_HOURS = 48
MOST_LEADS = 10
OPENS = time(8)
CLOSES = time(20)
HOURS_ROOM = 7200.0
"""One in hours may leave at most two hours early, in seconds."""

_DAYS = "d dienas diena dienu dienam day days"
_HOURS = "h st stundas stunda stundu stundam hour hours hr hrs"
_WEEKS = "ned nedelas nedela nedelu nedelam week weeks wk wks"
_ONE = frozenset(("diena", "dienu", "stunda", "stundu", "nedela", "nedelu", "day", "hour", "week"))
"""Units that mean one of them where no number stands before."""

_AND = ("un", "and")
_BEFORE = ("pirms", "ieprieks", "termina", "before", "ahead", "of", "the", "deadline")
_PASSED_OVER = frozenset((*_AND, "viena", "vienu", "one", "an", "a", *_BEFORE))
"""Words that may stand around lead times and say nothing more."""

_UNITS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(_DAYS.split(), ("days", 1)),
        **dict.fromkeys(_WEEKS.split(), ("days", 7)),
        **dict.fromkeys(_HOURS.split(), ("hours", 1)),
    }
)
"""Units without diacritics: whether they count days or hours, and how many."""

_WORD = re.compile(r"(?:t-)?(\d{1,3})([a-z]*)\.?|([a-z]+)\.?", re.ASCII)
_BETWEEN = re.compile(r"[\s,;+&]+")
_NUMBER_AND_UNIT = re.compile(
    rf"\d\s*(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b", re.ASCII
)


class BadLeads(ValueError):
    """Lead times that are not taken; `part` is what is wrong, empty for the list as a whole."""

    def __init__(self, problem: str, part: str = "") -> None:
        self.part = part
        super().__init__(
            f"{problem}; write 1 to {MOST_LEADS} lead times like {DEFAULT}: 1 to {MOST_DAYS} days"
            f" (d) or 1 to {MOST_HOURS} hours (h), with a space between"
        )


@dataclass(frozen=True)
class Lead:
    """One lead time: a number of days or of hours, the other one is 0."""

    days: int = 0
    hours: int = 0

    def __str__(self) -> str:
        return f"T-{self.days}d" if self.days else f"T-{self.hours}h"


@dataclass(frozen=True)
class Due:
    """When a reminder should have been sent, in UTC, and the seconds it may leave before that."""

    target: datetime
    room: float


def parse(written: str) -> tuple[Lead, ...]:
    """Return the lead times in `written`, each once, the longest first; raises `BadLeads`.

    They may be in the canonical writing or in words, Latvian or English, with or without
    diacritics: `T-7d 2h`, `7 dienas un 2 stundas`, `1 week`; numbers may share a unit.
    """
    found = set(_read(_bare(written)))
    if not found:
        raise BadLeads("no lead time is given")
    if len(found) > MOST_LEADS:
        raise BadLeads(f"{len(found)} lead times are too many")
    return tuple(sorted(found, key=_length, reverse=True))


def is_meant(text: str) -> bool:
    """Whether a number with a unit stands in `text`, right or wrong as a lead time."""
    return _NUMBER_AND_UNIT.search(_bare(text)) is not None


def written(leads: Iterable[Lead]) -> str:
    """Return lead times in their one canonical writing, as `parse` reads it."""
    return " ".join(str(lead) for lead in sorted(set(leads), key=_length, reverse=True))


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _read(text: str) -> list[Lead]:
    """Return every lead time in `text`, which has no diacritics; raises `BadLeads`."""
    found: list[Lead] = []
    numbers: list[int] = []
    for part in filter(None, _BETWEEN.split(text)):
        match = _WORD.fullmatch(part)
        if match is None:
            raise BadLeads(f"{part!r} is no lead time", part)
        number, unit = match[1], match[2] if match[1] else match[3]
        numbers += [int(number)] if number else []
        if unit in _UNITS and (numbers or unit in _ONE):
            found += [_lead(each, unit, part) for each in numbers or [1]]
            numbers = []
        elif unit and (number or unit not in _PASSED_OVER):
            raise BadLeads(f"{part!r} is no lead time", part)
    if numbers:
        raise BadLeads(f"{numbers[-1]} has no unit", str(numbers[-1]))
    return found


def _lead(number: int, unit: str, part: str) -> Lead:
    kind, times = _UNITS[unit]
    count = number * times
    if not 1 <= count <= (MOST_DAYS if kind == "days" else MOST_HOURS):
        raise BadLeads(f"{part!r} is too short or too long", part)
    return Lead(days=count) if kind == "days" else Lead(hours=count)


def _length(lead: Lead) -> tuple[int, int]:
    """Return what lead times are ordered by: nominal hours, and days before as many hours."""
    return lead.days * 24 + lead.hours, lead.days


def due(lead: Lead, wall: datetime, zone: ZoneInfo, person: ZoneInfo) -> Due:
    """Return when to remind somebody in the zone `person` of a deadline at `wall` in `zone`.

    `wall` is the deadline's wall time, without a zone of its own.
    """
    if lead.hours:
        closing = wall.replace(tzinfo=zone).astimezone(UTC)
        return Due(closing - timedelta(hours=lead.hours), HOURS_ROOM)
    before = (wall - timedelta(days=lead.days)).replace(tzinfo=zone).astimezone(UTC)
    target = _by_day(before, person)
    opened = _at(OPENS, target.astimezone(person), person)
    return Due(target, (target - opened).total_seconds())


def _by_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment nearest to `moment` from 8 to 20 o'clock in `zone`; of two, the earlier."""
    local = moment.astimezone(zone)
    opens, closes = (_at(hour, local, zone) for hour in (OPENS, CLOSES))
    if opens <= moment <= closes:
        return moment
    if moment < opens:
        earlier, later = _at(CLOSES, local - timedelta(days=1), zone), opens
    else:
        earlier, later = closes, _at(OPENS, local + timedelta(days=1), zone)
    return earlier if moment - earlier <= later - moment else later


def _at(hour: time, day: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.date(), hour, zone).astimezone(UTC)
