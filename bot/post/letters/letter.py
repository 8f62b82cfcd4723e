"""What a letter consists of, before it is text or HTML: both are made from the same blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Paragraph:
    """One line of prose."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True)
class Notice:
    """A line that nobody may miss: that this is a rehearsal, that a date is not certain."""

    kind: ClassVar[str] = "notice"
    text: str


@dataclass(frozen=True)
class Rows:
    """Facts under one another, each a label and a value."""

    kind: ClassVar[str] = "rows"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Tasks:
    """What is left to do."""

    kind: ClassVar[str] = "tasks"
    heading: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A link alone on its line."""

    kind: ClassVar[str] = "link"
    label: str
    address: str


@dataclass(frozen=True)
class Button(Link):
    """A link that looks like a button; `first` is the one most people want."""

    kind: ClassVar[str] = "button"
    first: bool = False


Block = Paragraph | Notice | Rows | Tasks | Link | Button


@dataclass(frozen=True)
class Letter:
    """A letter in one language; `foot` says why it comes and from whom.

    `calendar` is iCalendar text with the name of its file, `listed` whether it is one of many that
    can be unsubscribed from.
    """

    language: str
    subject: str
    title: str
    body: tuple[Block, ...]
    foot: tuple[Block, ...]
    calendar: tuple[str, bytes] | None = None
    listed: bool = False

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in the order in which they are read."""
        yield from self.body
        yield from self.foot
