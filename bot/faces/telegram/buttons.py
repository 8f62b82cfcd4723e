"""Inline buttons: opaque ids on the wire, their meaning in the store.

An id is made from the chat and the choice with the server's key: the same choice in the same chat
keeps its id over restarts, and an id taken to another chat means nothing there.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store import keys
from bot.store.database import Database
from bot.store.tables import Button

# What a client sends can be anything, also bytes that a database refuses to look for.
_NAME = re.compile(r"[0-9a-f]{32}")


def name(key: bytes, chat: int, choice: str) -> str:
    """Return the opaque id of `choice` in `chat`: 32 of Telegram's 64 bytes."""
    return keys.sign(key, "button", chat, choice)


async def keep(
    database: Database,
    connection: AsyncConnection,
    made: Iterable[tuple[str, int, str]],
    at: float,
) -> None:
    """Store buttons (id, chat, choice); those known already stay as they are."""
    rows = [
        {"id": identifier, "chat": chat, "choice": choice, "made_at": at}
        for identifier, chat, choice in made
    ]
    if rows:
        insert = database.insert(Button)
        fresh = {"made_at": insert.excluded["made_at"]}
        kept = insert.on_conflict_do_update(index_elements=["id"], set_=fresh)
        await connection.execute(kept, rows)


async def move(connection: AsyncConnection, chats: Mapping[int, int]) -> None:
    """Let buttons follow their group to its new number (old → new)."""
    for old, new in chats.items():
        change = update(Button).where(col(Button.chat) == old)
        await connection.execute(change.values(chat=new))


async def forget(connection: AsyncConnection, chats: Collection[int]) -> None:
    """Erase every button of `chats`."""
    if chats:
        await connection.execute(delete(Button).where(col(Button.chat).in_(list(chats))))


async def meant(
    connection: AsyncConnection, pressed: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """Return the choice of each pressed (id, chat); what is not ours is left out."""
    wanted = [(identifier, chat) for identifier, chat in pressed if _NAME.fullmatch(identifier)]
    if not wanted:
        return {}
    query = select(col(Button.id), col(Button.chat), col(Button.choice)).where(
        tuple_(col(Button.id), col(Button.chat)).in_(wanted)
    )
    return {
        (identifier, chat): choice for identifier, chat, choice in await connection.execute(query)
    }
