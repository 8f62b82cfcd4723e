"""Reads what people type as answers: countries by name or code, days, numbers."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from babel.core import Locale

from handlers.words import LANGUAGES
from rules.folding import fold

NOT_KNOWN = "?"
NONE = "-"
LARGEST = 40
"""A partnership of more organisations than this is a slip of the pen."""

_DAY = re.compile(r"^(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})\.?$")
_NOTHING = {"", "0", "-", "nav", "neviens", "nekas", "no", "none", "ne", "nothing", "nobody"}


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
    if fold(text) in _NOTHING or text.strip() == NONE:
        return NONE
    names = [part.strip() for part in re.split(r"[,;\n]+", text) if part.strip()]
    if len(names) > LARGEST:
        raise Unreadable("too-many", most=LARGEST)
    return ",".join(code for name in names for code in _codes(name))


def country(text: str) -> str:
    """Return one country as its code."""
    code = countries(text)
    if code == NONE or "," in code:
        raise Unreadable("country", name=text[:30])
    return code


def _codes(name: str) -> list[str]:
    whole = _known().get(fold(name))
    if whole:
        return [whole]
    parts = [_known().get(fold(part)) for part in name.split()]
    if len(parts) < 2 or None in parts:
        raise Unreadable("country", name=name[:30])
    return [part for part in parts if part]


@cache
def _known() -> Mapping[str, str]:
    """Return ISO codes by folded name in every language, by code, and by what people write."""
    names = {
        fold(name): code
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
    codes = {code.casefold(): code for code in names.values()}
    usual = {
        "el": "GR",
        "uk": "GB",
        "turkey": "TR",
        "turcija": "TR",
        "cehija": "CZ",
        "holande": "NL",
    }
    return names | codes | usual
