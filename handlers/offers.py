"""What was offered last, so that its label may be typed instead of pressed, and words heard."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat

from handlers.notebook import Notebook
from handlers.turn import Choice, Reply
from handlers.words import LANGUAGES, words
from rules.folding import fold

OFFERED = "offered"
"""Where the notebook has it, among what it knows of the person."""

FRESH = timedelta(hours=1)
"""How long a yes or a no answers what was asked: after that it may be about a message since."""

_ANSWERS = ("yes", "no")
"""What the first choices of a reply that asks are, in their order."""


@dataclass(frozen=True)
class _Offer:
    """A choice as it was offered, and the word that stands for it: yes, no or none."""

    choice: Choice
    word: str = ""


def note(notes: Notebook, replies: Sequence[Reply], now: datetime) -> None:
    """Note what is offered `now`; nothing in a notebook that was just erased."""
    offered = [[each.choice.id, each.choice.label, each.word] for each in _offers(replies)]
    if notes.language is None or not offered:
        notes.forget("person", OFFERED)
        return
    told = {"at": now.isoformat(), "choices": offered}
    notes.write("person", OFFERED, json.dumps(told, ensure_ascii=False))


def typed(notes: Notebook, text: str, now: datetime) -> str | None:
    """Return the id of the offered choice that `text` is the label of, or None.

    Where yes or no was asked for a short while ago, either may be typed too.
    """
    at, offered = _read(notes)
    same = [each for each in offered if fold(each.choice.label) == fold(text) != ""]
    if not same and at is not None and now - at <= FRESH:
        same = [each for each in offered if each.word and is_heard(each.word, text)]
    return same[0].choice.id if same else None


def again(notes: Notebook) -> tuple[Choice, ...]:
    """Return what was offered last, to be offered once more."""
    return tuple(each.choice for each in _read(notes)[1])


def is_heard(name: str, text: str) -> bool:
    """Whether `text` is one of the phrases `router.<name>.heard`, in either language.

    One that ends in an ellipsis is how a text may begin: in whole words, so that "do not send" is
    not heard in "it was not sent".
    """
    said = fold(text)
    every = [
        one for code in LANGUAGES for one in words(code).say(f"router.{name}.heard").split(";")
    ]
    begins = tuple(f"{fold(one)} " for one in every if one.endswith("…"))
    return said in map(fold, every) or (bool(begins) and f"{said} ".startswith(begins))


def _offers(replies: Sequence[Reply]) -> Iterator[_Offer]:
    for reply in replies:
        meant = chain(_ANSWERS if reply.asks else (), repeat(""))
        yield from (_Offer(*each) for each in zip(reply.choices, meant, strict=False))


def _read(notes: Notebook) -> tuple[datetime | None, list[_Offer]]:
    try:
        told = json.loads(notes.read("person").get(OFFERED, "{}"))
        offered = [
            _Offer(Choice(str(id_), str(label)), word) for id_, label, word in told["choices"]
        ]
        return datetime.fromisoformat(told["at"]), offered
    except (ValueError, TypeError, KeyError):
        # Nothing was offered, or it was noted in a way of before.
        return None, []
