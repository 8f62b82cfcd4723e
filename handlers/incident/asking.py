"""The question that is open, with the clock, what is lacking, and the ways on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.incident import board, draft
from handlers.incident.hours import BRUSSELS_CLOCK, LOCAL_CLOCK
from handlers.incident.known import Known
from handlers.incident.words import choice, field, shown, when
from handlers.moments import BRUSSELS, zone_name
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.deadlines import KA2

_DIGITS = ("attempt", "first_failure", "oid", "phone", "form_id")
"""A number that is typed to these is an answer, not the number of a choice."""


def proceed(visit: Visit, known: Known, said: str = "") -> Reply:
    """Ask what comes next, after `said`; where only the code is awaited that, else the board."""
    name = known.next or ("mailbox" if known.awaiting else "")
    return ask(visit, known, name, said) if name else board.show(visit, known, said)


def again(visit: Visit, known: Known, said: str = "") -> Reply:
    """Ask what is open once more, after `said`."""
    name = draft.told(visit.notes, "asked")
    return ask(visit, known, name, said) if name in known.fields() else proceed(visit, known, said)


def after(visit: Visit, known: Known, name: str, said: str) -> Reply:
    """Go on after something that came of itself while `name` was asked: ask that again, or next."""
    waits = name in known.fields() and not known.has(name) and name not in known.skipped
    return ask(visit, known, name, said) if waits else proceed(visit, known, said)


def ask(visit: Visit, known: Known, name: str, said: str = "") -> Reply:
    """Ask for `name`, after `said`: typed answers go there from now on."""
    visit.notes.open_form = draft.FORM
    visit.notes.write(draft.FORM, "asked", name)
    heading = f"**{field(visit, name)}**\n{_question(visit, known, name)}"
    parts = [said, board.clock_of(visit, known), board.lacking(visit, known), heading]
    choices = (*_offers(visit, known, name), *_ways(visit, known, name))
    return board.reply(visit, parts, choices, typed_number=name in _DIGITS)


def which_clock(visit: Visit, found: Mapping[str, datetime], hour: str) -> Reply:
    """Ask by which clock an hour was read, showing what it is by both."""
    clocks = {BRUSSELS_CLOCK: BRUSSELS, LOCAL_CLOCK: visit.desk.zone}
    choices = tuple(_clock(visit, name, clocks[name], at) for name, at in found.items())
    question = visit.say("incident.ask.clock", hour=hour)
    return board.reply(visit, [question], (*choices, choice(visit, "board", "board")))


def odd(visit: Visit, form_id: str) -> Reply:
    """Ask whether a Form ID that does not look like one is to be kept as it is."""
    question = visit.say("incident.ask.odd", id=shown(form_id))
    choices = (choice(visit, "odd-keep", "odd:keep"), choice(visit, "odd-again", "ask:form_id"))
    asked = board.reply(visit, [question], (*choices, choice(visit, "board", "board")))
    return replace(asked, asks=True)


def _clock(visit: Visit, name: str, zone: ZoneInfo, at: datetime) -> Choice:
    other = visit.desk.zone if name == BRUSSELS_CLOCK else BRUSSELS
    values = {
        "hour": visit.words.clock(at.astimezone(zone)),
        "zone": zone_name(visit.words, str(zone)),
        "other_hour": visit.words.clock(at.astimezone(other)),
        "other_zone": zone_name(visit.words, str(other)),
    }
    return choice(visit, "clock", f"clock:{name}", **values)


def _question(visit: Visit, known: Known, name: str) -> str:
    agency = visit.desk.agency.short
    if name == "mailbox":
        return _mailbox(visit, known)
    if name == "attempt" and known.within is not None:
        deadline = when(visit, known.within.deadline)
        return visit.say("incident.ask.attempt", deadline=deadline)
    if name == "attempt":
        return visit.say("incident.ask.attempt-any")
    return visit.say(f"incident.ask.{name}", agency=agency)


def _mailbox(visit: Visit, known: Known) -> str:
    if known.awaiting:
        return visit.say("incident.ask.code", address=shown(known.awaiting, 254))
    if known.proved:
        return visit.say("incident.ask.other-mailbox", address=shown(known.proved, 254))
    return visit.say("incident.ask.mailbox", agency=visit.desk.agency.short)


def _offers(visit: Visit, known: Known, name: str) -> tuple[Choice, ...]:
    """Return the answers to `name` that can be pressed."""
    if name == "action":
        return tuple(_answer(visit, name, one, f"eligibility.action.{one}") for one in KA2)
    if name == "sector":
        return tuple(_sector(visit, code) for code in known.sectors)
    if name == "unchanged":
        ends = ("yes", "no")
        return tuple(_answer(visit, name, one, f"incident.choice.unchanged-{one}") for one in ends)
    if name == "mailbox" and known.awaiting:
        keep = (choice(visit, "keep-mailbox", "code:keep"),) if known.proved else ()
        other = choice(visit, "other-mailbox", "code:other")
        return (choice(visit, "new-code", "code:new"), other, *keep)
    if name == "files":
        return tuple(
            choice(visit, "remove", f"remove:{one.id}", name=one.name) for one in known.files
        )
    return ()


def _answer(visit: Visit, name: str, value: str, key: str) -> Choice:
    return Choice(f"incident:set:{name}:{value}", visit.say(key))


def _sector(visit: Visit, code: str) -> Choice:
    name = visit.desk.facts.sectors[code].in_language(visit.words.language)
    return Choice(f"incident:set:sector:{code}", f"{code} {name}")


def _ways(visit: Visit, known: Known, name: str) -> tuple[Choice, ...]:
    """Return the ways past a question: without an answer, to the notice, to all that is there."""
    skip = choice(visit, _past(known, name), f"skip:{name}")
    late = known.awaiting and name != "mailbox"
    code = (choice(visit, "no-code", "ask:mailbox"),) if late else ()
    sends = board.sends(visit, known)
    if not sends and (name == "mailbox" or known.awaiting):
        sends = (choice(visit, "hand", "hand"),)
    return (skip, *sends, *code, choice(visit, "board", "board"))


def _past(known: Known, name: str) -> str:
    if name == "files":
        return "files-done" if known.files else "no-files"
    if name in known.lacking:
        return "later"
    return "no-attempt" if name == "attempt" and not known.has(name) else "skip"
