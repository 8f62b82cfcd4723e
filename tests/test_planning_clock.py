"""The clock jumps, or the machine sleeps: the newest missed reminder comes once, none too late."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col

from bot.post import claiming, outbox, settling
from bot.post.kinds import Lane
from bot.store.database import Database
from bot.store.tables import OutboxMessage
from handlers.ledger import MAIL
from tests.post_office import (
    CLOSES,
    DAY,
    HOUR,
    SHORT,
    SOON,
    Office,
    desk,
    leads,
    wanted,
)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def test_a_change_of_other_facts_repeats_nothing(office: Office) -> None:
    await office.subscribed(wanted())
    office.now = CLOSES - 7 * DAY - HOUR / 12
    while not (left := await office.deliver()):
        office.now += HOUR / 12
    assert leads(left) == ["T-7d"]
    office.desk = desk({"source": "pg-2026:2"})
    left = await office.until(CLOSES + HOUR)
    assert leads(left) == ["T-1d", "T-2h"]


async def test_what_was_missed_comes_even_if_other_facts_changed_meanwhile(office: Office) -> None:
    await office.subscribed(wanted())
    office.now = CLOSES - 3 * DAY
    office.desk = desk({"source": "pg-2026:2"})
    left = await office.until(CLOSES + HOUR)
    assert leads(left) == ["T-7d", "T-1d", "T-2h"]


async def test_what_waits_for_the_morning_waits_under_the_new_number(office: Office) -> None:
    await office.subscribed(wanted())
    office.now = CLOSES - 7 * DAY + HOUR
    async with office.books() as books:
        (claimed,) = await claiming.claim(
            books.connection, now=books.now, owner="relay", seconds=30.0, limit=9,
            lane=Lane.ORDINARY, channel=MAIL,
        )  # fmt: skip
        later = settling.given_back(claimed, books.now, until=books.now + 9 * HOUR)
        await outbox.settle(books.connection, [later])
    office.desk = desk({"source": "pg-2026:2"})
    await office.planner().look()
    rows = await office.waiting("reminder", "two-hours")
    assert [row["key"].partition(SOON)[2] for row in rows] == [":1:T-7d", ":1:T-1d", ":1:T-2h"]


@pytest.mark.parametrize(
    ("jump", "at", "comes"),
    [
        (-HOUR, 2 * HOUR, SHORT),
        (HOUR, 3 * HOUR, SHORT),
        (-DAY, DAY, SHORT),
        (DAY, 8 * DAY, SHORT),
        (3 * HOUR, 4 * HOUR, SHORT),
        (3 * HOUR, 2.5 * HOUR, "T-7d T-1d"),
        (7 * DAY, 7.5 * DAY, "T-1d T-2h"),
    ],
    ids=[
        "an hour back",
        "an hour on",
        "a day back",
        "a day on",
        "suspended over T-2h",
        "suspended over T-2h and the deadline",
        "suspended over two lead times",
    ],
)
async def test_the_clock_jumps(office: Office, jump: timedelta, at: timedelta, comes: str) -> None:
    await office.subscribed(wanted())
    left = await office.until(CLOSES - at)
    office.now += jump
    left += await office.until(CLOSES + DAY)
    assert max(Counter(left).values()) == 1
    for row in await office.rows(OutboxMessage, col(OutboxMessage.state) == "accepted"):
        if row["deadline"]:
            assert row["settled_at"] <= CLOSES.timestamp()
    assert leads(left) == comes.split()


async def test_asleep_over_several_lead_times_the_newest_missed_comes_once(office: Office) -> None:
    await office.subscribed(wanted(leads="T-14d T-7d T-3d T-1d T-6h T-2h"))
    office.now = CLOSES - 5 * HOUR
    assert leads(await office.deliver()) == ["T-6h"]
    assert leads(await office.until(CLOSES + HOUR)) == ["T-2h"]
    states = Counter(row["state"] for row in await office.rows(OutboxMessage) if row["deadline"])
    assert states == {"accepted": 2, "expired": 4}


async def test_asleep_over_the_deadline_nothing_comes(office: Office) -> None:
    await office.subscribed(wanted())
    office.now = CLOSES
    assert await office.until(CLOSES + HOUR) == []
