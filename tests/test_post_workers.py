"""Several processes on one PostgreSQL: each message leaves by one of them, whoever falls asleep."""

import asyncio
import signal
from asyncio.subprocess import Process

from sqlalchemy.engine import URL

from bot.post.kinds import Kind, Lane
from bot.store.database import Database
from tests.post.processes import worker
from tests.post.store import plan, states
from tests.smtp.process import SmtpProcess

MESSAGES = 300
LEASE = 1.0


async def test_a_worker_that_slept_over_its_lease_sends_nothing_twice(postgres_url: URL) -> None:
    database = Database(postgres_url)
    await plan(database, Kind.REMINDER, MESSAGES)
    async with SmtpProcess("--headers-only") as smtp:
        sleeper = await worker(
            postgres_url, smtp.port, Lane.ORDINARY, lease=LEASE, point="after_claim",
            signal=int(signal.SIGSTOP),
        )  # fmt: skip
        await _until_claimed(database)
        others = [
            await worker(postgres_url, smtp.port, Lane.ORDINARY, lease=LEASE) for _ in range(3)
        ]
        await _all_end(others)
        assert len(await smtp.copies()) == MESSAGES
        sleeper.send_signal(signal.SIGCONT)
        await _all_end([sleeper])
        copies = await smtp.copies()
    assert await states(database) == {"accepted": MESSAGES}
    assert set(copies.values()) == {1}
    await database.close()


async def _until_claimed(database: Database) -> None:
    async with asyncio.timeout(20):
        while not (await states(database))["sending"]:
            await asyncio.sleep(0.02)


async def _all_end(workers: list[Process]) -> None:
    async with asyncio.timeout(60):
        assert [await each.wait() for each in workers] == [0] * len(workers)
