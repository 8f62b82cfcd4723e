"""What a receipt consists of, before it is text or PDF: both are made from the same sections."""

from dataclasses import dataclass
from enum import Enum

from bot.incident import wording


class Tone(Enum):
    """The colours of a status, beside its words: what stands on what."""

    GOOD = ((18, 84, 48), (225, 243, 231))
    OPEN = ((96, 62, 0), (253, 242, 214))
    BAD = ((128, 20, 20), (252, 228, 226))


@dataclass(frozen=True)
class Row:
    """A label and its value; `words` are somebody else's own, quoted."""

    label: str
    value: str
    words: str = ""


@dataclass(frozen=True)
class Line:
    """A sentence."""

    text: str


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    heading: str
    content: tuple[Row | Line, ...]


@dataclass(frozen=True)
class Page:
    """A whole receipt. `warning` may be empty; `hidden` explains the sign for what is not shown."""

    language: str
    title: str
    warning: str
    status: str
    tone: Tone
    sections: tuple[Section, ...]
    hidden: str


def as_text(page: Page) -> str:
    """Return a receipt as plain text with LF line ends."""
    head = [part for part in (page.title.upper(), page.warning, page.status) if part]
    return "\n\n".join([*head, *(_section_text(one) for one in page.sections)]) + "\n"


def _section_text(section: Section) -> str:
    return "\n".join([section.heading.upper(), *(_content_text(one) for one in section.content)])


def _content_text(one: Row | Line) -> str:
    if isinstance(one, Line):
        return one.text
    value = one.value.replace("\n", "\n  ")
    told = f"{one.label}: {value}".rstrip()
    return f"{told}\n{wording.quoted(one.words, len(one.words))}" if one.words else told
