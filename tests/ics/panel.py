"""One calendar, four independent readers: what each saw, and whether they saw the same.

icalendar (Python), ical.js (the engine of Thunderbird and Nextcloud), node-ical (home servers) and
libical (GNOME and KDE). A calendar that one of them reads an hour off reaches somebody an hour off.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from icalendar import Calendar
from icalendar import Event as Component

from tests.system import node_packages, require

JS = Path(__file__).with_name("js")
LIBICAL = Path(__file__).with_name("libical")


@dataclass(frozen=True)
class Event:
    """One VEVENT as a reader understood it.

    `start`, `end` and `stamp` are UTC instants (`2027-03-04T11:00:00Z`); a whole day is a bare
    date, a time without a zone has no `Z`, an absent one is empty. An absent SEQUENCE is 0.
    """

    uid: str
    start: str
    end: str
    summary: str
    description: str
    status: str
    sequence: int
    stamp: str


class Unreadable(AssertionError):
    """A reader gave up on the calendar."""


def read_all(ics: bytes) -> dict[str, list[Event]]:
    """What each reader saw, by reader's name, events in order of UID.

    Raises Unreadable; skips (fails in CI) when node, npm, gcc or libical are not there.
    """
    return {
        "icalendar": _by_icalendar(ics),
        "ical.js": _by_node("ical.js", ics),
        "node-ical": _by_node("node-ical", ics),
        "libical": _events(_libical(ics)["events"]),
    }


def libical_faults(ics: bytes) -> list[str]:
    """libical's X-LIC-ERRORs and its verdict on the RFC 5545/5546 restrictions; empty if clean."""
    answer = _libical(ics)
    verdict = [] if answer["restrictions"] else ["the restriction check failed"]
    return [f"libical: {fault}" for fault in [*answer["errors"], *verdict]]


def agree(ics: bytes) -> list[Event]:
    """The events all four readers see alike.

    Raises AssertionError naming the event, the field and each reader's value when they differ,
    and when libical reports an error. Two texts never pass, as node-ical misreads them: one with a
    backslash before an `n` (taken for a line break), one all in double quotes (taken off).
    """
    seen = read_all(ics)
    problems = [*_differences(seen), *libical_faults(ics)]
    assert not problems, "\n".join(["the readers do not agree:", *problems])
    return seen["icalendar"]


def prepare() -> None:
    """Install and compile the readers that need it, or skip (fail in CI) with the reason."""
    _node()
    _libical_program()


def _differences(seen: dict[str, list[Event]]) -> Iterator[str]:
    uids = {reader: [event.uid for event in events] for reader, events in seen.items()}
    if _differ(uids):
        yield _line("UIDs", uids)
        return
    for same_event in zip(*seen.values(), strict=True):
        for field in (each.name for each in fields(Event)):
            values = dict(zip(seen, (getattr(event, field) for event in same_event), strict=True))
            if _differ(values):
                yield _line(f"{same_event[0].uid}, {field}", values)


def _differ(values: dict[str, Any]) -> bool:
    first, *others = values.values()
    return any(other != first for other in others)


def _line(about: str, values: dict[str, Any]) -> str:
    return f"{about}: " + "; ".join(f"{reader} {value!r}" for reader, value in values.items())


def _by_icalendar(ics: bytes) -> list[Event]:
    try:
        return sorted(map(_event, Calendar.from_ical(ics).events), key=lambda event: event.uid)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"icalendar: {error}") from error


def _event(component: Component) -> Event:
    return Event(
        uid=str(component.get("UID", "")),
        start=_instant(component.start),
        end=_instant(component.end),
        summary=str(component.get("SUMMARY", "")),
        description=str(component.get("DESCRIPTION", "")),
        status=str(component.get("STATUS", "")),
        sequence=int(component.get("SEQUENCE", 0)),
        stamp=_instant(component.stamp),
    )


def _instant(when: date | None) -> str:
    if when is None:
        return ""
    if isinstance(when, datetime) and when.tzinfo:
        return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return when.isoformat()


def _by_node(parser: str, ics: bytes) -> list[Event]:
    return _events(json.loads(_run(parser, [_node(), str(JS / "read.mjs"), parser], ics)))


def _libical(ics: bytes) -> dict[str, Any]:
    return dict(json.loads(_run("libical", [_libical_program()], ics)))


def _events(rows: list[dict[str, Any]]) -> list[Event]:
    return [Event(**row) for row in rows]


def _run(reader: str, command: list[str], ics: bytes) -> str:
    done = subprocess.run(command, input=ics, capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise Unreadable(f"{reader}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace")


def _node() -> str:
    """The node program, once the packages of `js/` are installed."""
    missing = _missing_for_node()
    require(not missing, missing)
    return "node"


@cache
def _missing_for_node() -> str:
    # node-ical is written with the "v" flag of regular expressions, new in Node 20.
    if not (shutil.which("npm") and shutil.which("node") and _succeeds("node", "-e", "/x/v")):
        return "npm and node 20 or newer"
    return "" if node_packages(JS) else "the packages of tests/ics/js (npm ci failed there)"


def _libical_program() -> str:
    """The compiled `libical/read.c`."""
    require(_has_libical(), "gcc and libical's headers (libical-dev)")
    return str(_compiled())


@cache
def _has_libical() -> bool:
    probe = ("gcc", "-E", "-include", "libical/ical.h", "-x", "c", os.devnull)
    return bool(shutil.which("gcc")) and _succeeds(*probe)


@cache
def _compiled() -> Path:
    source = LIBICAL / "read.c"
    program = LIBICAL / "build" / f"read-{sha256(source.read_bytes()).hexdigest()[:16]}"
    if not program.exists():
        program.parent.mkdir(exist_ok=True)
        # Compiled aside and moved: another test run may be at the same point.
        aside = program.with_suffix(f".{os.getpid()}")
        subprocess.run(["gcc", "-std=c11", "-O1", str(source), "-lical", "-o", aside], check=True)
        aside.replace(program)
    return program


def _succeeds(*command: str) -> bool:
    return not subprocess.run(command, cwd=JS, capture_output=True, check=False).returncode
