"""The relay and the carrier together: what is repeated, by which way, and with the same bytes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.clock import Clock
from bot.post import outbox
from bot.post.kinds import CARRIAGE, Kind
from bot.post.mail import MailCarrier
from bot.post.outbox import Claimed, Frozen, Planned
from bot.post.providers import Provider
from bot.post.relay import Relay, Way
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from tests.mailing import NOON, SOON, USERS, Trouble, carrying, letter, provider, waiting
from tests.smtp import (
    ALWAYS,
    Proxy,
    SmtpServer,
    Step,
    accept_and_delay,
    accept_and_drop,
    garbage,
    reply,
)

MINUTE = 600.0
"""A rate of the clock: ten minutes take a second."""


def planned(number: int, kind: Kind = Kind.REMINDER) -> Planned:
    address, until = f"m{number}@example.org", NOON + timedelta(days=1)
    return Planned(f"k{number}", kind, "mail", address, {"n": number}, NOON, until)


def make(claimed: Claimed) -> Frozen:
    number = claimed.content["n"]
    fenced = f"claimed {claimed.fence} times"
    return Frozen(letter(number, fenced), f"<{number}@x.org>")


@asynccontextmanager
async def posting(
    database: Database,
    providers: Sequence[Provider],
    *messages: Planned,
    rate: float = MINUTE,
    **options: Any,
) -> AsyncIterator[MailCarrier]:
    """Plans messages and lets a relay carry them; `options` are the carrier's."""
    async with (
        carrying(*providers, **options) as carrier,
        relaying(database, carrier, messages, rate),
    ):
        yield carrier


@asynccontextmanager
async def relaying(
    database: Database, carrier: MailCarrier, messages: Sequence[Planned], rate: float
) -> AsyncIterator[None]:
    async with database.write() as connection:
        await outbox.plan(database, connection, messages)
    options: dict[str, Any] = {"owner": "one", "lease": 30.0, "rng": Random(1)}
    way = Way(CARRIAGE[messages[0].kind].lane, "mail")
    relay = Relay(database, Clock(NOON, rate), carrier, make, way=way, **options)
    running = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def rows(database: Database) -> list[Any]:
    wanted = (Row.state, Row.attempts, Row.silences, Row.provider, Row.answer, Row.last_verdict)
    async with database.read() as connection:
        return list(await connection.execute(select(*(col(column) for column in wanted))))


async def until(database: Database, holds: Callable[[Counter[str]], bool]) -> list[Any]:
    async with asyncio.timeout(15):
        while not holds(Counter(row.state for row in await rows(database))):
            await asyncio.sleep(0.02)
    return await rows(database)


async def accepted(database: Database) -> list[Any]:
    return await until(database, lambda now: set(now) == {"accepted"})


@pytest.mark.parametrize("step", [accept_and_drop(), accept_and_delay(SOON * 2)])
async def test_what_nobody_confirmed_is_sent_again_the_same(database: Database, step: Step) -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("dot", step)
        ways, waits = [provider(smtp)], waiting(dot=SOON)
        async with posting(database, ways, planned(1), waits=waits):
            (unheard,) = await until(database, lambda now: now == {"unknown": 1})
            (after,) = await accepted(database)
        assert (unheard.silences, unheard.last_verdict, after.silences) == (1, "unknown", 1)
        assert smtp.copies() == {"<1@x.org>": 2}
        assert len({message.raw for message in smtp.messages}) == 1
        assert len({message.envelope.envid for message in smtp.messages}) == 1


async def test_greylisting_passes(database: Database) -> None:
    numbers = range(5)
    async with SmtpServer(replace(USERS, greylist=0.4)) as smtp:
        async with posting(database, [provider(smtp)], *(planned(n) for n in numbers)):
            after = await accepted(database)
        assert smtp.copies() == {f"<{n}@x.org>": 1 for n in numbers}
        assert min(row.attempts for row in after) == 2


async def test_an_incident_goes_by_the_second_provider_when_the_first_is_dead(
    database: Database,
) -> None:
    async with SmtpServer(USERS) as first, SmtpServer(USERS) as second:
        first.refuse_connections()
        ways, notice = [provider(first), provider(second)], planned(1, Kind.INCIDENT)
        async with posting(database, ways, notice, rate=50.0):
            (after,) = await accepted(database)
    assert (after.provider, after.attempts) == (1, 3)
    assert (len(first.messages), len(second.messages)) == (0, 1)


async def test_an_incident_gets_out_of_a_black_hole(database: Database) -> None:
    notice, waits = planned(1, Kind.INCIDENT), waiting(greeting=SOON)
    async with (
        SmtpServer(USERS) as first,
        SmtpServer(USERS) as second,
        Proxy(first.host, first.port) as hole,
    ):
        hole.black_hole()
        ways = [provider(first, port=hole.port), provider(second)]
        async with posting(database, ways, notice, rate=50.0, waits=waits):
            await accepted(database)
    assert len(second.messages) == 1


async def test_a_wrong_password_burns_no_attempt(database: Database) -> None:
    trouble = Trouble()
    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(535, "5.7.8 no"), times=ALWAYS)
        messages = [planned(number) for number in range(20)]
        async with posting(database, [provider(smtp)], *messages, on_trouble=trouble):
            await until(database, lambda now: now["deferred"] >= 1)
            await asyncio.sleep(1)
        assert {row.attempts for row in await rows(database)} == {0}
        assert (len(trouble.told), len(smtp.transcript.of("AUTH"))) == (1, 1)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (garbage(), "rcpt: garbage"),
        (reply(450, "4.2.1 nez\x00ms \udce2 \x1b[0m"), "rcpt: 450 4.2.1 nez ms \ufffd  [0m"),
    ],
)
async def test_any_answer_can_be_kept(database: Database, step: Step, answer: str) -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("rcpt", step, times=ALWAYS)
        async with posting(database, [provider(smtp)], planned(1), rate=1.0):
            (row,) = await until(database, lambda now: now == {"deferred": 1})
    assert row.answer == answer


async def test_many_go_over_a_few_connections(database: Database) -> None:
    numbers = range(200)
    async with SmtpServer(USERS) as smtp:
        messages = [planned(number) for number in numbers]
        async with posting(database, [provider(smtp)], *messages, connections=4):
            await accepted(database)
        assert smtp.copies() == {f"<{n}@x.org>": 1 for n in numbers}
        assert smtp.connections <= 6
