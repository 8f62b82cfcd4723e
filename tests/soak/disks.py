"""A small disk that can be filled: a file system of its own, or a limit on the process's files."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.system import require

BYTES = 64 << 20


class Disk(Protocol):
    """Holds the data of a process; `fill` leaves no room in it, `free` gives it back."""

    def fill(self, process: int) -> None:
        """Leave no room for `process`."""

    def free(self, process: int) -> None:
        """Give the room back."""


class OwnDisk:
    """A file system in memory at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._filling = folder / "filling"

    def fill(self, process: int) -> None:
        """Write a file until nothing more goes in."""
        with self._filling.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                _fill(file.fileno(), bytes(size))

    def free(self, process: int) -> None:
        """Remove that file."""
        self._filling.unlink()


class Limited:
    """Any disk; the process may write to no file while it is full."""

    def fill(self, process: int) -> None:
        """Let every write of the process fail."""
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (0, hard))

    def free(self, process: int) -> None:
        """Let it write again."""
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def mounted(folder: Path) -> Iterator[OwnDisk]:
    """Yield a file system of its own at `folder`."""
    options = f"size={BYTES},mode=700"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    root = not os.geteuid()
    require(root and not subprocess.run(command, capture_output=True).returncode, "mount, as root")
    try:
        yield OwnDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(file: int, piece: bytes) -> None:
    try:
        while True:
            os.write(file, piece)
    except OSError:
        return
