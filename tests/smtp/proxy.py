"""A TCP proxy between a client and a server, with trouble on the line and an ear at it."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from tests.smtp.line import Cut, Direction, Lane, Tapped, Trouble, carry
from tests.smtp.urls import HOST, Tls, smtp_url

LONGEST_GOODBYE = 2.0


class Proxy:
    """Forwards TCP to a target; use it as an asynchronous context manager.

    Clients connect to `host` and `port`. `up` is from client to server, `down` the other way.
    `taps` has one entry for each connection, with what a listener on the line could read.
    Every trouble can be set before or during a connection, and `heal` ends them all.
    """

    host = HOST

    def __init__(self, target_host: str, target_port: int, port: int = 0) -> None:
        self.target = (target_host, target_port)
        self.port = port
        self.taps: list[Tapped] = []
        self.trouble = Trouble()
        self._listener: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        """Begins to listen."""
        await self.accept_connections()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Closes the port and all connections."""
        self.refuse_connections()
        await self.cut()

    @property
    def up(self) -> bytes:
        """Everything clients have sent, over all connections."""
        return b"".join(tap.up for tap in self.taps)

    @property
    def down(self) -> bytes:
        """Everything the server has sent, over all connections."""
        return b"".join(tap.down for tap in self.taps)

    @property
    def spoken(self) -> list[bytes]:
        """The lines that clients sent in clear (before TLS began), over all connections."""
        return [line for tap in self.taps for line in tap.spoken]

    def url(self, user: str = "", password: str = "", tls: Tls = "starttls") -> str:
        """Returns the proxy's address as `NOON_SMTP_URL` takes it; `tls` is what the target is."""
        return smtp_url(self.port, user, password, tls)

    def delay(self, *, up: float | None = None, down: float | None = None) -> None:
        """Lets every byte be so many seconds on its way; what is not given stays as it is."""
        given: dict[Direction, float | None] = {"up": up, "down": down}
        self.trouble.delays.update({way: wait for way, wait in given.items() if wait is not None})

    def black_hole(self, *, up: bool = True, down: bool = True) -> None:
        """Lets nothing more pass in these directions; connections stay open.

        Nothing is read either, so that who sends much gets stuck, as when a network is gone.
        """
        given: dict[Direction, bool] = {"up": up, "down": down}
        self.trouble.close(*(way for way, on in given.items() if on))

    def cut_after(
        self,
        *,
        up: int | bytes | None = None,
        down: int | bytes | None = None,
        times: int | None = 1,
    ) -> None:
        """Cuts the next `times` connections (None: all) that get so far.

        A number is bytes since the connection was made; bytes (up to 256) are looked for in what
        passes. Up to there everything is still delivered, then both sides find the connection
        closed.
        """
        given: dict[Direction, int | bytes | None] = {"up": up, "down": down}
        cuts = [Cut(way, behind, times) for way, behind in given.items() if behind is not None]
        self.trouble.cuts.extend(cuts)

    def strip_starttls(self) -> None:
        """From the next connection on takes STARTTLS out of what the server offers."""
        self.trouble.strips_starttls = True

    def heal(self) -> None:
        """Ends every trouble; what a black hole held back is delivered, as TCP would."""
        self.trouble.delays.update({"up": 0.0, "down": 0.0})
        self.trouble.close()
        self.trouble.cuts.clear()
        self.trouble.strips_starttls = False

    async def cut(self) -> None:
        """Cuts every connection now."""
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        if lines:
            await asyncio.wait(lines, timeout=LONGEST_GOODBYE)

    async def accept_connections(self) -> None:
        """Listens (again), on the same port once it is known."""
        self._listener = await asyncio.start_server(self._carry, self.host, self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    def refuse_connections(self) -> None:
        """Closes the port: new connections are refused, those that stand go on."""
        if self._listener is not None:
            self._listener.close()

    async def _carry(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines[task] = client
        tap = Tapped()
        self.taps.append(tap)
        try:
            with contextlib.suppress(OSError):
                answers, server = await asyncio.open_connection(*self.target)
                up = Lane("up", reader, server, tap.up, self.trouble)
                await carry(up, Lane("down", answers, client, tap.down, self.trouble))
        finally:
            del self._lines[task]
            client.close()
