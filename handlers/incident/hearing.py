"""Hears that somebody cannot submit, however it is said: a trouble and what has it, or a cry."""

from handlers import phrases
from handlers.offers import is_heard
from handlers.words import LANGUAGES, words
from rules.folding import fold

CRY = 4
"""A text of so few words is a cry: the trouble alone says enough."""


def is_distress(text: str) -> bool:
    """Whether `text` says that the form fails, in either language and without diacritics.

    Meant for the hours around a deadline only: at other times the same words mean many things.
    """
    said = f" {fold(text)} "
    if is_heard("incident", text):
        return True
    if not _holds("trouble", said) or said.startswith(_listed("question")):
        return False
    return _holds("object", said) or len(said.split()) <= CRY


def tells_failure(text: str) -> bool:
    """Whether `text` is more than a cry: it says what fails, or which error was shown.

    "When I pressed Submit the form hung" tells it too, though it begins like a question.
    """
    said = f" {fold(text)} "
    on_what = _holds("object", said)
    if begins_to_tell(text):
        return on_what and _holds("trouble", said)
    return is_distress(text) and (on_what or any(sign.isdecimal() for sign in text))


def begins_to_tell(text: str) -> bool:
    """Whether `text` begins like a question and may tell something all the same."""
    return "?" not in text and phrases.begins("incident.telling.heard", text)


def asks_for_own(text: str) -> bool:
    """Whether `text` asks what became of one's own notice."""
    return _holds("mine", f" {fold(text)} ")


def _holds(name: str, said: str) -> bool:
    """Whether a word in `said` begins with one of the beginnings `router.incident.<name>`."""
    return any(beginning in said for beginning in _listed(name))


def _listed(name: str) -> tuple[str, ...]:
    every = (
        one for code in LANGUAGES for one in words(code).say(f"router.incident.{name}").split(";")
    )
    return tuple(f" {fold(one)}" for one in every)
