"""Reads when something happened, as people type it, and works out which moment that was."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import phrases
from handlers.incident.unreadable import Unreadable
from handlers.moments import BRUSSELS
from rules.folding import fold

BRUSSELS_CLOCK = "brussels"
LOCAL_CLOCK = "local"
CLOCKS = (BRUSSELS_CLOCK, LOCAL_CLOCK)

TOLERANCE = timedelta(minutes=1)
"""A clock that is so much fast is not taken for one that shows the future."""

HALF_A_YEAR = timedelta(days=182)
"""A day without a year that is further ahead was meant of the year before."""

_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "ma[ijy]",
    "jun",
    "jul",
    "aug",
    "sep",
    "o[ck]t",
    "nov",
    "dec",
)
_NAMED = re.compile(
    rf"\b(?:(\d{{1,2}})(?:\.|st|nd|rd|th)?\s*)?({'|'.join(_MONTHS)})[a-z]*"
    r"(?:\s+(\d{1,2})(?![\d:.]))?"
)
_YEAR = re.compile(r"\b(20\d\d)\b\.?\s*(?:gada|g\b\.?)?")
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)t?")
_DOTTED = re.compile(r"(?<![\d:.])(\d{1,2})[./](\d{1,2})[./]\s?(20\d\d)?(?!\d)")
_HOUR = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])\s?[:.]\s?([0-5]\d)(?:[:.]([0-5]\d))?(?:\s?([ap])\.?m\b)?(?![\d:])"
)
_BARE = re.compile(r"\b([01]\d|2[0-3])([0-5]\d)\b")
_AGO = re.compile(r"\bpirms (\d{1,3}) ?min[a-z]*|\b(\d{1,3}) ?min[a-z]* (?:ago|atpakal)")
_BY_CLOCK = re.compile(r"\bpec (?=brisel|rig|latvij|viet)")
_DAYS: Mapping[str, int] = {"sodien": 0, "today": 0, "vakar": -1, "yesterday": -1}
_CLOCKS = {
    BRUSSELS_CLOCK: ("brisel", "brussel", "bruxel"),
    LOCAL_CLOCK: ("riga", "latvij", "latvia"),
}


@dataclass(frozen=True)
class Said:
    """A moment as it was typed: an hour, perhaps a day and whose clock; or how long ago."""

    hour: time = time(0)
    day: date | None = None
    shift: int | None = None
    clock: str = ""
    ago: timedelta | None = None


def read(text: str, today: date) -> Said:
    """Return what `text` says; a day without a year is the nearest one.

    Raises `Unreadable` where there is no hour with its minutes.
    """
    if _is_now(text):
        return Said(ago=timedelta())
    plain = _bare(text)
    if (ago := _ago(plain)) is not None:
        return Said(ago=ago)
    day, rest = _day(plain, today)
    hour = _hour(rest)
    if hour is None and day is not None and (hour := _hour(plain)) is not None:
        day = None
    if hour is None:
        raise Unreadable("incident.unreadable.hour")
    shift = next((days for word, days in _DAYS.items() if re.search(rf"\b{word}\b", plain)), None)
    return Said(hour, day, shift, _clock(plain))


def is_alone(text: str) -> bool:
    """Whether `text` is a time and little else: no question, nor a sentence that holds an hour.

    "The deadline is 12:00" tells no attempt, and what is noted goes into the notice as a fact.
    """
    if "?" in text:
        return False
    plain = _BY_CLOCK.sub(" ", _AGO.sub(" ", _bare(text)))
    known = phrases.every("incident.time.heard")
    return _is_now(text) or all(_is_of_time(word, known) for word in fold(plain).split())


def _is_of_time(word: str, known: list[str]) -> bool:
    """Whether `word` has digits, is a month, names a clock, or may stand beside a time."""
    stems = (*_MONTHS, *(stem for stems in _CLOCKS.values() for stem in stems), "min[a-z]")
    return word in known or re.match(rf"\d|t\d|(?:{'|'.join(stems)})", word) is not None


def moments(
    said: Said, now: datetime, local: ZoneInfo, near: datetime | None
) -> dict[str, datetime]:
    """Return which moment it was by each clock it may have been read from, none in the future.

    Without a day it was on the day of `near` (the deadline), or the last time that hour came; where
    by one clock it came today already and by the other not yet, it was read from the first.
    Raises `Unreadable` where it is still ahead by every clock.
    """
    if said.ago is not None:
        return {BRUSSELS_CLOCK: (now - said.ago).astimezone(UTC)}
    clocks = {BRUSSELS_CLOCK: BRUSSELS, LOCAL_CLOCK: local}
    meant = [said.clock] if said.clock else list(clocks)
    found = {name: _moment(said, now, clocks[name], near) for name in meant}
    past = {name: moment for name, (moment, _) in found.items() if moment <= now + TOLERANCE}
    fresh = {name: moment for name, moment in past.items() if not found[name][1]}
    if not past:
        raise Unreadable("incident.unreadable.ahead")
    chosen = fresh or past
    return chosen if len({*chosen.values()}) > 1 else dict([*chosen.items()][:1])


def _moment(
    said: Said, now: datetime, zone: ZoneInfo, near: datetime | None
) -> tuple[datetime, bool]:
    """Return the moment by one clock, and whether it had to be put back to the day before."""
    today = now.astimezone(zone).date()
    if said.day is not None:
        return _at(said.day, said.hour, zone), False
    if said.shift is not None:
        return _at(today + timedelta(days=said.shift), said.hour, zone), False
    if near is not None and (at := _at(near.astimezone(zone).date(), said.hour, zone)) <= now:
        return at, False
    at = _at(today, said.hour, zone)
    return (at, False) if at <= now + TOLERANCE else (at - timedelta(days=1), True)


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)


def _ago(plain: str) -> timedelta | None:
    if match := _AGO.search(plain):
        return timedelta(minutes=int(match[1] or match[2]))
    return None


def _is_now(text: str) -> bool:
    """Whether `text` says "now" and nothing else: "what now?" is a cry, not a time."""
    return "?" not in text and phrases.is_heard("incident.now.heard", text)


def _clock(plain: str) -> str:
    """Return whose clock is named, or nothing where none is, or both are."""
    named = [
        clock
        for clock, stems in _CLOCKS.items()
        if any(re.search(rf"\b{stem}", plain) for stem in stems)
    ]
    return named[0] if len(named) == 1 else ""


def _hour(plain: str) -> time | None:
    if match := _HOUR.search(plain):
        hour, half = int(match[1]), match[4]
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        return time(hour, int(match[2]), int(match[3] or 0))
    match = _BARE.search(plain)
    return time(int(match[1]), int(match[2])) if match else None


def _day(plain: str, today: date) -> tuple[date | None, str]:
    """Return the day that is named, and the text without it."""
    if match := _ISO.search(plain):
        return _date(int(match[1]), int(match[2]), int(match[3])), _without(plain, match)
    if match := _DOTTED.search(plain):
        return _nearest(match[3], int(match[2]), int(match[1]), today), _without(plain, match)
    if (match := _NAMED.search(plain)) and (match[1] or match[3]):
        rest = _without(plain, match)
        year = _YEAR.search(rest)
        month = next(n for n, one in enumerate(_MONTHS, 1) if re.match(one, match[2]))
        day = _nearest(year and year[1], month, int(match[1] or match[3]), today)
        return day, _without(rest, year) if year else rest
    return None, plain


def _nearest(year: str | None, month: int, day: int, today: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    this = _date(today.year, month, day)
    if this is not None and this - today > HALF_A_YEAR:
        return _date(today.year - 1, month, day)
    return this


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
