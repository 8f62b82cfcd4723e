"""Killed while a notice is confirmed: it is there whole, ready to leave, or not at all."""

import asyncio
import signal
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.post import claiming
from bot.post.kinds import Lane
from bot.post.outbox import Claimed
from bot.store.database import Database
from bot.store.tables import FrozenMessage, Incident, IncidentStep
from tests.notices import AGENCY, Bureau, pdf, picture
from tests.post_office import ANNA

HOUSE = Path(__file__).parent.parent


@pytest.fixture
async def bureau(database: Database, tmp_path: Path) -> Bureau:
    """Return a desk where a notice is ready to be confirmed."""
    bureau = Bureau(database, tmp_path)
    await bureau.prove()
    async with bureau.cases() as cases:
        await cases.add(picture())
        await cases.add(pdf())
    return bureau


async def killed(bureau: Bureau, point: str) -> None:
    url = bureau.database.url.render_as_string(hide_password=False)
    command = (sys.executable, "-m", "tests.incident_process", url, str(bureau.folder), point)
    process = await asyncio.create_subprocess_exec(*command, cwd=HOUSE)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL


async def claimed(bureau: Bureau) -> list[Claimed]:
    """Return what a relay may send to the agency now."""
    async with bureau.database.write() as connection:
        found = await claiming.claim(
            connection, now=bureau.now, owner="relay", seconds=30.0, limit=9, lane=Lane.INCIDENT,
            channel="mail",
        )  # fmt: skip
    return [one for one in found if one.address == AGENCY]


async def test_killed_after_the_commit_the_notice_leaves_all_the_same(bureau: Bureau) -> None:
    await killed(bureau, "after-commit")
    (notice,) = await bureau.notices()
    (one,) = await claimed(bureau)
    assert one.frozen is not None
    message = message_from_bytes(one.frozen, policy=default)
    assert (message["Message-ID"], message["Cc"]) == (notice.message_id, ANNA)
    assert len(list(message.iter_attachments())) == 2
    assert [step.what for step in notice.steps] == ["confirmed"]
    assert (await bureau.confirm_notice()).id == notice.id
    assert len(await bureau.rows(Incident)) == 1


async def test_killed_before_the_commit_nothing_was_made_and_nothing_is_lost(
    bureau: Bureau,
) -> None:
    await killed(bureau, "before-commit")
    tables: tuple[type[SQLModel], ...] = (Incident, IncidentStep, FrozenMessage)
    assert [await bureau.rows(table) for table in tables] == [[], [], []]
    async with bureau.cases() as cases:
        assert len(await cases.files()) == 2
    notice = await bureau.confirm_notice()
    (one,) = await claimed(bureau)
    assert one.message_id == notice.message_id
