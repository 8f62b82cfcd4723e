"""Leads through a subscription step by step: one question at a time, then the summary."""

from zoneinfo import ZoneInfo

from handlers.ledger import MAIL, Ledger, Taken
from handlers.markup import escape
from handlers.reminders import asking, draft, listing, reading, selecting, telling
from handlers.reminders.draft import FORM, OPEN, Draft
from handlers.reminders.reading import Unreadable
from handlers.reminders.telling import choice
from handlers.turn import Reply
from handlers.visit import Visit


def step(visit: Visit, ledger: Ledger, act: str, rest: str) -> Reply:
    """Note what a step was answered with, and take the next one; raises `Unreadable`."""
    if act == "add":
        visit.notes.forget(FORM)
    elif act == "about":
        _about(visit, rest)
    elif act == "redo":
        _redo(visit, rest)
    elif act == "pick":
        _pick(visit, rest)
    elif act == "sectors" and rest == "done":
        draft.note(visit.notes, "sectors", draft.read(visit.notes).picked)
    elif act == "where" and rest in (*ledger.channels, draft.BOTH):
        draft.note(visit.notes, act, rest)
    elif act in ("what", "sectors", "leads", "zone"):
        known = draft.read(visit.notes)
        draft.note(visit.notes, act, reading.read(visit, known, act, _spaced(rest)))
    else:
        raise Unreadable("reminders.unreadable.choose")
    return proceed(visit, ledger)


def _spaced(pressed: str) -> str:
    return pressed.replace("_", " ") if pressed.startswith("T-") else pressed


def _about(visit: Visit, selection: str) -> None:
    """Begin with what a deadline is about: an action, or one sector of it."""
    action, _, sector = selection.partition("-")
    value = reading.read(visit, Draft(), "what", action)
    chosen = reading.read(visit, Draft(what=value), "sectors", sector) if sector else ""
    visit.notes.forget(FORM)
    draft.note(visit.notes, "what", value)
    if chosen:
        draft.note(visit.notes, "sectors", chosen)


def _redo(visit: Visit, question: str) -> None:
    if question == "zone":
        draft.note(visit.notes, question, draft.ASK)
    elif question == "what":
        visit.notes.forget(FORM)
    else:
        draft.forget(visit.notes, question)


def _pick(visit: Visit, code: str) -> None:
    """Put a tick to a sector, or take it away."""
    known = draft.read(visit.notes)
    if code not in selecting.sectors(visit.desk, known.what):
        raise Unreadable("reminders.unreadable.choose")
    picked = [each for each in known.picked.split(",") if each]
    chosen = [each for each in picked if each != code] if code in picked else [*picked, code]
    draft.note(visit.notes, "picked", ",".join(chosen))


def open_question(visit: Visit, ledger: Ledger) -> tuple[Draft, str | None]:
    """Return the answers so far and the question that comes next; None: all are answered."""
    known = draft.settled(visit, draft.read(visit.notes), ledger.channels)
    return known, draft.missing(visit, known, ledger.channels)


def proceed(visit: Visit, ledger: Ledger) -> Reply:
    """Ask the next question, or show the summary."""
    visit.notes.open_form = OPEN
    return asked(visit, ledger)


def asked(visit: Visit, ledger: Ledger) -> Reply:
    """Return the question that is open, or the summary."""
    known, question = open_question(visit, ledger)
    match question:
        case "what":
            return asking.what(visit)
        case "sectors":
            return asking.sectors(visit, known)
        case "where":
            return asking.where(visit)
        case "address":
            return asking.address(visit, ledger)
        case "leads":
            return asking.lead_times(visit)
        case "zone":
            return asking.zone(visit)
    return asking.summary(visit, known, ledger)


def dropped(visit: Visit) -> Reply:
    """Leave it: nothing of the draft stays."""
    visit.notes.forget(FORM)
    visit.notes.open_form = None
    return Reply(visit.say("reminders.dropped"), (choice(visit, "list", "show"),))


async def agreed(visit: Visit, ledger: Ledger) -> Reply:
    """Ask the ledger for what was agreed to; the draft is not needed any more."""
    known, question = open_question(visit, ledger)
    if question is not None:
        return await listing.show(visit, ledger)
    lines = []
    for wanted in draft.wanted(visit, known):
        lines.append(_said(visit, await ledger.subscribe(wanted), wanted.address))
    if ledger.captured and MAIL in known.channels:
        lines.append(visit.say("reminders.captured"))
    visit.notes.forget(FORM)
    visit.notes.open_form = None
    zone = ZoneInfo(known.zone or str(visit.desk.zone))
    text = "\n\n".join([*lines, telling.ahead(visit, known.selection(visit.desk), zone)])
    return Reply(text, (choice(visit, "list", "show"),), in_place=True)


def _said(visit: Visit, taken: Taken, address: str) -> str:
    if taken is Taken.ACTIVE:
        return visit.say("reminders.active")
    if taken is Taken.ASKED:
        return visit.say("reminders.asked", address=escape(address))
    return visit.say("reminders.too-many")


def typed(visit: Visit, ledger: Ledger, text: str) -> Reply:
    """Take a typed answer to the open question; raises `Unreadable`."""
    question, value = read(visit, ledger, text)
    draft.note(visit.notes, question, value)
    return proceed(visit, ledger)


def read(visit: Visit, ledger: Ledger, text: str) -> tuple[str, str]:
    """Return the open question and `text` as the answer to it; raises `Unreadable`."""
    known, question = open_question(visit, ledger)
    return question or "", reading.read(visit, known, question or "", text)
