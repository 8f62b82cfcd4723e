"""Mailboxes and chats that nothing can be sent to any more: found out, noted, left in peace.

A mailbox is noted as a keyed hash, so that the note may outlive everything else that was held of
the person. A refusal for good counts as 1 and suppresses at once; one for now counts as a half, at
most once a day, and suppresses when the sum reaches 2.5.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.calling_off import call_off, empty
from bot.post.outbox import Claimed
from bot.store import contacts
from bot.store.database import Database
from bot.store.keys import sign
from bot.store.tables import Bounces
from bot.store.tables import Contact as ContactRow
from handlers.ledger import MAIL

HARD = 1.0
SOFT = 0.5
THRESHOLD = 2.5
DAY = 86_400.0


def mailbox(key: bytes, address: str) -> str:
    """Return what a mailbox is noted as: a keyed hash, the same in upper and lower case."""
    return sign(key, "mailbox", address.casefold())


async def suppressed(
    connection: AsyncConnection, key: bytes, addresses: Collection[str]
) -> set[str]:
    """Return those of `addresses` that get no mail any more."""
    names = {mailbox(key, address): address for address in addresses}
    mine = col(Bounces.mailbox).in_(list(names)) & col(Bounces.suppressed_at).is_not(None)
    found = await connection.execute(select(col(Bounces.mailbox)).where(mine))
    gone = set(found.scalars())
    return {address for name, address in names.items() if name in gone}


async def lose(
    database: Database, connection: AsyncConnection, key: bytes, claimed: Claimed, now: datetime
) -> None:
    """Take note that nothing reaches whom `claimed` was for, and call off what was to follow.

    A mailbox is suppressed; the contact of a chat goes with all it had. Contacts are locked before
    their messages, as everywhere: whoever has settled messages of the same transaction already
    locks theirs before that.
    """
    if claimed.channel == MAIL:
        await returned(database, connection, key, claimed.address, True, now)
        return
    mine = (col(ContactRow.channel) == claimed.channel) & (
        col(ContactRow.address) == claimed.address
    )
    ids = list((await connection.execute(select(col(ContactRow.id)).where(mine))).scalars())
    await contacts.lock(connection, ids)
    await empty(connection, ids, now)
    await contacts.remove(connection, ids)


async def returned(
    database: Database,
    connection: AsyncConnection,
    key: bytes,
    address: str,
    hard: bool,
    now: datetime,
) -> None:
    """Count what came back from `address`, for good (`hard`) or for now."""
    name = mailbox(key, address)
    at = now.timestamp()
    insert = database.insert(Bounces).values(
        mailbox=name, score=0.0, last_at=-DAY, suppressed_at=None
    )
    await connection.execute(insert.on_conflict_do_nothing(index_elements=["mailbox"]))
    mine = col(Bounces.mailbox) == name
    query = select(col(Bounces.score), col(Bounces.last_at), col(Bounces.suppressed_at))
    row = (await connection.execute(query.where(mine).with_for_update())).one()
    if not hard and _day(row.last_at) == _day(at):
        return
    score = row.score + (HARD if hard else SOFT)
    over = hard or score >= THRESHOLD
    since = row.suppressed_at or (at if over else None)
    change = update(Bounces).where(mine)
    await connection.execute(change.values(score=score, last_at=at, suppressed_at=since))
    if over:
        await _quiet(connection, address, now)


def _day(seconds: float) -> int:
    return datetime.fromtimestamp(seconds, UTC).toordinal()


async def _quiet(connection: AsyncConnection, address: str, now: datetime) -> None:
    found: Iterable[contacts.Contact] = await contacts.at(connection, MAIL, address)
    ids = [contact.id for contact in found]
    await contacts.lock(connection, ids)
    await call_off(connection, ids, now)
