"""`/healthz`: the process lives. `/readyz`: it can work, or why it cannot. No secrets in either."""

import asyncio
from time import monotonic
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.service import Noon
from bot.store import Unreachable, schema
from bot.store.database import TROUBLE, Database, database_clock
from bot.store.tables import Lease

PATIENCE = 2.0
"""Seconds that the database has for each of its answers."""

NEWS_FOR = 2.0
"""Seconds for which an answer is given again, so that asking often costs little."""


def routes(noon: Noon) -> list[Route]:
    """Return both routes."""
    readiness = _Readiness(noon)

    async def ready(_: Request) -> Response:
        hindrance = await readiness.hindrance()
        state = {"ready": hindrance is None, "reason": hindrance}
        return JSONResponse(state, 200 if hindrance is None else 503, _UNCACHED)

    return [Route("/healthz", _alive), Route("/readyz", ready)]


_UNCACHED = {"cache-control": "no-store"}


async def _alive(_: Request) -> Response:
    return PlainTextResponse("alive", headers=_UNCACHED)


class _Readiness:
    """What hinders a Noon, asked once for all who want to know at the same time."""

    def __init__(self, noon: Noon) -> None:
        self._noon = noon
        self._turn = asyncio.Lock()
        self._asked_at = float("-inf")
        self._hindrance: str | None = None
        self._writing: asyncio.Task[None] | None = None

    async def hindrance(self) -> str | None:
        """Return what hinders, or None where nothing does."""
        async with self._turn:
            if monotonic() - self._asked_at >= NEWS_FOR:
                self._hindrance = await self._looked()
                self._asked_at = monotonic()
            return self._hindrance

    async def _looked(self) -> str | None:
        try:
            current = await asyncio.wait_for(schema.is_current(self._noon.database), PATIENCE)
        except TimeoutError:
            return "database-slow"
        except (Unreachable, SQLAlchemyError, OSError):
            return "database-unreachable"
        return await self._unwritable() if current else "database-not-migrated"

    async def _unwritable(self) -> str | None:
        """Return why nothing can be written: a database that is locked or full answers still."""
        # One that waits for a lock cannot be cancelled at once: it is left to its end instead.
        writing = self._writing or asyncio.create_task(_write(self._noon.database))
        await asyncio.wait({writing}, timeout=PATIENCE)
        self._writing = None if writing.done() else writing
        if not writing.done():
            return "database-locked"
        error = writing.exception()
        if error is None:
            return None
        if not isinstance(error, TROUBLE):
            raise error
        return "database-unwritable"


async def _write(database: Database) -> None:
    """Write a row and remove it again: that goes to the disk and leaves nothing."""
    name = f"readiness:{uuid4().hex}"
    async with database.write() as connection:
        row = {"name": name, "owner": "", "until": database_clock()}
        await connection.execute(database.insert(Lease).values(row))
        await connection.execute(delete(Lease).where(col(Lease.name) == name))
