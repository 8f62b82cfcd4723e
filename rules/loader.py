"""Reads the data files into typed facts, once, when asked.

The folder `calendar/` stands beside `rules/`, in the checkout and in an installed copy alike. An
operator's own dates lie over it: same form, in a folder of their own.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from rules import guides
from rules.agencies import Agencies
from rules.calls import ActionFacts, ActionName, Call, Countries, CountryGroup, Overseas, SectorName
from rules.deadlines import BadDeadline, ChangeLine, Deadline, DeadlineLine, assemble
from rules.errors import DataError
from rules.facts import with_defaults
from rules.general import GeneralFacts
from rules.guides import Guide
from rules.sources import Citation, Document, Library
from rules.topics import Several, Topic

RULES = Path(__file__).parent
CALENDAR = RULES.parent / "calendar"
LANGUAGES = ("lv", "en")
KINDS = ("deadline", "change")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Facts:
    """All that the data files say."""

    library: Library
    calls: dict[int, Call]
    actions: dict[str, ActionName]
    sectors: dict[str, SectorName]
    agencies: Agencies
    general: GeneralFacts
    topics: dict[str, Topic]
    guides: dict[tuple[str, str], Guide]
    several: tuple[Several, ...] = ()

    @property
    def newest(self) -> Call:
        """The newest call year that the data know."""
        return self.calls[max(self.calls)]

    def call(self, year: int) -> Call:
        """Return the facts of call `year`; KeyError when the data do not have it."""
        return self.calls[year]

    @property
    def deadlines(self) -> list[Deadline]:
        """Every deadline of every call year."""
        return [deadline for call in self.calls.values() for deadline in call.deadlines.values()]

    def announced(self, deadline: Deadline) -> Citation:
        """Return where `deadline` stands; of a changed one the announcement, and when it was known.

        The day is that where the deadline is.
        """
        cited = self.library.cite(deadline.source)
        if not deadline.sequence:
            return cited
        known = deadline.recorded.astimezone(ZoneInfo(deadline.zone)).date()
        return replace(cited, url=deadline.url or cited.url, as_of=known, announced=True)

    def guide(self, topic: str, language: str) -> Guide | None:
        """Return the guide on `topic` in `language`, or None where it is not written yet."""
        return self.guides.get((topic, language))


def load(overlay: Path | None = None, rules: Path = RULES, calendar: Path = CALENDAR) -> Facts:
    """Return the facts of all data files, with the operator's `overlay` over the calendar.

    Raises `DataError` naming file and key at the first thing that is not as it must be.
    """
    newest = rules / str(max(int(path.name) for path in rules.iterdir() if path.name.isdigit()))
    return Facts(
        library=Library(_sources(rules / "sources")),
        calls=_calls(rules, calendar, overlay),
        actions=_named(newest / "actions.toml", ActionName),
        sectors=_named(newest / "sectors.toml", SectorName),
        agencies=_model(newest / "agencies.toml", Agencies, read(newest / "agencies.toml")),
        general=_dated(newest / "general.toml", GeneralFacts),
        topics=_named(rules / "topics.toml", Topic),
        guides=_guides(rules / "guides"),
        several=_several(rules / "phrases" / "several.toml"),
    )


def read(path: Path) -> dict[str, Any]:
    """Return the TOML table in `path`; `DataError` when it cannot be read or is not TOML."""
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as problem:
        raise DataError(path, "", str(problem)) from problem


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(path, "", str(problem)) from problem


def _model(path: Path, model: type[M], table: object, key: str = "") -> M:
    try:
        return model.model_validate(table)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = ".".join(str(part) for part in (key, *first["loc"]) if part != "")
        raise DataError(path, where, first["msg"]) from invalid


def _dated(path: Path, model: type[M]) -> M:
    return _model(path, model, with_defaults(read(path)))


def _named(path: Path, model: type[M]) -> dict[str, M]:
    return {key: _model(path, model, table, key) for key, table in read(path).items()}


def _sources(folder: Path) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for path in sorted(folder.glob("*.toml")):
        for key, document in _named(path, Document).items():
            if key in documents:
                raise DataError(path, key, "is defined in another file too")
            documents[key] = document
    return documents


def _calls(rules: Path, calendar: Path, overlay: Path | None) -> dict[int, Call]:
    dates = {_year(path): [path] for path in sorted(calendar.glob("*.toml"))}
    for path in _overlaid(overlay):
        if _year(path) not in dates:
            raise DataError(path, "call", f"there are no dates of call {_year(path)} to lie over")
        dates[_year(path)].append(path)
    calls = {}
    for year, paths in dates.items():
        countries, actions = _rules_of(rules / str(year))
        calls[year] = Call(year, actions, countries, _deadlines(year, paths))
    return calls


def _year(path: Path) -> int:
    year = read(path).get("call")
    if not isinstance(year, int):
        raise DataError(path, "call", "must say the call year")
    return year


def _overlaid(overlay: Path | None) -> list[Path]:
    if overlay is not None and not overlay.is_dir():
        raise DataError(str(overlay), "", "is not a folder with dates")
    return sorted(overlay.glob("*.toml")) if overlay is not None else []


def _deadlines(year: int, paths: list[Path]) -> dict[str, Deadline]:
    lines, changes = [], []
    said_in: dict[str, Path] = {}
    for path in paths:
        lines += [_model(path, DeadlineLine, line, key) for key, line in _tables(path, "deadline")]
        changes += [_model(path, ChangeLine, line, key) for key, line in _tables(path, "change")]
        said_in |= {line["id"]: path for kind in KINDS for _, line in _tables(path, kind)}
    try:
        return assemble(year, lines, changes)
    except BadDeadline as bad:
        raise DataError(said_in[bad.id], bad.id, bad.problem) from bad


def _tables(path: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    table = read(path)
    unknown = set(table) - {"call", "checked_on", *KINDS}
    if unknown:
        raise DataError(path, min(unknown), "unknown key")
    lines = table.get(kind, [])
    if not isinstance(lines, list):
        raise DataError(path, kind, f"each is written under [[{kind}]], with two brackets")
    for number, line in enumerate(lines, start=1):
        yield str(line.get("id", f"{kind} {number}")), line


def _rules_of(folder: Path) -> tuple[Countries, dict[str, ActionFacts]]:
    """Return countries and actions of a call year; none where only its dates are kept."""
    if not folder.is_dir():
        return Countries.model_construct(groups=()), {}
    actions = [_dated(path, ActionFacts) for path in folder.glob("ka*.toml")]
    return _countries(folder / "countries.toml"), {facts.action: facts for facts in actions}


def _countries(path: Path) -> Countries:
    table = read(path)
    groups = [_model(path, CountryGroup, group, "group") for group in table.get("group", [])]
    overseas = [_model(path, Overseas, entry, "overseas") for entry in table.get("overseas", [])]
    return Countries(groups=tuple(groups), overseas=tuple(overseas))


def _several(path: Path) -> tuple[Several, ...]:
    listed = read(path).get("several", [])
    return tuple(_model(path, Several, one, f"several {n}") for n, one in enumerate(listed, 1))


def _guides(folder: Path) -> dict[tuple[str, str], Guide]:
    found = {}
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*.md")):
            found[path.stem, language] = guides.parse(_text(path), path)
    return found


def said(rules: Path = RULES) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return how people ask, by language and topic: a line each, comments and empty lines aside.

    Only learning and checking need them: they are not kept with the facts. `DataError` where a file
    cannot be read.
    """
    folders = {language: rules / "phrases" / language for language in LANGUAGES}
    return {
        language: {path.stem: _lines(path) for path in sorted(folder.glob("*.txt"))}
        for language, folder in folders.items()
    }


def _lines(path: Path) -> tuple[str, ...]:
    lines = map(str.strip, _text(path).splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
