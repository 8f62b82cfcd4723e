"""What the post office keeps is gone when its time is over: the clock moved, the rows counted."""

import asyncio
from pathlib import Path

import pytest
from sqlmodel import SQLModel, col

from bot.post import subscribing, suppression
from bot.store import notebooks, retention
from bot.store.database import Database
from bot.store.tables import (
    Answer,
    Bounces,
    Contact,
    Edition,
    FrozenMessage,
    OutboxMessage,
    SignUp,
    Subscription,
)
from handlers.notebook import Notebook
from tests.post_office import ANNA, CLOSES, DAY, HOUR, KEY, SHORT, Office, desk, wanted

BEN = "ben@example.org"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def prune(office: Office) -> None:
    deadlines = list(office.desk.facts.newest.deadlines.values())
    await retention.prune(office.database, office.now.timestamp(), deadlines)


async def count(office: Office, table: type[SQLModel]) -> int:
    return len(await office.rows(table))


async def test_sign_ups_that_were_not_confirmed(office: Office) -> None:
    await office.subscribed(wanted())
    await office.ask(wanted(BEN), wanted(selection="KA220"), conversation="web-2")
    office.now += 2 * DAY - HOUR
    await prune(office)
    assert (await count(office, Contact), await count(office, Subscription)) == (2, 3)
    assert await count(office, SignUp) > 0
    office.now += 2 * HOUR
    await prune(office)
    assert (await count(office, Contact), await count(office, Subscription)) == (1, 1)
    assert await count(office, SignUp) == 0
    assert BEN not in str(await office.rows(OutboxMessage))
    assert len(await office.reminders()) == len(SHORT.split())


async def test_sent_mail_is_emptied_after_a_month_and_gone_after_a_year(office: Office) -> None:
    await office.subscribed(wanted())
    await office.until(CLOSES)
    rows = await office.rows(OutboxMessage, col(OutboxMessage.state) == "accepted")
    assert len(rows) == 3
    assert all(row["address"] for row in rows)
    total = await count(office, OutboxMessage)

    office.now = CLOSES + 29 * DAY - 7 * DAY
    await prune(office)
    assert await count(office, FrozenMessage) == 3
    office.now = CLOSES + 31 * DAY
    await prune(office)
    rows = await office.rows(OutboxMessage)
    assert len(rows) == total
    assert {(row["address"], row["content"], row["contact"]) for row in rows} == {("", "{}", "")}
    assert await count(office, FrozenMessage) == 0
    contact = await office.contact()
    assert contact not in str(rows)
    assert sorted(row["kind"] for row in rows if row["state"] == "accepted") == [
        "reminder", "reminder", "two-hours",
    ]  # fmt: skip
    office.now = CLOSES + 366 * DAY
    await prune(office)
    assert await count(office, OutboxMessage) == 0


async def test_subscriptions_last_three_months_longer_than_their_deadlines(office: Office) -> None:
    await office.subscribed(wanted(), wanted(BEN, selection="all"))
    await office.until(CLOSES + 89 * DAY)
    await prune(office)
    assert await count(office, Subscription) == 2
    office.now = CLOSES + 91 * DAY
    await prune(office)
    assert [row["selection"] for row in await office.rows(Subscription)] == ["all"]
    assert [row["address"] for row in await office.rows(Contact)] == [BEN]


async def test_who_subscribed_when_nothing_was_ahead_waits_for_the_next_call(
    office: Office,
) -> None:
    office.now = CLOSES + DAY
    await office.subscribed(wanted())
    office.now += 399 * DAY
    await prune(office)
    assert await count(office, Subscription) == 1
    office.now += 2 * DAY
    await prune(office)
    assert await count(office, Subscription) == 0


async def test_what_was_begun_and_left_is_forgotten_after_a_week(office: Office) -> None:
    async with office.database.write() as connection:
        notes = {"web-1": Notebook({})}
        notes["web-1"].write("reminders", "email", BEN)
        await notebooks.save(office.database, connection, notes, office.now.timestamp())
    for days, left in ((6, 1), (2, 0)):
        office.now += days * DAY
        await prune(office)
        assert await count(office, Answer) == left


async def test_without_dates_no_subscription_is_ended(office: Office) -> None:
    await office.subscribed(wanted())
    await retention.prune(office.database, (CLOSES + 900 * DAY).timestamp())
    assert await count(office, Subscription) == 1


async def test_who_unsubscribed_is_kept_as_long_as_what_was_sent(office: Office) -> None:
    await office.subscribed(wanted())
    await office.until(CLOSES - DAY)
    async with office.books() as books:
        await subscribing.unsubscribe(books, await _contact(office))
    office.now += 28 * DAY
    await prune(office)
    assert await count(office, Contact) == 1
    office.now += 3 * DAY
    await prune(office)
    assert await count(office, Contact) == 0
    assert ANNA not in str(await office.rows(OutboxMessage))


async def _contact(office: Office) -> str:
    (row,) = await office.rows(Contact)
    return str(row["id"])


async def test_bounces_and_editions_after_half_a_year(office: Office) -> None:
    await office.subscribed(wanted(selection="all"))
    async with office.books() as books:
        await suppression.returned(books.database, books.connection, KEY, BEN, True, books.now)
    office.desk = desk({"wall": "2026-03-07T12:00:00"})
    await office.planner().look()
    assert await count(office, Edition) == 2
    office.now += 179 * DAY
    await prune(office)
    assert (await count(office, Bounces), await count(office, Edition)) == (1, 2)
    office.now += 2 * DAY
    await prune(office)
    assert (await count(office, Bounces), await count(office, Edition)) == (0, 1)


async def test_pruning_waits_for_nobody_long(office: Office) -> None:
    await office.subscribed(wanted())
    async with asyncio.timeout(20):
        await asyncio.gather(*(prune(office) for _ in range(3)))
    assert await count(office, Subscription) == 1


@pytest.mark.parametrize(
    ("days", "hard", "gone"),
    [([0], [True], True), ([0, 0, 0, 0, 0, 0], [False] * 6, False),
     ([0, 1, 2, 3], [False] * 4, False), ([0, 1, 2, 3, 9], [False] * 5, True)],
    ids=["for good", "six on a day", "four days", "five days"],
)  # fmt: skip
async def test_what_comes_back_is_scored(
    office: Office, days: list[int], hard: list[bool], gone: bool
) -> None:
    start = office.now
    for day, for_good in zip(days, hard, strict=True):
        async with office.books() as books:
            await suppression.returned(
                books.database, books.connection, KEY, ANNA, for_good, start + day * DAY
            )
            found = await suppression.suppressed(books.connection, KEY, {ANNA, BEN})
    assert found == ({ANNA} if gone else set())
    assert ANNA not in str(await office.rows(Bounces))
