"""A deadline that moves while notices wait: the end of their window moves with it, within seconds.

The bytes of a notice stay as they are, and no notice is called off because a date has changed.
"""

from sqlalchemy import and_, update
from sqlmodel import col

from bot.incident import progress, register
from bot.post.books import Books
from bot.post.outbox import LIVE
from bot.store.tables import Incident
from bot.store.tables import OutboxMessage as Row
from handlers.cases import Way
from handlers.visit import Desk
from rules.deadlines import Deadline
from rules.incident import Window, window

CANCELLED = "cancelled"
"""What a deadline's state is called when it does not take place, and what the person is told."""

_A_SECOND = 1.0


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


async def move(books: Books, row: Incident) -> None:
    """Let a notice that waits leave until the new end of its window, and tell its person.

    One that is held goes on to wait for the operator; one that has ended stays so.
    """
    now = within(books.desk, row)
    if now is None:
        return
    closes = now.closes.timestamp()
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
    kept = update(Incident).where(col(Incident.id) == row.id)
    await books.connection.execute(kept.values(closes_at=closes))
    row.closes_at = closes
    told = now.closes.isoformat()
    alone = f"{row.id}:moved:{told}:{books.moment:.0f}"
    await register.add_step(
        books.database, books.connection, row.id, alone, books.now, "moved", told
    )
    await progress.tell(books, row, "moved", once=alone)


def once(row: Incident) -> str:
    """Return what makes the step that a deadline was cancelled the only one."""
    return f"{row.id}:moved:{CANCELLED}"


async def call_off(books: Books, row: Incident) -> None:
    """Note that a notice's deadline was cancelled, and tell its person; the notice still leaves."""
    await register.add_step(
        books.database, books.connection, row.id, once(row), books.now, "moved", CANCELLED
    )
    await progress.tell(books, row, CANCELLED, once=CANCELLED)
