"""Reminders are planned with what causes them, once each, and follow the dates when they change."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.post import editions, planning, suppression
from bot.store.database import Database
from bot.store.tables import OutboxMessage, Subscription
from tests.post_office import (
    ANNA,
    CLOSES,
    DAY,
    HOUR,
    LATER,
    MAYBE,
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


def moved(wall: str, **more: Any) -> dict[str, Any]:
    return {"wall": datetime.fromisoformat(wall), **more}


async def test_confirming_plans_every_lead_time_that_is_ahead(office: Office) -> None:
    await office.subscribed(wanted(leads="T-90d T-7d T-1d T-2h"))
    rows = await office.waiting("reminder", "two-hours")
    assert [row["key"].rpartition(":")[2] for row in rows] == ["T-7d", "T-1d", "T-2h"]
    assert [row["kind"] for row in rows] == ["reminder", "reminder", "two-hours"]
    targets = [row["target_at"] for row in rows]
    assert targets == [(CLOSES - before).timestamp() for before in (7 * DAY, DAY, 2 * HOUR)]


async def test_each_reminder_runs_out_when_the_next_one_leaves(office: Office) -> None:
    await office.subscribed(wanted())
    rows = await office.waiting("reminder", "two-hours")
    ends = [row["not_after"] for row in rows]
    assert ends == [*(row["due_at"] for row in rows[1:]), CLOSES.timestamp()]


async def test_what_leaves_early_leaves_within_its_run(office: Office) -> None:
    await office.subscribed(*(wanted(f"p{n}@example.org") for n in range(4)))
    for row in await office.waiting("reminder", "two-hours"):
        early = row["target_at"] - row["due_at"]
        assert 0 <= early <= (900 if "T-2h" in row["key"] else 3600)
        assert early == pytest.approx(row["spread"] * (900 if "T-2h" in row["key"] else 3600))


async def test_overlapping_selections_remind_once(office: Office) -> None:
    await office.subscribed(
        wanted(selection="KA210"),
        wanted(selection="VET", leads="T-7d T-3d"),
        wanted(selection=SOON, leads="T-2h"),
    )
    assert await office.reminders() == [
        *(f"{SOON} {lead}" for lead in ("T-7d", "T-3d", "T-1d", "T-2h")),
        *(f"{LATER} {lead}" for lead in ("T-7d", "T-3d")),
    ]


async def test_a_conditional_round_is_planned_once_it_is_confirmed(office: Office) -> None:
    await office.subscribed(wanted(selection="all"))
    assert not [name for name in await office.reminders() if MAYBE in name]
    office.desk = desk({"id": MAYBE, "state": "confirmed"})
    await office.planner().look()
    assert [name for name in await office.reminders() if MAYBE in name] == [
        f"{MAYBE} {lead}" for lead in SHORT.split()
    ]
    assert await office.waiting("moved") == []


async def test_moved_twice_and_called_off(office: Office) -> None:
    await office.subscribed(wanted())
    left = await office.until(CLOSES - 3 * HOUR)
    assert leads(left) == ["T-7d", "T-1d"]

    office.desk = desk(moved("2026-03-07T12:00"))
    left = await office.until(office.now + HOUR / 4)
    assert leads(left) == ["moved"]
    left = await office.until(CLOSES + DAY)
    assert leads(left) == ["T-1d"]

    office.desk = desk(moved("2026-03-07T12:00"), moved("2026-03-06T18:00"))
    left = await office.until(office.now + HOUR / 4)
    assert leads(left) == ["moved"]
    left = await office.until(CLOSES + DAY + 4 * HOUR)
    assert leads(left) == ["T-2h"]

    off = {"state": "cancelled"}
    office.desk = desk(moved("2026-03-07T12:00"), moved("2026-03-06T18:00"), off)
    left = await office.until(CLOSES + 7 * DAY)
    assert leads(left) == ["moved"]


async def test_a_notice_says_what_the_person_was_told_last(office: Office) -> None:
    await office.subscribed(wanted())
    office.desk = desk(moved("2026-03-06T12:00"))
    await office.planner().look()
    office.desk = desk(moved("2026-03-06T12:00"), moved("2026-03-09T12:00"))
    await office.planner().look()
    (notice,) = await office.waiting("moved")
    assert '"before": "2026-03-05T11:00:00Z"' in notice["content"]
    office.desk = desk(
        moved("2026-03-06T12:00"), moved("2026-03-09T12:00"), moved("2026-03-05T12:00")
    )
    await office.planner().look()
    assert await office.waiting("moved") == []
    assert leads([row["key"] for row in await office.waiting()]) == SHORT.split()


async def test_who_was_not_planned_for_the_old_moment_is_not_told(office: Office) -> None:
    await office.subscribed(wanted(selection="KA220"))
    await office.subscribed(wanted("late@example.org"))
    office.desk = desk(moved("2026-03-07T12:00"))
    await office.subscribed(wanted("new@example.org"))
    await office.planner().look()
    assert [row["address"] for row in await office.waiting("moved")] == ["late@example.org"]


async def test_a_notice_runs_out_with_the_new_deadline(office: Office) -> None:
    await office.subscribed(wanted())
    office.desk = desk(moved("2026-03-07T12:00"))
    await office.planner().look()
    (notice,) = await office.waiting("moved")
    assert notice["due_at"] == pytest.approx(office.now.timestamp(), abs=5)
    assert notice["not_after"] == (CLOSES + 2 * DAY).timestamp()
    office.desk = desk(moved("2026-03-07T12:00"), {"state": "cancelled"})
    await office.planner().look()
    (notice,) = await office.waiting("moved")
    assert notice["not_after"] == pytest.approx((office.now + 7 * DAY).timestamp(), abs=5)


async def test_older_dates_never_come_back(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.subscribed(wanted())
    newer = desk(moved("2026-03-07T12:00"))
    office.desk, older = newer, office.desk
    await office.planner().look()
    before = await office.waiting()
    office.desk = older
    planner = office.planner(owner="two")
    for _ in range(4):
        assert await planner.look() == 0
        office.now += timedelta(minutes=1)
    assert [row["key"] for row in await office.waiting("reminder", "two-hours", "moved")] == [
        row["key"] for row in before
    ]
    assert "older than those in force" in caplog.text
    assert len(await office.waiting("alarm")) == 1

    await office.subscribed(wanted("new@example.org"))
    new = await office.contact("new@example.org")
    assert not [row for row in await office.waiting("reminder") if row["contact"] == new]
    office.desk = newer
    await office.planner().look()
    assert [row["deadline"] for row in await office.waiting("reminder") if row["contact"] == new]


async def test_another_process_has_read_the_new_dates_already(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Two processes look at the operator's folder within the same minute, never at once."""
    await office.subscribed(wanted())
    second = office.planner(owner="two")
    for wall in ("2026-03-07T12:00", "2026-03-08T12:00"):
        older, office.desk = office.desk, desk(*_moves(wall))
        await office.planner().look()
        newer, office.desk = office.desk, older
        for _ in range(6):
            assert await second.look() == 0
            office.now += timedelta(seconds=19)
        office.desk = newer
        await second.look()
    assert await office.waiting("alarm") == []
    assert "older than those in force" not in caplog.text


def _moves(wall: str) -> list[dict[str, Any]]:
    """Return how the deadline came to `wall`: each move is one more change of it."""
    walls = ["2026-03-07T12:00", "2026-03-08T12:00"]
    return [moved(each) for each in walls[: walls.index(wall) + 1]]


async def test_one_planner_at_a_time(office: Office) -> None:
    await office.subscribed(wanted())
    await office.planner().look()
    office.desk = desk(moved("2026-03-07T12:00"))
    assert await office.planner(owner="two").look() == 0
    assert await office.planner(owner="one").look() == 1


async def test_planning_again_changes_nothing(office: Office) -> None:
    await office.subscribed(wanted(), wanted(selection="all"))
    before = await office.rows(OutboxMessage)
    async with office.books() as books:
        for row in await office.rows(Subscription):
            await planning.plan_for(
                books.database, books.connection, books.desk, [row["id"]], books.now, books.key
            )
    after = await office.rows(OutboxMessage)
    assert sorted(before, key=str) == sorted(after, key=str)


async def test_a_whole_winter_reminds_each_once(office: Office) -> None:
    await office.subscribed(
        wanted(selection="KA2"), wanted("b@example.org", leads="T-30d T-14d T-3d T-48h T-6h")
    )
    left = await office.until(CLOSES + 8 * DAY)
    assert max(Counter(left).values()) == 1
    assert Counter(leads(left)) == {
        "T-7d": 2, "T-1d": 2, "T-2h": 2, "T-30d": 1, "T-14d": 1, "T-3d": 1, "T-48h": 1, "T-6h": 1,
    }  # fmt: skip


def test_an_edition_is_named_by_its_dates() -> None:
    first, again = (editions.present(desk()) for _ in range(2))
    other = editions.present(desk(moved("2026-03-07T12:00")))
    assert first.id == again.id != other.id
    assert first.older_than(other)
    assert not other.older_than(first)
    assert not first.older_than(again)


async def test_what_a_mailbox_refuses_for_good_calls_off_all_of_it(office: Office) -> None:
    await office.subscribed(wanted(), wanted("b@example.org"))
    async with office.books() as books:
        await suppression.returned(
            books.database, books.connection, books.key, ANNA.upper(), True, books.now
        )
    assert {row["address"] for row in await office.waiting()} == {"b@example.org"}
    office.desk = desk(moved("2026-03-07T12:00"))
    await office.planner().look()
    assert {row["address"] for row in await office.waiting()} == {"b@example.org"}
