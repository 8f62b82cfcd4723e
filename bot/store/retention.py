"""What is kept no longer than /privacy says."""

from sqlalchemy import delete, func, select
from sqlmodel import col

from bot.store import updates
from bot.store.database import Database
from bot.store.tables import Answer, Button, Exchange

DAY = 86_400.0
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
