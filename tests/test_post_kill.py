"""Killed at a named point of a message's way: nothing is lost, and the bound on repeats holds.

`make soak` does the same five hundred times on each database (tests/soak).
"""

import signal

import pytest
from sqlalchemy.engine import URL

from bot.post.kinds import Kind, Lane
from bot.post.relay import NOTED_TOGETHER
from bot.store.database import Database
from tests.post.nursery import POINTS
from tests.post.processes import Nursery
from tests.post.store import plan, states
from tests.smtp.process import SmtpProcess

NOTICES = 3
REMINDERS = 150


@pytest.mark.parametrize("point", POINTS)
async def test_an_incident_notice_survives_a_kill_at(
    point: str, url: URL, database: Database
) -> None:
    async with SmtpProcess() as smtp, Nursery(url, smtp.port) as nursery:
        for n in range(NOTICES):
            await plan(database, Kind.INCIDENT, 1, f"notice-{n}")
            assert await nursery.carry(Lane.INCIDENT, point=point, lease=0.3) == -signal.SIGKILL
            assert await nursery.carry(Lane.INCIDENT, lease=0.3) == 0
        copies = await smtp.copies()
        bodies = await _bodies(smtp)
    assert await states(database) == {"accepted": NOTICES}
    assert len(copies) == NOTICES
    assert max(copies.values()) <= (2 if point in ("after_250", "before_commit") else 1)
    assert len(bodies) == NOTICES, "a repeated notice has the same bytes"


@pytest.mark.parametrize("point", POINTS)
async def test_a_run_of_reminders_survives_a_kill_at(
    point: str, url: URL, database: Database
) -> None:
    await plan(database, Kind.REMINDER, REMINDERS)
    async with SmtpProcess("--headers-only") as smtp, Nursery(url, smtp.port) as nursery:
        assert await nursery.carry(Lane.ORDINARY, point=point, nth=2) == -signal.SIGKILL
        assert await nursery.carry(Lane.ORDINARY) == 0
        copies = await smtp.copies()
    assert await states(database) == {"accepted": REMINDERS}
    assert len(copies) == REMINDERS
    assert max(copies.values()) <= 2
    assert sum(copies.values()) - REMINDERS <= NOTED_TOGETHER


async def _bodies(smtp: SmtpProcess) -> set[bytes]:
    summaries = await smtp.ask("messages")
    return {await smtp.raw(one["queue_id"]) for one in summaries}
