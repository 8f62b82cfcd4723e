"""Reads what is typed as an answer: an action, sectors, an address, lead times, a time zone."""

import re
from collections.abc import Callable, Mapping

from handlers.reminders import selecting, zones
from handlers.reminders.draft import Draft
from handlers.visit import Visit
from handlers.words import LANGUAGES, words
from rules import addresses, leads
from rules.folding import fold


class Unreadable(ValueError):
    """An answer that cannot be read; `problem` is the message that says how to write it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


def read(visit: Visit, draft: Draft, question: str, text: str) -> str:
    """Return `text` as the answer to `question`, as it is noted; raises `Unreadable`."""
    reader = _READERS.get(question)
    if reader is None:
        raise Unreadable("reminders.unreadable.choose")
    return reader(visit, draft, text)


def lead_times(text: str) -> str:
    """Return lead times typed like `7 days`, in their one writing; raises `Unreadable`."""
    try:
        return leads.written(leads.parse(text))
    except leads.BadLeads:
        raise Unreadable("reminders.unreadable.leads") from None


def zone(text: str) -> str:
    """Return the zone that was typed; raises `Unreadable`."""
    try:
        return zones.read(text)
    except zones.UnknownZone:
        raise Unreadable("reminders.unreadable.zone") from None


def address(text: str) -> str:
    """Return the e-mail address in its normal form; raises `Unreadable`."""
    try:
        return str(addresses.parse(text))
    except addresses.BadAddress as bad:
        raise Unreadable(bad.problem.value) from None


def _address_in(text: str) -> str:
    """Return the address in a sentence, where exactly one of its words has an @."""
    with_at = [word for word in text.split() if "@" in word]
    return address(with_at[0].rstrip(".,;:!?") if len(with_at) == 1 else text)


def _all(text: str) -> bool:
    """Whether `text` says "all", in either language."""
    known = (words(code).say("reminders.all.heard").split(";") for code in LANGUAGES)
    return fold(text) in {fold(one) for many in known for one in many}


def _what(_: Visit, __: Draft, text: str) -> str:
    name = selecting.ALL if _all(text) else text.strip().upper()
    if name not in selecting.ACTIONS:
        raise Unreadable("reminders.unreadable.choose")
    return name


def _sectors(visit: Visit, draft: Draft, text: str) -> str:
    """Return codes joined by commas, or `*` for all; they are typed by code or by name."""
    if text.strip() == selecting.EVERY or _all(text):
        return selecting.EVERY
    codes = selecting.sectors(visit.desk, draft.what)
    known = {fold(code): code for code in codes}
    for code in codes:
        known[fold(visit.desk.facts.sectors[code].in_language(visit.words.language))] = code
    typed = [fold(part) for part in re.split(r"[,;+\n]", text) if part.strip()]
    if not typed or not set(typed) <= set(known):
        raise Unreadable("reminders.unreadable.choose")
    return ",".join(dict.fromkeys(known[part] for part in typed))


_READERS: Mapping[str, Callable[[Visit, Draft, str], str]] = {
    "what": _what,
    "sectors": _sectors,
    "address": lambda _, __, text: _address_in(text),
    "leads": lambda _, __, text: lead_times(text),
    "zone": lambda _, __, text: zone(text),
}
