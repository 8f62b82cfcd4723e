"""The nursery's handle, for tests that order processes and have them killed."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, Self

from sqlalchemy.engine import URL

from bot.post.kinds import Lane

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Nursery:
    """Makes processes on `url` that send to loopback's `port`; `module` is what makes them."""

    def __init__(self, url: URL, port: int, module: str = "tests.post.nursery") -> None:
        self._module = module
        self._known = {"database": url.render_as_string(hide_password=False), "port": port}
        self._process: Process

    async def __aenter__(self) -> Self:
        """Start the process that makes the others."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module, cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        """End it."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def carry(self, lane: Lane, **order: Any) -> int:
        """Have what is due carried; return the exit status, negative for a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        text = json.dumps(self._known | {"lane": lane.value} | order)
        self._process.stdin.write(text.encode() + b"\n")
        return int(await asyncio.wait_for(self._process.stdout.readline(), PATIENCE))


async def worker(url: URL, port: int, lane: Lane, **order: Any) -> Process:
    """Begin one relay process of its own and return it."""
    known = {"database": url.render_as_string(hide_password=False), "port": port}
    text = json.dumps(known | {"lane": lane.value} | order)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.post.nursery", text, cwd=ROOT
    )
