"""How a notice and its receipt put things: cleaned of what deceives, moments in both zones."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from textwrap import TextWrapper
from zoneinfo import ZoneInfo

from handlers.moments import BRUSSELS, zone_name
from handlers.words import Words

CUT = "…"
"""Stands where a text was too long."""

_SPACES = re.compile(r"[ \u00a0]+")
_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Control, format (with the bidirectional ones), surrogate, private and unassigned characters."""


def cleaned(text: str, longest: int) -> str:
    """Return `text` on one line, without what is not seen, cut to `longest` characters."""
    line = _SPACES.sub(" ", _visible(_BREAKS.sub(" ", text).replace("\t", " "))).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + CUT


def paragraphs(text: str, longest: int) -> list[str]:
    """Return the lines of `text`, each cleaned, together cut to `longest` characters.

    Of several empty lines after one another one is left.
    """
    kept: list[str] = []
    left = longest
    for line in (cleaned(line, longest) for line in _BREAKS.split(text.strip())):
        if left <= 0:
            return [*kept, CUT]
        if line or (kept and kept[-1]):
            kept.append(cleaned(line, max(left, 2)))
            left -= len(line) + 1
    return kept


def quoted(text: str, longest: int) -> str:
    """Return a person's or a server's own words, marked on each line so that none passes for ours.

    Lines are wrapped here, because a mail program that wraps them would leave the mark out.
    """
    wrapper = TextWrapper(
        width=72, initial_indent="> ", subsequent_indent="> ", break_on_hyphens=False
    )
    wrapped = [wrapper.wrap(line) or [">"] for line in paragraphs(text, longest)]
    return "\n".join(line for lines in wrapped for line in lines)


def _visible(text: str) -> str:
    """Return `text` composed (NFC) and without unseen characters."""
    shown = "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)
    return unicodedata.normalize("NFC", shown)


def moment(words: Words, instant: datetime, local: ZoneInfo) -> str:
    """Return `instant` in Brussels time, then the hour in `local` where its clocks differ.

    Seconds are told where there are any; the day again where it is another one.
    """
    there, here = instant.astimezone(BRUSSELS), instant.astimezone(local)
    own, other = _on_clock(words, there), _on_clock(words, here)
    if there.utcoffset() == here.utcoffset():
        return own
    if there.date() != here.date():
        return words.say("moment.both-days", own=own, local=other)
    zone = zone_name(words, str(local))
    return words.say("moment.both", own=own, hour=_hour(here), zone=zone)


def _on_clock(words: Words, there: datetime) -> str:
    zone = zone_name(words, str(there.tzinfo))
    return words.say("moment.own", day=words.day(there), hour=_hour(there), zone=zone)


def _hour(there: datetime) -> str:
    return f"{there:%H:%M:%S}" if there.second else f"{there:%H:%M}"


def from_deadline(words: Words, instant: datetime, deadline: datetime) -> str:
    """Return how long before or after the deadline `instant` is, to the second."""
    apart = timedelta(seconds=int(instant.timestamp()) - int(deadline.timestamp()))
    if not apart:
        return words.say("notice.at-deadline")
    if apart < timedelta():
        return words.say("notice.before-deadline", time=_lasting(words, -apart))
    return words.say("notice.after-deadline", time=_lasting(words, apart))


def _lasting(words: Words, time: timedelta) -> str:
    """Return a length of time in hours, minutes and seconds, whichever there are."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    told = [
        words.say("notice.hours", n=hours) if hours else "",
        words.say("notice.minutes", n=minutes) if minutes else "",
        words.say("notice.seconds", n=seconds) if seconds else "",
    ]
    return " ".join(filter(None, told))


def grouped(number: int) -> str:
    """Return a number of bytes with its thousands apart."""
    return f"{number:,}".replace(",", "\u00a0")


def rows(pairs: Iterable[tuple[str, str]]) -> str:
    """Return labels and values, a pair a line."""
    return "\n".join(f"{label}: {value}" for label, value in pairs)
