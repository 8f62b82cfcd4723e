"""Phrases heard: what a few typed words may be, whichever language they come in."""

from handlers.words import LANGUAGES, words
from rules.folding import fold


def every(key: str) -> list[str]:
    """Return the phrases of a message in all languages, folded."""
    return [fold(one) for code in LANGUAGES for one in words(code).say(key).split(";")]


def is_heard(key: str, text: str) -> bool:
    """Whether `text` is one of the phrases."""
    return fold(text) in every(key)


def begins(key: str, text: str) -> bool:
    """Whether `text` begins with one of the phrases."""
    return f"{fold(text)} ".startswith(tuple(f"{one} " for one in every(key)))


def holds(key: str, text: str) -> bool:
    """Whether words of `text` begin like one of the phrases, wherever they stand."""
    said = f" {fold(text)}"
    return any(f" {one}" in said for one in every(key))


def without(key: str, text: str) -> str:
    """Return `text` without the longest of the phrases that leads it, folded."""
    said = fold(text)
    longest = sorted(every(key), key=len, reverse=True)
    lead = next((one for one in longest if said.startswith(f"{one} ")), "")
    return said.removeprefix(lead).strip()
