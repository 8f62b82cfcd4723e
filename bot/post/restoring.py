"""After an old backup was put back: who was erased, or ended everything, since then stays so.

Looked at every start. What the file says and the table does not is done again, a few hundred people
in a transaction, and noted in the table when all of it is done: a database that was not put back
knows all the file says. What was made after an erasure is a new wish and is left alone.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import erasing
from bot.post import books, calling_off, erasure
from bot.post.erasure import CONVERSATION
from bot.settings import Settings
from bot.store import contacts
from bot.store.database import Database
from bot.store.tables import (
    Answer,
    Contact,
    Erasure,
    Evidence,
    Exchange,
    Incident,
    MailboxProof,
    OutboxMessage,
    Subscription,
)

AT_ONCE = 500

log = logging.getLogger(__name__)


async def replay(database: Database, key: bytes, settings: Settings, now: datetime) -> int:
    """Erase again whoever the file says was erased and the table does not; return how many."""
    told = await asyncio.to_thread(erasure.read, books.journal(settings))
    async with database.read() as connection:
        known = {row.who: row.at for row in await connection.execute(_KNOWN)}
    gone = {name: at for name, at in told.items() if at > known.get(name, 0.0)}
    if not gone:
        return 0
    again = _Again(database, key, settings, now, gone)
    count = await again.people() + await again.conversations()
    await again.strangers()
    count += await again.left_over() + await again.notices()
    # At the end: what stops this in the middle lets the next start do all of it.
    await _write_down(database, gone)
    if count:
        log.warning("%s erasures were done again: the database is older than they are", count)
    return count


_KNOWN = select(col(Erasure.who), col(Erasure.at))


async def _write_down(database: Database, gone: Mapping[str, float]) -> None:
    rows = [{"who": name, "at": at} for name, at in gone.items()]
    for start in range(0, len(rows), AT_ONCE):
        async with database.write() as connection:
            await erasure.keep(database, connection, rows[start : start + AT_ONCE])


@dataclass(frozen=True)
class _Again:
    """What is to be erased again: keyed hash → up to when, in seconds since 1970."""

    database: Database
    key: bytes
    settings: Settings
    now: datetime
    gone: Mapping[str, float]

    async def people(self) -> int:
        """Erase contacts, and end what others had before they ended everything."""
        count, after = 0, ""
        while rows := await self._contacts_after(after):
            after = rows[-1].id
            erased, ended = await asyncio.to_thread(self._found, rows)
            if erased or ended:
                async with self.database.write() as connection:
                    await contacts.lock(connection, [*erased, *ended])
                    for contact, at in ended.items():
                        mine = and_(
                            col(Subscription.contact) == contact, col(Subscription.made_at) <= at
                        )
                        count += await self._end(connection, mine)
                    await erasure.remove(connection, erased, self.now, self.settings)
                count += len(erased)
        return count

    async def _contacts_after(self, identifier: str) -> Sequence[Any]:
        row = Contact
        query = select(col(row.id), col(row.channel), col(row.address), col(row.made_at))
        rest = query.where(col(row.id) > identifier).order_by(col(row.id)).limit(AT_ONCE)
        async with self.database.read() as connection:
            return (await connection.execute(rest)).all()

    def _found(self, rows: Sequence[Any]) -> tuple[list[str], dict[str, float]]:
        """Return which contacts are to be erased, and up to when those of others are to end."""
        erased: list[str] = []
        ended: dict[str, float] = {}
        for row in rows:
            place = self.key, row.channel, row.address
            at = self.gone.get(erasure.who(*place))
            left = self.gone.get(erasure.withdrawn(*place))
            if at is not None and row.made_at <= at:
                erased.append(row.id)
            elif left is not None:
                ended[row.id] = left
        return erased, ended

    async def _end(self, connection: AsyncConnection, mine: ColumnElement[bool]) -> int:
        """End subscriptions of contacts that are locked; return how many contacts had some."""
        ended = delete(Subscription).where(mine).returning(col(Subscription.contact))
        had = set((await connection.execute(ended)).scalars())
        await calling_off.call_off(connection, had, self.now)
        # What they asked for besides is planned anew by the planner.
        left = update(Subscription).where(col(Subscription.contact).in_(had))
        await connection.execute(left.values(edition=""))
        return len(had)

    async def conversations(self) -> int:
        """Erase conversations, each with what was asked for in it."""
        tables = (Subscription, Answer, Exchange, Incident, Evidence, MailboxProof)
        every = union(*(select(col(table.conversation)) for table in tables))
        async with self.database.read() as connection:
            names = (await connection.execute(every)).scalars().all()
        found = await asyncio.to_thread(self._erased, names)
        count = 0
        for name, at in found.items():
            async with self.database.write() as connection:
                count += await self._forget(connection, name, at) > 0
        return count

    def _erased(self, names: Sequence[str]) -> dict[str, float]:
        signed = {name: erasure.who(self.key, CONVERSATION, name) for name in names if name}
        return {name: self.gone[who] for name, who in signed.items() if who in self.gone}

    async def _forget(self, connection: AsyncConnection, name: str, at: float) -> int:
        mine = and_(col(Subscription.conversation) == name, col(Subscription.made_at) <= at)
        asked = select(col(Subscription.contact)).where(mine).distinct()
        ids = (await connection.execute(asked)).scalars().all()
        await contacts.lock(connection, ids)
        count = await self._end(connection, mine)
        until = datetime.fromtimestamp(at, UTC)
        count += await erasing.of_conversation(connection, name, until, self.now, self.settings)
        return count + await erasure.forget(connection, name, until)

    async def strangers(self) -> None:
        """Forget who was asked for a confirmation in what is erased now, and never gave it."""
        asked = select(col(Subscription.contact))
        alone = and_(col(Contact.confirmed_at).is_(None), col(Contact.id).not_in(asked))
        some = select(col(Contact.id)).where(alone).order_by(col(Contact.id)).limit(AT_ONCE)
        ids: Sequence[str] = [""]
        while ids:
            async with self.database.write() as connection:
                ids = (await connection.execute(some)).scalars().all()
                await contacts.lock(connection, ids)
                await erasure.remove(connection, ids, self.now, self.settings)

    async def notices(self) -> int:
        """Erase the notices of mailboxes whose owners had them erased; return how many those are.

        A mailbox may have neither a contact nor a conversation any more.
        """
        every = union(*(select(col(table.address)) for table in (Incident, MailboxProof)))
        async with self.database.read() as connection:
            addresses = (await connection.execute(every)).scalars().all()
        found = await asyncio.to_thread(self._noticed, addresses)
        for address, at in found.items():
            until = datetime.fromtimestamp(at, UTC)
            async with self.database.write() as connection:
                await erasing.of_mailbox(connection, address, until, self.now, self.settings)
        return len(found)

    def _noticed(self, addresses: Sequence[str]) -> dict[str, float]:
        signed = {one: erasure.who(self.key, erasing.NOTICES, one) for one in addresses if one}
        return {one: self.gone[who] for one, who in signed.items() if who in self.gone}

    async def left_over(self) -> int:
        """Empty what the outbox has of people whose contact is not there; return for how many."""
        row = OutboxMessage
        alone = col(row.contact).not_in(select(col(Contact.id)))
        named = and_(col(row.address) != "", col(row.contact) != "", alone)
        async with self.database.read() as connection:
            query = select(col(row.channel), col(row.address)).where(named).distinct()
            rows = (await connection.execute(query)).all()
        places = await asyncio.to_thread(self._gone, rows)
        for channel, address in places:
            same = and_(col(row.channel) == channel, col(row.address) == address, alone)
            async with self.database.write() as connection:
                await calling_off.empty_where(connection, same, self.now)
        return len(places)

    def _gone(self, rows: Sequence[Any]) -> list[tuple[str, str]]:
        return [
            (channel, address)
            for channel, address in rows
            if erasure.who(self.key, channel, address) in self.gone
        ]
