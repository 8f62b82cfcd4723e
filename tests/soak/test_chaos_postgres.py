"""PostgreSQL restarted again and again under a post office that goes on."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.postgres import Postgres, migrate, serving
from tests.soak.chaos import Chaos, chaos, notices
from tests.soak.size import MINUTES, SECONDS

pytestmark = pytest.mark.soak

SHORTEST = 5.0
LONGEST = max(SHORTEST + 1, min(40.0, 10 * MINUTES))
"""Seconds from one restart to the next."""


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of the test's own, whose commits wait for the disk."""
    with serving(durable=True) as server:
        yield server


async def test_restarts_lose_nothing(server: Postgres, tmp_path: Path) -> None:
    url = server.create(name="noon")
    await migrate(url)
    rng = Random(21)
    async with chaos(url, tmp_path, tmp_path / "printed", SECONDS) as run:
        until = time.monotonic() + SECONDS
        async with notices(run):
            while time.monotonic() < until:
                await asyncio.sleep(rng.uniform(SHORTEST, LONGEST))
                await _restart(server, run, rng)
        await run.judged("PostgreSQL restarted", url)


async def _restart(server: Postgres, run: Chaos, rng: Random) -> None:
    """Stop the server until that is seen, or, every third time, only for a moment."""
    await run.begins()
    seen = asyncio.create_task(run.seen()) if run.troubles % 3 else None
    await asyncio.to_thread(server.stop)
    if seen is not None:
        await seen
        await asyncio.sleep(rng.uniform(0, 3))
    await asyncio.to_thread(server.start)
    await run.over()
