"""Bringing the tables to the present shape, and knowing whether they have it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 6_404_204
"""Any constant number: two releases at once take turns on PostgreSQL."""


async def upgrade(database: Database) -> None:
    """Bring the tables to the newest shape, in one transaction."""
    async with database.write() as connection:
        if not database.embedded:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        await connection.run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    """Whether the tables have the newest shape."""
    async with database.read() as connection:
        revision = await connection.run_sync(_revision)
    return revision == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
