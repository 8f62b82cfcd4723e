"""The other end of the pipes: one process that looks at files, as Noon holds it."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

import bot
from bot.incident.inspecting.found import CONTENT_MOST, SMALL_MOST, Found, Problem
from bot.incident.inspecting.frames import ANSWER_PARTS, LENGTH

MODULE = "bot.incident.inspecting.looking"
_ROOT = Path(bot.__file__).parents[1]
_PIECE = 256 * 1024
_MOST = (200, CONTENT_MOST, SMALL_MOST)
_KINDS = ("screenshot", "form", "refused")


class Unusable(RuntimeError):
    """The process has ended, or says what none of ours would."""


class Child:
    """A process that looks at one file after the other. `lock` is the file descriptor it shares."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, lock: int) -> "Child":
        """Return a new one; raises OSError where the machine refuses another process."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", MODULE, str(lock)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
            pass_fds=[lock],
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None

    async def look(self, content: bytes) -> Found:
        """Return what is found in `content`; raises `Unusable`."""
        try:
            await self._ask(content)
            said, picture, small = [await self._part(most) for most in _MOST]
        except (OSError, asyncio.IncompleteReadError) as gone:
            raise Unusable("it has ended") from gone
        return _understood(said, picture, small)

    async def _ask(self, content: bytes) -> None:
        writer = self._process.stdin
        if writer is None:
            raise Unusable("it has no pipe")
        writer.write(LENGTH.pack(len(content)))
        for start in range(0, len(content), _PIECE):
            # In pieces: written whole, the pipe would keep a copy of the file.
            writer.write(content[start : start + _PIECE])
            await writer.drain()
        await writer.drain()

    async def _part(self, most: int) -> bytes:
        reader = self._process.stdout
        if reader is None:
            raise Unusable("it has no pipe")
        (size,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        if size > most:
            raise Unusable("it answers at too great a length")
        return await reader.readexactly(size)

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def _understood(said: bytes, picture: bytes, small: bytes) -> Found:
    words = said.decode("ascii", errors="replace").split(" ")
    known = {"", *(problem.value for problem in Problem)}
    if len(words) != ANSWER_PARTS or words[0] not in _KINDS or words[2] not in known:
        raise Unusable("it says what is not understood")
    kind, media_type, problem = words
    return Found(kind, media_type, problem, picture, small)
