"""Killed at a named point of a notice's way: it arrives, the same bytes, and the record holds."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.post.kinds import Lane
from bot.store.database import Database
from tests.delivering import CLOSES, Desk, settings
from tests.post.nursery import POINTS
from tests.post.processes import Nursery
from tests.smtp.process import SmtpProcess

NOW = CLOSES + timedelta(minutes=5)


@pytest.mark.parametrize("point", POINTS)
async def test_a_notice_survives_a_kill_at(
    point: str, url: URL, database: Database, tmp_path: Path
) -> None:
    async with (
        SmtpProcess() as smtp,
        Nursery(url, smtp.port, "tests.post.offices") as nursery,
    ):
        desk = Desk(database, settings(tmp_path, smtp.port), NOW)
        row = await desk.confirmed(files=1)
        order = {"folder": str(tmp_path), "now": NOW.isoformat(), "lease": 0.3}
        assert await nursery.carry(Lane.INCIDENT, point=point, **order) == -signal.SIGKILL
        assert await nursery.carry(Lane.INCIDENT, **order) == 0
        copies = await smtp.copies()
        of_notice = [one for one in await smtp.ask("messages") if "agency" in str(one)]
        bodies = {await smtp.raw(one["queue_id"]) for one in of_notice}
    assert copies[row.message_id] <= (2 if point in ("after_250", "before_commit") else 1)
    assert len(bodies) == 1, "a repeated notice has the same bytes"
    assert await desk.steps(row) == ["confirmed", "accepted"]
    (sent,) = await desk.post(row)
    assert sent.state == "accepted"
