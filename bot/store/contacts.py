"""Contacts: where a person is reached, each address of a channel once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Contact as Row
from bot.store.tables import Handed


@dataclass(frozen=True)
class Contact:
    """A contact as it is kept; times are seconds since 1970."""

    id: str
    channel: str
    address: str = field(repr=False)
    language: str
    zone: str
    made_at: float
    confirmed_at: float | None


_COLUMNS = [col(getattr(Row, name)) for name in Contact.__dataclass_fields__]


async def keep(
    database: Database, connection: AsyncConnection, contacts: Iterable[Contact]
) -> dict[tuple[str, str], Contact]:
    """Keep contacts and return them by channel and address, the ones that were there as they are.

    One that is new to the tables has the id, language, zone and times that are given here.
    """
    rows = [vars(contact) for contact in contacts]
    if not rows:
        return {}
    insert = database.insert(Row).on_conflict_do_nothing(index_elements=["channel", "address"])
    await connection.execute(insert, rows)
    found: dict[tuple[str, str], Contact] = {}
    for channel in {str(row["channel"]) for row in rows}:
        addresses = {str(row["address"]) for row in rows if row["channel"] == channel}
        mine = (col(Row.channel) == channel) & col(Row.address).in_(addresses)
        for row in await connection.execute(select(*_COLUMNS).where(mine)):
            found[row.channel, row.address] = Contact(*row)
    return found


async def by_id(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Contact]:
    """Return the contacts of `ids` that are there."""
    if not ids:
        return {}
    rows = await connection.execute(select(*_COLUMNS).where(col(Row.id).in_(list(ids))))
    return {row.id: Contact(*row) for row in rows}


async def at(connection: AsyncConnection, channel: str, address: str) -> list[Contact]:
    """Return the contacts at `address`, whatever case it is written in; mostly one or none."""
    mine = (col(Row.channel) == channel) & (func.lower(col(Row.address)) == address.lower())
    return [Contact(*row) for row in await connection.execute(select(*_COLUMNS).where(mine))]


async def change(connection: AsyncConnection, identifier: str, new: Mapping[str, Any]) -> None:
    """Write `new` columns of one contact."""
    await connection.execute(update(Row).where(col(Row.id) == identifier).values(**new))


async def remove(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Delete contacts with their subscriptions and what they handed in."""
    await connection.execute(delete(Row).where(col(Row.id).in_(list(ids))))


async def hand(
    database: Database, connection: AsyncConnection, ids: Collection[str], deadline: str, at: float
) -> None:
    """Note that contacts have handed in the application for `deadline`."""
    rows = [{"contact": identifier, "deadline": deadline, "at": at} for identifier in sorted(ids)]
    if rows:
        insert = database.insert(Handed)
        known = insert.on_conflict_do_nothing(index_elements=["contact", "deadline"])
        await connection.execute(known, rows)


async def take_back(connection: AsyncConnection, ids: Collection[str], deadline: str) -> None:
    """Forget that contacts have handed in the application for `deadline`."""
    mine = col(Handed.contact).in_(list(ids)) & (col(Handed.deadline) == deadline)
    await connection.execute(delete(Handed).where(mine))


async def handed(connection: AsyncConnection, ids: Collection[str]) -> dict[str, dict[str, float]]:
    """Return the deadlines that contacts have handed in for, each with its moment."""
    query = select(col(Handed.contact), col(Handed.deadline), col(Handed.at))
    found: dict[str, dict[str, float]] = {}
    for row in await connection.execute(query.where(col(Handed.contact).in_(list(ids)))):
        found.setdefault(row.contact, {})[row.deadline] = row.at
    return found


async def forget_handed(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Forget all that contacts have handed in."""
    await connection.execute(delete(Handed).where(col(Handed.contact).in_(list(ids))))


async def lock(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Keep other transactions from changing these contacts' plans until this one ends.

    Taken in one order by all, so that two never wait for each other. SQLite has one writer anyway.
    """
    mine = select(col(Row.id)).where(col(Row.id).in_(list(ids))).order_by(col(Row.id))
    await connection.execute(mine.with_for_update(key_share=True))
