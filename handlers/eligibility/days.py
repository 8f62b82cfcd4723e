"""Reads days as people write them: in figures in either order, or with the month in a word."""

import re
from datetime import date

from handlers import phrases
from handlers.eligibility.parsing import Unreadable
from rules.folding import fold

_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_YEAR = re.compile(r"[12]\d{3}")
_SHORTEST = 3
"""A month is known by as many letters of its name, and by more."""


def day(text: str) -> str:
    """Return a day in ISO form; one that is not in the calendar and a year alone are refused."""
    parts = _parts(text)
    if _is_less(parts):
        raise Unreadable("which-day")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise Unreadable("day")
    year, month, number = parts if len(parts[0]) == 4 else parts[::-1]
    if len(year) != 4 or max(len(month), len(number)) > 2:
        raise Unreadable("day")
    try:
        return date(int(year), int(month), int(number)).isoformat()
    except ValueError:
        raise Unreadable("no-such-day") from None


def founded(text: str, enough: int) -> str:
    """Return a day, or the year alone where it is `enough` or earlier: then no day matters."""
    parts = _parts(text)
    if _is_less(parts):
        year = parts[0] if _YEAR.fullmatch(parts[0]) else parts[-1]
        if int(year) <= enough:
            return year
    return day(text)


def _is_less(parts: list[str]) -> bool:
    """Whether a year, or a month of a year, is all that is said."""
    if not all(part.isdecimal() for part in parts) or len(parts) not in (1, 2):
        return False
    return sum(bool(_YEAR.fullmatch(part)) for part in parts) == 1


def _parts(text: str) -> list[str]:
    """Return the numbers of a day, with a month that is named put between the other two."""
    small = phrases.every("eligibility.day-words.heard")
    words = [_ORDINAL.sub(r"\1", word) for word in fold(text).split() if word not in small]
    named = [word for word in words if _month(word)]
    if len(named) != 1:
        return words
    others = [word for word in words if word not in named]
    return [*others[:1], _month(named[0]), *others[1:]]


def _month(word: str) -> str:
    """Return the number of the month that `word` names; empty where it names none."""
    if len(word) < _SHORTEST or word[0].isdecimal():
        return ""
    known = (one.rpartition(" ") for one in phrases.every("eligibility.month-names.heard"))
    return next((number for name, _, number in known if word.startswith(name)), "")
