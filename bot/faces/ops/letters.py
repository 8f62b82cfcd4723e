"""Captured mail as the operator reads it. Nothing outside its folder can be asked for."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path

from bot.post.mail import read_captured
from bot.settings import Settings

SUFFIX = ".eml"


@dataclass(frozen=True)
class Attachment:
    """A file that a letter carries; `size` in bytes."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Letter:
    """A captured mail. `name` is its file's, without the ending."""

    name: str
    raw: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Every header in order, decoded."""
        return [(name, str(value)) for name, value in self._message.items()]

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self._message.get("Subject", ""))

    @property
    def to(self) -> str:
        """Whom it is for."""
        return str(self._message.get("To", ""))

    @property
    def date(self) -> str:
        """The date as it is written in the letter."""
        return str(self._message.get("Date", ""))

    @property
    def at(self) -> datetime | None:
        """The moment that its date says; None where it says none with an offset."""
        try:
            moment = parsedate_to_datetime(self.date)
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None

    @property
    def text(self) -> str:
        """The plain text."""
        return _content(self._message.get_body(("plain",)))

    @property
    def html(self) -> str:
        """The HTML, or nothing where there is none."""
        return _content(self._message.get_body(("html",)))

    @property
    def attachments(self) -> list[Attachment]:
        """The files it carries."""
        return [
            Attachment(
                part.get_filename() or "",
                part.get_content_type(),
                len(part.get_payload(decode=True) or b""),
            )
            for part in self._message.iter_attachments()
        ]

    @cached_property
    def _message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)


def _content(part: MIMEPart | None) -> str:
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:
        # A character set that nobody knows.
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


def folder(settings: Settings) -> Path:
    """Return where captured mail lies."""
    return settings.data_dir / "mail"


def letter(place: Path, name: str) -> Letter | None:
    """Return the letter whose file is `name` with its ending, or None; it reads a file."""
    raw = read_captured(place, f"{name}{SUFFIX}")
    return None if raw is None else Letter(name, raw)
