"""`noon` processes of a soak: they print into one file and are watched from outside."""

import asyncio
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
from sqlalchemy.engine import URL

from tests.post.running import DUE, ROOT, environment, stop
from tests.system import free_port
from tests.telegram.service import ENDING_WITH_US

LEASE = "30"
"""Seconds; the one that Noon has by default."""


class Post:
    """A running `noon post`, its environment, and how ready it says that it is."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self._address = f"http://127.0.0.1:{port}/readyz"
        self._client = httpx.AsyncClient(timeout=20, trust_env=False)

    async def until(self, ready: bool, patience: float = 60.0) -> float:
        """Return how many seconds passed until it said that it is (not) ready."""
        begun = time.monotonic()
        async with asyncio.timeout(patience):
            while await self.ready() is not ready:
                await asyncio.sleep(0.1)
        return time.monotonic() - begun

    async def ready(self) -> bool | None:
        """Return what it says at this moment; None: nothing, it does not listen."""
        try:
            return (await self._client.get(self._address)).status_code == 200
        except httpx.TransportError:
            return None

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return self.process.returncode is None

    async def close(self) -> None:
        """Stop it."""
        await self._client.aclose()
        with suppress(ProcessLookupError):
            await stop(self.process)


@asynccontextmanager
async def post(url: URL, folder: Path, printed: Path, **variables: str) -> AsyncIterator[Post]:
    """Run `noon post` on the moment when the reminders are due; yield it once it is ready."""
    port = free_port()
    chosen = environment(url, folder, DUE) | {"NOON_OPS_PORT": str(port), "NOON_LEASE": LEASE}
    with printed.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *ENDING_WITH_US, sys.executable, "-m", "bot", "post", cwd=ROOT, env=chosen | variables,
            stdout=out, stderr=out,
        )  # fmt: skip
    running = Post(process, port)
    try:
        await running.until(True)
        yield running
    finally:
        await running.close()
