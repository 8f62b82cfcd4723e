"""Has files looked at, in processes that may die of them while Noon goes on.

What a file holds is never decoded in Noon's own process, and its name goes nowhere else: not into
the other process, not to the disk.
"""

import asyncio
import hashlib
import logging
import os
import unicodedata

from bot.incident.inspecting.child import Child, Unusable
from bot.incident.inspecting.found import LARGEST, Found, Problem, refused
from bot.logs import places
from handlers.turn import Upload

AT_ONCE = 2
"""Processes at most, so that one hostile file keeps nobody else waiting."""

SECONDS = 15.0
"""Real time that looking at one file may take."""

_LONGEST_NAME = 120

log = logging.getLogger(__name__)


class Inspector:
    """Looks at files; the processes are started when they are first needed.

    `seconds` of real time are allowed for one file.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._resting: list[Child] = []
        self._working: set[Child] = set()
        self._lock: int | None = None

    @property
    def processes(self) -> list[int]:
        """The numbers of the processes that there are now."""
        return [child.pid for child in (*self._resting, *self._working)]

    async def look(self, name: str, content: bytes) -> Upload:
        """Return what was found in `content`, which came as `name`; never raises for a file."""
        if len(content) > LARGEST:
            return unread(name, Problem.TOO_LARGE, len(content))
        digest = await asyncio.to_thread(_digest, content)
        found = await self._found(content) if content else refused(Problem.EMPTY)
        return Upload(
            found.kind,
            found.media_type,
            len(content),
            digest,
            content if found.kind == "form" else found.content,
            found.small,
            found.problem,
            shown_name(name),
        )

    async def _found(self, content: bytes) -> Found:
        async with self._room:
            try:
                child = await self._child()
            except OSError as error:
                log.error("no process can be started to look at a file: %s", places(error))
                return refused(Problem.MISSED)
            return await self._asked(child, content)

    async def _asked(self, child: Child, content: bytes) -> Found:
        """Return what `child` says; one that does not answer in time is killed."""
        self._working.add(child)
        try:
            async with asyncio.timeout(self._seconds):
                found = await child.look(content)
        except (Unusable, TimeoutError) as error:
            log.warning("a file was not looked at to the end: %s", type(error).__name__)
            await child.end()
            return refused(Problem.SLOW)
        except BaseException:
            await child.end()
            raise
        else:
            self._resting.append(child)
            return found
        finally:
            self._working.discard(child)

    async def _child(self) -> Child:
        while self._resting:
            child = self._resting.pop()
            if child.alive:
                return child
            await child.end()
        if self._lock is None:
            self._lock = os.memfd_create("noon-inspecting")
        return await Child.start(self._lock)

    async def close(self) -> None:
        """End every process."""
        children = [*self._resting, *self._working]
        self._resting.clear()
        for child in children:
            await child.end()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def unread(name: str, problem: Problem, size: int = 0) -> Upload:
    """Return what is said of a file whose content was not looked at."""
    nothing = refused(problem)
    return Upload(
        nothing.kind, nothing.media_type, size, "", problem=problem.value, name=shown_name(name)
    )


def shown_name(name: str) -> str:
    """Return the last part of a name without signs that turn or hide letters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    return seen.strip()[:_LONGEST_NAME]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
