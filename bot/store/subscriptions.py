"""Subscriptions: what a contact is reminded of, and which dates that was planned from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Subscription as Row


@dataclass(frozen=True)
class Subscription:
    """A subscription as it is kept; times are seconds since 1970."""

    id: str
    contact: str
    conversation: str
    selection: str
    leads: str
    consent: str
    made_at: float
    confirmed_at: float | None = None
    edition: str = ""


_COLUMNS = [col(getattr(Row, name)) for name in Subscription.__dataclass_fields__]


async def keep(
    database: Database, connection: AsyncConnection, rows: Iterable[Subscription]
) -> None:
    """Keep subscriptions; the same selection of a contact in a conversation is left as it is."""
    values = [vars(row) for row in rows]
    if values:
        insert = database.insert(Row)
        known = insert.on_conflict_do_nothing(
            index_elements=["contact", "selection", "conversation"]
        )
        await connection.execute(known, values)


async def of_contacts(connection: AsyncConnection, contacts: Collection[str]) -> list[Subscription]:
    """Return the subscriptions of contacts, oldest first."""
    return await _where(connection, col(Row.contact).in_(list(contacts)))


async def of_conversations(
    connection: AsyncConnection, conversations: Collection[str]
) -> list[Subscription]:
    """Return the subscriptions made in conversations, oldest first."""
    named = [name for name in conversations if name]
    return await _where(connection, col(Row.conversation).in_(named)) if named else []


async def by_id(connection: AsyncConnection, ids: Collection[str]) -> list[Subscription]:
    """Return the subscriptions of `ids` that are there, oldest first."""
    return await _where(connection, col(Row.id).in_(list(ids)))


async def _where(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Subscription]:
    query = select(*_COLUMNS).where(condition).order_by(col(Row.made_at), col(Row.id))
    return [Subscription(*row) for row in await connection.execute(query)]


async def of_another_edition(connection: AsyncConnection, edition: str, limit: int) -> list[str]:
    """Return the contacts of up to `limit` confirmed subscriptions not planned from `edition`."""
    # Not written as "other than": only so is the index of editions used.
    other = or_(col(Row.edition) < edition, col(Row.edition) > edition)
    mine = and_(other, col(Row.confirmed_at).is_not(None))
    query = select(col(Row.contact)).where(mine).limit(limit)
    return list(dict.fromkeys((await connection.execute(query)).scalars()))


async def planned_from(
    connection: AsyncConnection, contacts: Collection[str], edition: str
) -> None:
    """Note that the confirmed subscriptions of contacts are planned from `edition`."""
    mine = col(Row.contact).in_(list(contacts)) & col(Row.confirmed_at).is_not(None)
    other = col(Row.edition) != edition
    await connection.execute(update(Row).where(mine, other).values(edition=edition))


async def change(connection: AsyncConnection, ids: Collection[str], new: Mapping[str, Any]) -> None:
    """Write `new` columns of subscriptions."""
    await connection.execute(update(Row).where(col(Row.id).in_(list(ids))).values(**new))


async def remove(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Delete subscriptions."""
    await connection.execute(delete(Row).where(col(Row.id).in_(list(ids))))
