"""The whole way to a chat: outbox, relay, carrier, a Bot API server; with lost chats and kills."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.clock import Clock
from bot.faces.telegram.limiter import BULK_AT_ONCE
from bot.post import outbox, suppression
from bot.post.kinds import Kind, Lane
from bot.post.outbox import Planned
from bot.post.relay import NOTED_TOGETHER, Relay, Way
from bot.post.telegram import TelegramCarrier, message_number
from bot.store import contacts
from bot.store.contacts import Contact
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from tests.botapi import BotApi, Delayed
from tests.telegram.relaying import make, make_bot
from tests.telegram.service import PATIENCE, Service, settings

pytest_plugins = ("tests.telegram.fixtures",)

KEY = b"key"
ANNA, BERTA = 1001, 1002
MANY = 100
KILLS = 1


def planned(
    key: str,
    address: object,
    channel: str = "telegram",
    contact: str = "",
    due: timedelta = -timedelta(seconds=1),
) -> Planned:
    """A reminder that is due now, or later."""
    now = datetime.now(UTC)
    until = now + timedelta(days=2)
    content = {"text": key}
    return Planned(
        key, Kind.REMINDER, channel, str(address), content, now + due, until, contact=contact
    )


async def plan(database: Database, *messages: Planned) -> None:
    async with database.write() as connection:
        await outbox.plan(database, connection, messages)


async def states(database: Database) -> dict[str, str]:
    async with database.read() as connection:
        rows = await connection.execute(select(col(Row.key), col(Row.state)))
        return {row.key: row.state for row in rows}


async def until(database: Database, holds: Callable[[Counter[str]], bool]) -> None:
    """Wait until the states of all messages are as wanted."""
    seen: Counter[str] = Counter()
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds(seen := Counter((await states(database)).values())):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"it did not come to that: {seen}") from None


@asynccontextmanager
async def relaying(api: BotApi, database: Database, data: Path) -> AsyncIterator[Relay]:
    """A relay to `api` inside the test, which tells of lost chats as the post office does."""
    clock = Clock()
    carrier = TelegramCarrier(make_bot(settings(api, data), database), clock)
    relay = Relay(
        database,
        clock,
        carrier,
        make,
        way=Way(Lane.ORDINARY, "telegram"),
        owner="one",
        lease=30.0,
        rng=Random(1),
        lose=lambda connection, claimed: suppression.lose(
            database, connection, KEY, claimed, clock.now()
        ),
    )
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await carrier.close()


async def test_what_is_planned_arrives_once_and_its_number_is_kept(
    api: BotApi, database: Database, tmp_path: Path
) -> None:
    people = [api.user(number) for number in range(1, MANY + 1)]
    await plan(database, *(planned(f"m{person.id}", person.id) for person in people))
    async with relaying(api, database, tmp_path):
        await until(database, lambda now: now == {"accepted": MANY})
    assert [len(person.messages) for person in people] == [1] * MANY
    async with database.read() as connection:
        rows = await connection.execute(select(col(Row.address), col(Row.answer)))
        numbers = {int(address): message_number(answer) for address, answer in rows}
    assert numbers == {person.id: person.messages[0].id for person in people}


@pytest.mark.parametrize("gone", ["blocked", "deleted", "never"])
async def test_a_lost_chat_is_tried_once_and_the_persons_mail_still_goes(
    api: BotApi, database: Database, tmp_path: Path, gone: str
) -> None:
    anna, berta = api.user(ANNA, started=gone != "never"), api.user(BERTA)
    if gone == "blocked":
        anna.block()
    if gone == "deleted":
        anna.delete_account()
    day = timedelta(days=1)
    async with database.write() as connection:
        await contacts.keep(database, connection, [contact("chat", "telegram", ANNA)])
        await contacts.keep(database, connection, [contact("mail", "mail", "anna@example.org")])
    await plan(
        database,
        planned("lost", ANNA, contact="chat"),
        planned("later", ANNA, contact="chat", due=day),
        planned("mail", "anna@example.org", "mail", "mail"),
        planned("other", BERTA),
    )
    async with relaying(api, database, tmp_path):
        await until(database, lambda now: now["rejected"] == now["cancelled"] == 1)
        await until(database, lambda now: now["accepted"] == 1)
    ended = await states(database)
    assert (ended.pop("mail"), ended.pop("other")) == ("planned", "accepted")
    assert sorted(ended.values()) == ["cancelled", "rejected"]
    tried = Counter(call.parameters["chat_id"] for call in api.calls)
    assert {int(chat): times for chat, times in tried.items()} == {ANNA: 1, BERTA: 1}
    async with database.read() as connection:
        assert await contacts.at(connection, "telegram", str(ANNA)) == []
        assert await suppression.suppressed(connection, KEY, ["anna@example.org"]) == set()
        assert len(await contacts.at(connection, "mail", "anna@example.org")) == 1
    assert [len(berta.messages), len(anna.messages)] == [1, 0]


def contact(identifier: str, channel: str, address: object) -> Contact:
    """A contact that has said yes."""
    return Contact(identifier, channel, str(address), "en", "Europe/Riga", 0.0, 1.0)


@pytest.mark.parametrize(
    ("point", "times"), [("after_claim", 1), ("after_250", 20), ("before_commit", 2)]
)
async def test_a_kill_loses_nothing_and_repeats_what_was_not_noted(
    api: BotApi, url: URL, database: Database, tmp_path: Path, point: str, times: int
) -> None:
    people = [api.user(number) for number in range(1, MANY + 1)]
    await plan(database, *(planned(f"m{person.id}", person.id) for person in people))
    async with process(api, url, tmp_path) as service:
        for _ in range(KILLS):
            await service.begin("-m", "tests.telegram.relaying", point, str(times))
            await service.ended()
        await service.begin("-m", "tests.telegram.relaying")
        await until(database, lambda now: now == {"accepted": MANY})
    copies = [[message.text for message in person.messages] for person in people]
    assert min(map(len, copies)) == 1
    assert sum(map(len, copies)) - MANY <= NOTED_TOGETHER * KILLS
    assert all(len(set(texts)) == 1 for texts in copies), "the same words each time"


async def test_a_kill_while_telegram_answers_repeats_at_most_what_was_being_sent(
    api: BotApi, url: URL, database: Database, tmp_path: Path
) -> None:
    people = [api.user(number) for number in range(1, MANY + 1)]
    await plan(database, *(planned(f"m{person.id}", person.id) for person in people))
    api.script("sendMessage", *[Delayed(PATIENCE, after=True)] * BULK_AT_ONCE)
    async with process(api, url, tmp_path) as service:
        await service.begin("-m", "tests.telegram.relaying")
        await api.called("sendMessage", BULK_AT_ONCE, PATIENCE)
        await service.kill()
        await service.begin("-m", "tests.telegram.relaying")
        await until(database, lambda now: now == {"accepted": MANY})
    counts = [len(person.messages) for person in people]
    assert min(counts) == 1
    assert sum(counts) - MANY <= BULK_AT_ONCE


def process(api: BotApi, url: URL, folder: Path) -> Service:
    """A relay's process on the same database, whose leases are short."""
    address = url.render_as_string(hide_password=False)
    return Service(api.url, folder, NOON_DATABASE_URL=address, NOON_LEASE="1")
