"""Which one of a row is meant, in figures or in words, in either language."""

import re

from handlers import phrases
from handlers.words import LANGUAGES, words
from rules.folding import fold

LAST = 99
"""Stands for the last one, however many there are."""

_FIGURES = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")


def which(text: str) -> int:
    """Return the number that `text` names and nothing else; `LAST` for the last, 0 for none."""
    around = phrases.every("following.around.heard")
    named = [word for word in fold(text).split() if word not in around]
    return _number(named[0]) if len(named) == 1 else 0


def step(text: str) -> int:
    """Return the number of the step that `text` names, as `which` does; 0 for no step."""
    steps = phrases.every("following.step.heard")
    return which(text) if any(word in steps for word in fold(text).split()) else 0


def _number(word: str) -> int:
    figures = _FIGURES.fullmatch(word)
    if figures:
        return int(figures[1])
    if phrases.is_heard("following.last.heard", word):
        return LAST
    rows = (words(code).say(key).split(";") for key in _ROWS for code in LANGUAGES)
    return next((row.index(word) + 1 for row in map(_folded, rows) if word in row), 0)


_ROWS = ("following.ordinals.heard", "following.ordinals.object.heard")
"""Words for the first, the second and so on, in their order."""


def _folded(row: list[str]) -> list[str]:
    return [fold(one) for one in row]
