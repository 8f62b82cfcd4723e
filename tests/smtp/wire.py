"""One connection as the server sees it: lines, the data of a message, TLS, and ways to end it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from typing import cast

from tests.smtp.encryption import Encryption

LONGEST_COMMAND = 8192
END_OF_DATA = b"\r\n.\r\n"
AT_ONCE_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on with no time: the kernel sends RST."""


class Ended(Exception):
    """The client has gone, or the server has closed the connection."""


class LineTooLong(Exception):
    """The client sent more than any command line may have."""


class Wire(asyncio.Protocol):
    """Reads what the client sends; lines end with CRLF and with nothing else.

    `begun` is called with the connection as soon as it stands; `lost` is done when it has gone.
    """

    def __init__(self, begun: Callable[[Wire], None]) -> None:
        self._begun = begun
        self._buffer = bytearray()
        self._encryption: Encryption | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins the conversation."""
        # uvloop's transports are no subclass of asyncio.Transport, so no isinstance here
        self.transport = cast(asyncio.Transport, transport)
        self._begun(self)

    def data_received(self, data: bytes) -> None:
        """Takes what came."""
        if self._encryption is not None:
            self._decrypt(data)
        else:
            self._buffer += data
        self._wake()

    def eof_received(self) -> None:
        """Notes that no more will come; what came before is still dealt with."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Notes the end."""
        self.eof_received()
        if not self.lost.done():
            self.lost.set_result(None)

    @property
    def tls(self) -> str | None:
        """The TLS version in use, None for clear text."""
        return self._encryption.version if self._encryption is not None else None

    @property
    def ahead(self) -> bool:
        """Whether the client has sent more than was read so far."""
        return bool(self._buffer)

    async def line(self) -> bytes:
        """Returns the next line without its CRLF.

        Raises:
            Ended: when the client has gone.
            LineTooLong: when it is longer than any command; the line is thrown away.
        """
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > LONGEST_COMMAND:
                await self._throw_away()
                raise LineTooLong
            await self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    async def data(self) -> bytes:
        """Returns a message as it was meant: doubled dots at line starts made single.

        Raises:
            Ended: when the client has gone before the end of the data.
        """
        searched = 0
        while not self._buffer.startswith(END_OF_DATA[2:]):
            end = self._buffer.find(END_OF_DATA, searched)
            if end >= 0:
                return self._cut_out(end + 2)
            searched = max(0, len(self._buffer) - len(END_OF_DATA) + 1)
            await self._more()
        return self._cut_out(0)

    def write(self, content: bytes) -> None:
        """Sends these bytes, unless the client has gone."""
        if self._encryption is not None:
            content = self._encryption.encrypted(content)
        if not self.transport.is_closing():
            self.transport.write(content)

    def forget(self) -> None:
        """Throws away what came and was not read: in clear, before TLS (RFC 3207, 4.2)."""
        self._buffer.clear()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Makes the connection encrypted, beginning with what came and was not read.

        Raises:
            Ended: when the handshake fails.
        """
        self._encryption = Encryption(context)
        came = bytes(self._buffer)
        self._buffer.clear()
        self._decrypt(came)
        while self._encryption.version is None:
            await self._more()

    async def gone(self) -> None:
        """Waits until the client closes the connection."""
        while not self._ended:
            self._buffer.clear()
            await self._more()

    def close(self) -> None:
        """Closes the connection after everything written has been sent."""
        if self._encryption is not None and not self.transport.is_closing():
            self.transport.write(self._encryption.goodbye())
        self.transport.close()

    def drop(self, *, reset: bool = False) -> None:
        """Closes the connection at once."""
        if reset:
            line = self.transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_ON_CLOSE)
        self.transport.abort()

    def _decrypt(self, data: bytes) -> None:
        assert self._encryption is not None
        try:
            self._buffer += self._encryption.decrypted(data)
        except ssl.SSLError:
            self._ended = True
        if answer := self._encryption.waiting():
            self.transport.write(answer)
        self._ended = self._ended or self._encryption.ended

    def _cut_out(self, end: int) -> bytes:
        stuffed = bytes(self._buffer[:end])
        del self._buffer[: end + 3]
        if not stuffed.startswith(b".") and b"\r\n." not in stuffed:
            return stuffed
        return (b"\r\n" + stuffed).replace(b"\r\n.", b"\r\n")[2:]

    async def _throw_away(self) -> None:
        while (end := self._buffer.find(b"\r\n")) < 0:
            del self._buffer[:-1]
            await self._more()
        del self._buffer[: end + 2]

    async def _more(self) -> None:
        if self._ended:
            raise Ended
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
