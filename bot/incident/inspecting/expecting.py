"""Whether files of a conversation are taken at all: only while it prepares a notice."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import notebooks
from handlers.incident.draft import FORM, begun
from handlers.notebook import Notebook


def takes_files(notes: Notebook) -> bool:
    """Return whether a notice is being prepared in this notebook."""
    return notes.open_form == FORM or begun(notes)


async def conversation_takes_files(connection: AsyncConnection, conversation: str) -> bool:
    """Return whether a notice is being prepared in `conversation`."""
    return takes_files((await notebooks.load(connection, [conversation]))[conversation])
