"""A lean HTTP client for webhooks: one kept connection for each delivery at a time.

A general client costs about 2 ms an update when many go out at once; the benchmarks share the
machine with what they measure.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Reply:
    """The status of an answer, its phrase, and the whole seconds of Retry-After (0: none)."""

    status: int
    phrase: str
    retry_after: int


class Line:
    """One connection to a webhook, opened when needed."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        target = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._head = "\r\n".join(lines)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes) -> Reply:
        """Returns the answer to one JSON body.

        Raises:
            OSError, EOFError, ValueError or LimitOverrunError: without a usable answer.
                The connection is closed then.
        """
        reader, writer = await self._open()
        try:
            head = f"{self._head}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            reply, kept = await _reply(reader)
        except BaseException:
            self.close()
            raise
        if not kept:
            self.close()
        return reply

    def close(self) -> None:
        """Closes the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is not None and self._reader.at_eof():
            self.close()
        if self._reader is None or self._writer is None:
            context = ssl.create_default_context() if self._secure else None
            opened = await asyncio.open_connection(self._host, self._port, ssl=context)
            self._reader, self._writer = opened
        return self._reader, self._writer


async def _reply(reader: asyncio.StreamReader) -> tuple[Reply, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
    _, _, status = head[0].partition(" ")
    number, _, phrase = status.partition(" ")
    code = int(number)
    pairs = (line.partition(":") for line in head[1:])
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    whole = code in BODILESS or await _skip_body(reader, headers)
    kept = whole and headers.get("connection", "").lower() != "close"
    named = headers.get("retry-after", "")
    return Reply(code, phrase, int(named) if named.isdecimal() else 0), kept


async def _skip_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bool:
    """Reads past the body; returns whether its end was marked, so that the connection is usable."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while (size := int(await reader.readuntil(b"\r\n"), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
        return True
    if "content-length" in headers:
        await reader.readexactly(int(headers["content-length"]))
        return True
    await reader.read()
    return False
