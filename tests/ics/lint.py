"""A linter of calendar files that looks at the bytes, so it owes nothing to any parser.

The form is RFC 5545 (3.1 lines and folding, 3.6 required properties); the rules on time zones are
the product's own: every time is UTC, because readers disagree about VTIMEZONE and RDATE.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

MAX_OCTETS = 75
REQUIRED = {"VCALENDAR": ("PRODID", "VERSION"), "VEVENT": ("UID", "DTSTAMP", "DTSTART")}
STATUSES = {"TENTATIVE", "CONFIRMED", "CANCELLED"}
TIMES = {"DTSTART", "DTEND", "DTSTAMP", "CREATED", "LAST-MODIFIED"}
CONTENT = re.compile(
    r"""(?P<name>[A-Za-z0-9-]+)
        (?P<parameters>(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:])*)*)
        :(?P<value>.*)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Fault:
    """One broken rule: its name, the line it shows in (from 1), what was found."""

    rule: str
    line: int
    found: str


@dataclass(frozen=True)
class Property:
    """An unfolded line of the form NAME;PARAMETERS:VALUE."""

    line: int
    name: str
    parameters: str
    value: str


@dataclass
class Component:
    """A BEGIN…END block with the properties directly in it."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)


def lint(ics: bytes, *, feed: bool) -> list[Fault]:
    """Every fault of a calendar file, in order of lines; a `feed` may not carry a METHOD."""
    properties, faults = _properties(ics)
    components, nesting = _components(properties)
    faults += [*_line_faults(ics), *nesting, *_required(components), *_unique(components)]
    faults += [fault for each in properties for fault in _value_faults(each)]
    if feed:
        faults += [Fault("method", p.line, p.value) for p in properties if p.name == "METHOD"]
    return sorted(faults, key=lambda fault: fault.line)


def _line_faults(ics: bytes) -> Iterator[Fault]:
    *pieces, last = re.split(rb"(\r\n|\r|\n)", ics)
    for number, (line, end) in enumerate(zip(pieces[::2], pieces[1::2], strict=True), 1):
        yield from _octet_faults(number, line)
        if end != b"\r\n":
            yield Fault("line end", number, repr(end))
    if last:
        yield Fault("line end", len(pieces) // 2 + 1, "no CRLF after the last line")


def _octet_faults(number: int, line: bytes) -> Iterator[Fault]:
    if len(line) > MAX_OCTETS:
        yield Fault("length", number, f"{len(line)} octets")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        # Also a letter cut in two by folding: each half is invalid on its own line.
        yield Fault("utf-8", number, str(error))
        return
    for letter in text:
        if unicodedata.category(letter) == "Cc" and letter != "\t":
            yield Fault("control character", number, repr(letter))


def _properties(ics: bytes) -> tuple[list[Property], list[Fault]]:
    properties, faults = [], []
    for number, text in _unfolded(ics):
        if match := CONTENT.fullmatch(text):
            name, parameters, value = match.group("name", "parameters", "value")
            properties.append(Property(number, name.upper(), parameters.upper(), value))
        else:
            faults.append(Fault("content line", number, text))
    return properties, faults


def _unfolded(ics: bytes) -> Iterator[tuple[int, str]]:
    lines = re.split(r"\r\n|\r|\n", ics.decode(errors="replace"))
    lines = lines if lines[-1] else lines[:-1]
    starts = [i for i, line in enumerate(lines) if i == 0 or not line.startswith((" ", "\t"))]
    for start, stop in pairwise([*starts, len(lines)]):
        yield start + 1, lines[start] + "".join(line[1:] for line in lines[start + 1 : stop])


def _components(properties: list[Property]) -> tuple[list[Component], list[Fault]]:
    closed: list[Component] = []
    open_: list[Component] = []
    faults = []
    for each in properties:
        if each.name == "BEGIN":
            open_.append(Component(each.value, each.line))
        elif not open_ or (each.name == "END" and open_[-1].name != each.value):
            faults.append(Fault("nesting", each.line, f"{each.name}:{each.value}"))
        elif each.name == "END":
            closed.append(open_.pop())
        else:
            open_[-1].properties.append(each)
    faults += [Fault("nesting", each.line, f"{each.name} has no end") for each in open_]
    return closed, faults


def _required(components: list[Component]) -> Iterator[Fault]:
    if [each.name for each in components].count("VCALENDAR") != 1:
        yield Fault("nesting", 1, "not exactly one VCALENDAR")
    for component in components:
        counts = Counter(each.name for each in component.properties if each.value)
        for name in REQUIRED.get(component.name, ()):
            if counts[name] != 1:
                found = f"{counts[name]} {name} in {component.name}"
                yield Fault("required", component.line, found)


def _unique(components: list[Component]) -> Iterator[Fault]:
    events = [each for each in components if each.name == "VEVENT"]
    seen: set[str] = set()
    for uid in (each for event in events for each in event.properties if each.name == "UID"):
        if uid.value in seen:
            yield Fault("unique uid", uid.line, uid.value)
        seen.add(uid.value)


def _value_faults(each: Property) -> Iterator[Fault]:
    if ";TZID=" in each.parameters or (each.name, each.value) == ("BEGIN", "VTIMEZONE"):
        yield Fault("time zone", each.line, f"{each.name}{each.parameters}:{each.value}")
    if each.name == "RDATE":
        yield Fault("rdate", each.line, each.value)
    form = r"\d{8}" if each.parameters == ";VALUE=DATE" else r"\d{8}T\d{6}Z"
    if each.name in TIMES and not re.fullmatch(form, each.value):
        yield Fault("utc", each.line, f"{each.name}:{each.value}")
    # Readers pass on any word here: a misspelt cancellation would look like a live deadline.
    if each.name == "STATUS" and each.value not in STATUSES:
        yield Fault("status", each.line, each.value)
