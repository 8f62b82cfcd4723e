"""The person's mailbox: a six-digit code shows that it is theirs."""

from datetime import timedelta

from handlers.cases import Asked, Cases, Given
from handlers.incident import asking, clock, draft
from handlers.incident.known import Known, learn
from handlers.incident.words import shown
from handlers.turn import Reply
from handlers.visit import Visit


async def ask(visit: Visit, cases: Cases, address: str) -> str:
    """Have a code sent to `address`, in its normal form, and return what is said of it."""
    asked = await cases.ask_code(address)
    if asked is Asked.REFUSED:
        wait = max(await cases.codes_again() - visit.now, timedelta())
        return visit.say("incident.code.refused", left=clock.left(visit.words, wait))
    draft.note(visit.notes, "address", "" if asked is Asked.PROVED else address)
    if asked is Asked.PROVED:
        return visit.say("incident.code.proved", address=shown(address, 254))
    said = visit.say("incident.code.sent", address=shown(address, 254))
    return f"{said}\n{visit.say('incident.captured')}" if cases.captured else said


async def given(visit: Visit, cases: Cases, known: Known, code: str) -> Reply:
    """Try a code; where it is not right, say what to do."""
    if not known.awaiting:
        return asking.again(visit, known, visit.say("incident.code.none-asked"))
    given = await cases.give_code(code)
    if given is not Given.RIGHT:
        key = "incident.code.wrong" if given is Given.WRONG else "incident.code.over"
        return asking.ask(visit, known, "mailbox", visit.say(key))
    draft.note(visit.notes, "address", "")
    said = visit.say("incident.code.right", address=shown(known.awaiting, 254))
    name = draft.told(visit.notes, "asked")
    return asking.after(visit, await learn(visit, cases), name, said)


async def act(visit: Visit, cases: Cases, what: str) -> Reply:
    """Send a new code, take another mailbox, or stay with the one that was confirmed."""
    known = await learn(visit, cases)
    if what == "new" and known.awaiting:
        said = await ask(visit, cases, known.awaiting)
        return asking.ask(visit, await learn(visit, cases), "mailbox", said)
    draft.note(visit.notes, "address", "")
    known = await learn(visit, cases)
    return asking.proceed(visit, known) if what == "keep" else asking.ask(visit, known, "mailbox")
