"""What stands in the SQLite file of a Noon that is running, seen from outside."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from tests.telegram.service import PATIENCE

FILE = "noon.sqlite"


def rows(folder: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return what `query` finds."""
    with closing(sqlite3.connect(folder / FILE, timeout=PATIENCE)) as connection:
        return connection.execute(query, values).fetchall()


def answers(folder: Path) -> dict[str, dict[str, str]]:
    """Return what is remembered: per conversation `form/question` → value, but for moments."""
    query = "SELECT conversation, form || '/' || question, value FROM answer"
    found: dict[str, dict[str, str]] = {}
    for conversation, question, value in rows(folder, query):
        if question not in ("person/seen", "person/offered"):
            found.setdefault(conversation, {})[question] = value
    return found


def states(folder: Path) -> dict[str, int]:
    """Return how many updates are in each state."""
    return dict(rows(folder, "SELECT state, count(*) FROM telegram_update GROUP BY state"))


async def all_done(folder: Path, count: int) -> None:
    """Wait until `count` updates are done; TimeoutError with the states if they never are."""
    await until(lambda: states(folder) == {"done": count}, lambda: states(folder))


async def until(holds: Callable[[], bool], shown: Callable[[], object] = lambda: "") -> None:
    """Wait until `holds` does; TimeoutError with what `shown` returns."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise TimeoutError(f"it did not come to that: {shown()}") from None


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Hold the file's write lock, so that Noon cannot store anything meanwhile."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def without(folder: Path, table: str) -> AsyncIterator[None]:
    """Take a table away, so that whatever needs it fails until it is back."""
    # In a thread: a Noon in this loop may hold the lock that is waited for.
    await asyncio.to_thread(_changed, folder, f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        await asyncio.to_thread(_changed, folder, f"ALTER TABLE away RENAME TO {table}")


@asynccontextmanager
async def refusing(folder: Path, table: str) -> AsyncIterator[None]:
    """Let every change of a table fail, after all that comes before it in its transaction."""
    refused = "BEGIN SELECT RAISE(ABORT, 'refused'); END"
    made = f"CREATE TRIGGER refusing BEFORE INSERT ON {table} {refused}"
    await asyncio.to_thread(_changed, folder, made)
    try:
        yield
    finally:
        await asyncio.to_thread(_changed, folder, "DROP TRIGGER refusing")


def _changed(folder: Path, statement: str) -> None:
    opened = sqlite3.connect(folder / FILE, timeout=PATIENCE, isolation_level=None)
    with closing(opened) as connection:
        connection.execute(statement)
