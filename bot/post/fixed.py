"""Planning messages whose bytes are fixed already: what a person saw and confirmed."""

from collections.abc import Iterable

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import outbox
from bot.post.outbox import Frozen, Planned
from bot.store.database import Database
from bot.store.tables import FrozenMessage
from bot.store.tables import OutboxMessage as Row


async def plan(
    database: Database, connection: AsyncConnection, planned: Iterable[tuple[Planned, Frozen]]
) -> list[str]:
    """Plan messages whose bytes are fixed now; return the ids of those that are new.

    A key that is there already is left alone. A Message-ID marks a message whose bytes are fixed;
    `first_at` stays empty until its first claim.
    """
    return [
        identifier
        for message, frozen in planned
        if (identifier := await _planned(database, connection, message, frozen))
    ]


async def _planned(
    database: Database, connection: AsyncConnection, message: Planned, frozen: Frozen
) -> str:
    row = outbox.row_of(message) | {"message_id": frozen.message_id}
    new = database.insert(Row).on_conflict_do_nothing(index_elements=["key"]).values(row)
    identifier = (await connection.execute(new.returning(col(Row.id)))).scalar()
    if identifier is None:
        return ""
    kept = {"message": identifier, "content": frozen.content}
    await connection.execute(insert(FrozenMessage).values(kept))
    return str(identifier)
