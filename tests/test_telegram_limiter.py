"""The limiter behind a real client: what leaves when, and what a demanded pause holds back.

Two limiters on one database stand for two processes; they run on SQLite and on PostgreSQL.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import URL
from telegram import Bot
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.faces.telegram import limiter, worker
from bot.faces.telegram.limiter import BURST, GROUP_GAP, Bulk, StoreLimiter
from bot.store.database import Database
from tests.botapi import BotApi, Served, TooMany
from tests.botapi.calls import Call
from tests.telegram.service import PATIENCE, served, settings
from tests.telegram.store import all_done

pytest_plugins = ("tests.telegram.fixtures",)

PAUSE = 1
ON_ITS_WAY = 0.4
"""Seconds in which a request may still come that had left when the pause was demanded."""

NOISE = 0.45
"""Seconds that the machine may be slow by."""

FAST = 1000.0


@pytest.fixture(autouse=True)
def _people(api: BotApi) -> None:
    for number in range(1, 101):
        api.user(number, "en")


@asynccontextmanager
async def bots(api: BotApi, url: URL, rate: float, chat_rate: float) -> AsyncIterator[list[Bot]]:
    """Two clients, each with a limiter and a database of its own."""
    databases = [Database(url), Database(url)]
    made = [_bot(api, StoreLimiter(database, rate, chat_rate)) for database in databases]
    try:
        for bot in made:
            await bot.initialize()
        yield list(made)
    finally:
        for bot in made:
            await bot.shutdown()
        for database in databases:
            await database.close()


def _bot(api: BotApi, limit: StoreLimiter) -> ExtBot[Bulk]:
    request = HTTPXRequest(connection_pool_size=64)
    return ExtBot(api.token, f"{api.url}/bot", rate_limiter=limit, request=request)


async def send(bots: list[Bot], chats: list[int]) -> None:
    """Send a message to each chat at the same time, by the clients in turn."""
    pairs = ((bots[n % len(bots)], chat) for n, chat in enumerate(chats))
    await asyncio.gather(*(bot.send_message(chat, f"to {chat}") for bot, chat in pairs))


def sends(api: BotApi) -> list[Call]:
    return [call for call in api.calls if call.method in ("sendMessage", "editMessageText")]


def quiet(api: BotApi) -> tuple[float, float]:
    """When the first pause was demanded, and when the next request came after it."""
    first = next(call for call in sends(api) if call.outcome == 429)
    demanded = first.at + first.seconds
    later = [call.at for call in sends(api) if call.at > demanded + ON_ITS_WAY]
    return demanded, min(later)


async def test_a_pause_with_fifty_in_flight_holds_every_process(api: BotApi, url: URL) -> None:
    api.script("sendMessage", *[Served()] * 5, TooMany(PAUSE, everywhere=True))
    async with bots(api, url, FAST, 0) as two:
        trickle = asyncio.create_task(_trickle(two[1]))
        await send(two[:1], list(range(1, 51)))
        await trickle
    demanded, resumed = quiet(api)
    assert resumed - demanded >= PAUSE
    assert [call.outcome for call in sends(api)].count(200) == 50 + 40


async def _trickle(bot: Bot) -> None:
    for chat in range(51, 91):
        await bot.send_message(chat, "in between")


async def test_a_pause_holds_answers_of_the_face_and_loses_none(api: BotApi, folder: Path) -> None:
    people = [api.user(number) for number in range(1, 51)]
    api.script("sendMessage", *[Served()] * 10, TooMany(PAUSE, everywhere=True))
    for person in people:
        person.say("/help")
    async with served(settings(api, folder)):
        await all_done(folder, len(people))
    demanded, resumed = quiet(api)
    assert resumed - demanded >= PAUSE
    assert [len(person.messages) for person in people] == [1] * len(people)


async def test_a_chat_gets_a_burst_and_then_its_pace(api: BotApi, url: URL) -> None:
    async with bots(api, url, 0, chat_rate=2) as two:
        begun = time.monotonic()
        await send(two, [1] * (BURST + 2))
    times = [call.at - begun for call in sends(api)]
    assert times[BURST - 1] < 0.5 + NOISE
    assert times[BURST] >= 0.5 - NOISE
    assert times[BURST + 1] >= 1.0 - NOISE


async def test_a_chat_that_waits_for_its_pace_holds_nobody_else(api: BotApi, url: URL) -> None:
    async with bots(api, url, FAST, chat_rate=0.1) as two:
        waiting = asyncio.create_task(send(two, [1] * (BURST + 2)))
        await _so_many(api, BURST)
        await asyncio.wait_for(send(two, list(range(2, 12))), 5)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_groups_that_wait_for_their_pace_hold_nobody_else(
    api: BotApi, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GOODBYE_SECONDS", 0.1)
    anna, late = api.user(1), api.user(2)
    groups = [api.supergroup(f"Group {n}", anna, -1_001_000_000_100 - n) for n in range(6)]
    async with served(settings(api, folder, telegram_rate=FAST, telegram_chat_rate=1)):
        for group in groups:
            for _ in range(BURST + 2):
                anna.say("/help", to=group)
        for group in groups:
            await group.wait_for(BURST, PATIENCE)
        late.say("/help")
        await late.wait_for(1, GROUP_GAP - 1)


async def _so_many(api: BotApi, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(sends(api)) < count:
            await asyncio.sleep(0.01)


async def test_a_group_gets_no_more_than_twenty_messages_in_any_minute(
    api: BotApi, url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BURST - 1 + 60 / GROUP_GAP <= 20
    group = api.supergroup("Group", by=api.user(1))
    monkeypatch.setattr(limiter, "GROUP_GAP", 0.2)
    async with bots(api, url, 0, chat_rate=FAST) as two:
        begun = time.monotonic()
        await send(two, [group.id] * 8)
    times = [call.at - begun for call in sends(api)]
    assert times[-1] >= (8 - BURST) * 0.2 - NOISE


async def test_all_processes_together_keep_the_rate(api: BotApi, url: URL) -> None:
    async with bots(api, url, 50, chat_rate=0) as two:
        begun = time.monotonic()
        await send(two, list(range(1, 61)))
    # From the beginning on: a busy machine may be late with the first as with any other.
    assert max(call.at for call in sends(api)) - begun >= 59 / 50 - NOISE


async def test_rates_of_zero_lift_the_limits(api: BotApi, url: URL) -> None:
    async with bots(api, url, 0, 0) as two:
        await asyncio.wait_for(send(two, [1] * 100), PATIENCE)
    times = sorted(call.at for call in sends(api))
    assert times[-1] - times[0] < 3, "a second each would take 97"


async def test_two_hundred_answers_break_no_limit_of_the_server(api: BotApi, folder: Path) -> None:
    """The server allows what it is said to allow, thirty times as fast."""
    api.rates(per_chat=30, overall=900, burst_seconds=2 * BURST / 30)
    people = [api.user(number) for number in range(1, 21)]
    for person in people * 10:
        person.say("/help")
    async with served(settings(api, folder, telegram_rate=750.0, telegram_chat_rate=30.0)):
        await all_done(folder, 200)
    assert (api.limits.refused, api.limits.early) == (0, 0)
    assert [len(person.messages) for person in people] == [10] * 20
