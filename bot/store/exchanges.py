"""The last exchange of each web conversation."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Exchange


async def keep(
    database: Database,
    connection: AsyncConnection,
    conversation: str,
    said: str,
    replies: str,
    at: float,
) -> None:
    """Keep an exchange in place of the conversation's one before."""
    insert = database.insert(Exchange).values(
        conversation=conversation, said=said, replies=replies, at=at
    )
    new = {name: insert.excluded[name] for name in ("said", "replies", "at")}
    await connection.execute(
        insert.on_conflict_do_update(index_elements=["conversation"], set_=new)
    )


async def last(connection: AsyncConnection, conversation: str) -> tuple[str, str] | None:
    """Return what was said last and the replies to it as JSON text, or None."""
    query = select(col(Exchange.said), col(Exchange.replies)).where(
        col(Exchange.conversation) == conversation
    )
    row = (await connection.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def forget(connection: AsyncConnection, conversation: str) -> None:
    """Erase the exchange of a conversation."""
    await connection.execute(delete(Exchange).where(col(Exchange.conversation) == conversation))
