"""The outbox on both databases: planned once, taken by one, frozen once, settled by its holder."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.post import claiming, outbox
from bot.post.kinds import Kind, Lane
from bot.post.outbox import Claimed, Frozen, Planned, Settled
from bot.post.states import IllegalTransition, State
from bot.store.database import Database, database_clock
from bot.store.tables import OutboxMessage as Row

NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = 30.0


def reminder(key: str, due: datetime = NOON, kind: Kind = Kind.REMINDER) -> Planned:
    return Planned(key, kind, "mail", f"{key}@example.org", {"text": key}, due, NOON + 2 * HOUR)


async def plan(database: Database, *messages: Planned) -> None:
    async with database.write() as connection:
        await outbox.plan(database, connection, messages)


async def claim(
    database: Database,
    now: datetime = NOON,
    owner: str = "one",
    limit: int = 10,
    lane: Lane = Lane.ORDINARY,
    seconds: float = LEASE,
) -> list[Claimed]:
    async with database.write() as connection:
        return await claiming.claim(
            connection, now=now, owner=owner, seconds=seconds, limit=limit, lane=lane,
            channel="mail",
        )  # fmt: skip


async def settle(database: Database, *results: Settled) -> None:
    async with database.write() as connection:
        await outbox.settle(connection, results)


async def states(database: Database) -> dict[str, str]:
    async with database.read() as connection:
        rows = await connection.execute(select(col(Row.key), col(Row.state)))
        return {str(row.key): str(row.state) for row in rows}


async def let_leases_lapse(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(update(Row).values(leased_until=database_clock() - 1))


def names(claimed: list[Claimed]) -> list[str]:
    return [str(one.content["text"]) for one in claimed]


async def test_what_is_planned_twice_is_there_once(database: Database) -> None:
    await plan(database, reminder("a"), reminder("b"))
    await plan(database, reminder("a", due=NOON + HOUR))
    assert await states(database) == {"a": "planned", "b": "planned"}
    assert sorted(names(await claim(database))) == ["a", "b"]


async def test_it_is_planned_with_its_cause_or_not_at_all(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await outbox.plan(database, connection, [reminder("a")])
            raise RuntimeError("the cause failed")

    with pytest.raises(RuntimeError):
        await fail()
    assert await states(database) == {}


async def test_only_what_is_due_is_taken_and_the_most_urgent_first(database: Database) -> None:
    await plan(
        database,
        reminder("late", due=NOON - HOUR),
        reminder("early", due=NOON + HOUR),
        reminder("moved", kind=Kind.MOVED),
        reminder("hours", kind=Kind.TWO_HOURS),
        reminder("incident", kind=Kind.INCIDENT),
    )
    assert names(await claim(database)) == ["moved", "hours", "late"]
    assert names(await claim(database, lane=Lane.INCIDENT)) == ["incident"]
    assert names(await claim(database)) == []


async def test_one_message_is_taken_by_one_of_many(database: Database) -> None:
    await plan(database, *(reminder(f"m{n}") for n in range(40)))
    taken = await asyncio.gather(*(claim(database, owner=f"w{n}", limit=7) for n in range(8)))
    every = [name for claimed in taken for name in names(claimed)]
    assert len(every) == len(set(every)) == 40


async def test_bytes_are_fixed_at_the_first_claim_and_never_change(database: Database) -> None:
    await plan(database, reminder("a"))
    for attempt in (b"first", b"second"):
        (claimed,) = await claim(database)
        async with database.write() as connection:
            await claiming.freeze(connection, {claimed: Frozen(attempt, f"<{attempt!r}>")}, NOON)
        await let_leases_lapse(database)
    (claimed,) = await claim(database)
    assert claimed.frozen == b"first"
    assert claimed.message_id == "<b'first'>"
    assert claimed.first_at == NOON


async def test_a_holder_that_died_is_followed_by_another(database: Database) -> None:
    await plan(database, reminder("a"))
    await claim(database, owner="dead")
    assert await claim(database, owner="next") == []
    await let_leases_lapse(database)
    assert names(await claim(database, owner="next")) == ["a"]


async def test_a_holder_that_slept_too_long_changes_nothing(database: Database) -> None:
    await plan(database, reminder("a"))
    (slept,) = await claim(database, owner="slept")
    await let_leases_lapse(database)
    (mine,) = await claim(database, owner="mine")
    await settle(database, Settled(slept, (State.ACCEPTED,), NOON, answer="stale"))
    async with database.write() as connection:
        await claiming.renew(connection, [slept], LEASE)
        await claiming.freeze(connection, {slept: Frozen(b"stale", "<stale>")}, NOON)
    assert await states(database) == {"a": "sending"}
    await settle(database, Settled(mine, (State.ACCEPTED,), NOON, answer="250 ok"))
    assert await states(database) == {"a": "accepted"}


async def test_a_deferred_message_waits_for_its_moment_and_keeps_count(database: Database) -> None:
    await plan(database, reminder("a"))
    (claimed,) = await claim(database)
    again = NOON + timedelta(minutes=5)
    deferred = Settled(claimed, (State.DEFERRED,), NOON, again, attempts=1, repeats=1, verdict="x")
    await settle(database, deferred)
    assert await claim(database, now=again - timedelta(seconds=1)) == []
    (once_more,) = await claim(database, now=again)
    assert (once_more.attempts, once_more.repeats, once_more.last_verdict) == (1, 1, "x")


async def test_nothing_leaves_after_its_time_and_it_is_said_to_have_run_out(
    database: Database,
) -> None:
    await plan(database, reminder("a"))
    late = NOON + 2 * HOUR
    assert await claim(database, now=late) == []
    async with database.write() as connection:
        assert await outbox.expire(connection, late) == 1
    assert await states(database) == {"a": "expired"}


async def test_one_that_may_have_arrived_is_left_to_a_person(database: Database) -> None:
    await plan(database, reminder("a"))
    await claim(database, owner="dead")
    await let_leases_lapse(database)
    (claimed,) = await claim(database, owner="next")
    assert claimed.silences == 1
    again = NOON + HOUR
    deferred = Settled(claimed, (State.DEFERRED,), NOON, again, silences=claimed.silences)
    await settle(database, deferred)
    async with database.write() as connection:
        assert await outbox.expire(connection, NOON + 2 * HOUR) == 1
    assert await states(database) == {"a": "needs_human"}


async def test_what_waits_can_be_called_off_and_what_is_being_sent_cannot(
    database: Database,
) -> None:
    await plan(database, reminder("sending"), reminder("waiting", due=NOON + HOUR))
    await claim(database)
    async with database.write() as connection:
        await outbox.cancel(connection, ["sending", "waiting"], NOON)
    assert await states(database) == {"sending": "sending", "waiting": "cancelled"}


async def test_a_state_that_may_not_follow_is_refused(database: Database) -> None:
    await plan(database, reminder("a"))
    (claimed,) = await claim(database)
    with pytest.raises(IllegalTransition):
        await settle(database, Settled(claimed, (State.PLANNED,), NOON))
    assert await states(database) == {"a": "sending"}


def test_addresses_do_not_show_in_what_a_log_may_print() -> None:
    assert "example.org" not in repr(reminder("a"))
