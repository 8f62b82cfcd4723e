"""What changes while a message is being sent: it may arrive, but it is never tried again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col

from bot.post import claiming, outbox, settling, subscribing
from bot.post.kinds import Lane
from bot.post.outbox import Claimed
from bot.store.database import Database
from bot.store.tables import OutboxMessage
from tests.post_office import CLOSES, DAY, HOUR, SOON, Office, desk, wanted


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def unsubscribes(office: Office) -> None:
    async with office.books() as books:
        await subscribing.unsubscribe(books, await _contact(office))


async def hands_in(office: Office) -> None:
    async with office.ledger() as ledger:
        assert await ledger.handed_in(SOON)


async def sees_it_moved(office: Office) -> None:
    office.desk = desk({"wall": datetime.fromisoformat("2026-03-07T12:00:00")})
    await office.planner().look()


@pytest.mark.parametrize("change", [unsubscribes, hands_in, sees_it_moved])
async def test_a_reminder_that_is_put_off_meanwhile_leaves_no_more(
    office: Office, change: Callable[[Office], Awaitable[None]]
) -> None:
    await office.subscribed(wanted(leads="T-2d"))
    await office.until(CLOSES - 3 * DAY)
    office.now = CLOSES - 2 * DAY
    (claimed,) = await _claimed(office)
    await change(office)
    async with office.database.write() as connection:
        back = settling.given_back(claimed, office.now, until=office.now + timedelta(minutes=5))
        await outbox.settle(connection, [back])
    office.now += HOUR
    assert claimed.id not in {again.id for again in await _claimed(office)}
    async with office.database.write() as connection:
        await outbox.expire(connection, office.now)
    (row,) = await office.rows(OutboxMessage, col(OutboxMessage.id) == claimed.id)
    assert row["state"] == "expired"


async def _claimed(office: Office) -> list[Claimed]:
    async with office.database.write() as connection:
        return await claiming.claim(
            connection, now=office.now, owner="one", seconds=60, limit=10, lane=Lane.ORDINARY,
            channel="mail",
        )  # fmt: skip


async def _contact(office: Office) -> str:
    return await office.contact()
