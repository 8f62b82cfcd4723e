"""Replies as blocks of a page: titles, paragraphs, lists, steps, sources."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from handlers.markup import Line, Span, Style, read
from handlers.table import CAPABILITIES
from handlers.words import Words

_COMMANDS = "|".join(sorted(name for capability in CAPABILITIES for name in capability.commands))
_COMMAND = re.compile(rf"(?<![\w/])/(?:{_COMMANDS})(?![\w/-]|\.\w)")
_ITEM = re.compile(r"(?P<bullet>[•→]) |(?P<number>\d{1,2})\. ")
_MAIL = re.compile(r"\b(e-(?:past|mail)\w*)", re.IGNORECASE)
_FEW = 2
"""Up to how many sources are told in one line; more are a list, which is folded away."""


@dataclass(frozen=True)
class Piece:
    """A run of text: `plain`, `strong`, `emphasis`, `link` (with address) or `command`."""

    kind: str
    text: str
    address: str = ""


@dataclass(frozen=True)
class Block:
    """`title`, `heading`, `paragraph`, `source`, `sources`, `list`, `links` or `steps`.

    `start` is the number of the first step. The lines of `sources` are documents, one each, which
    were checked on `day`; a `source` is told in whole lines.
    """

    kind: str
    lines: tuple[tuple[Piece, ...], ...]
    start: int = 1
    day: str = ""


def blocks(text: str, words: Words) -> list[Block]:
    """Return `text`, which is in the simple markup of replies, as blocks."""
    told = words.say("source.line", sources="\0", day="\1")
    joined = _joined(_kinds(read(text), told.partition("\0")[0]))
    return [part for block in joined for part in _folded(block, told)]


def pieces(line: Line) -> tuple[Piece, ...]:
    """Return a line's runs of text, commands among them."""
    return tuple(piece for span in line for piece in _pieces(span))


def unbroken(text: str) -> list[str]:
    """Return `text` in parts, of which every second is a word that stays on one line."""
    return _MAIL.split(text)


def _kinds(lines: list[Line], source: str) -> Iterator[tuple[str, int, Line]]:
    """Yield each line with its kind and, for steps, its number; empty lines are `gap`."""
    before, step = "start", 0
    for line, following in zip(lines, [*lines[1:], ()], strict=True):
        kind, number, rest = _kind(line, step)
        if kind == "paragraph":
            kind = _paragraph(line, following, before, source)
        before, step = kind, number or step
        yield kind, number, rest


def _paragraph(line: Line, following: Line, before: str, source: str) -> str:
    if before == "source" or "".join(span.text for span in line).startswith(source):
        return "source"
    if len(line) > 1 or line[0].style is not Style.STRONG:
        return "paragraph"
    if before == "start":
        return "title"
    heads = _kind(following, 0)[0] != "paragraph"
    return "heading" if heads and before != "paragraph" else "paragraph"


def _kind(line: Line, step: int) -> tuple[str, int, Line]:
    if not line:
        return "gap", 0, line
    match = _ITEM.match(line[0].text) if line[0].style is Style.PLAIN else None
    if match is None:
        return "paragraph", 0, line
    rest = (Span(line[0].text[match.end() :]), *line[1:])
    if match["bullet"]:
        return ("list" if match["bullet"] == "•" else "links"), 0, rest
    # Only a number that goes on counting is a step: a line may begin with a date.
    number = int(match["number"])
    return ("steps", number, rest) if number in (1, step + 1) else ("paragraph", 0, line)


def _joined(lines: Iterable[tuple[str, int, Line]]) -> Iterator[Block]:
    for kind, run in groupby(lines, key=itemgetter(0)):
        if kind != "gap":
            _, numbers, texts = zip(*run, strict=True)
            yield Block(kind, tuple(pieces(line) for line in texts), numbers[0] or 1)


def _folded(block: Block, told: str) -> Iterator[Block]:
    """Yield a block; of sources, each line with more than a few as a block of its own."""
    if block.kind != "source":
        yield block
        return
    for many, lines in groupby(block.lines, key=lambda line: _many(line, told)):
        yield many or Block("source", tuple(lines))


def _many(line: tuple[Piece, ...], told: str) -> Block | None:
    """Return the sources of a line that says `told` of more than a few, or None."""
    saying = re.escape(told).replace("\0", "(?P<sources>.+)").replace("\1", "(?P<day>.+)")
    found = re.fullmatch(saying, "".join(piece.text for piece in line))
    if found is None or any(piece.kind == "link" for piece in line):
        return None
    every = found["sources"].split("; ")
    each = tuple((Piece("plain", one),) for one in every)
    return Block("sources", each, day=found["day"]) if len(every) > _FEW else None


def _pieces(span: Span) -> Iterator[Piece]:
    if span.style is not Style.PLAIN:
        yield Piece(span.style.value, span.text, span.address)
        return
    end = 0
    for match in _COMMAND.finditer(span.text):
        yield Piece("plain", span.text[end : match.start()])
        yield Piece("command", match[0])
        end = match.end()
    yield Piece("plain", span.text[end:])
