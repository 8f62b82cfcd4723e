"""When one may send: slots shared by all processes, on the database's clock."""

import asyncio

import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.store import retention, slots
from bot.store.database import Database, database_clock
from bot.store.slots import Pace
from bot.store.tables import Lease, SendSlot
from tests.test_store import NOW, two
from tests.test_store_turns import LONG, NOISE


async def reserve(database: Database, **paces: Pace) -> float:
    async with database.write() as connection:
        return await slots.reserve(database, connection, paces)


@pytest.mark.parametrize(
    ("pace", "waits"),
    [
        (Pace(gap=10), [0, 10, 20, 30]),
        (Pace(gap=10, burst=3), [0, 0, 0, 10, 20]),
        (Pace(gap=0), [0, 0, 0, 0]),
    ],
)
async def test_slots_are_handed_out_at_their_pace(
    database: Database, pace: Pace, waits: list[float]
) -> None:
    got = [await reserve(database, chat=pace) for _ in waits]
    assert got == pytest.approx(waits, abs=NOISE)


async def test_the_slowest_scope_decides_and_others_go_their_own_way(database: Database) -> None:
    one, many = Pace(gap=100), Pace(gap=1)
    assert await reserve(database, all=many, chat=one) == pytest.approx(0, abs=NOISE)
    assert await reserve(database, all=many, chat=one) == pytest.approx(100, abs=NOISE)
    assert await reserve(database, other=one) == pytest.approx(0, abs=NOISE)


async def test_processes_share_one_pace(url: URL) -> None:
    async with two(url) as (first, second):
        got = await asyncio.gather(*(reserve(each, all=Pace(10)) for each in (first, second) * 4))
    assert sorted(got) == pytest.approx([10.0 * place for place in range(8)], abs=2 * NOISE)


async def test_a_pause_holds_everything_back_and_only_grows(database: Database) -> None:
    assert await slots.held(database) == 0
    await slots.hold(database, 50)
    await slots.hold(database, 20)
    assert await slots.held(database) == pytest.approx(50, abs=NOISE)
    assert await reserve(database, chat=Pace(1)) == pytest.approx(50, abs=NOISE)


async def test_lapsed_leases_and_used_slots_name_no_chat_for_long(database: Database) -> None:
    async with database.write() as connection:
        past, ahead = database_clock() - 2 * retention.HOUR, database_clock() + LONG
        for name, moment in (("chat:1", past), ("chat:2", ahead)):
            await connection.execute(insert(Lease).values(name=name, owner="a", until=moment))
            await connection.execute(insert(SendSlot).values(scope=name, free_at=moment))
    await retention.prune(database, NOW)
    async with database.read() as connection:
        assert list(await connection.scalars(select(col(Lease.name)))) == ["chat:2"]
        assert list(await connection.scalars(select(col(SendSlot.scope)))) == ["chat:2"]
