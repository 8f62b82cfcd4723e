"""After an old backup was put back: who was erased, or ended everything, since then stays so.

Done at every start. What was made after an erasure is somebody's new wish and is left alone.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import and_, delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import calling_off, erasure
from bot.post.erasure import CONVERSATION
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Answer, Contact, Erasure, Exchange, OutboxMessage, Subscription

log = logging.getLogger(__name__)


async def replay(database: Database, key: bytes, settings: Settings, now: datetime) -> int:
    """Erase again whoever the file or the table says was erased; return how many that were."""
    async with database.write() as connection:
        known = {row.who: row.at for row in await connection.execute(_KNOWN)}
        told = await asyncio.to_thread(erasure.read, settings.data_dir / erasure.JOURNAL)
        gone = {
            name: max(known.get(name, 0.0), told.get(name, 0.0)) for name in known.keys() | told
        }
        if not gone:
            return 0
        await _write_down(database, connection, told, known)
        count = await _contacts(connection, key, gone, now, settings)
        count += await _conversations(connection, key, gone)
        await _strangers(connection, now, settings)
        count += await _left_over(connection, key, gone, now)
    if count:
        log.warning("%s erasures were done again: the database is older than they are", count)
    return count


_KNOWN = select(col(Erasure.who), col(Erasure.at))


async def _write_down(
    database: Database,
    connection: AsyncConnection,
    told: Mapping[str, float],
    known: Mapping[str, float],
) -> None:
    rows = [{"who": name, "at": at} for name, at in told.items() if at > known.get(name, 0.0)]
    if rows:
        await erasure.keep(database, connection, rows)


async def _contacts(
    connection: AsyncConnection,
    key: bytes,
    gone: Mapping[str, float],
    now: datetime,
    settings: Settings,
) -> int:
    query = select(
        col(Contact.id), col(Contact.channel), col(Contact.address), col(Contact.made_at)
    )
    erased, count = [], 0
    for row in (await connection.execute(query)).all():
        at = gone.get(erasure.who(key, row.channel, row.address))
        if at is not None and row.made_at <= at:
            erased.append(row.id)
            continue
        ended = gone.get(erasure.withdrawn(key, row.channel, row.address))
        if ended is not None:
            count += await _end(connection, row.id, ended, now)
    await erasure.remove(connection, erased, now, settings)
    return count + len(erased)


async def _end(connection: AsyncConnection, contact: str, at: float, now: datetime) -> int:
    """End what a contact subscribed to up to `at`; return 1 if there was any, else 0."""
    mine = and_(col(Subscription.contact) == contact, col(Subscription.made_at) <= at)
    ended = (await connection.execute(delete(Subscription).where(mine))).rowcount
    if not ended:
        return 0
    await calling_off.call_off(connection, [contact], now)
    # What it asked for since is planned anew by the planner.
    await _plan_again(connection, contact)
    return 1


async def _plan_again(connection: AsyncConnection, contact: str) -> None:
    mine = col(Subscription.contact) == contact
    await connection.execute(update(Subscription).where(mine).values(edition=""))


async def _conversations(connection: AsyncConnection, key: bytes, gone: Mapping[str, float]) -> int:
    tables = (Subscription, Answer, Exchange)
    names: Iterable[str] = (
        await connection.execute(union(*(select(col(table.conversation)) for table in tables)))
    ).scalars()
    count = 0
    for name in names:
        at = gone.get(erasure.who(key, CONVERSATION, name))
        if at is not None:
            until = datetime.fromtimestamp(at, UTC)
            count += await erasure.forget(connection, name, until) > 0
    return count


async def _strangers(connection: AsyncConnection, now: datetime, settings: Settings) -> None:
    """Forget who was asked for a confirmation in what is erased now, and never gave it."""
    asked = select(col(Subscription.contact))
    alone = and_(col(Contact.confirmed_at).is_(None), col(Contact.id).not_in(asked))
    ids = (await connection.execute(select(col(Contact.id)).where(alone))).scalars().all()
    await erasure.remove(connection, ids, now, settings)


async def _left_over(
    connection: AsyncConnection, key: bytes, gone: Mapping[str, float], now: datetime
) -> int:
    """Empty what the outbox has of people whose contact is not there; return for how many."""
    row = OutboxMessage
    alone = col(row.contact).not_in(select(col(Contact.id)))
    query = select(col(row.channel), col(row.address)).where(
        col(row.address) != "", col(row.contact) != "", alone
    )
    count = 0
    for channel, address in (await connection.execute(query.distinct())).all():
        if erasure.who(key, channel, address) in gone:
            same = and_(col(row.channel) == channel, col(row.address) == address, alone)
            await calling_off.empty_where(connection, same, now)
            count += 1
    return count
