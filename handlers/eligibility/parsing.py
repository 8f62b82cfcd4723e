"""Reads what people type as answers: countries by name or code, days, numbers."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from babel.core import Locale

from handlers.words import LANGUAGES
from rules.eligibility.codes import known_codes
from rules.folding import fold

NOT_KNOWN = "?"
NONE = "-"
LARGEST = 40
"""A partnership of more organisations than this is a slip of the pen."""

_DAY = re.compile(r"^(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})\.?$")
_NOTHING = {"0", "nav", "neviens", "nekas", "no", "none", "ne", "nothing", "nobody"}
_DASHES = "-–—. "
_NORWAY = "NO"
_NIGER = "NE"
_SMALL = {"and", "un", "the"}
_USUAL = {
    "turkey": "TR",
    "czech republic": "CZ",
    "holande": "NL",
    "holland": "NL",
    "lielbritanija": "GB",
    "anglija": "GB",
    "great britain": "GB",
    "england": "GB",
    "makedonija": "MK",
    "macedonia": "MK",
    "asv": "US",
    "usa": "US",
    "el": "GR",
    "uk": "GB",
}
"""What people write besides the names and codes that are in force."""


class Unreadable(ValueError):
    """An answer that cannot be read; `problem` names the message that says how to write it."""

    def __init__(self, problem: str, **values: object) -> None:
        self.problem = problem
        self.values = values
        super().__init__(problem)


def number(text: str) -> str:
    """Return a whole number of at most three digits as text."""
    digits = text.strip()
    if not digits.isdecimal() or len(digits) > 3:
        raise Unreadable("number")
    return str(int(digits))


def day(text: str) -> str:
    """Return a day written as 2026-10-01 or 1.10.2026 in ISO form."""
    match = _DAY.match(text.strip())
    written = f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}" if match else text.strip()
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise Unreadable("day") from None


def countries(text: str) -> str:
    """Return countries, parted by commas or lines, as codes joined by commas; `-` for none."""
    if not text.strip().strip(_DASHES) or (fold(text) in _NOTHING and text.strip() != _NORWAY):
        return NONE
    names = [part.strip() for part in re.split(r"[,;\n]+", text) if part.strip()]
    codes = [code for name in names for code in _codes(name)]
    if len(codes) > LARGEST:
        raise Unreadable("too-many", most=LARGEST)
    if not codes:
        raise Unreadable("country", name=text[:30])
    return ",".join(codes)


def country(text: str) -> str:
    """Return one country as its code.

    A "no" or "nē" is no country: Norway and Niger are meant by their codes in capitals only.
    """
    if fold(text) in _NOTHING and text.strip() not in (_NORWAY, _NIGER):
        raise Unreadable("country", name=text[:30])
    codes = _codes(text)
    if len(codes) != 1:
        raise Unreadable("country", name=text[:30])
    return codes[0]


def _codes(name: str) -> list[str]:
    words = _words(name)
    whole = _known().get(" ".join(words))
    if whole:
        return [whole]
    parts = [_known().get(word) for word in words]
    if len(parts) < 2 or None in parts:
        raise Unreadable("country", name=name[:30])
    return [part for part in parts if part]


def _words(name: str) -> list[str]:
    return [word for word in fold(name).split() if word not in _SMALL]


@cache
def _known() -> Mapping[str, str]:
    """Return ISO codes by name in every language, by code, and by what people write."""
    names = {
        " ".join(_words(name)): code
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if code in known_codes()
    }
    return names | {code.casefold(): code for code in known_codes()} | _USUAL
