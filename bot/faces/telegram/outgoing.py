"""Replies as Telegram messages: HTML, split where too long, keyboards, documents.

What is to be sent is fixed as JSON in the transaction that also saves the answers it follows from,
so that a restart sends it as it was meant.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import chain

from handlers.markup import Line, Span, Style, read
from handlers.turn import Attachment, Choice, Reply

LONGEST = 4000
"""Characters of one message, counted as Telegram does (UTF-16); its own limit is 4096."""

_WIDE_ROW = 24
_TAGS = {Style.STRONG: "b", Style.EMPHASIS: "i", Style.CODE: "code"}

Name = Callable[[str], str]
"""Returns the opaque id of a choice."""


@dataclass(frozen=True)
class Outgoing:
    """One message: `edit` is the message it takes the place of; `keyboard` rows of (label, id).

    A document has its bytes in `file` (base64), or is written when it is sent, from `source`.
    """

    text: str
    keyboard: tuple[tuple[tuple[str, str], ...], ...] = ()
    edit: int | None = None
    file_name: str = ""
    file_type: str = ""
    file: str = ""
    source: str = ""

    @property
    def content(self) -> bytes:
        """The document's bytes."""
        return b64decode(self.file)


def dump(messages: Iterable[Outgoing]) -> str:
    """Return messages as JSON text."""
    return json.dumps([vars(message) for message in messages], ensure_ascii=False)


def restore(text: str) -> list[Outgoing]:
    """Return the messages that `dump` wrote."""
    return [
        Outgoing(**{**fields, "keyboard": _rows(fields["keyboard"])}) for fields in json.loads(text)
    ]


def _rows(rows: list[list[list[str]]]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(tuple((label, name) for label, name in row) for row in rows)


def render(replies: list[Reply], pressed: int | None, name: Name) -> list[Outgoing]:
    """Return the messages for `replies`; the first that may takes the place of `pressed`."""
    messages: list[Outgoing] = []
    for reply in replies:
        edit = pressed if reply.in_place else None
        pressed = None if reply.in_place else pressed
        messages += _text_messages(reply, edit, name)
        messages += [_document(file) for file in reply.files]
    return messages


def _text_messages(reply: Reply, edit: int | None, name: Name) -> list[Outgoing]:
    texts = split(reply.text)
    keyboard = _keyboard(reply.choices, name)
    last = len(texts) - 1
    return [
        Outgoing(text, keyboard if n == last else (), edit if n == 0 else None)
        for n, text in enumerate(texts)
    ]


def _document(file: Attachment) -> Outgoing:
    content = b64encode(file.content).decode()
    return Outgoing(
        "", file_name=file.name, file_type=file.media_type, file=content, source=file.source
    )


def _keyboard(choices: tuple[Choice, ...], name: Name) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Put short labels side by side, long ones each on a row of their own."""
    rows: list[list[tuple[str, str]]] = []
    width = _WIDE_ROW + 1
    for choice in choices:
        button = (choice.label, name(choice.id))
        if width + len(choice.label) <= _WIDE_ROW and len(rows[-1]) < 3:
            rows[-1].append(button)
            width += len(choice.label)
        else:
            rows.append([button])
            width = len(choice.label)
    return tuple(tuple(row) for row in rows)


@lru_cache(maxsize=512)
def split(text: str) -> tuple[str, ...]:
    """Return `text` as HTML in pieces of at most `LONGEST` characters, cut between lines.

    Steps and guides are told to many people in the same words, so the last ones are remembered.
    """
    pieces: list[list[Line]] = [[]]
    size = 0
    for line in chain.from_iterable(map(_parts, read(text))):
        width = _width(line) + 1
        if size + width > LONGEST and pieces[-1]:
            pieces.append([])
            size = 0
        pieces[-1].append(line)
        size += width
    htmls = ("\n".join(map(_html, lines)).strip("\n") for lines in pieces)
    return tuple(html for html in htmls if html) or ("…",)


def _parts(line: Line) -> list[Line]:
    if _width(line) <= LONGEST:
        return [line]
    step = LONGEST // 2
    return [
        (Span(span.text[start : start + step], span.style, span.address),)
        for span in line
        for start in range(0, len(span.text), step)
    ]


def _width(line: Line) -> int:
    return sum(len(span.text.encode("utf-16-le")) // 2 for span in line)


def _html(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    text = escape(span.text, quote=False)
    if span.style is Style.LINK:
        bare = span.text == span.address or not span.address.startswith("http")
        return text if bare else f'<a href="{escape(span.address)}">{text}</a>'
    tag = _TAGS.get(span.style)
    return f"<{tag}>{text}</{tag}>" if tag else text
