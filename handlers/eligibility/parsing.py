"""Reads what people type as answers: countries by name or code, with how many partners each."""

import re
from collections.abc import Mapping
from functools import cache

from babel.core import Locale

from handlers import phrases
from handlers.eligibility.numerals import figure
from handlers.words import LANGUAGES
from rules.eligibility.codes import known_codes
from rules.folding import fold

NOT_KNOWN = "?"
NONE = "-"
LARGEST = 40
"""A partnership of more organisations than this is a slip of the pen."""

_NOTHING = {"0", "nav", "neviens", "nekas", "no", "none", "ne", "nothing", "nobody"}
_DASHES = "-–—. "
_NORWAY = "NO"
_NIGER = "NE"
_CODE = 3
"""A text of so few letters is a code, and has no case endings."""
_SMALL = {"and", "un", "the"}
_AND = re.compile(r"\s+(?:and|un|&)\s+", re.IGNORECASE)
_TIMES_FIRST = re.compile(r"(?P<times>\w+?)(?:\s*[x×]\s+|\s+)(?P<name>.+)", re.IGNORECASE)
_TIMES_LAST = re.compile(
    r"(?P<name>.+?)\s*(?:[\s(][x×]?|[x×:-])\s*(?P<times>\d{1,2})\s*[x×]?\s*\)?", re.IGNORECASE
)
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


def countries(text: str) -> str:
    """Return countries, parted by commas or lines, as codes joined by commas; `-` for none."""
    if not text.strip().strip(_DASHES) or (fold(text) in _NOTHING and text.strip() != _NORWAY):
        return NONE
    names = [part.strip() for part in re.split(r"[,;\n]+", text) if part.strip()]
    codes = [code for name in names for code in _listed(name)]
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
    codes = _codes(_bare(text))
    if len(codes) != 1:
        raise Unreadable("country", name=text[:30])
    return codes[0]


def _listed(text: str) -> list[str]:
    """Return the codes of what stands between two commas, each as often as it is said."""
    counted = _counted(text)
    if counted is not None:
        return counted
    pieces = [_counted(piece) for piece in _AND.split(text)]
    if len(pieces) > 1 and all(pieces):
        return [code for piece in pieces for code in piece or []]
    return _codes(text)


def _counted(text: str) -> list[str] | None:
    """Return the one country of "Finland x2" or "2 from Finland" as often; None for others."""
    whole = _one(_bare(text))
    if whole:
        return [whole]
    for pattern in (_TIMES_LAST, _TIMES_FIRST):
        match = pattern.fullmatch(text.strip())
        times = figure(match["times"]) if match else None
        name = _bare(match["name"]) if match else ""
        if times and _one(name) and (fold(name) not in _NOTHING or name in (_NORWAY, _NIGER)):
            return [_one(name)] * min(times, LARGEST + 1)
    return None


def _bare(text: str) -> str:
    """Return the name in "partners from Finland", as it is written; capitals are a code."""
    words = text.split()
    while (
        len(words) > 1
        and not words[0].isupper()
        and fold(words[0]) in phrases.every("eligibility.from.heard")
    ):
        words = words[1:]
    return " ".join(words)


def _one(name: str) -> str:
    """Return the code of one country, also where its name stands in the genitive; else empty."""
    words = _words(name)
    known = _known().get(" ".join(words))
    if known is None and len(name) > _CODE:
        known = _known().get(" ".join(word.removesuffix("s") for word in words))
    return known or ""


def _codes(name: str) -> list[str]:
    whole = _one(name)
    if whole:
        return [whole]
    words = _words(name)
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
