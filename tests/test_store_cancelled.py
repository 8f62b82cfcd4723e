"""A transaction whose task is cancelled: it ends at once, leaves nothing and holds nobody up.

Every test runs on an SQLite file and on PostgreSQL.
"""

import asyncio
import time

import pytest
from sqlalchemy.engine import URL

from bot.store import notebooks
from bot.store.database import Database
from handlers.notebook import Notebook
from tests.test_store import NOW, load, save, two

PROMPT = 3.0
"""Seconds that nobody waits for a cancelled transaction, also on a busy machine."""

# Takes long to find the first row, and has more of them.
COUNTING = """
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {})
SELECT x FROM n ORDER BY -x
"""


def saying(question: str, value: str) -> dict[str, Notebook]:
    notes = Notebook()
    notes.write("form", question, value)
    return {"one": notes}


async def write(database: Database, value: str, rows: int, reading: asyncio.Event) -> None:
    """Write a pair of answers in one transaction, and read many rows between them."""
    async with database.write() as connection:
        await notebooks.save(database, connection, saying("first", value), NOW)
        reading.set()
        await connection.exec_driver_sql(COUNTING.format(rows))
        await notebooks.save(database, connection, saying("second", value), NOW)


async def cancel(task: asyncio.Task[None], times: int) -> bool:
    """Cancel the task as often, wait for its end, and tell whether it was cancelled."""
    before = time.monotonic()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(task, return_exceptions=True)
    assert time.monotonic() - before < PROMPT
    return task.cancelled()


async def written(database: Database) -> dict[str, str]:
    return (await load(database, "one"))["one"].read("form")


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_write_cancelled_while_it_reads_rows_lets_others_write(
    url: URL, times: int
) -> None:
    async with two(url) as (first, second):
        reading = asyncio.Event()
        writing = asyncio.create_task(write(first, "never", 100_000, reading))
        await reading.wait()
        await asyncio.sleep(0.01)
        assert await cancel(writing, times)
        async with asyncio.timeout(PROMPT):
            await save(second, saying("third", "after"))
        assert await written(first) == {"third": "after"}


@pytest.mark.parametrize("times", [1, 2])
async def test_a_write_may_be_cancelled_at_any_moment_and_as_often(url: URL, times: int) -> None:
    async with two(url) as (first, second):
        stopped = 0
        for number in range(40):
            writing = asyncio.create_task(write(first, str(number), 5_000, asyncio.Event()))
            await asyncio.sleep(0.0004 * (number % 20))
            stopped += await cancel(writing, times)
            async with asyncio.timeout(PROMPT):
                await save(second, saying("third", str(number)))
            form = await written(first)
            assert form["third"] == str(number)
            assert form.get("first") == form.get("second"), "all of a transaction or nothing"
        assert stopped
