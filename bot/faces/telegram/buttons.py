"""Inline buttons: opaque ids on the wire, their meaning in the store.

An id is made from the chat and the choice with the server's key: the same choice in the same chat
keeps its id over restarts, and an id taken to another chat means nothing there.

The buttons of a reminder need no row, because they are made before anybody knows whether the
reminder will leave: they say their choice in the open, sealed for their chat.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from hmac import compare_digest

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store import keys
from bot.store.database import Database
from bot.store.tables import Button

# What a client sends can be anything, also bytes that a database refuses to look for.
_NAME = re.compile(r"[0-9a-f]{32}")
_SEALED = re.compile(r"([ -~]+):([0-9a-f]{16})")

LONGEST = 64
"""Bytes that Telegram lets a button carry."""


def name(key: bytes, chat: int, choice: str) -> str:
    """Return the opaque id of `choice` in `chat`: 32 of Telegram's 64 bytes."""
    return keys.sign(key, "button", chat, choice)


def sealed(key: bytes, chat: int | str, choice: str) -> str:
    """Return what a button in `chat` carries that says its choice itself.

    Raises `ValueError` for a choice that is not ASCII or leaves no room for the seal.
    """
    data = f"{choice}:{_seal(key, chat, choice)}"
    if len(data) > LONGEST or _SEALED.fullmatch(data) is None:
        raise ValueError("a button's choice is at most 47 signs of plain ASCII")
    return data


def unsealed(key: bytes, chat: int | str, data: str) -> str | None:
    """Return the choice that `sealed` put into `data` for this chat, or None if it did not."""
    match = _SEALED.fullmatch(data)
    if match is None or len(data) > LONGEST:
        return None
    choice, seal = match.groups()
    return choice if compare_digest(seal, _seal(key, chat, choice)) else None


def _seal(key: bytes, chat: int | str, choice: str) -> str:
    return keys.sign(key, "sealed-button", chat, choice, length=16)


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
    connection: AsyncConnection, pressed: Iterable[tuple[str, int]], key: bytes | None = None
) -> dict[tuple[str, int], str]:
    """Return the choice of each pressed (id, chat); what is not ours is left out.

    With `key`, sealed buttons are understood too.
    """
    found: dict[tuple[str, int], str] = {}
    wanted = []
    for identifier, chat in pressed:
        if _NAME.fullmatch(identifier):
            wanted.append((identifier, chat))
        elif key is not None and (choice := unsealed(key, chat, identifier)) is not None:
            found[identifier, chat] = choice
    return found | await _stored(connection, wanted) if wanted else found


async def _stored(
    connection: AsyncConnection, wanted: list[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    query = select(col(Button.id), col(Button.chat), col(Button.choice)).where(
        tuple_(col(Button.id), col(Button.chat)).in_(wanted)
    )
    return {
        (identifier, chat): choice for identifier, chat, choice in await connection.execute(query)
    }
