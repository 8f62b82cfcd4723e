"""The inbox of Telegram updates: stored before they are acknowledged, done in order per chat."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store import leases
from bot.store.database import Database, database_clock
from bot.store.tables import Lease, TelegramUpdate

UNDONE: ColumnElement[bool] = col(TelegramUpdate.state) != literal_column("'done'")
"""Written out, not bound: only then is the index of what is undone used."""


@dataclass(frozen=True)
class Pending:
    """An update that is not done: `messages` is set when its answer is already fixed."""

    update_id: int
    chat: int
    raw: str
    messages: str
    state: str


async def add(
    database: Database, updates: Iterable[tuple[int, int, str]], received_at: float
) -> None:
    """Store updates (number, chat, JSON text), committed on return; known ones are left alone."""
    rows = [
        {
            "update_id": number,
            "chat": chat,
            "raw": raw,
            "messages": "",
            "state": "received",
            "received_at": received_at,
        }
        for number, chat, raw in updates
    ]
    if rows:
        async with database.write() as connection:
            insert = database.insert(TelegramUpdate)
            known = insert.on_conflict_do_nothing(index_elements=["update_id"])
            await connection.execute(known, rows)


async def claim(
    database: Database,
    connection: AsyncConnection,
    owner: str,
    busy: Collection[int],
    seconds: float,
    chats: int,
) -> list[Pending]:
    """Take the oldest undone update of up to `chats` chats that nobody is answering.

    `busy` chats are left out. Each chat is leased to `owner` for `seconds`, so that another
    process does not answer it at the same time or out of order.
    """
    free = (UNDONE) & col(TelegramUpdate.chat).not_in(list(busy))
    if database.embedded:
        # One process alone works on an SQLite file: its role's lock is the lease.
        return await _first_of(connection, free, chats)
    query = (
        select(col(TelegramUpdate.chat))
        .where(free, ~_leased_by_another(owner))
        .group_by(col(TelegramUpdate.chat))
        .order_by(func.min(col(TelegramUpdate.update_id)))
        .limit(chats)
    )
    names = {lease_name(chat) for chat in (await connection.execute(query)).scalars()}
    held = await leases.take(database, connection, names, owner, seconds)
    mine = [int(name.removeprefix("chat:")) for name in held]
    # Read after the leases are held: another process may have finished some in between.
    return await _first_of(connection, free & col(TelegramUpdate.chat).in_(mine), chats)


def _leased_by_another(owner: str) -> ColumnElement[bool]:
    name: ColumnElement[str] = literal_column("'chat:'", String) + cast(
        col(TelegramUpdate.chat), String
    )
    mine = (col(Lease.name) == name) & (col(Lease.owner) != owner)
    return exists().where(mine, col(Lease.until) > database_clock())


async def _first_of(
    connection: AsyncConnection, where: ColumnElement[bool], chats: int
) -> list[Pending]:
    first = (
        select(func.min(col(TelegramUpdate.update_id)).label("number"))
        .where(where)
        .group_by(col(TelegramUpdate.chat))
        .order_by("number")
        .limit(chats)
    ).subquery()
    query = select(
        col(TelegramUpdate.update_id),
        col(TelegramUpdate.chat),
        col(TelegramUpdate.raw),
        col(TelegramUpdate.messages),
        col(TelegramUpdate.state),
    ).join(first, first.c.number == col(TelegramUpdate.update_id))
    found = await connection.execute(query.order_by(col(TelegramUpdate.update_id)))
    return [Pending(*row) for row in found]


async def any_waiting(connection: AsyncConnection, busy: Collection[int]) -> bool:
    """Whether there is an undone update in a chat that is not `busy`."""
    waiting = (UNDONE) & col(TelegramUpdate.chat).not_in(list(busy))
    query = select(col(TelegramUpdate.update_id)).where(waiting).limit(1)
    return (await connection.execute(query)).first() is not None


def lease_name(chat: int) -> str:
    """Return the name of the lease on a chat."""
    return f"chat:{chat}"


async def is_unanswered(connection: AsyncConnection, number: int) -> bool:
    """Whether no answer to an update is fixed yet."""
    mine = col(TelegramUpdate.update_id) == number
    query = select(col(TelegramUpdate.state)).where(mine)
    return (await connection.execute(query)).scalar() == "received"


async def answered(connection: AsyncConnection, messages: dict[int, str]) -> None:
    """Fix what is to be sent for each update, in the transaction that also saves its answers."""
    if messages:
        change = (
            update(TelegramUpdate)
            .where(col(TelegramUpdate.update_id) == bindparam("number"))
            .values(state="answered", messages=bindparam("text"))
        )
        rows = [{"number": number, "text": text} for number, text in messages.items()]
        await connection.execute(change, rows)


async def done(connection: AsyncConnection, numbers: Collection[int]) -> None:
    """Mark updates as done and erase what they said, and where."""
    if numbers:
        change = update(TelegramUpdate).where(col(TelegramUpdate.update_id).in_(list(numbers)))
        await connection.execute(change.values(state="done", chat=0, raw="", messages=""))


async def forget_done_before(connection: AsyncConnection, before: float) -> None:
    """Remove done updates that arrived before `before`."""
    old = (col(TelegramUpdate.state) == "done") & (col(TelegramUpdate.received_at) < before)
    await connection.execute(delete(TelegramUpdate).where(old))
