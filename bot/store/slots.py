"""When one may send: slots shared by all processes, on the database's clock."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database, database_clock
from bot.store.tables import SendSlot

HOLD = "hold"
"""The scope that holds everything back after Telegram asked for a pause."""


@dataclass(frozen=True)
class Pace:
    """How fast a scope may be sent to: `gap` seconds a message, `burst` messages at once."""

    gap: float
    burst: int = 1


async def reserve(
    database: Database, connection: AsyncConnection, paces: Mapping[str, Pace]
) -> float:
    """Reserve the next moment that every scope of `paces` allows; return the seconds until then."""
    now, free = await _read(connection, [*paces, HOLD])
    if not free.keys() >= paces.keys():
        # A row that is not there cannot be locked: two processes would both find the scope free.
        await _make(database, connection, sorted(paces))
        now, free = await _read(connection, [*paces, HOLD])
    held_until = free.pop(HOLD, now)
    allowed = (free[scope] - pace.gap * (pace.burst - 1) for scope, pace in paces.items())
    at = max(now, held_until, *allowed)
    rows = [
        {"scope": scope, "free_at": max(free[scope], at) + pace.gap}
        for scope, pace in sorted(paces.items())
    ]
    insert = database.insert(SendSlot).values(rows)
    later = {"free_at": insert.excluded["free_at"]}
    await connection.execute(insert.on_conflict_do_update(index_elements=["scope"], set_=later))
    return at - now


async def take_free(
    database: Database, connection: AsyncConnection, paces: Mapping[str, Pace]
) -> dict[str, float]:
    """Take a slot of every scope of `paces` if all are free at this moment.

    Returns nothing once they are taken; else nothing is, and it returns the seconds for which each
    scope that is not free stays so as things are, a pause among them as `HOLD`. A scope counts as
    free for `burst` - 1 messages more than its pace gives, so that waking up late costs no slot.
    """
    now, free = await _read(connection, [*paces, HOLD])
    if not free.keys() >= paces.keys():
        await _make(database, connection, sorted(paces))
        now, free = await _read(connection, [*paces, HOLD])
    busy = {scope: at - now for scope, at in free.items() if at > now}
    for scope, pace in sorted(paces.items()) if not busy else ():
        begins = max(free[scope], now - pace.gap * (pace.burst - 1))
        later = update(SendSlot).where(col(SendSlot.scope) == scope)
        await connection.execute(later.values(free_at=begins + pace.gap))
    return busy


async def take(
    database: Database, connection: AsyncConnection, scope: str, pace: Pace, most: int
) -> int:
    """Take up to `most` slots of `scope` that are free at this moment; return how many."""
    now, free = await _read(connection, [scope])
    if scope not in free:
        await _make(database, connection, [scope])
        now, free = await _read(connection, [scope])
    begins = max(free[scope], now - pace.gap * pace.burst)
    taken = max(0, min(most, int((now - begins) / pace.gap)))
    later = update(SendSlot).where(col(SendSlot.scope) == scope)
    await connection.execute(later.values(free_at=begins + taken * pace.gap))
    return taken


async def put_back(connection: AsyncConnection, scope: str, seconds: float) -> None:
    """Give back slots of `scope` that were taken in this transaction and not used."""
    earlier = update(SendSlot).where(col(SendSlot.scope) == scope)
    await connection.execute(earlier.values(free_at=col(SendSlot.free_at) - seconds))


async def hold(database: Database, seconds: float) -> None:
    """Hold everything back for `seconds` from now; a longer hold in force stays."""
    async with database.write() as connection:
        until = database_clock() + seconds
        insert = database.insert(SendSlot).values(scope=HOLD, free_at=until)
        new = insert.excluded["free_at"]
        longest = case((new > col(SendSlot.free_at), new), else_=col(SendSlot.free_at))
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["scope"], set_={"free_at": longest})
        )


async def held(database: Database) -> float:
    """Return for how many more seconds everything is held back, 0 if it is not."""
    async with database.read() as connection:
        now, free = await _read(connection, [HOLD])
    return max(0.0, free.get(HOLD, 0.0) - now)


async def _make(database: Database, connection: AsyncConnection, scopes: list[str]) -> None:
    insert = database.insert(SendSlot).values([{"scope": scope, "free_at": 0} for scope in scopes])
    await connection.execute(insert.on_conflict_do_nothing(index_elements=["scope"]))


async def _read(connection: AsyncConnection, scopes: list[str]) -> tuple[float, dict[str, float]]:
    query = select(col(SendSlot.scope), col(SendSlot.free_at)).where(
        col(SendSlot.scope).in_(scopes)
    )
    rows = await connection.execute(query.order_by(col(SendSlot.scope)).with_for_update())
    free = dict(rows.all())
    # Only now: the rows may have been waited for.
    now = float((await connection.execute(select(database_clock()))).scalar_one())
    return now, free
