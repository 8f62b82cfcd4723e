"""The carrier to Telegram while its store is away: it tells that nothing left, and never raises."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from telegram.ext import ExtBot

from bot.clock import Clock
from bot.faces.telegram.limiter import Bulk, StoreLimiter
from bot.faces.telegram.transport import Transport
from bot.post import outbox
from bot.post.kinds import Kind, Lane
from bot.post.outbox import Claimed, Frozen, Planned
from bot.post.outcomes import Verdict
from bot.post.relay import Relay, Way
from bot.post.telegram import TelegramCarrier
from bot.post.telegram import carrier as telegram_carrier
from bot.store.database import TROUBLE, Database
from bot.store.tables import OutboxMessage as Row
from tests.botapi import BotApi, TooMany
from tests.postgres import migrate, serving
from tests.test_post_telegram import ANNA, claimed, frozen

pytest_plugins = ("tests.telegram.fixtures",)

NOON = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
MANY = 60


@asynccontextmanager
async def carrying(
    api: BotApi, database: Database, rate: float, clock: Clock | None = None
) -> AsyncIterator[TelegramCarrier]:
    bot: ExtBot[Bulk] = ExtBot(
        api.token,
        f"{api.url}/bot",
        request=Transport(api.url, 8),
        rate_limiter=StoreLimiter(database, rate, 0),
    )
    made = TelegramCarrier(bot, clock or Clock(NOON))
    try:
        yield made
    finally:
        await made.close()


async def rename(database: Database, before: str, after: str) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")


async def test_without_a_store_nothing_is_sent_and_no_attempt_is_burned(
    api: BotApi, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_carrier, "FIRST_REST", 0.2)
    anna = api.user(ANNA)
    async with carrying(api, database, rate=1000) as carrier:
        await rename(database, "send_slot", "gone")
        report = await carrier.carry(claimed(), frozen())
        assert (report.outcome.verdict, report.outcome.counts) == (Verdict.CONNECTION, False)
        assert (api.calls, carrier.capacity()) == ([], 0)
        await rename(database, "gone", "send_slot")
        await asyncio.sleep(0.3)
        assert carrier.capacity() == 1
        after = await carrier.carry(claimed(), frozen())
        assert carrier.capacity() == telegram_carrier.AT_ONCE
    assert after.outcome.verdict is Verdict.ACCEPTED
    assert len(anna.messages) == 1


async def test_a_pause_that_cannot_be_noted_is_kept_by_who_was_told_of_it(
    api: BotApi, database: Database
) -> None:
    anna = api.user(ANNA)
    api.script("sendMessage", TooMany(1))
    async with carrying(api, database, rate=0) as carrier:
        await rename(database, "send_slot", "gone")
        begun = time.monotonic()
        report = await carrier.carry(claimed(), frozen())
        assert (report.outcome.verdict, report.outcome.counts) == (Verdict.CONNECTION, False)
        assert anna.messages == []
        after = await carrier.carry(claimed(), frozen())
        assert after.outcome.verdict is Verdict.ACCEPTED
        assert time.monotonic() - begun > 1


async def states(database: Database) -> dict[str, int]:
    group = col(Row.state)
    try:
        async with database.read() as connection:
            found = await connection.execute(select(group, func.count()).group_by(group))
            return {row[0]: row[1] for row in found}
    except TROUBLE:
        return {}


async def test_all_arrive_once_after_a_restart_of_the_database(api: BotApi) -> None:
    chats = [api.user(ANNA + number) for number in range(MANY)]
    ends = NOON + timedelta(days=1)
    with serving() as server:
        url = server.create()
        await migrate(url)
        database, clock = Database(url), Clock(NOON, 600)
        async with database.write() as connection:
            keys = [str(ANNA + number) for number in range(MANY)]
            planned = [
                Planned(key, Kind.TWO_HOURS, "telegram", key, {}, NOON, ends) for key in keys
            ]
            await outbox.plan(database, connection, planned)

        def make(message: Claimed) -> Frozen:
            return Frozen(frozen(chat=int(message.address)), message.id)

        async with carrying(api, database, rate=25, clock=clock) as carrier:
            way = Way(Lane.ORDINARY, "telegram")
            relay = Relay(
                database, clock, carrier, make, way=way, owner="o", lease=3.0, rng=Random(1)
            )
            running = asyncio.create_task(relay.run())
            await asyncio.sleep(1)
            server.stop()
            await asyncio.sleep(0.5)
            server.start()
            async with asyncio.timeout(20):
                while await states(database) != {"accepted": MANY}:
                    await asyncio.sleep(0.2)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await database.close()
    assert {len(chat.messages) for chat in chats} == {1}
