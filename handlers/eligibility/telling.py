"""How questions and answers are put into words."""

from datetime import date

from handlers.eligibility.parsing import NONE, NOT_KNOWN
from handlers.eligibility.questions import Question, listed
from handlers.markup import escape
from handlers.visit import Visit

_COUNTRIES = {"country", "partners", "associated", "venues"}
_DAYS = {"established", "start"}


def asked(visit: Visit, question: Question) -> str:
    """Return the question in words."""
    return visit.say(f"eligibility.ask.{question.text}", **_about(visit, question))


def short(visit: Visit, question: Question) -> str:
    """Return what the question is about in a word or two."""
    return visit.say(f"eligibility.short.{question.text}", **_about(visit, question))


def shown(visit: Visit, question: Question, value: str) -> str:
    """Return an answer in words."""
    if value == NOT_KNOWN:
        return visit.say("eligibility.option.not-known")
    for option in question.options:
        if option.value == value and option.text:
            return visit.say(f"eligibility.option.{option.text}", **dict(option.about))
    return _typed(visit, question, value)


def _typed(visit: Visit, question: Question, value: str) -> str:
    if value == NONE:
        return visit.say("eligibility.option.none")
    if question.id in _COUNTRIES:
        return ", ".join(visit.words.country(code) for code in listed(value))
    if question.id == "management":
        return visit.words.percent(float(value))
    # Of an organisation that is old enough the year may be all that is known.
    if question.id in _DAYS and not value.isdecimal():
        return visit.words.day(date.fromisoformat(value))
    if question.id == "lump-sum":
        return visit.words.money(int(value))
    return escape(value)


def _about(visit: Visit, question: Question) -> dict[str, str]:
    about = dict(question.about)
    if "country" in about:
        about["country"] = visit.words.country(about["country"])
    return about
