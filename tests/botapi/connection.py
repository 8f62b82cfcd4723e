"""HTTP connections that the server can cut, and uvicorn set up for loopback."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_GOODBYE = 2.0
CLOSING = 0.005

Ends = tuple[Any, ...]

_transports: dict[Ends, asyncio.Transport] = {}


class CuttableConnection(HttpToolsProtocol):
    """A connection that can be found by its two ends while it is open."""

    _ends: Ends = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers the connection."""
        # uvloop's transports are no subclass of asyncio.Transport, so no isinstance here
        connection = cast(asyncio.Transport, transport)
        super().connection_made(connection)
        here, there = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
        self._ends = (*there[:2], *here[:2])
        _transports[self._ends] = connection

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        _transports.pop(self._ends, None)
        super().connection_lost(exc)


def cut(scope: Scope) -> None:
    """Cuts the connection on which this request came, without any answer."""
    ends = (*scope["client"], *scope["server"])
    transport = _transports.get(ends)
    if transport is not None:
        transport.abort()


def listening_socket(port: int) -> socket.socket:
    """Returns a socket bound to this port on loopback (0: a free one)."""
    # only with the protocol named does asyncio switch off Nagle's delay (40 ms an answer)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def configured(app: ASGIApp) -> uvicorn.Config:
    """Returns the lean uvicorn settings."""
    return uvicorn.Config(
        app,
        http=CuttableConnection,
        ws="none",
        lifespan="off",
        log_level="warning",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
    )


class InLoop:
    """A uvicorn server that runs inside the loop that is already running."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._server = uvicorn.Server(configured(app))
        self._listener = listener

    async def start(self) -> None:
        """Begins to listen."""
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._listener])

    async def stop(self) -> None:
        """Closes the port, lets answers under way go out, and closes all connections.

        uvicorn's own shutdown does the same in steps of a tenth of a second, too slow for tests.
        """
        state = self._server.server_state
        for server in self._server.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            _, late = await asyncio.wait(state.tasks, timeout=LONGEST_GOODBYE)
            for task in late:
                task.cancel()
        await asyncio.sleep(CLOSING)
