"""One door to the database: reading and writing transactions, alike on SQLite and PostgreSQL."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float
from sqlmodel import SQLModel

BUSY_SECONDS = 10

TROUBLE = (SQLAlchemyError, OSError)
"""What a database raises that is away, restarted or locked for long: worth another try."""

_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


class DatabaseClock(FunctionElement[float]):
    """Seconds since 1970 on the database's own clock, so that workers' clocks do not matter."""

    type = Float()
    inherit_cache = True
    name = "database_clock"


def database_clock() -> DatabaseClock:
    """Return the expression for now on the database's clock, in seconds since 1970."""
    return DatabaseClock()


@compiles(DatabaseClock, "sqlite")
def _on_sqlite(element: object, compiler: object, **_: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseClock, "postgresql")
def _on_postgresql(element: object, compiler: object, **_: object) -> str:
    return "extract(epoch from clock_timestamp())"


class Database:
    """The store's engine with its transactions.

    SQLite has one writer at a time: writers of this process queue here instead of polling a lock.
    """

    def __init__(self, url: URL, pool: int = 5) -> None:
        self.url = url
        self.embedded = url.get_backend_name() == "sqlite"
        self._engine = _engine(url, pool)
        self._writer = asyncio.Lock() if self.embedded else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction that only reads."""
        async with self._engine.connect() as connection:
            yield connection
            await connection.rollback()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a writing transaction: committed at the end, undone on an error."""
        if self._writer is None:
            async with self._engine.begin() as connection:
                yield connection
            return
        async with self._writer, self._engine.connect() as connection:
            writing = await connection.execution_options(noon_writes=True)
            async with writing.begin():
                yield writing

    def insert(self, model: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that can say what to do on conflict; give its rows when executing it."""
        table = inspect(model).local_table
        return sqlite.insert(table) if self.embedded else postgresql.insert(table)

    async def works(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.read() as connection:
                await connection.exec_driver_sql("SELECT 1")
        except TROUBLE:
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _engine(url: URL, pool: int) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url, pool_size=pool, max_overflow=5, pool_pre_ping=True, hide_parameters=True
        )
    _make_file(url)
    engine = create_async_engine(url, pool_size=pool, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "handle_error", _keep_when_cancelled)
    return engine


def _make_file(url: URL) -> None:
    """Make the file, readable by its owner alone, and put it into write-ahead mode once.

    Changing the mode waits for nobody: two processes that began together would not both succeed,
    so they take turns.
    """
    if not url.database or url.database == ":memory:":
        return
    Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(url.database, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        # What is wrong with the file itself is told where it is first used.
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(url.database, timeout=BUSY_SECONDS)) as connection,
        ):
            connection.execute("PRAGMA journal_mode=WAL")
    finally:
        os.close(file)


def _prepare(connection: Any, _: object) -> None:
    # The driver would begin transactions by itself, and only before the first change: too late to
    # see a writer's lock in time. Transactions are begun by `_begin` instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("noon_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _keep_when_cancelled(context: ExceptionContext) -> None:
    # A connection whose statement was cancelled would be closed as broken. SQLite keeps one open,
    # lock and all, while a cursor with rows to read is left: until the garbage collector comes by.
    # Nothing is broken: what the driver's thread does next is close the cursor and roll back.
    if isinstance(context.original_exception, asyncio.CancelledError):
        context.is_disconnect = False
