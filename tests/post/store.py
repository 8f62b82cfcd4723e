"""The outbox as the tests of the whole post office fill it and look at it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from bot.post import outbox
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row

OPEN = ("planned", "due", "sending", "deferred", "unknown")


async def plan(database: Database, kind: Kind, number: int, name: str = "m") -> None:
    """Plan `number` messages that are due now."""
    now = datetime.now(UTC)
    messages = [
        Planned(f"{name}-{n}", kind, "mail", f"{name}{n}@example.org", {}, now,
                now + timedelta(hours=2))
        for n in range(number)
    ]  # fmt: skip
    async with database.write() as connection:
        await outbox.plan(database, connection, messages)


async def states(database: Database) -> Counter[str]:
    """Return how many messages are in each state."""
    async with database.read() as connection:
        query = select(col(Row.state), func.count()).group_by(col(Row.state))
        return Counter(dict((await connection.execute(query)).all()))


async def settled(database: Database) -> bool:
    """Whether nothing waits to leave and nothing is being sent."""
    async with database.read() as connection:
        waiting = select(col(Row.id)).where(col(Row.state).in_(OPEN)).limit(1)
        return (await connection.execute(waiting)).first() is None
