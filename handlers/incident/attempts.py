"""When it was tried and when it first failed: typed, told by one clock, judged by the deadline."""

import json
from dataclasses import replace
from datetime import datetime

from handlers.cases import Cases
from handlers.incident import asking, draft, hours
from handlers.incident.known import Known, learn
from handlers.incident.unreadable import Unreadable
from handlers.incident.words import choice, dated, field, when
from handlers.turn import Reply
from handlers.visit import Visit


async def typed(visit: Visit, cases: Cases, known: Known, name: str, text: str) -> Reply:
    """Take a typed hour that is the whole answer; raises `Unreadable`."""
    if not hours.is_alone(text):
        raise Unreadable("incident.unreadable.hour")
    return await told(visit, cases, known, name, text)


async def told(visit: Visit, cases: Cases, known: Known, name: str, text: str) -> Reply:
    """Take the hour in `text`, asking by which clock it was; raises `Unreadable`."""
    today = visit.now.astimezone(visit.desk.zone).date()
    said = hours.read(text, today)
    near = known.within.deadline if known.within else None
    found = hours.moments(said, visit.now, visit.desk.zone, near)
    if len(found) > 1:
        held = {clock: at.isoformat() for clock, at in found.items()}
        draft.note(visit.notes, "pending", json.dumps({"name": name, **held}))
        return asking.which_clock(visit, found, f"{said.hour:%H:%M}")
    return await _told_moment(visit, cases, known, name, next(iter(found.values())))


async def by_clock(visit: Visit, cases: Cases, clock: str) -> Reply:
    """Take the hour that was typed as read from `clock`; raises `Unreadable` where none was."""
    known = await learn(visit, cases)
    pending = json.loads(draft.told(visit.notes, "pending") or "{}")
    if clock not in hours.CLOCKS or clock not in pending:
        raise Unreadable("incident.unreadable.hour")
    at = datetime.fromisoformat(pending[clock])
    return await _told_moment(visit, cases, known, pending["name"], at)


async def _told_moment(visit: Visit, cases: Cases, known: Known, name: str, at: datetime) -> Reply:
    draft.note(visit.notes, "pending", "")
    attempt, first = known.case.attempt, known.case.first_failure
    if name == "first_failure" and attempt is not None and at > attempt:
        return asking.ask(visit, known, name, visit.say("incident.unreadable.first-after"))
    if name == "attempt" and first is not None and first > at:
        draft.note(visit.notes, "first_failure", "")
    draft.note(visit.notes, name, at.isoformat())
    said = visit.say("incident.noted", name=field(visit, name), value=dated(visit, at))
    if name == "attempt" and known.within is not None:
        said = f"{said}. {_judged(visit, known, at)}"
    reply = asking.proceed(visit, await learn(visit, cases), said)
    if name == "first_failure" or known.within is None or at < known.within.deadline:
        return reply
    return replace(reply, choices=(choice(visit, "earlier", "ask:attempt"), *reply.choices))


def _judged(visit: Visit, known: Known, at: datetime) -> str:
    """Say what it means that the attempt was before the deadline, or was not."""
    assert known.within is not None
    key = "before" if at < known.within.deadline else "late"
    deadline = when(visit, known.within.deadline)
    agency = visit.desk.agency.short
    return visit.say(f"incident.attempt.{key}", deadline=deadline, agency=agency)
