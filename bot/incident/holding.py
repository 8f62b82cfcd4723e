"""Holding notices back when far too many come from mailboxes nobody knew before the deadline.

A notice from a mailbox that was confirmed before the deadline is held only where it is about more
forms than one person has. What is held is
planned whole, its bytes fixed: letting it go moves its moment and nothing else, and at the end of
the window it ends like any other, with the same warnings.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlmodel import col

from bot.incident import progress, register, stopping
from bot.post import alarms, limits
from bot.post.books import Books
from bot.post.outbox import WAITING
from bot.store.tables import Incident, MailboxProof, OutboxMessage, SignUp
from handlers.cases import Way

TIMES = 3
"""So many times the forecast of a deadline's notices may come from late mailboxes."""

CODES = 100
"""Codes an hour that are asked for and not given back."""

PART = 3
"""The operator is warned once this part of all codes that may leave in an hour was asked for."""

_HOUR = timedelta(hours=1)
_QUARTER = timedelta(minutes=15)


async def is_abnormal(books: Books, deadline: str) -> bool:
    """Whether one more notice of a late mailbox is more than can be believed unseen."""
    late = await _count(books, deadline, col(Incident.late).is_(True))
    return late >= TIMES * books.settings.incident_forecast


async def warn(books: Books, deadline: str) -> None:
    """Warn the operator that notices are held, at most once in a quarter of an hour."""
    number = await _count(books, deadline, col(Incident.way) == Way.HELD.value)
    once = f"incident-held:{deadline}:{_period(books.now, _QUARTER)}"
    await _alarm(books, "incident-held", once, number)


async def _count(books: Books, deadline: str, which: ColumnElement[bool]) -> int:
    sent = col(Incident.way).in_([Way.SENDING.value, Way.HELD.value])
    mine = and_(col(Incident.deadline) == deadline, sent, which)
    query = select(func.count()).select_from(Incident).where(mine)
    return int((await books.connection.execute(query)).scalar_one())


async def held(books: Books, deadline: str = "") -> list[Incident]:
    """Return the notices that are held, oldest first; of one deadline or of all."""
    which = col(Incident.way) == Way.HELD.value
    mine = and_(which, col(Incident.deadline) == deadline) if deadline else which
    return await register.where(books.connection, mine)


async def release(books: Books, incidents: Collection[str]) -> list[str]:
    """Let held notices leave now; return the ids of those that do.

    One whose window has closed meanwhile, that is not held, or that the agency does not want is
    left as it is.
    """
    let_go = []
    for row in await held(books):
        if row.id in incidents and row.closes_at > books.moment and await _let_go(books, row):
            let_go.append(row.id)
    return let_go


async def _let_go(books: Books, row: Incident) -> bool:
    if await stopping.is_stopped(books, row.address):
        return False
    moment = {"next_at": books.moment, "due_at": books.moment}
    mine = and_(col(OutboxMessage.id) == row.message, WAITING)
    change = update(OutboxMessage).where(mine).values(**moment)
    if (await books.connection.execute(change)).rowcount == 0:
        return False
    way = update(Incident).where(col(Incident.id) == row.id)
    await books.connection.execute(way.values(way=Way.SENDING.value))
    await register.add_step(
        books.database, books.connection, row.id, f"{row.id}:released", books.now, "released"
    )
    await progress.tell(books, row, "released", once="released")
    return True


async def watch_codes(books: Books) -> None:
    """Warn the operator where codes are asked for as nobody does who means it, once an hour.

    Counted are those of conversations that have proved nothing, and all that were asked for.
    """
    unproved = await _unproved(books)
    if unproved >= CODES or await _is_much(books):
        once = f"codes-abnormal:{_period(books.now, _HOUR)}"
        await _alarm(books, "codes-abnormal", once, unproved)


async def _unproved(books: Books) -> int:
    row = MailboxProof
    proved = select(col(row.conversation)).where(col(row.proved_at).is_not(None))
    since = (books.now - _HOUR).timestamp()
    mine = and_(col(row.asked_at) > since, col(row.conversation).not_in(proved))
    query = select(func.count()).select_from(row).where(mine)
    return int((await books.connection.execute(query)).scalar_one())


async def _is_much(books: Books) -> bool:
    """Whether a third of all codes that may leave in an hour was asked for."""
    limit = limits.LIMITS["codes"]
    since = (books.now - limit.within).timestamp()
    mine = and_(col(SignUp.scope) == "codes", col(SignUp.at) > since)
    query = select(func.count()).select_from(SignUp).where(mine)
    return int((await books.connection.execute(query)).scalar_one()) * PART >= limit.most


async def _alarm(books: Books, message: str, once: str, number: int) -> None:
    await alarms.warn(
        books.database,
        books.connection,
        books.settings,
        books.now,
        message,
        once,
        {"number": str(number)},
    )


def _period(now: datetime, length: timedelta) -> int:
    return int(now.timestamp() // length.total_seconds())
