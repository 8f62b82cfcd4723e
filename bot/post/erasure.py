"""Erasing a person for good, and again after an old backup was put back.

Who was erased is written down twice, as a keyed hash: in a table, and in a file beside the
database, which a restored backup does not take back. What such a backup brings is erased again at
the next start, if it is older than its erasure.
"""

import asyncio
import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import and_, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import erasing
from bot.post import calling_off
from bot.post.books import Books
from bot.settings import Settings
from bot.store import contacts
from bot.store.contacts import Contact
from bot.store.database import Database
from bot.store.keys import sign
from bot.store.tables import (
    Answer,
    Button,
    Erasure,
    Exchange,
    OutboxMessage,
    Subscription,
    TelegramUpdate,
)
from handlers.ledger import TELEGRAM

CONVERSATION = "conversation"
WITHDRAWN = "withdrawn"
AT_ONCE = 500
STEP = 0.001
"""Seconds by which what follows an erasure is later, whatever the clock says by then."""


def who(key: bytes, channel: str, address: str) -> str:
    """Return what an address, or a conversation, is written down as once it is erased."""
    return sign(key, "erased", channel, address.casefold())


def withdrawn(key: bytes, channel: str, address: str) -> str:
    """Return what an address is written down as whose owner ended every subscription."""
    return sign(key, WITHDRAWN, channel, address.casefold())


async def erase(books: Books, people: Collection[Contact], conversations: Collection[str]) -> None:
    """Erase contacts and conversations with all they have, and write down that they were."""
    names = [who(books.key, one.channel, one.address) for one in people]
    names += [who(books.key, CONVERSATION, each) for each in conversations]
    await note(books, names)
    await remove(books.connection, [one.id for one in people], books.now, books.settings)
    for conversation in conversations:
        await forget(books.connection, conversation, books.now)
        await erasing.of_conversation(
            books.connection, conversation, books.now, books.now, books.settings
        )


async def erase_notices(books: Books, address: str) -> None:
    """Erase the notices that were made with a mailbox, for whoever holds its mailed link."""
    if await erasing.of_mailbox(books.connection, address, books.now, books.now, books.settings):
        await note(books, [who(books.key, erasing.NOTICES, address)])


async def remove(
    connection: AsyncConnection, ids: Collection[str], now: datetime, settings: Settings
) -> None:
    """Delete contacts with all that is theirs, and empty what was sent or captured for them."""
    for start in range(0, len(ids), AT_ONCE):
        some = list(ids)[start : start + AT_ONCE]
        mine = col(OutboxMessage.contact).in_(some)
        found = await connection.execute(select(col(OutboxMessage.id)).where(mine))
        await asyncio.to_thread(_forget_captured, settings.data_dir / "mail", set(found.scalars()))
        for one in (await contacts.by_id(connection, some)).values():
            if one.channel == TELEGRAM:
                await _forget_chat(connection, int(one.address))
        await calling_off.empty(connection, some, now)
        await contacts.remove(connection, some)


def _forget_captured(folder: Path, ids: Collection[str]) -> None:
    """Delete the files of captured mail, which are named by their messages."""
    for path in folder.glob("*.eml") if ids else ():
        if path.stem.rpartition("-")[2] in ids:
            path.unlink(missing_ok=True)


async def _forget_chat(connection: AsyncConnection, chat: int) -> None:
    """Delete a chat's buttons, and its number from updates that are done.

    The updates' own numbers stay, so that a repeated delivery has no second effect.
    """
    await connection.execute(delete(Button).where(col(Button.chat) == chat))
    done = and_(col(TelegramUpdate.chat) == chat, col(TelegramUpdate.state) == "done")
    nothing = {"chat": 0, "raw": "", "messages": ""}
    await connection.execute(update(TelegramUpdate).where(done).values(**nothing))


async def forget(connection: AsyncConnection, conversation: str, until: datetime) -> int:
    """Delete what was said and asked for in a conversation up to a moment; return the rows."""
    at, count = until.timestamp(), 0
    for table, made in (
        (Subscription, col(Subscription.made_at)),
        (Answer, col(Answer.answered_at)),
        (Exchange, col(Exchange.at)),
    ):
        mine = and_(col(table.conversation) == conversation, made <= at)
        count += (await connection.execute(delete(table).where(mine))).rowcount
    return count


async def note(books: Books, names: Collection[str]) -> None:
    """Write down keyed hashes with this moment, in the table and in the file."""
    before = await _moments(books.connection, names)
    # Later than what `lasting` made of it, even where the clock was ahead for a while.
    rows = [
        {"who": name, "at": max(books.moment, before.get(name, 0.0) + 2 * STEP)}
        for name in dict.fromkeys(names)
    ]
    if rows:
        await keep(books.database, books.connection, rows)
        # Before the end of the transaction: better erased twice than brought back.
        await asyncio.to_thread(_write, books.journal, rows)


async def keep(database: Database, connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Keep rows of the table; of one that is there already the later moment holds."""
    insert = database.insert(Erasure)
    new = insert.excluded["at"]
    later = case((col(Erasure.at) > new, col(Erasure.at)), else_=new)
    again = insert.on_conflict_do_update(index_elements=["who"], set_={"at": later})
    await connection.execute(again, rows)


async def _moments(connection: AsyncConnection, names: Collection[str]) -> dict[str, float]:
    query = select(col(Erasure.who), col(Erasure.at)).where(col(Erasure.who).in_(list(names)))
    return {row.who: row.at for row in await connection.execute(query)}


async def noted_at(books: Books, contact: Contact, conversation: str) -> float:
    """Return when a contact, or what it asked for in a conversation, was last erased or ended.

    In seconds since 1970, and 0 for never. It may be ahead, where a clock was.
    """
    place = contact.channel, contact.address
    names = [who(books.key, *place), withdrawn(books.key, *place)]
    names += [who(books.key, CONVERSATION, conversation)] if conversation else []
    latest = select(func.max(col(Erasure.at))).where(col(Erasure.who).in_(names))
    return float((await books.connection.execute(latest)).scalar_one() or 0.0)


def lasting(made: float, noted: float, now: float) -> float:
    """Return when what is wished for now counts as made: after what is `noted` of it, always."""
    return made if made > noted else max(now, noted + STEP)


async def note_withdrawn(books: Books, contact: Contact) -> None:
    """Write down that a contact ended everything: no list or backup brings it back."""
    await note(books, [withdrawn(books.key, contact.channel, contact.address)])


async def noted(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    """Return those of `names`, keyed hashes, that are written down."""
    return set(await _moments(connection, names))


def _write(journal: Path, rows: Collection[dict[str, Any]]) -> None:
    """Add a line for each row to the file, on the disk when it returns."""
    journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        os.write(file, lines.encode())
        os.fsync(file)
    finally:
        os.close(file)


def read(journal: Path) -> dict[str, float]:
    """Return who is in the file, with the last moment; a line that was cut off is passed over."""
    found: dict[str, float] = {}
    if journal.exists():
        for line in journal.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                found[str(entry["who"])] = max(float(entry["at"]), found.get(entry["who"], 0.0))
            except (ValueError, KeyError, TypeError):
                continue
    return found
