"""An SQLite file that another process locks, and one on a disk that is full."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.postgres import migrate, sqlite
from tests.soak.chaos import Chaos, chaos, notices
from tests.soak.disks import Disk, Limited, mounted
from tests.soak.size import SECONDS
from tests.telegram.store import FILE, unwritable

pytestmark = pytest.mark.soak

LENGTH = min(60.0, SECONDS)
"""Seconds for which the database cannot be written."""

AROUND = 10.0
"""Seconds of work before and after it."""


async def test_a_lock_loses_nothing(tmp_path: Path) -> None:
    url = sqlite(tmp_path / FILE)
    await migrate(url)
    async with chaos(url, tmp_path, tmp_path / "printed", LENGTH + 2 * AROUND) as run:
        async with notices(run):
            await asyncio.sleep(AROUND)
            await run.begins()
            with unwritable(tmp_path):
                await _unusable(run)
            await run.over()
            await asyncio.sleep(AROUND)
        await run.judged(f"SQLite locked for {LENGTH:g} s", url)


async def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with mounted(folder) as own:
        await _on(own, folder, tmp_path / "printed")


async def test_a_process_that_may_write_no_more_loses_nothing(tmp_path: Path) -> None:
    """Its database is another's too, who writes on: work is planned that it cannot take up."""
    await _on(Limited(), tmp_path, tmp_path / "printed")


async def _on(room: Disk, folder: Path, printed: Path) -> None:
    url = sqlite(folder / FILE)
    await migrate(url)
    async with chaos(url, folder, printed, LENGTH + 2 * AROUND) as run:
        number = run.post.process.pid
        async with notices(run):
            await asyncio.sleep(AROUND)
            await run.begins()
            await asyncio.to_thread(_shorten_log, folder)
            room.fill(number)
            await _unusable(run)
            room.free(number)
            await run.over()
            await asyncio.sleep(AROUND)
        await run.judged(f"disk full for {LENGTH:g} s ({type(room).__name__})", url)


async def _unusable(run: Chaos) -> None:
    """Let it be so for its time; it has to be seen meanwhile."""
    passed = asyncio.create_task(asyncio.sleep(LENGTH))
    await run.seen()
    await passed


def _shorten_log(folder: Path) -> None:
    """Give the room in SQLite's log back, which could be written to on a full disk too."""
    with closing(sqlite3.connect(folder / FILE, timeout=30)) as connection:
        busy = 1
        while busy:
            ((busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
