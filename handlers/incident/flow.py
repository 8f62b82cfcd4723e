"""Takes what is pressed, typed and sent about an incident to whatever answers it."""

from handlers import phrases
from handlers.cases import Cases
from handlers.incident import (
    about,
    answering,
    asking,
    attempts,
    board,
    draft,
    evidence,
    handing,
    opening,
    proving,
    reading,
    sending,
    standing,
    straying,
)
from handlers.incident.hearing import CRY, asks_for_own, is_distress
from handlers.incident.known import FIELDS, learn
from handlers.incident.unreadable import Unreadable
from handlers.incident.words import choice
from handlers.offers import is_heard
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit

_TOPIC = "late-submission"


def private_only(visit: Visit) -> list[Reply]:
    """Return what is said where nothing personal is done: in a group."""
    guide = Choice(f"steps:show:{_TOPIC}", visit.say("incident.choice.guide"))
    return [Reply(visit.say("incident.private", agency=visit.desk.agency.short), (guide,))]


def door(visit: Visit) -> tuple[Choice, ...]:
    """Return the way here from elsewhere; none in a group."""
    if visit.cases is None:
        return ()
    return (Choice("incident:show", visit.say("welcome.door.incident")),)


def heard(visit: Visit, text: str) -> bool:
    """Whether `text` says that somebody cannot submit, while a deadline is near.

    While a notice is open it is not: there it is an answer. In a group the guide answers.
    """
    if (
        visit.cases is None
        or visit.notes.open_form == draft.FORM
        or not about.pressing(visit.desk, visit.now)
    ):
        return False
    likeliest = [one.topic for one in visit.desk.finder.find(text).candidates][:1]
    return is_distress(text) or asks_for_own(text) or likeliest == [_TOPIC]


async def show(visit: Visit, _: str) -> list[Reply]:
    """Go on with what was begun, tell how the last notice stands, or begin with advice."""
    cases = visit.cases
    if cases is None:
        return private_only(visit)
    if draft.begun(visit.notes):
        return [board.show(visit, await learn(visit, cases))]
    made = await standing.recent(visit, cases)
    if made is not None:
        return [standing.show(visit, made)]
    return [opening.opening(visit, await learn(visit, cases))]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Answer a pressed choice: `<act>[:<what it is done to>]`."""
    if visit.cases is None:
        return private_only(visit)
    act, _, rest = argument.partition(":")
    try:
        return await _act(visit, visit.cases, act, rest)
    except Unreadable as unreadable:
        said = visit.say(unreadable.problem, longest=reading.LONGEST["happened"])
        return [asking.again(visit, await learn(visit, visit.cases), said)]


async def _act(visit: Visit, cases: Cases, act: str, rest: str) -> list[Reply]:
    made = {
        "notice": standing.one,
        "letter": standing.letter,
        "sent": standing.sent,
        "receipt": standing.receipt,
        "correct": standing.correct,
        "confirm": sending.confirm,
    }
    if act in made:
        return await made[act](visit, cases, rest)
    if act == "preview":
        return await sending.preview(visit, cases)
    if act == "hand":
        return await handing.hand(visit, cases)
    if act in ("leave", "drop"):
        return await _left(visit, cases, act, rest)
    if act in ("set", "skip", "clock", "odd", "code", "remove", "this"):
        return [await _answer(visit, cases, act, rest)]
    if act in ("go", "new", "board", "ask"):
        return [await _on(visit, cases, act, rest)]
    return await show(visit, "")


async def _answer(visit: Visit, cases: Cases, act: str, rest: str) -> Reply:
    """Take an answer that was pressed; raises `Unreadable` for one that is not offered."""
    if act == "clock":
        return await attempts.by_clock(visit, cases, rest)
    if act == "code":
        return await proving.act(visit, cases, rest)
    if act == "remove":
        return await evidence.remove(visit, cases, rest)
    if act == "this":
        return await answering.settle(visit, cases, rest)
    if act == "odd":
        said = answering.keep_odd(visit)
    elif act == "skip":
        said = ""
        if rest in FIELDS:
            draft.skip(visit.notes, rest)
    else:
        name, _, value = rest.partition(":")
        said = answering.set_choice(visit, name, value)
    return asking.proceed(visit, await learn(visit, cases), said)


async def _on(visit: Visit, cases: Cases, act: str, rest: str) -> Reply:
    """Begin, go on, or go to one question."""
    known = await learn(visit, cases)
    if act == "board":
        return board.show(visit, known)
    if act == "ask" and rest in known.fields():
        return asking.ask(visit, known, rest)
    return asking.again(visit, known) if act == "go" else asking.proceed(visit, known)


async def _left(visit: Visit, cases: Cases, act: str, rest: str) -> list[Reply]:
    """Leave the notice as it is, or strike it once that was asked."""
    if act == "drop" and rest != "yes":
        sure = choice(visit, "drop-yes", "drop:yes"), choice(visit, "drop-no", "board")
        return [Reply(visit.say("incident.drop"), sure, in_place=True, asks=True)]
    visit.notes.open_form = None
    key = "incident.left"
    if act == "drop":
        for one in await cases.files():
            await cases.drop(one.id)
        draft.forget(visit.notes)
        key = "incident.dropped"
    pressed = visit.turn.choice is not None
    return [Reply(visit.say(key), door(visit), in_place=pressed)]


async def answer(visit: Visit, text: str) -> list[Reply]:
    """Take typed text while the notice is open."""
    if visit.cases is None:
        return private_only(visit)
    if phrases.is_heard("router.stop.heard", text):
        return await _left(visit, visit.cases, "leave", "")
    asked = draft.told(visit.notes, "asked")
    if asked in ("", "files") and (is_distress(text) or is_heard("incident", text)):
        known = await learn(visit, visit.cases)
        # More than a cry is what happened: it is kept, not only answered with advice.
        if not straying.tells_what_happened(known, text) or len(text.split()) <= CRY:
            return [opening.opening(visit, known)]
    return [await answering.typed(visit, visit.cases, text)]


async def take(visit: Visit) -> list[Reply] | None:
    """Take the files of this turn; None where no notice is open and no deadline is near."""
    if visit.cases is None:
        return None
    begun = draft.begun(visit.notes)
    if visit.turn.uploads and (begun or about.pressing(visit.desk, visit.now)):
        return [await evidence.take(visit, visit.cases)]
    if visit.turn.attachments and visit.notes.open_form == draft.FORM and not visit.turn.text:
        return [await evidence.lost(visit, visit.cases)]
    return None


CAPABILITY = Capability("incident", choose, {"incident": show, "nevaru": show}, answer)
