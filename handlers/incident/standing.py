"""How a made notice stands, by what is known and no more; its letter, receipt and correction."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.cases import Cases, Notice, Standing, Way
from handlers.incident import about, board, calling, clock, draft, handing
from handlers.incident.known import learn
from handlers.incident.words import choice, shown, when
from handlers.markup import escape
from handlers.turn import Choice, Reply
from handlers.visit import Desk, Visit
from handlers.words import Words

MOST = 2
"""Corrections of one notice."""

_NOT_SENT = (
    *(Standing.HELD, Standing.FAILING, Standing.STOPPED, Standing.BOUNCED),
    *(Standing.CAPTURED, Standing.BY_HAND),
)
"""Where the person does well to send it too."""

_FRESH = (Standing.WAITING, Standing.HELD, Standing.BY_HAND)
"""How a notice stands that was made just now."""


async def recent(visit: Visit, cases: Cases) -> Notice | None:
    """Return the last notice whose window closed less than a day ago or is open, or None."""
    made = [one for one in await cases.notices() if one.closes + about.AFTERMATH > visit.now]
    return made[-1] if made else None


async def latest(visit: Visit, cases: Cases) -> list[Reply]:
    """Tell how the last notice stands, or that there is none."""
    made = await cases.notices()
    if not made:
        begin = choice(visit, "begin", "go")
        return [Reply(visit.say("incident.none"), (begin,))]
    return [show(visit, made[-1])]


async def one(visit: Visit, cases: Cases, identifier: str) -> list[Reply]:
    """Tell how a notice stands."""
    found = await find(cases, identifier)
    return await latest(visit, cases) if found is None else [show(visit, found)]


async def find(cases: Cases, identifier: str) -> Notice | None:
    """Return a notice of this conversation by its id, or None."""
    return next((one for one in await cases.notices() if one.id == identifier), None)


def show(visit: Visit, notice: Notice) -> Reply:
    """Return how a notice stands, with everything that can be done about it."""
    text = told(visit.words, visit.desk, notice, visit.now, visit.desk.zone)
    parts = [text]
    if handing.was_sent(notice):
        parts.append(visit.say("incident.standing.sent", agency=visit.desk.agency.short))
    elif notice.standing in _NOT_SENT:
        parts += handing.made(visit, notice)
    parts.append(visit.say("incident.standing.page", link=notice.link))
    return Reply("\n\n".join(parts), _acts(visit, notice), in_place=visit.turn.choice is not None)


def told_first(visit: Visit, cases: Cases, notice: Notice) -> Reply:
    """Say what becomes of a notice that was just confirmed, and what to do meanwhile.

    One that was confirmed before and was tried since stands as it stands.
    """
    if notice.standing not in _FRESH:
        return replace(show(visit, notice), in_place=False)
    agency, leaves = visit.desk.agency.short, notice.way is Way.SENDING and not cases.captured
    at, closes = when(visit, notice.made), when(visit, notice.closes)
    way = "captured" if cases.captured and notice.way is not Way.BY_HAND else notice.way
    parts = [visit.say(f"incident.made.{way}", agency=agency, at=at, closes=closes)]
    if leaves:
        parts += [visit.say("incident.call", agency=agency), calling.block(visit, notice.case)]
    elif notice.way is Way.SENDING:
        parts += handing.made(visit, notice)
    parts.append(visit.say("incident.standing.page", link=notice.link))
    return Reply("\n\n".join(parts), _acts(visit, notice))


def _left_out(visit: Visit, name: str) -> str:
    return visit.say("incident.made.left-out", name=shown(name))


def told(speech: Words, desk: Desk, notice: Notice, now: datetime, local: ZoneInfo) -> str:
    """Return how `notice` stands at `now`, in the markup of replies; hours here are `local`."""
    agency = desk.agency.short
    head = "incident.standing.correction" if notice.number else "incident.standing.notice"
    lines = [
        speech.say(head, number=notice.number, at=clock.hours(speech, notice.made, local)),
        speech.say(f"incident.standing.{notice.standing}", agency=agency),
    ]
    if notice.accepted_at is not None:
        at = clock.hours(speech, notice.accepted_at, local)
        lines.append(speech.say("incident.standing.at", at=at))
    if notice.answer:
        lines.append(speech.say("incident.standing.answer", answer=shown(notice.answer, 200)))
    if notice.mailbox and notice.way is not Way.BY_HAND:
        lines.append(speech.say("incident.standing.to", to=escape(notice.mailbox)))
    lines.append(_left(speech, notice, now, local, agency))
    return "\n".join(lines)


def _left(speech: Words, notice: Notice, now: datetime, local: ZoneInfo, agency: str) -> str:
    closes = clock.hours(speech, notice.closes, local)
    if now >= notice.closes:
        return speech.say("incident.clock.after", when=closes, agency=agency)
    left = clock.left(speech, notice.closes - now)
    return speech.say("incident.clock.window", when=closes, left=left, agency=agency)


def _acts(visit: Visit, notice: Notice) -> tuple[Choice, ...]:
    by_hand = notice.standing in _NOT_SENT
    letter = choice(visit, "letter-hand" if by_hand else "letter", f"letter:{notice.id}")
    receipt = choice(visit, "receipt", f"receipt:{notice.id}")
    look = choice(visit, "refresh", f"notice:{notice.id}")
    may_correct = notice.number < MOST and visit.now < notice.closes
    correct = (choice(visit, "correct", f"correct:{notice.id}"),) if may_correct else ()
    new = (choice(visit, "new", "new"),)
    first = (letter, look) if by_hand else (look, letter)
    return (*handing.sent_choice(visit, notice), *first, receipt, *correct, *new)


async def sent(visit: Visit, cases: Cases, identifier: str) -> list[Reply]:
    """Note that the person sent the letter themselves, and tell how the notice stands."""
    await cases.sent_by_hand(identifier)
    return await one(visit, cases, identifier)


async def letter(visit: Visit, cases: Cases, identifier: str) -> list[Reply]:
    """Hand over a made notice as a file."""
    found = await find(cases, identifier)
    if found is None:
        return await latest(visit, cases)
    if found.standing in _NOT_SENT:
        return await handing.again(visit, cases, found)
    file = await cases.letter(identifier)
    back = choice(visit, "status", f"notice:{identifier}")
    drafts = await handed(visit, cases, found)
    if file is not None and drafts:
        file = replace(file, name=f"sent-{file.name}")
    files = (file,) if file is not None else ()
    return [Reply(visit.say("incident.letter"), (back,), files), *drafts]


async def handed(visit: Visit, cases: Cases, notice: Notice) -> list[Reply]:
    """Return the letter, at once, where it does not leave by itself, or not with every file."""
    if notice.way is not Way.SENDING or notice.standing in _NOT_SENT:
        return await handing.again(visit, cases, notice)
    left_out = [one.name for one in notice.files if one.problem]
    if not left_out:
        return []
    said = "\n".join(_left_out(visit, name) for name in left_out)
    back = choice(visit, "status", f"notice:{notice.id}")
    return [Reply(said, (back,), await handing.drafted(cases, notice))]


async def receipt(visit: Visit, cases: Cases, identifier: str) -> list[Reply]:
    """Hand over the summary of a made notice as text and PDF."""
    found = await find(cases, identifier)
    if found is None:
        return await latest(visit, cases)
    files = await cases.receipt(identifier)
    back = choice(visit, "status", f"notice:{identifier}")
    return [Reply(visit.say("incident.receipt"), (back,), tuple(files))]


async def correct(visit: Visit, cases: Cases, identifier: str) -> list[Reply]:
    """Begin a second notice that refers to the first, with what the first told."""
    found = await find(cases, identifier)
    if found is None:
        return await latest(visit, cases)
    draft.refill(visit.notes, found.case, found.id)
    said = visit.say("incident.correcting", at=when(visit, found.made))
    return [board.show(visit, await learn(visit, cases), said)]
