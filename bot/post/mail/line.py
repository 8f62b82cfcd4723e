"""The line to a mail server: aiosmtplib's protocol with a strict reading of replies.

The library reads one reply per command and drops what comes beside it. Here every reply is read in
order, so that several commands may be written at once (RFC 2920), a refusal is not lost when the
server hangs up right behind it, and a reply too many is noticed before it is taken for an answer
to the next message.
"""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, cast

from aiosmtplib import (
    SMTPReadTimeoutError,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol

LONGEST_REPLY = 32_768
"""Bytes, all lines of a reply together; the longest real one, to EHLO, has about a thousand."""

BLOCK = 262_144
"""Bytes of a message that are written before it is looked whether they leave."""

_LINE = re.compile(rb"[0-9]{3}(?:[ -]|\r?\Z)")
_GARBAGE = -1


class Line(SMTPProtocol):
    """One connection. Who reads a reply that is none gets `SMTPResponseException`."""

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop())
        self._came = bytearray()
        self._ended = False
        self._reader: asyncio.Future[None] | None = None
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def idle(self) -> bool:
        """Whether the connection stands and nothing has come that nobody asked for."""
        return self.is_connected and not self._ended and not self._came

    def data_received(self, data: bytes) -> None:
        """Keep what came, and never much more than any reply may have."""
        if len(self._came) <= LONGEST_REPLY:
            self._came += data[: LONGEST_REPLY + 1]
        self._wake()

    def eof_received(self) -> bool:
        """Note that nothing more will come; the connection is closed."""
        self._ended = True
        self._wake()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        self._ended = True
        super().connection_lost(exc)
        self._flows.set()
        self._wake()

    def pause_writing(self) -> None:
        """Note that what is written does not leave as fast."""
        super().pause_writing()
        self._flows.clear()

    def resume_writing(self) -> None:
        """Note that there is room again."""
        super().resume_writing()
        self._flows.set()

    def read_response(self, timeout: float | None = None) -> Coroutine[Any, Any, SMTPResponse]:
        """Return (awaited) the next reply; one that came is read even after the connection went.

        Raises `SMTPReadTimeoutError`, `SMTPServerDisconnected` or `SMTPResponseException`.
        """
        return self._response(timeout)

    async def pour(self, content: bytes, seconds: float) -> bool:
        """Write a message; raises `TimeoutError` when nothing leaves for `seconds`.

        Returns whether it was written to its end: a server that answers before, or hangs up, gets
        no more of it, and its last reply may still be read.
        """
        for start in range(0, len(content), BLOCK):
            if not self.idle:
                return False
            whole = len(content) <= BLOCK
            self.write(content if whole else content[start : start + BLOCK])
            if not self._flows.is_set():
                async with asyncio.timeout(seconds):
                    await self._flows.wait()
        return True

    def abort(self) -> None:
        """End the connection at once; what has not left yet never leaves."""
        if self.transport is not None:
            # uvloop's transports are no subclass of asyncio's.
            cast(asyncio.WriteTransport, self.transport).abort()

    async def _response(self, seconds: float | None) -> SMTPResponse:
        try:
            async with asyncio.timeout(seconds):
                while (reply := self._next()) is None:
                    await self._more()
        except TimeoutError:
            # One that came while this process was held up is there all the same.
            reply = self._next()
        if reply is None:
            raise SMTPReadTimeoutError("no reply in time")
        return reply

    def _next(self) -> SMTPResponse | None:
        """Take a whole reply out of what came; None while it is not whole."""
        texts: list[str] = []
        start = 0
        while (end := self._came.find(b"\n", start)) >= 0:
            line = bytes(self._came[start:end])
            start = end + 1
            if _LINE.match(line) is None:
                raise _garbage()
            texts.append(line[4:].decode("utf-8", "replace").strip())
            if line[3:4] != b"-":
                del self._came[:start]
                return SMTPResponse(int(line[:3]), "\n".join(texts))
        if len(self._came) > LONGEST_REPLY:
            raise _garbage()
        return None

    async def _more(self) -> None:
        if self._ended:
            raise SMTPServerDisconnected("the connection has gone")
        self._reader = asyncio.get_running_loop().create_future()
        await self._reader

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


def _garbage() -> SMTPResponseException:
    return SMTPResponseException(_GARBAGE, "no reply that SMTP knows")
