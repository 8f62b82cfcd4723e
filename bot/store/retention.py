"""What is kept no longer than /privacy says.

Lapsed leases and used-up slots go too: their names hold the number of a chat.
"""

from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store import outdated, updates
from bot.store.database import Database, database_clock
from bot.store.tables import Answer, Button, Exchange, Lease, SendSlot
from rules.deadlines import Deadline

DAY = 86_400.0
HOUR = 3_600.0
CONVERSATION_DAYS = 90
UPDATE_DAYS = 7


async def prune(database: Database, now: float, deadlines: Iterable[Deadline] = ()) -> None:
    """Erase what is older than its time; `now` is in seconds since 1970.

    `deadlines` are those of the newest call, which say how long a subscription has a meaning;
    without them none is ended.
    """
    known = list(deadlines)
    await outdated.messages(database, now)
    async with database.write() as connection:
        await _conversations(connection, now - CONVERSATION_DAYS * DAY)
        await updates.forget_done_before(connection, now - UPDATE_DAYS * DAY)
        over = database_clock() - HOUR
        await connection.execute(delete(Lease).where(col(Lease.until) < over))
        await connection.execute(delete(SendSlot).where(col(SendSlot.free_at) < over))
        await outdated.drafts(connection, now)
        await outdated.sign_ups(connection, now)
        await outdated.files(connection, known, now)
        await outdated.notices(connection, now)
        await outdated.subscriptions(connection, known, now)
        await outdated.contacts(connection, now)
        await outdated.records(connection, now)
        await outdated.editors_notes(connection, now)


async def _conversations(connection: AsyncConnection, idle: float) -> None:
    """Erase conversations in which nothing was said since `idle`."""
    latest = func.max(col(Answer.answered_at))
    forgotten = select(col(Answer.conversation)).group_by(col(Answer.conversation))
    gone = forgotten.having(latest < idle)
    await connection.execute(delete(Answer).where(col(Answer.conversation).in_(gone)))
    await connection.execute(delete(Exchange).where(col(Exchange.at) < idle))
    await connection.execute(delete(Button).where(col(Button.made_at) < idle))
