"""Leases: who may do a thing alone. They lapse by themselves when their owner dies."""

from collections.abc import Collection

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database, database_clock
from bot.store.tables import Lease


async def take(
    database: Database,
    connection: AsyncConnection,
    names: Collection[str],
    owner: str,
    seconds: float,
) -> set[str]:
    """Take or renew leases for `seconds` and return those that `owner` now holds."""
    if not names:
        return set()
    until = database_clock() + seconds
    insert = database.insert(Lease).values(
        [{"name": name, "owner": owner, "until": until} for name in sorted(names)]
    )
    taken = insert.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": insert.excluded["owner"], "until": insert.excluded["until"]},
        where=or_(col(Lease.until) < database_clock(), col(Lease.owner) == owner),
    ).returning(col(Lease.name))
    return set((await connection.execute(taken)).scalars())


async def give_back(connection: AsyncConnection, names: Collection[str], owner: str) -> None:
    """Give leases back that `owner` holds; those that others took meanwhile stay theirs."""
    if names:
        mine = col(Lease.name).in_(list(names)) & (col(Lease.owner) == owner)
        await connection.execute(delete(Lease).where(mine))


async def clear(connection: AsyncConnection) -> None:
    """Drop all leases: only where a lock on the machine shows that nobody else can hold one."""
    await connection.execute(delete(Lease))
