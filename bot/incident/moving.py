"""A deadline that moves: the end of the window of all its notices moves with it, within seconds.

The bytes of a notice stay as they are, and no notice is called off because a date has changed. Who
was told that it was too late, or to send it by hand, is told that there is time again.
"""

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import progress, register
from bot.post.books import Books
from bot.post.outbox import LIVE
from bot.store.tables import Incident
from bot.store.tables import OutboxMessage as Row
from handlers.cases import Notice, Standing, Way
from handlers.visit import Desk
from rules.deadlines import Deadline
from rules.incident import Window, window

CANCELLED = "cancelled"
"""What a deadline's state is called when it does not take place, and what the person is told."""

REOPENED = "reopened"
"""What a person is told whose notice Noon does not send, while the agency may still be told."""

_A_SECOND = 1.0
_NOT_SENT = (Standing.STOPPED, Standing.BY_HAND, Standing.CAPTURED, Standing.BOUNCED)
_ON_ITS_WAY = (Standing.WAITING, Standing.FAILING, Standing.HELD, Standing.UNHEARD)


def deadline(desk: Desk, identifier: str) -> Deadline | None:
    """Return a deadline as it stands now, or None where no call knows it."""
    found = (call.deadlines.get(identifier) for call in desk.facts.calls.values())
    return next((one for one in found if one is not None), None)


def within(desk: Desk, row: Incident) -> Window | None:
    """Return the window of a notice's deadline as it stands now, or None: it is not known."""
    known = deadline(desk, row.deadline)
    return None if known is None else window(known, desk.agency)


def moved(desk: Desk, row: Incident) -> bool:
    """Whether the window of a notice ends at another moment than it was told."""
    now = within(desk, row)
    return now is not None and abs(now.closes.timestamp() - row.closes_at) >= _A_SECOND


def cancelled(desk: Desk, row: Incident) -> bool:
    """Whether the deadline of a notice was called off."""
    known = deadline(desk, row.deadline)
    return known is not None and known.status == CANCELLED


async def affected(connection: AsyncConnection, desk: Desk) -> list[str]:
    """Return the ids of all notices whose window ends at another moment than they were told."""
    columns = (col(Incident.id), col(Incident.deadline), col(Incident.closes_at))
    closes: dict[str, float | None] = {}
    found = []
    for row in await connection.execute(select(*columns)):
        if row.deadline not in closes:
            known = deadline(desk, row.deadline)
            ends = None if known is None else window(known, desk.agency).closes.timestamp()
            closes[row.deadline] = ends
        now = closes[row.deadline]
        if now is not None and abs(now - row.closes_at) >= _A_SECOND:
            found.append(row.id)
    return found


async def move(books: Books, row: Incident) -> None:
    """Move the end of a notice's window, let it leave until then if it waits, and tell its person.

    One that is held goes on to wait for the operator; one that has ended stays so. Only one of
    several processes that see the same move notes it.
    """
    now = within(books.desk, row)
    if now is None:
        return
    closes = now.closes.timestamp()
    same = and_(col(Incident.id) == row.id, col(Incident.closes_at) == row.closes_at)
    kept = update(Incident).where(same).values(closes_at=closes)
    if (await books.connection.execute(kept)).rowcount == 0:
        return
    mine = and_(col(Row.id) == row.message, LIVE)
    held = row.way == Way.HELD
    change = (
        update(Row)
        .where(mine)
        .values(
            not_after=closes,
            # A held one waits at the end of its window: that place moves with it.
            next_at=closes if held else col(Row.next_at),
        )
    )
    await books.connection.execute(change)
    row.closes_at = closes
    told = now.closes.isoformat()
    alone = f"{row.id}:moved:{told}:{books.moment:.0f}"
    await register.add_step(
        books.database, books.connection, row.id, alone, books.now, "moved", told
    )
    message = _message(await register.notice(books, row), books.moment < closes)
    await progress.tell(books, row, message, once=alone, letter=message == REOPENED)


def _message(notice: Notice, is_open: bool) -> str:
    """Return what a person is told of the move: nothing new where there is nothing to be done."""
    over = any(step.what == "stopped" for step in notice.steps)
    if notice.standing in _NOT_SENT or (over and notice.standing is Standing.UNHEARD):
        return REOPENED if is_open else progress.STANDING
    return "moved" if notice.standing in _ON_ITS_WAY else progress.STANDING


def once(row: Incident) -> str:
    """Return what makes the step that a deadline was cancelled the only one."""
    return f"{row.id}:moved:{CANCELLED}"


async def call_off(books: Books, row: Incident) -> None:
    """Note that a notice's deadline was cancelled, and tell its person; the notice still leaves."""
    await register.add_step(
        books.database, books.connection, row.id, once(row), books.now, "moved", CANCELLED
    )
    await progress.tell(books, row, CANCELLED, once=CANCELLED)
