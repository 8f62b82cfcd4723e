"""`/healthz`: the process lives. `/readyz`: it can work, or why it cannot. No secrets in either."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.service import Noon
from bot.store import Unreachable, schema
from bot.store.database import Database

PATIENCE = 2.0
"""Seconds that the database has for its answer."""


def routes(noon: Noon) -> list[Route]:
    """Return both routes."""

    async def ready(_: Request) -> Response:
        hindrance = await _hindrance(noon.database)
        state = {"ready": hindrance is None, "reason": hindrance}
        return JSONResponse(state, 200 if hindrance is None else 503, _UNCACHED)

    return [Route("/healthz", _alive), Route("/readyz", ready)]


_UNCACHED = {"cache-control": "no-store"}


async def _alive(_: Request) -> Response:
    return PlainTextResponse("alive", headers=_UNCACHED)


async def _hindrance(database: Database) -> str | None:
    try:
        current = await asyncio.wait_for(schema.is_current(database), PATIENCE)
    except TimeoutError:
        return "database-slow"
    except (Unreachable, SQLAlchemyError, OSError):
        return "database-unreachable"
    return None if current else "database-not-migrated"
