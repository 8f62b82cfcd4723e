"""The reminders of one deadline for everybody: exactly once, and with ten kills at least once."""

import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.post.relay import NOTED_TOGETHER
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from tests.post.whole import run
from tests.soak.size import PEOPLE, tell

pytestmark = pytest.mark.soak

KILLS = 10


async def test_each_leaves_exactly_once(url: URL, database: Database, tmp_path: Path) -> None:
    begun = time.monotonic()
    copies = await run(url, tmp_path, PEOPLE, kills=0)
    seconds = time.monotonic() - begun
    speed = PEOPLE / await _carrying(database)
    tell(
        "reminders of one deadline", url,
        people=PEOPLE, lost=PEOPLE - len(copies), extra_copies=_extra(copies),
        messages_a_second=f"{speed:.0f}", import_to_last=f"{seconds:.0f} s",
    )  # fmt: skip
    assert len(copies) == PEOPLE
    assert set(copies.values()) == {1}


async def test_ten_kills_lose_nobody_and_repeat_few(url: URL, tmp_path: Path) -> None:
    begun = time.monotonic()
    copies = await run(url, tmp_path, PEOPLE, kills=KILLS)
    seconds = time.monotonic() - begun
    tell(
        "reminders of one deadline, killed on the way", url,
        people=PEOPLE, kills=KILLS, lost=PEOPLE - len(copies), extra_copies=_extra(copies),
        extra_copies_a_kill=f"{_extra(copies) / KILLS:.1f} (bound {NOTED_TOGETHER})",
        import_to_last=f"{seconds:.0f} s",
    )  # fmt: skip
    assert len(copies) == PEOPLE
    assert _extra(copies) <= NOTED_TOGETHER * KILLS


def _extra(copies: Counter[bytes]) -> int:
    return copies.total() - len(copies)


async def _carrying(database: Database) -> float:
    """Return the seconds from the first to the last acceptance, on the clock of one process."""
    length = func.max(col(Row.settled_at)) - func.min(col(Row.settled_at))
    async with database.read() as connection:
        return (await connection.execute(select(length))).scalar_one() or 0.0
