"""What is kept no longer than /privacy says.

Lapsed leases and used-up slots go too: their names hold the number of a chat.
"""

from sqlalchemy import delete, func, select
from sqlmodel import col

from bot.store import updates
from bot.store.database import Database, database_clock
from bot.store.tables import Answer, Button, Exchange, Lease, SendSlot

DAY = 86_400.0
HOUR = 3_600.0
CONVERSATION_DAYS = 90
UPDATE_DAYS = 7


async def prune(database: Database, now: float) -> None:
    """Erase what is older than its time; `now` is in seconds since 1970."""
    idle = now - CONVERSATION_DAYS * DAY
    latest = func.max(col(Answer.answered_at))
    forgotten = select(col(Answer.conversation)).group_by(col(Answer.conversation))
    async with database.write() as connection:
        gone = forgotten.having(latest < idle)
        await connection.execute(delete(Answer).where(col(Answer.conversation).in_(gone)))
        await connection.execute(delete(Exchange).where(col(Exchange.at) < idle))
        await connection.execute(delete(Button).where(col(Button.made_at) < idle))
        await updates.forget_done_before(connection, now - UPDATE_DAYS * DAY)
        over = database_clock() - HOUR
        await connection.execute(delete(Lease).where(col(Lease.until) < over))
        await connection.execute(delete(SendSlot).where(col(SendSlot.free_at) < over))
