"""What a typed text is in a questionnaire: one of the choices in other words, or a question."""

import re

from handlers import phrases
from handlers.eligibility.questions import Question
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from rules.folding import fold

_SECTORS = {
    "SCH": "eligibility.sector-school.heard",
    "VET": "eligibility.sector-vocational.heard",
    "HED": "eligibility.sector-higher.heard",
    "ADU": "eligibility.sector-adult.heard",
    "YOU": "eligibility.sector-youth.heard",
    "SPO": "eligibility.sector-sport.heard",
}
_KINDS = {
    "organisation": "eligibility.kind-organisation.heard",
    "higher_education_institution": "eligibility.kind-higher.heard",
    "school": "eligibility.kind-school.heard",
    "school_authority": "eligibility.kind-authority.heard",
    "informal_group": "eligibility.kind-group.heard",
    "natural_person": "eligibility.kind-person.heard",
}
_HEARD = {"sector": _SECTORS, "kind": _KINDS, "partner-kind": _KINDS}
"""The phrases for the choices of a question, by the message it is asked with."""

_WORDS = {"yes": "router.yes.heard", "no": "router.no.heard"}
_BRACKETED = re.compile(r"^(?P<name>[^()]+)\((?P<short>[^()]+)\)$")
_ACTION = re.compile(r"\b(?:ka ?)?(?P<number>2[124]0)\b")


def chosen(question: Question, text: str) -> str | None:
    """Return the value of the choice that `text` means in other words than its label."""
    if is_not_known(text):
        return None
    for word, option in zip(("yes", "no"), question.options, strict=False):
        if question.asks and phrases.is_heard(_WORDS[word], text):
            return option.value
    said = phrases.without("eligibility.lead.heard", text)
    for value, key in _HEARD.get(question.text, {}).items():
        if value in {each.value for each in question.options} and phrases.is_heard(key, said):
            return value
    return None


def is_not_known(text: str) -> bool:
    """Whether somebody says that the answer is not known."""
    return phrases.is_heard("eligibility.not-known.heard", text)


def is_back(text: str) -> bool:
    """Whether the question before is asked for."""
    return phrases.is_heard("eligibility.back.heard", text)


def names(label: str) -> set[str]:
    """Return what a label may be typed as: whole, without what is in brackets, or that alone."""
    match = _BRACKETED.match(label)
    return {fold(each) for each in (label, *(match.groups() if match else ()))} - {""}


def is_question(text: str) -> bool:
    """Whether `text` is plainly a question: several words, ended or begun like one.

    A wish to be reminded of something is one too: it never begins an answer.
    """
    if sum(word.isalpha() for word in fold(text).split()) < 2:
        return False
    begun = ("following.question.heard", "router.reminders.begins")
    return text.rstrip().endswith("?") or any(phrases.begins(key, text) for key in begun)


def action(text: str) -> str:
    """Return the one action that `text` names; empty where it names none or several."""
    named = {f"KA{match['number']}" for match in _ACTION.finditer(fold(text))}
    return named.pop() if len(named) == 1 and named <= set(KA2) else ""


def is_action(text: str) -> bool:
    """Whether `text` says nothing besides an action: its code, with words of its name."""
    named = f" {' '.join(_names_of(action(text)))} "
    rest = _ACTION.sub(" ", fold(text)).split()
    return bool(action(text)) and all(f" {word} " in named for word in rest)


def _names_of(code: str) -> list[str]:
    return [fold(words(each).say(f"eligibility.action.{code}")) for each in LANGUAGES if code]


def may_we(text: str) -> bool:
    """Whether `text` asks if somebody may apply."""
    return phrases.holds("eligibility.may-we.heard", text)
