"""Whether files of a conversation are taken at all: only while it prepares a notice."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import notebooks
from handlers.incident.draft import expects_files


async def conversation_takes_files(connection: AsyncConnection, conversation: str) -> bool:
    """Return whether a notice is being prepared, or was just offered, in `conversation`."""
    return expects_files((await notebooks.load(connection, [conversation]))[conversation])
