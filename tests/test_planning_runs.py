"""Runs: every contact at its own place, wide enough for the provider, and a warning in time."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import pytest

from bot.post import spreading
from bot.post.importing import Entry
from bot.post.links import new_id
from bot.post.spreading import needed
from bot.post.taking_over import take_over
from bot.post.timetable import spread
from bot.store.database import Database
from tests.post_office import CLOSES, DAY, LATER, SHORT, SOON, Office, line
from tests.talk import with_deadlines

PEOPLE = 200


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    office = Office(database, tmp_path, now=CLOSES - 6 * DAY)
    people = [
        Entry(n, f"p{n}@example.org", "lv", "Europe/Riga", "KA210", SHORT, "asked in 2025")
        for n in range(PEOPLE)
    ]
    await take_over(people, office.books)
    return office


async def early(office: Office, lead: str) -> list[float]:
    """Return by how many seconds the reminders of a lead time leave early."""
    rows = [row for row in await office.waiting() if row["key"].endswith(lead)]
    assert all(row["due_at"] == row["next_at"] for row in rows)
    return [row["target_at"] - row["due_at"] for row in rows]


def test_every_contact_has_its_own_place() -> None:
    places = [spread(new_id()) for _ in range(4000)]
    assert all(0 <= place < 1 for place in places)
    for number, cut in enumerate(quantiles(places, n=10), start=1):
        assert cut == pytest.approx(number / 10, abs=0.05)
    assert spread("AAAAAAAAAAA") == spread("AAAAAAAAAAA")


def test_what_a_provider_needs() -> None:
    assert needed(800, 10) == 100
    assert needed(19_200, 14) == pytest.approx(1714.3, abs=0.1)
    assert needed(10**6, 0) == 0


async def test_a_run_that_fits_is_left_alone(office: Office) -> None:
    before = await early(office, "T-2h")
    await office.planner().look()
    assert await early(office, "T-2h") == before
    assert 700 < max(before) <= 900
    assert await office.waiting("alarm") == []


async def test_a_run_is_widened_to_what_it_needs(office: Office) -> None:
    office.mail_rate = 0.05
    await office.planner().look()
    hours, days = await early(office, "T-2h"), await early(office, "T-1d")
    assert 4700 < max(hours) <= 5000
    assert 4700 < max(days) <= 5000
    assert min(hours) < 150
    assert await office.waiting("alarm") == []
    office.mail_rate = 10
    await office.planner().look()
    assert await early(office, "T-2h") == hours


async def test_what_comes_before_a_widened_run_ends_with_it(office: Office) -> None:
    office.mail_rate = 0.05
    await office.planner().look()
    await every_first_ends_with_the_last(office)


async def every_first_ends_with_the_last(office: Office) -> None:
    """Assert that no reminder may still leave once the next one of its deadline does."""
    rows = {(row["contact"], row["key"].rpartition(":")[2]): row for row in await office.waiting()}
    contacts = {contact for contact, _ in rows}
    assert len(contacts) == PEOPLE
    for contact in contacts:
        first, last = rows[contact, "T-1d"], rows[contact, "T-2h"]
        assert first["not_after"] == pytest.approx(last["due_at"], abs=0.001)


async def test_nobody_waits_for_a_large_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction for each few of its people, and what others write comes between."""
    monkeypatch.setattr(spreading, "AT_ONCE", 20)
    office.mail_rate = 0.05
    looking = asyncio.create_task(office.planner().look())
    moved = set()
    while not looking.done():
        async with office.books():
            moved.add(sum(each > 900 for each in await early(office, "T-2h")))
    await looking
    assert len(moved) > 3


async def test_widening_that_was_stopped_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "AT_ONCE", 20)
    office.mail_rate = 0.05
    stopped = 0
    for number in range(12):
        looking = asyncio.create_task(office.planner().look())
        await asyncio.sleep(0.005 * 1.3**number)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        stopped += looking.cancelled()
    assert stopped
    await office.planner().look()
    assert 4700 < max(await early(office, "T-2h")) <= 5000
    await every_first_ends_with_the_last(office)


async def test_a_run_that_cannot_fit_warns_days_before(office: Office) -> None:
    office.mail_rate = 0.02
    await office.planner().look()
    await office.planner().look()
    assert 6400 < max(await early(office, "T-2h")) <= 7200
    (alarm,) = await office.waiting("alarm")
    told = json.loads(alarm["content"])
    assert told["message"] == "run-too-large"
    assert told["values"] == {
        "deadline": SOON, "lead": "T-2h", "messages": "200", "hours": "3.5", "rate": "0.02",
    }  # fmt: skip
    assert alarm["due_at"] < (CLOSES - 5 * DAY).timestamp()


async def test_reminders_in_days_never_leave_before_eight(office: Office) -> None:
    office.mail_rate = 0.01
    await office.planner().look()
    rows = [row for row in await office.waiting() if row["key"].endswith("T-1d")]
    assert max(row["target_at"] - row["due_at"] for row in rows) > 4.5 * 3600
    # 8 o'clock in Riga, where everybody here is.
    opens = datetime(2026, 3, 4, 6, tzinfo=UTC).timestamp()
    assert min(row["due_at"] for row in rows) >= opens
    alarms = [json.loads(row["content"])["values"]["lead"] for row in await office.waiting("alarm")]
    assert sorted(alarms) == ["T-1d", "T-2h"]


async def test_runs_of_one_moment_share_the_provider(office: Office) -> None:
    same = [line(SOON, "2026-03-05T12:00:00"), line(LATER, "2026-03-05T12:00:00")]
    office.desk = with_deadlines(same)
    people = [
        Entry(n, f"q{n}@example.org", "lv", "Europe/Riga", "KA220", SHORT, "asked in 2025")
        for n in range(PEOPLE)
    ]
    await take_over(people, office.books)
    office.mail_rate = 0.1
    await office.planner().look()
    assert 4700 < max(await early(office, "T-2h")) <= 5000


async def test_a_run_far_ahead_waits_for_its_week(office: Office) -> None:
    office.now = CLOSES - 9 * DAY
    office.mail_rate = 0.05
    before = await early(office, "T-2h")
    await office.planner().look()
    assert await early(office, "T-2h") == before
    office.now = CLOSES - 8 * DAY
    await office.planner().look()
    assert max(await early(office, "T-2h")) > max(before)
