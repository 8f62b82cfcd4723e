"""Serves the operator's pages beside whatever role runs; without them the role runs on."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from bot.faces.ops.routes import app
from bot.faces.ops.snapshot import Circuits, no_circuits
from bot.service import Noon

LOOPBACK = "127.0.0.1"

log = logging.getLogger(__name__)


async def serve(
    noon: Noon,
    circuits: Circuits = no_circuits,
    opened: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve the pages on `NOON_OPS_PORT` of loopback until cancelled; `opened` is told the port.

    Returns at once where the port is taken: another process on this machine shows the same.
    """
    try:
        door = socket.create_server((LOOPBACK, noon.settings.ops_port))
    except OSError as problem:
        log.warning(
            "port %s for the operator's pages cannot be listened on (%s); they are not shown here",
            noon.settings.ops_port,
            problem.strerror,
        )
        return
    with door:
        port = door.getsockname()[1]
        log.info("the operator's pages are at http://%s:%s", LOOPBACK, port)
        opened(port)
        await _until_cancelled(app(noon, circuits), door)


async def _until_cancelled(pages: ASGIApp, door: socket.socket) -> None:
    config = uvicorn.Config(
        pages,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await asyncio.wait([serving])


class _Server(uvicorn.Server):
    """The server without its own way with signals, which are the role's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the role."""
        yield
