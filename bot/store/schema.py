"""Bringing the tables to the present shape, and knowing whether they have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.store import Unreachable
from bot.store.database import TROUBLE, Database

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 6_404_204
"""Any constant number: two releases at once take turns on PostgreSQL."""


async def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables to the newest shape, in one transaction; `Unreachable` where it cannot.

    `to` names an earlier shape instead.
    """
    with _reached():
        async with database.write() as connection:
            if not database.embedded:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(_upgrade, to)


async def is_current(database: Database) -> bool:
    """Whether the tables have the newest shape; `Unreachable` where the database is not there."""
    with _reached():
        async with database.read() as connection:
            revision = await connection.run_sync(_revision)
    return revision == _head()


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except TROUBLE as problem:
        reason = problem.orig if isinstance(problem, DBAPIError) else problem
        raise Unreachable(f"the database cannot be used: {reason}") from problem


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _upgrade(connection: Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
