"""The database and the folder of data."""

import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from bot.commands.checkup.finding import Finding, fails, ok, warning
from bot.settings import Settings
from bot.store import Unreachable, leases, schema
from bot.store.database import TROUBLE, Database, database_clock

LARGEST_DIFFERENCE = 5.0
"""Seconds by which the clocks of machine and database may differ."""

ENOUGH_SPACE = 1024**3
TOO_LITTLE_SPACE = 100 * 1024**2
_MEGABYTE = 1024**2


async def folder(settings: Settings) -> AsyncIterator[Finding]:
    """Yield who may read the data folder, and how much room is left there."""
    place = settings.data_dir.absolute()
    if place.is_dir():
        open_to_others = place.stat().st_mode & 0o077
        if open_to_others:
            yield warning("data", "doctor.data.open", folder=place)
        else:
            yield ok("data", "doctor.data.ok", folder=place)
    else:
        yield ok("data", "doctor.data.none", folder=place)
    yield _room(place)


def _room(place: Path) -> Finding:
    there = next(each for each in (place, *place.parents) if each.exists())
    free = shutil.disk_usage(there).free
    values = {"free": free // _MEGABYTE}
    if free < TOO_LITTLE_SPACE:
        return fails("data", "doctor.data.full", **values)
    if free < ENOUGH_SPACE:
        return warning("data", "doctor.data.little-space", **values)
    return ok("data", "doctor.data.space", **values)


async def database(settings: Settings) -> AsyncIterator[Finding]:
    """Yield whether the database is there, in its present shape, safe to write to and on time."""
    file = Path(settings.database.database or "") if settings.embedded else None
    if file is not None and not file.exists():
        yield warning("database", "doctor.database.not-yet", file=file)
        return
    opened = Database(settings.database)
    try:
        async with aclosing(_looked_at(opened)) as findings:
            async for finding in findings:
                yield finding
    except Unreachable:
        yield fails("database", "doctor.database.unreachable", database=_name(settings))
    except TROUBLE as error:
        yield fails("database", "doctor.database.broken", error=type(error).__name__)
    finally:
        await opened.close()


def _name(settings: Settings) -> str:
    return settings.database.render_as_string(hide_password=True)


async def _looked_at(database: Database) -> AsyncGenerator[Finding]:
    if not await schema.is_current(database):
        yield fails("database", "doctor.database.not-migrated")
        return
    yield ok("database", "doctor.database.ok", kind=database.url.get_backend_name())
    yield await _writable(database)
    if database.embedded:
        yield await _lasting(database)
    else:
        yield await _on_time(database)


async def _writable(database: Database) -> Finding:
    name = f"doctor:{uuid4().hex}"
    try:
        async with database.write() as connection:
            await leases.take(database, connection, [name], name, 1)
            await leases.give_back(connection, [name], name)
    except TROUBLE:
        return fails("database", "doctor.database.unwritable")
    return ok("database", "doctor.database.writable")


async def _lasting(database: Database) -> Finding:
    """Return whether what is written survives a power cut."""
    async with database.read() as connection:
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
        full = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
    if (mode, full) == ("wal", 2):
        return ok("database", "doctor.database.lasting")
    return fails("database", "doctor.database.not-lasting", mode=mode)


async def _on_time(database: Database) -> Finding:
    async with database.read() as connection:
        before = time.time()
        there = float((await connection.execute(select(database_clock()))).scalar_one())
        after = time.time()
    difference = there - (before + after) / 2
    values = {"seconds": f"{difference:+.1f}"}
    if abs(difference) > LARGEST_DIFFERENCE + (after - before):
        return fails("clock", "doctor.clock.apart", **values)
    return ok("clock", "doctor.clock.together", **values)
