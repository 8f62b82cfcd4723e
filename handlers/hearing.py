"""What few words may wish for at any time: one's own data, the other language, a line of the way.

Only a text that is nothing but the wish is heard, so that no question is lost to it.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from handlers import language, numbering, offers, phrases, privacy, reminders, reporting, steps
from handlers.incident import draft
from handlers.turn import Reply
from handlers.visit import Handler, Visit

Hearer = Callable[[Visit, str], Awaitable[list[Reply] | None]]
"""Answers a typed text in which it hears something, and leaves any other to the next."""

_DATA: Mapping[str, Handler] = MappingProxyType(
    {
        "privacy.delete.heard": privacy.ask_delete,
        "privacy.mine.heard": privacy.my_data,
        "privacy.about.heard": privacy.show,
    }
)

_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"language.lv.heard": "lv", "language.en.heard": "en", "language.change.heard": ""}
)
"""Wishes and the language that each is for; an empty one is asked for."""

_WAY = f"{reporting.CAPABILITY.name}:{reporting.WAY}"
"""The choice that is offered under the numbered list of the way, and nowhere else."""

_OWN_WORDS = ("organisation", "title", "happened", "contact")
"""What a notice of a failure asks and takes in whatever words it comes."""


def in_own_words(visit: Visit) -> bool:
    """Whether something is asked that is answered in own words, be they what they may."""
    asked = draft.told(visit.notes, "asked")
    return visit.notes.open_form == draft.FORM and asked in _OWN_WORDS


async def first(visit: Visit, text: str, hearers: tuple[Hearer, ...]) -> list[Reply] | None:
    """Return what the first of `hearers` that hears something in `text` says to it, or None."""
    for hear in hearers:
        said = await hear(visit, text)
        if said is not None:
            return said
    return None


async def wish(visit: Visit, text: str) -> list[Reply] | None:
    """Do what `text` wishes for, or leave it to others."""
    return await first(visit, text, _HEARERS)


async def _data(visit: Visit, text: str) -> list[Reply] | None:
    """Show what is kept of the person or how, or ask before it is erased."""
    for key, handler in _DATA.items():
        if phrases.is_heard(key, text):
            return await handler(visit, "")
    return None


async def _language(visit: Visit, text: str) -> list[Reply] | None:
    for key, code in _LANGUAGES.items():
        if phrases.is_heard(key, text):
            return await language.menu(visit, code)
    return None


async def _submitted(visit: Visit, text: str) -> list[Reply] | None:
    """Offer to mark what was submitted, to somebody who is still reminded of it."""
    is_heard = phrases.is_heard("reminders.submitted.heard", text)
    return await reminders.submitted(visit) if is_heard else None


async def _line(visit: Visit, text: str) -> list[Reply] | None:
    """Open the line of the way whose number was typed, where the way was shown just before."""
    if _WAY not in [choice.id for choice in offers.again(visit.notes)]:
        return None
    topic = steps.line(visit, numbering.which(text))
    return await steps.show(visit, topic) if topic else None


_HEARERS: tuple[Hearer, ...] = (_data, _language, _submitted, _line)
