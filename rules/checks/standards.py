"""What guides are measured against: allowed hosts, sections, terms, and what is quoted exactly.

Each has a data file of its own in `rules/`; unknown keys are refused there like everywhere else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from rules.errors import DataError
from rules.facts import Frozen
from rules.loader import read

M = TypeVar("M", bound=BaseModel)


class Hosts(Frozen):
    """The hosts that addresses may lead to; guides lead to the official ones alone."""

    official: tuple[str, ...]
    other_agencies: tuple[str, ...]
    others: tuple[str, ...]


class Sections(Frozen):
    """The sections of a document without page numbers; `any` where they are told in free words."""

    sections: tuple[str, ...] = ()
    any: bool = False


class SectionsByDocument(RootModel[dict[str, Sections]]):
    """All of `rules/sections.toml`."""


class Forms(Frozen):
    """Forms of words in both languages."""

    lv: tuple[str, ...]
    en: tuple[str, ...]

    def in_language(self, language: str) -> tuple[str, ...]:
        """Return the forms in `language`."""
        return self.lv if language == "lv" else self.en


class Term(Forms):
    """A term in both languages; `avoid` is what it may not be called."""

    avoid: tuple[str, ...] = ()
    pair: bool = False


class Old(Frozen):
    """Something that was replaced: its old names, what stands there now, and when that came."""

    names: tuple[str, ...]
    now: tuple[str, ...]
    when: tuple[str, ...]
    source: str


class Glossary(Frozen):
    """The field's terms and the old world's, by id; `advice` is how our own advice is told."""

    advice: Forms
    term: dict[str, Term]
    old: dict[str, Old]


class InBoth(Frozen):
    """A text in both languages."""

    lv: str
    en: str

    def of(self, language: str) -> str:
        """Return the text in `language`."""
        return self.lv if language == "lv" else self.en


class Disclaimer(InBoth):
    """The sentence of the agreement; `{agency}` stands where the agency is named."""

    source: str
    topic: str
    agency: str
    name: InBoth
    known_by: InBoth

    def filled(self, language: str) -> str:
        """Return the exact text in `language`, with the agency's name in it."""
        return self.of(language).replace("{agency}", self.name.of(language))


class Files(Frozen):
    """What the results platform takes: formats in the agency's order, and the size of a result."""

    source: str
    topic: str
    formats: tuple[str, ...]
    megabytes: int


class Quoted(Frozen):
    """What guides quote exactly."""

    disclaimer: Disclaimer
    files: Files


@dataclass(frozen=True)
class Standards:
    """All that guides are measured against."""

    hosts: Hosts
    sections: dict[str, Sections]
    glossary: Glossary
    quoted: Quoted


def standards(rules: Path) -> Standards:
    """Return the standards in the folder `rules`; `DataError` where a file is not as it must be."""
    return Standards(
        hosts=_whole(rules / "hosts.toml", Hosts),
        sections=_whole(rules / "sections.toml", SectionsByDocument).root,
        glossary=_whole(rules / "glossary.toml", Glossary),
        quoted=_whole(rules / "quoted.toml", Quoted),
    )


def _whole(path: Path, model: type[M]) -> M:
    try:
        return model.model_validate(read(path))
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise DataError(path, ".".join(map(str, first["loc"])), first["msg"]) from invalid
