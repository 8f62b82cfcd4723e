"""What the process that looks at files may use: it reads its pipe, it answers, and nothing else."""

import fcntl
import resource
from collections.abc import Iterator
from contextlib import contextmanager

MEMORY = 700_000_000
"""Bytes of address space; what is really used is far less."""

CPU_SECONDS = 12
_OPEN_FILES = 32


def confine() -> None:
    """Take what is not needed: memory without end, files to write, core dumps, more processes."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        _lower(what, most)


def _lower(what: int, most: int) -> None:
    _, highest = resource.getrlimit(what)
    least = most if highest == resource.RLIM_INFINITY else min(most, highest)
    resource.setrlimit(what, (least, least))


def allow_seconds() -> None:
    """Give the next file its processor time; the kernel ends the process that takes more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    _, highest = resource.getrlimit(resource.RLIMIT_CPU)
    most = soft if highest == resource.RLIM_INFINITY else min(soft, highest)
    resource.setrlimit(resource.RLIMIT_CPU, (most, highest))


@contextmanager
def alone(lock: int) -> Iterator[None]:
    """Hold the lock on the file descriptor `lock`; the kernel frees it when the process ends."""
    fcntl.lockf(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(lock, fcntl.LOCK_UN)
