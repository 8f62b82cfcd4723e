"""Documents that facts rest on, and references into them.

A reference is written ``id`` or ``id:locator``. For a document with page numbers the locator
names pages (``237``, ``242-243``, ``92, 113``); elsewhere it is the title of a section or
slide.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

_REFERENCE = re.compile(r"^(?P<document>[a-z0-9][a-z0-9-]*)(?::(?P<locator>.+))?$")
_PAGES = re.compile(r"^\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*$")

Kind = Literal["programme-guide", "agency", "commission", "other-agency", "other"]


class Document(BaseModel):
    """One document of `rules/sources/*.toml`.

    `pages` is set where it has printed page numbers, `short` where it is often named, `title_lv`
    where it is no title of its own and so is told in the reader's language; `placed` is false where
    references name no place to read, and so none is told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    title_lv: str | None = None
    short: str | None = None
    url: str | None = None
    kind: Kind
    language: str
    dated: date | None = None
    pages: int | None = None
    checked_on: date
    superseded: bool = False
    placed: bool = True


@dataclass(frozen=True)
class Citation:
    """A reference made readable: where a fact stands, and as of which day it was checked.

    `pages` is the locator where the document has page numbers, `announced` says that `as_of` is the
    day a change became known and not that of a check.
    """

    document: str
    section: str | None
    url: str | None
    as_of: date
    short: str
    pages: str | None = None
    latvian: str | None = None
    announced: bool = False

    def named(self, language: str, *, short: bool = False) -> str:
        """Return the document's name for a reader of `language`; documents keep their titles."""
        if language == "lv" and self.latvian is not None:
            return self.latvian
        return self.short if short else self.document

    def __str__(self) -> str:
        return f"{self.document}, {self.section}" if self.section else self.document


class BadReference(ValueError):
    """A reference points to no document, or to a page that the document does not have."""


class Library:
    """All documents by id."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = dict(documents)
        self._cited: dict[str, Citation] = {}

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._documents

    def of_kind(self, kind: Kind) -> list[Document]:
        """Return all documents of a kind."""
        return [document for document in self._documents.values() if document.kind == kind]

    def document(self, reference: str) -> Document:
        """Return the document that `reference` points into, or raise `BadReference`."""
        found = self._documents.get(_parts(reference)[0])
        if found is None:
            raise BadReference(f"no document named {_parts(reference)[0]!r} in rules/sources")
        return found

    def cite(self, reference: str) -> Citation:
        """Return the citation of `reference`; raise `BadReference` when it points nowhere."""
        if reference not in self._cited:
            self._cited[reference] = self._citation(reference)
        return self._cited[reference]

    def _citation(self, reference: str) -> Citation:
        document = self.document(reference)
        locator = _parts(reference)[1]
        name = document.short or document.title
        if document.pages is None:
            return Citation(
                document.title,
                locator if document.placed else None,
                document.url,
                document.checked_on,
                name,
                latvian=document.title_lv,
            )
        page = _first_page(reference, locator, document.pages)
        url = f"{document.url}#page={page}" if document.url else None
        section = f"p. {locator}"
        return Citation(document.title, section, url, document.checked_on, name, locator)


def _parts(reference: str) -> tuple[str, str | None]:
    match = _REFERENCE.match(reference.strip())
    if match is None:
        raise BadReference(f"{reference!r} is not of the form document or document:section")
    locator = match["locator"]
    return match["document"], locator.strip() if locator else None


def _first_page(reference: str, locator: str | None, last: int) -> int:
    if locator is None or _PAGES.match(locator) is None:
        raise BadReference(f"{reference!r} names no page, and its document has pages 1 to {last}")
    pages = [int(page) for page in re.findall(r"\d+", locator)]
    if pages != sorted(pages) or not 1 <= pages[0] <= pages[-1] <= last:
        raise BadReference(f"{reference!r} is outside the document, which has pages 1 to {last}")
    return pages[0]
