"""Step guides: one Markdown file per topic and language, read strictly.

A guide is a TOML head between `+++` lines and up to four sections: Before, Steps, Trouble, Notes.
Every item ends with the references it rests on, in braces. Where it speaks of something old to
correct it, the braces say so too: `{pg-2026:413; corrects pic}`, an id of `rules/glossary.toml`.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rules.errors import DataError
from rules.facts import Frozen

SECTIONS = ("Before", "Steps", "Trouble", "Notes")

_ITEM = re.compile(r"^(?:-|\d+\.) +(?P<text>.*?)(?: *\{(?P<refs>[^{}]+)\})?$")
_CORRECTS = "corrects "
_LIVE = re.compile(r"^\{\{(?P<name>[a-z]+)\}\}$")
_TROUBLE = re.compile(r"^\*\*(?P<sign>.+?)\*\* *[—–-] *(?P<fix>.+)$")


class Link(Frozen):
    """An official page that a guide sends people to."""

    label: str
    url: str


class Head(Frozen):
    """The head of a guide file; `clock` opens it with how the next deadline stands right now.

    `corrects` names the old things that title and summary speak of in order to correct them.
    """

    topic: str
    title: str
    summary: str
    call: int
    as_of: date
    contact: str
    clock: bool = False
    next: tuple[str, ...] = ()
    corrects: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Item:
    """One line of a guide with its references; `live` names a block filled in when it is told.

    `corrects` names the old things it corrects.
    """

    text: str
    sources: tuple[str, ...]
    live: str | None = None
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong: how it shows, and what to do."""

    sign: str
    fix: str
    sources: tuple[str, ...]
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guide:
    """A step guide in one language."""

    head: Head
    before: tuple[Item, ...]
    steps: tuple[Item, ...]
    trouble: tuple[Trouble, ...]
    notes: tuple[Item, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Every reference of the guide once, in order of appearance."""
        items = (*self.before, *self.steps, *self.notes)
        cited = [source for item in items for source in item.sources]
        cited += [source for trouble in self.trouble for source in trouble.sources]
        return tuple(dict.fromkeys(cited))


def parse(text: str, path: Path) -> Guide:
    """Return the guide written in `text`; `DataError` names the line that is not as it must be."""
    head, body = _split(text, path)
    sections = _sections(body, path)
    items = {name: [_item(line, path) for line in sections.get(name, [])] for name in SECTIONS}
    guide = Guide(
        head=_head(head, path),
        before=tuple(items["Before"]),
        steps=tuple(items["Steps"]),
        trouble=tuple(_trouble(item, path) for item in items["Trouble"]),
        notes=tuple(items["Notes"]),
    )
    if not guide.steps:
        raise DataError(path, "Steps", "a guide needs steps")
    return guide


def _split(text: str, path: Path) -> tuple[dict[str, Any], str]:
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise DataError(path, "", "must begin with a head between two lines of +++")
    try:
        return tomllib.loads(parts[1]), parts[2]
    except tomllib.TOMLDecodeError as problem:
        raise DataError(path, "head", str(problem)) from problem


def _head(table: dict[str, Any], path: Path) -> Head:
    try:
        head = Head.model_validate(table)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise DataError(path, ".".join(map(str, first["loc"])), first["msg"]) from invalid
    if head.topic != path.stem:
        raise DataError(path, "topic", f"is {head.topic!r} in a file named {path.stem!r}")
    return head


def _sections(body: str, path: Path) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in filter(None, map(str.rstrip, body.splitlines())):
        if line.startswith("## "):
            name = line.removeprefix("## ")
            if name not in SECTIONS or name in sections:
                raise DataError(path, name, f"sections are {', '.join(SECTIONS)}, each once")
            current = sections[name] = []
        elif current is None or _ITEM.match(line) is None:
            raise DataError(path, line[:40], "is neither a section nor an item of a list")
        else:
            current.append(line)
    return sections


def _item(line: str, path: Path) -> Item:
    live = _LIVE.match(re.sub(r"^(?:-|\d+\.) +", "", line))
    if live is not None:
        return Item("", (), live["name"])
    match = _ITEM.match(line)
    parts = [part.strip() for part in match["refs"].split(";")] if match and match["refs"] else []
    sources = tuple(part for part in parts if not part.startswith(_CORRECTS))
    if match is None or not sources:
        raise DataError(path, line[:40], "an item must end with its references in braces")
    corrects = (part.removeprefix(_CORRECTS) for part in parts if part not in sources)
    return Item(match["text"], sources, corrects=tuple(part.strip() for part in corrects))


def _trouble(item: Item, path: Path) -> Trouble:
    match = _TROUBLE.match(item.text)
    if match is None:
        raise DataError(path, item.text[:40], "must read **what one sees** — what to do")
    return Trouble(match["sign"], match["fix"], item.sources, item.corrects)
