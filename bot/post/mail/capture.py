"""Mail that is not sent: with no provider configured each message is kept as a file.

A file is written beside its name and renamed, so that it is whole or not there at all. Its name
comes from the message, so that a repetition takes its own place and never a second one.
"""

import asyncio
import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from bot.clock import Clock
from bot.post.mail.captured import NAME_TIME, header
from bot.post.outbox import Claimed
from bot.post.outcomes import Break, Command, Reply, classify
from bot.post.settling import Report

AT_ONCE = 8
KEPT = Report(classify(Command.DOT, Reply(250)), "kept on this machine, not sent")


class Capture:
    """Keeps mail in `folder`, which nobody else may read."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder

    def capacity(self) -> int:
        """Return how many files are written at once."""
        return AT_ONCE

    async def carry(self, message: Claimed, content: bytes) -> Report:
        """Keep `content`; a disk that does not take it is like a server that is not there."""
        name = f"{_moment(message, content):{NAME_TIME}}-{message.id}.eml"
        try:
            await asyncio.to_thread(_keep, self._folder, name, content)
        except OSError as error:
            away = classify(Command.CONNECT, Break.REFUSED)
            return Report(away, f"cannot be kept on this machine: {error.strerror}")
        return KEPT

    async def close(self) -> None:
        """Do nothing: every file is closed already."""


def _moment(message: Claimed, content: bytes) -> datetime:
    """Return when a message says it was written; it is the same each time it is carried."""
    try:
        said = parsedate_to_datetime(header(content, "Date"))
        # A time without a zone is one in UTC whose writer does not say where he is.
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, OverflowError):
        return message.due_at.astimezone(UTC)


def _keep(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    beside = folder / f".{name}.part"
    try:
        _write(beside, content)
        beside.replace(folder / name)
    finally:
        beside.unlink(missing_ok=True)
    _settle(folder)


def _write(path: Path, content: bytes) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "wb") as file:
        os.fchmod(number, 0o600)
        file.write(content)
        file.flush()
        os.fsync(number)


def _settle(folder: Path) -> None:
    """Make a new name in `folder` last through a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
