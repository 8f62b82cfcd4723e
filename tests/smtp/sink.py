"""Postfix's own measuring tools: smtp-sink takes mail as fast as it comes, smtp-source sends it."""

import asyncio
import os
import re
import shutil
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE | re.IGNORECASE)

PROGRAMS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


@dataclass(frozen=True)
class Sink:
    """A running smtp-sink; `dump` holds what it took, where it keeps it."""

    port: int
    dump: Path | None = None

    @property
    def url(self) -> str:
        """Return it as `NOON_SMTP_URL` takes it."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    def copies(self) -> Counter[bytes]:
        """Return how often each Message-ID was taken, where it keeps what it takes."""
        if self.dump is None or not self.dump.exists():
            return Counter()
        return Counter(_MESSAGE_ID.findall(self.dump.read_bytes()))


def program(name: str) -> str:
    """Return the path of one of Postfix's tools; RuntimeError where Postfix is not installed."""
    found = shutil.which(name, path=PROGRAMS)
    if found is None:
        raise RuntimeError(f"{name} is missing: install Debian's package postfix")
    return found


@asynccontextmanager
async def sink(*, keeping: bool = False) -> AsyncIterator[Sink]:
    """Run smtp-sink on loopback; `keeping` writes all that comes to one file."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        options, dump = [], None
        if os.geteuid() == 0:
            os.chmod(folder, 0o777)
            options += ["-u", "nobody"]
        if keeping:
            dump = Path(folder) / "taken"
            options += ["-D", str(dump)]
        running = await asyncio.create_subprocess_exec(
            program("smtp-sink"), "-c", *options, f"127.0.0.1:{port}", "1000", cwd=folder,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await _until_open(port)
            yield Sink(port, dump)
        finally:
            running.terminate()
            await running.wait()


async def source(port: int, messages: int, connections: int, size: int) -> float:
    """Return how many messages a second smtp-source hands over on kept connections."""
    begun = time.perf_counter()
    running = await asyncio.create_subprocess_exec(
        program("smtp-source"), "-d", "-s", str(connections), "-m", str(messages),
        "-l", str(size), f"127.0.0.1:{port}", stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await running.wait()
    return messages / (time.perf_counter() - begun)


async def _until_open(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
