"""Taking over people who gave their consent elsewhere, from a table of one row a subscription."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.visit import Desk
from handlers.words import LANGUAGES, words
from rules import addresses, leads
from rules.addresses import BadAddress
from rules.leads import BadLeads
from rules.selection import UnknownSelection, parse

COLUMNS = ("email", "language", "selection", "leads", "consent")
LONGEST_CONSENT = 500


class BadTable(ValueError):
    """The file is no table that can be taken over; the text says why."""


class _Refused(ValueError):
    """A row that is not taken over; the text says why, and repeats no address."""


@dataclass(frozen=True)
class Entry:
    """A row that can be taken over, in its normal form."""

    line: int
    address: str = field(repr=False)
    language: str
    zone: str
    selection: str
    leads: str
    consent: str


@dataclass(frozen=True)
class Refused:
    """A row that was not taken over: its line in the file and why."""

    line: int
    reason: str


def read(path: Path, desk: Desk) -> Iterator[Entry | Refused]:
    """Yield what each row of the file comes to; raises `BadTable` for what is no such table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from _rows(csv.DictReader(file, strict=True, delimiter=_delimiter(file)), desk)
        except UnicodeDecodeError:
            raise BadTable(
                f"{path.name}: is not UTF-8; save it again, in Excel as “CSV UTF-8”"
            ) from None
        except csv.Error as error:
            raise BadTable(f"{path.name}: is not CSV ({error})") from None


def _delimiter(file: TextIO) -> str:
    """Return what stands between the columns: spreadsheets put semicolons where 0,5 has a comma."""
    head = file.readline()
    file.seek(0)
    return ";" if head.count(";") > head.count(",") else ","


def _rows(table: "csv.DictReader[str]", desk: Desk) -> Iterator[Entry | Refused]:
    names = [name.strip().casefold() for name in table.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadTable(f"the first line must name the columns {','.join(COLUMNS)} (and zone)")
    table.fieldnames = names
    for row in table:
        try:
            yield _entry(table.line_num, row, desk)
        except _Refused as refused:
            yield Refused(table.line_num, str(refused))


def _entry(line: int, row: Mapping[str | None, object], desk: Desk) -> Entry:
    if None in row or None in row.values():
        raise _Refused("has more or fewer columns than the first line")
    given = {name: str(value).strip() for name, value in row.items()}
    return Entry(
        line,
        _address(given["email"]),
        _language(given["language"]),
        _zone(given.get("zone") or desk.zone.key),
        _selection(given["selection"], desk),
        _leads(given["leads"]),
        _consent(given["consent"]),
    )


def _address(written: str) -> str:
    try:
        return str(addresses.parse(written))
    except BadAddress as bad:
        raise _Refused(f"email: {words('en').say(bad.problem)}") from None


def _language(written: str) -> str:
    language = written.casefold()
    if language not in LANGUAGES:
        raise _Refused(f"language: must be {' or '.join(LANGUAGES)}")
    return language


def _zone(written: str) -> str:
    try:
        return ZoneInfo(written).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Refused("zone: must be a time zone such as Europe/Riga") from None


def _selection(written: str, desk: Desk) -> str:
    if not written:
        raise _Refused("selection: is empty")
    try:
        return str(parse([written], list(desk.facts.newest.deadlines.values())))
    except UnknownSelection as unknown:
        raise _Refused(f"selection: must be among {', '.join(unknown.known)}") from None


def _leads(written: str) -> str:
    try:
        return leads.written(leads.parse(written or leads.DEFAULT))
    except BadLeads as bad:
        raise _Refused(f"leads: {bad}") from None


def _consent(written: str) -> str:
    if not written:
        raise _Refused("consent: must say when and how it was given")
    return written[:LONGEST_CONSENT]
