"""Who may do what: leases, and the inbox of updates.

Tests run on an SQLite file and on PostgreSQL, those about several workers of one bot on the latter
alone. Leases follow the database's clock, so that workers whose clocks differ agree.
"""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.store import leases, updates
from bot.store.database import Database, database_clock
from bot.store.tables import Lease, TelegramUpdate
from bot.store.updates import Pending
from tests.test_store import NOW, two

SOON = 0.2
LONG = 60.0
NOISE = 0.5
"""Seconds that the machine may be slow by."""


async def take(database: Database, owner: str, *names: str, seconds: float = LONG) -> set[str]:
    async with database.write() as connection:
        return await leases.take(database, connection, names, owner, seconds)


async def give_back(database: Database, owner: str, *names: str) -> None:
    async with database.write() as connection:
        await leases.give_back(connection, names, owner)


async def test_a_lease_is_taken_renewed_refused_and_given_back(database: Database) -> None:
    assert await take(database, "a", "x", "y") == {"x", "y"}
    assert await take(database, "a", "x") == {"x"}
    assert await take(database, "b", "x", "y", "z") == {"z"}
    await give_back(database, "a", "x")
    assert await take(database, "b", "x", "y") == {"x"}
    assert await take(database, "b") == set()


async def test_nobody_gives_back_what_another_holds(database: Database) -> None:
    await take(database, "a", "x")
    await give_back(database, "b", "x")
    assert await take(database, "b", "x") == set()


async def test_a_lease_lapses_by_itself_and_a_renewed_one_does_not(database: Database) -> None:
    await take(database, "a", "short", seconds=SOON)
    await take(database, "a", "renewed", seconds=SOON)
    await take(database, "a", "renewed", seconds=LONG)
    assert await take(database, "b", "short") == set()
    await asyncio.sleep(2 * SOON)
    assert await take(database, "b", "short", "renewed") == {"short"}
    assert await take(database, "a", "short") == set()


async def test_a_lease_ends_on_the_databases_clock(database: Database) -> None:
    await take(database, "a", "x", seconds=30)
    async with database.read() as connection:
        row = await connection.execute(select(col(Lease.until), database_clock()))
        until, now = row.one()
    assert until - now == pytest.approx(30, abs=NOISE)


async def test_of_two_owners_who_race_one_gets_each_lease(url: URL) -> None:
    names = [f"chat:{number}" for number in range(20)]
    async with two(url) as (first, second):
        for turn in range(3):
            tries = [take(first, "a", *names), take(second, "b", *reversed(names))]
            taken = Counter(name for won in await asyncio.gather(*tries) for name in won)
            assert taken == Counter(names), f"race {turn}"
            await give_back(first, "a", *names)
            await give_back(second, "b", *names)


async def claim(database: Database, owner: str, busy: tuple[int, ...] = ()) -> list[Pending]:
    async with database.write() as connection:
        return await updates.claim(database, connection, owner, busy, LONG, chats=10)


async def finish(database: Database, owner: str, number: int, chat: int) -> None:
    async with database.write() as connection:
        await updates.done(connection, [number])
        await leases.give_back(connection, [updates.lease_name(chat)], owner)


def numbers(claimed: list[Pending]) -> list[int]:
    return [pending.update_id for pending in claimed]


async def test_an_update_that_comes_twice_is_stored_once_as_it_came_first(
    database: Database,
) -> None:
    await updates.add(database, [(1, 5, "first")], NOW)
    await updates.add(database, [(1, 5, "again"), (2, 5, "next")], NOW)
    await updates.add(database, [], NOW)
    (pending,) = await claim(database, "a")
    assert (pending.update_id, pending.raw, pending.state) == (1, "first", "received")


async def test_updates_are_claimed_in_order_one_at_a_time_per_chat(database: Database) -> None:
    await updates.add(database, [(3, 5, "{}"), (1, 5, "{}"), (2, 6, "{}"), (4, 7, "{}")], NOW)
    assert numbers(await claim(database, "a", busy=(7,))) == [1, 2]
    assert numbers(await claim(database, "a", busy=(5, 6))) == [4]
    assert numbers(await claim(database, "a", busy=(5, 6, 7))) == []
    await finish(database, "a", 1, chat=5)
    assert numbers(await claim(database, "a", busy=(6, 7))) == [3]


async def test_a_claimed_chat_is_nobody_elses_until_it_is_given_back(postgres_url: URL) -> None:
    async with two(postgres_url) as (first, second):
        await updates.add(first, [(1, 5, "{}"), (2, 6, "{}"), (3, 5, "{}")], NOW)
        assert numbers(await claim(first, "a", busy=(6,))) == [1]
        assert numbers(await claim(second, "b")) == [2]
        await finish(first, "a", 1, chat=5)
        assert numbers(await claim(second, "b", busy=(6,))) == [3]


async def test_who_dies_leaves_its_chats_to_the_next(postgres_url: URL) -> None:
    async with two(postgres_url) as (dead, alive):
        await updates.add(dead, [(1, 5, "{}")], NOW)
        async with dead.write() as connection:
            await updates.claim(dead, connection, "dead", (), SOON, chats=10)
        assert await claim(alive, "alive") == []
        await asyncio.sleep(2 * SOON)
        assert numbers(await claim(alive, "alive")) == [1]


async def test_a_fixed_answer_is_found_by_the_next_worker(database: Database) -> None:
    await updates.add(database, [(1, 5, "{}")], NOW)
    async with database.write() as connection:
        await updates.answered(connection, {1: '["hello"]'})
    (pending,) = await claim(database, "a")
    assert (pending.state, pending.messages) == ("answered", '["hello"]')


async def test_a_done_update_keeps_its_number_and_no_text(database: Database) -> None:
    await updates.add(database, [(1, 5, "secret question"), (2, 6, "waits")], NOW)
    async with database.write() as connection:
        await updates.answered(connection, {1: "secret answer"})
        await updates.done(connection, [1])
        assert not await updates.any_waiting(connection, [6])
        assert await updates.any_waiting(connection, [])
        row = await connection.execute(
            select(col(TelegramUpdate.raw), col(TelegramUpdate.messages)).where(
                col(TelegramUpdate.update_id) == 1
            )
        )
        assert row.one() == ("", "")
    await updates.add(database, [(1, 5, "secret question")], NOW)
    assert numbers(await claim(database, "a")) == [2]


async def test_two_workers_never_claim_the_same_update(postgres_url: URL) -> None:
    many = [(number, number % 7, "{}") for number in range(1, 50)]
    claimed: list[int] = []

    async def work(database: Database, owner: str) -> None:
        while got := await claim(database, owner):
            claimed.extend(numbers(got))
            for each in got:
                await finish(database, owner, each.update_id, each.chat)

    async with two(postgres_url) as (first, second):
        await updates.add(first, many, NOW)
        await asyncio.gather(work(first, "a"), work(second, "b"))
        await work(first, "a")
    assert Counter(claimed) == Counter(number for number, _, _ in many)
    for chat in range(7):
        mine = [number for number in claimed if number % 7 == chat]
        assert mine == sorted(mine)


async def test_two_workers_share_what_waits(postgres_url: URL) -> None:
    database = Database(postgres_url)
    await updates.add(database, [(n, 1_000 + n, "{}") for n in range(100)], 1.0)
    got: dict[str, list[int]] = {"one": [], "two": []}
    for owner in ("one", "two", "one", "two"):
        async with database.write() as connection:
            claimed = await updates.claim(database, connection, owner, got[owner], 30.0, 25)
        got[owner] += [pending.chat for pending in claimed]
    await database.close()
    assert len(got["one"]) == len(got["two"]) == 50
    assert not set(got["one"]) & set(got["two"])
