"""What tests ask of the machine they run on."""

import asyncio
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest


def require(available: bool, what: str) -> None:
    """Let the test go on if `available`; otherwise skip it, or fail it where CI=true.

    `what` names the missing thing ("node 20 or newer (npm)") and is part of the reason shown.
    Raises pytest's skip or fail outcome, so it also works inside fixtures.
    """
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"this test needs {what}, which CI must have", pytrace=False)
    pytest.skip(f"this test needs {what}")


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold the lock of `place` against the other processes of a test run."""
    name = sha256(str(place).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"noon-test-{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def node_packages(folder: Path) -> bool:
    """Install the Node packages of `folder`, unless they are there; return whether they are."""
    if not (shutil.which("npm") and shutil.which("node")):
        return False
    with alone(folder):
        return _succeeds(folder, "npm", "ls") or _succeeds(
            folder, "npm", "ci", "--no-audit", "--no-fund"
        )


def _succeeds(folder: Path, *command: str) -> bool:
    return not subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without anything of ours, and `variables` on top of it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NOON_") and k != "PORT"}
    return clean | variables


async def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `holds` says yes; TimeoutError if it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)
