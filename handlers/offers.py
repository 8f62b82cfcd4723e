"""What was offered last, so that its label may be typed instead of pressed, and words heard."""

import json
from collections.abc import Sequence

from handlers.notebook import Notebook
from handlers.turn import Choice, Reply
from handlers.words import LANGUAGES, words
from rules.folding import fold

OFFERED = "offered"
"""Where the notebook has it, among what it knows of the person."""

_OWN_READER = "eligibility"
"""The questionnaire that reads typed labels, yes and no by itself."""


def note(notes: Notebook, replies: Sequence[Reply]) -> None:
    """Note what is offered now, unless a questionnaire is open that reads labels by itself.

    Nothing is noted in a notebook that was just erased.
    """
    choices = [choice for reply in replies for choice in reply.choices]
    if notes.language is None or not choices or _reads_itself(notes):
        notes.forget("person", OFFERED)
        return
    told = json.dumps([[choice.id, choice.label] for choice in choices], ensure_ascii=False)
    notes.write("person", OFFERED, told)


def typed(notes: Notebook, text: str) -> str | None:
    """Return the id of the offered choice that `text` is the label of, or None.

    Where two are offered, yes is the first and no is the second.
    """
    offered = _read(notes)
    if _reads_itself(notes):
        return None
    same = [each for each in offered if fold(each.label) == fold(text) != ""]
    if not same and len(offered) == 2:
        same = [
            each for each, word in zip(offered, ("yes", "no"), strict=True) if is_heard(word, text)
        ]
    return same[0].id if same else None


def is_heard(name: str, text: str) -> bool:
    """Whether `text` is one of the words `router.<name>.heard`, in either language.

    One that ends in an ellipsis is how a text may begin.
    """
    said = fold(text)
    every = [
        one for code in LANGUAGES for one in words(code).say(f"router.{name}.heard").split(";")
    ]
    begins = tuple(fold(one) for one in every if one.endswith("…"))
    return said in map(fold, every) or (bool(begins) and said.startswith(begins))


def _reads_itself(notes: Notebook) -> bool:
    return (notes.open_form or "").partition(".")[0] == _OWN_READER


def _read(notes: Notebook) -> list[Choice]:
    try:
        told = json.loads(notes.read("person").get(OFFERED, "[]"))
        return [Choice(str(identifier), str(label)) for identifier, label in told]
    except (ValueError, TypeError):
        return []
