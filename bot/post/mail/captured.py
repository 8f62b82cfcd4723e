"""Looking at the mail that was kept on this machine. It reads files: call it in a thread."""

import os
import re
import stat
import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from itertools import islice
from pathlib import Path

NAME_TIME = "%Y%m%dT%H%M%SZ"
LONGEST_HEAD = 65_536
LONGEST_WORDS = 500
MOST = 500
KEPT = timedelta(days=30)

_NAME = re.compile(r"([0-9]{8}T[0-9]{6}Z)-[0-9A-Za-z_-]{1,64}\.eml")


@dataclass(frozen=True)
class Kept:
    """One mail that was kept: the file's name, and what its header says, decoded.

    `date` is the moment in the name; `subject` and `to` are empty where they cannot be read.
    """

    name: str
    subject: str = field(repr=False)
    to: str = field(repr=False)
    date: datetime


def captured(folder: Path, most: int = MOST) -> list[Kept]:
    """Return the last `most` mails kept in `folder`, newest first; other files are passed over."""
    try:
        names = sorted((entry.name for entry in os.scandir(folder)), reverse=True)
    except OSError:
        return []
    found = (_kept(folder, name) for name in names)
    return list(islice((kept for kept in found if kept is not None), most))


def forget(folder: Path, now: datetime) -> int:
    """Erase what was kept for longer than `KEPT`; return how many mails that were."""
    old = [kept for kept in captured(folder, most=sys.maxsize) if now - kept.date > KEPT]
    for kept in old:
        (folder / kept.name).unlink(missing_ok=True)
    return len(old)


def read_captured(folder: Path, name: str) -> bytes | None:
    """Return the bytes of one mail by the name that `captured` gave; None when there is none."""
    return _content(folder, name) if _date(name) is not None else None


def header(content: bytes, name: str) -> str:
    """Return a header of a message, decoded and on one line; empty where it cannot be read."""
    head, _, _ = content[:LONGEST_HEAD].partition(b"\r\n\r\n")
    try:
        written = BytesHeaderParser(policy=compat32).parsebytes(head).get(name, "")
        text = str(make_header(decode_header(written)))
    except (ValueError, LookupError, HeaderParseError):
        return ""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:LONGEST_WORDS]


def _kept(folder: Path, name: str) -> Kept | None:
    date = _date(name)
    content = _content(folder, name, LONGEST_HEAD) if date is not None else None
    if date is None or content is None:
        return None
    return Kept(name, header(content, "Subject"), header(content, "To"), date)


def _content(folder: Path, name: str, most: int = -1) -> bytes | None:
    """Return a file's first bytes; None for what is no plain file."""
    try:
        number = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        plain = stat.S_ISREG(os.fstat(number).st_mode)
        with os.fdopen(number, "rb", closefd=False) if plain else nullcontext() as file:
            return file.read(most) if file is not None else None
    except OSError:
        return None
    finally:
        os.close(number)


def _date(name: str) -> datetime | None:
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], NAME_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
