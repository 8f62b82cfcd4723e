"""One direction of a proxied connection, and what a listener on the line could read."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal

from tests.smtp.strip import Stripper, spoiled

Direction = Literal["up", "down"]
"""`up` is from the client to the server."""

CHUNK = 65536
LONGEST_PATTERN = 256
FIRST_OF_TLS = re.compile(rb"(?:\A|\n)(?=\x16\x03)")
"""A TLS handshake record where a line of text would begin."""


@dataclass(slots=True)
class Tapped:
    """All bytes of one connection as they came to the proxy, before it did anything to them."""

    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)

    @property
    def spoken(self) -> list[bytes]:
        """The client's lines in clear, commands and messages alike: all before TLS began."""
        begun = FIRST_OF_TLS.search(self.up)
        clear = bytes(self.up[: begun.end()] if begun else self.up)
        return [line for line in clear.split(b"\r\n") if line]


@dataclass(slots=True, eq=False)
class Cut:
    """An end for connections: behind so many bytes one way, or behind the first such bytes."""

    direction: Direction
    behind: int | bytes
    times: int | None = 1

    def place(self, passed: int, tail: bytes, chunk: bytes) -> int | None:
        """Returns how much of the chunk still passes, None for all of it.

        `passed` bytes went this way before, `tail` are the last of them.
        """
        if self.times == 0:
            return None
        if isinstance(self.behind, int):
            left = self.behind - passed
            return max(0, left) if left <= len(chunk) else None
        overlap = tail[-(len(self.behind) - 1) :] if len(self.behind) > 1 else b""
        found = (overlap + chunk).find(self.behind)
        return None if found < 0 else found + len(self.behind) - len(overlap)


@dataclass(slots=True)
class Trouble:
    """What goes wrong on all lines of a proxy."""

    delays: dict[Direction, float] = field(default_factory=lambda: {"up": 0.0, "down": 0.0})
    passable: dict[Direction, asyncio.Event] = field(
        default_factory=lambda: {"up": asyncio.Event(), "down": asyncio.Event()}
    )
    cuts: list[Cut] = field(default_factory=list)
    strips_starttls: bool = False

    def __post_init__(self) -> None:
        self.close()

    def close(self, *directions: Direction) -> None:
        """Lets nothing pass in these directions, and everything in the others."""
        for direction, passable in self.passable.items():
            if direction in directions:
                passable.clear()
            else:
                passable.set()


class Lane:
    """Carries bytes from `source` to `sink`; `tap` is where they are written down."""

    def __init__(
        self,
        direction: Direction,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        tap: bytearray,
        trouble: Trouble,
    ) -> None:
        self.direction = direction
        self.source = source
        self.sink = sink
        self._tap = tap
        self._trouble = trouble
        self._stripper = Stripper() if trouble.strips_starttls else None
        self._queue: asyncio.Queue[tuple[float, bytes | None]] = asyncio.Queue()
        self._passed = 0
        self._tail = b""

    async def read(self) -> None:
        """Takes bytes in until their end, and says when each may go on."""
        chunk: bytes | None = b""
        while chunk is not None:
            chunk = await self.source.read(CHUNK) or None
            self._tap += chunk or b""
            await self._trouble.passable[self.direction].wait()
            self._queue.put_nowait((self._due(), chunk and self._changed(chunk)))

    async def write(self) -> None:
        """Lets bytes out when they are due, until their end.

        Raises:
            Severed: where the connection is to be cut; what comes before has been sent.
        """
        loop = asyncio.get_running_loop()
        chunk: bytes | None = b""
        while chunk is not None:
            due, chunk = await self._queue.get()
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._pass(chunk)

    def _due(self) -> float:
        return asyncio.get_running_loop().time() + self._trouble.delays[self.direction]

    def _changed(self, chunk: bytes) -> bytes:
        if self._stripper is None:
            return chunk
        return self._stripper.feed(chunk) if self.direction == "down" else spoiled(chunk)

    async def _pass(self, chunk: bytes | None) -> None:
        if chunk is None:
            self.sink.write_eof()
            return
        for cut in self._trouble.cuts:
            if cut.direction == self.direction:
                self._sever(cut, chunk)
        self.sink.write(chunk)
        await self.sink.drain()
        self._passed += len(chunk)
        self._tail = (self._tail + chunk)[-LONGEST_PATTERN:]

    def _sever(self, cut: Cut, chunk: bytes) -> None:
        length = cut.place(self._passed, self._tail, chunk)
        if length is not None:
            cut.times = None if cut.times is None else cut.times - 1
            self.sink.write(chunk[:length])
            raise Severed(self)


class Severed(Exception):
    """The connection is to be cut; `lane` is where, and has delivered everything before."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane.direction)
        self.lane = lane


async def carry(up: Lane, down: Lane) -> None:
    """Carries both directions until both have ended, or until the connection is cut or lost."""
    ways = (up.read(), up.write(), down.read(), down.write())
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.gather(*tasks)
    except Severed as severed:
        other = down if severed.lane is up else up
        other.sink.transport.abort()
    except asyncio.CancelledError:
        up.sink.transport.abort()
        down.sink.transport.abort()
    finally:
        for task in tasks:
            task.cancel()
        # before anything is waited for, because the wait may be cancelled
        up.sink.close()
        await asyncio.gather(*tasks, return_exceptions=True)
