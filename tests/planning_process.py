"""A planner in a process of its own, which kills itself at a point of its way.

`python -m tests.planning_process URL FOLDER POINT TIMES`: the deadline is moved two days on.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.post import planner
from bot.store.database import Database
from tests.post_office import Office, desk

MOVED = {"wall": "2026-03-07T12:00:00"}


async def plan(url: str, folder: Path, point: str, times: int) -> None:
    """Look once, a few contacts at a time, and die when `point` is passed the last time."""
    passed: Counter[str] = Counter()

    def passing(here: str) -> None:
        passed[here] += 1
        if here == point and passed[here] == times:
            os.kill(os.getpid(), signal.SIGKILL)

    planner.AT_ONCE = 10
    office = Office(Database(make_url(url)), folder, desk(MOVED))
    await office.planner(owner=f"process-{os.getpid()}", passing=passing).look()
    await office.database.close()


if __name__ == "__main__":
    asyncio.run(plan(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
