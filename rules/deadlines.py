"""Deadlines: wall time in a zone, told from `now`, with the history of their changes.

The rule for the hour: National Agencies close at 12:00:00 Brussels time, the executive agency
at 17:00:00 Brussels time (Programme Guide 2026, p. 434).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, Field, NaiveDatetime

from rules.facts import Confidence, Frozen

KA2 = ("KA210", "KA220", "KA240")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(f"unknown time zone {name!r}") from unknown
    return name


def _https(address: str) -> str:
    parts = urlsplit(address)
    plain = address.isascii() and address.isprintable() and not set(address) & set(' <>"')
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not plain:
        raise ValueError("must be an address that begins with https://")
    return address


Zone = Annotated[str, AfterValidator(_known_zone)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
Status = Literal["confirmed", "conditional", "cancelled"]
Window = Annotated[tuple[date, ...], Field(min_length=2, max_length=2)]


class DeadlineLine(Frozen):
    """One `[[deadline]]` of `calendar/*.toml`: how a deadline was first known."""

    id: Annotated[str, Field(pattern=r"^\d{4}-[a-z0-9-]+-r\d$")]
    action: str
    sectors: tuple[str, ...] = ()
    round: int
    managed_by: Literal["agency", "executive-agency"]
    wall: NaiveDatetime
    zone: Zone
    state: Status
    starts: Window | None = None
    source: str
    confidence: Confidence = "programme-guide"
    recorded: AwareDatetime


class ChangeLine(Frozen):
    """One `[[change]]`: a deadline moved, confirmed or cancelled; only what changed is said.

    `url` is the page of the announcement, where it has one of its own.
    """

    id: str
    recorded: AwareDatetime
    wall: NaiveDatetime | None = None
    zone: Zone | None = None
    state: Status | None = None
    starts: Window | None = None
    source: str
    url: HttpsAddress | None = None
    confidence: Confidence = "agency"


class State(StrEnum):
    """How a deadline stands at some moment."""

    OPEN = "open"
    CLOSED = "closed"
    CONDITIONAL = "conditional"
    HISTORICAL = "historical"


@dataclass(frozen=True)
class Deadline:
    """A deadline as it stands after all its changes.

    `sequence` counts the changes, `recorded` is when the last one became known (UTC), `url` the
    page that announced it; `previous` is the same deadline before its last change.
    """

    id: str
    call: int
    action: str
    sectors: tuple[str, ...]
    round: int
    managed_by: str
    wall: datetime
    zone: str
    status: Status
    starts: tuple[date, ...] | None
    source: str
    confidence: str
    recorded: datetime
    url: str | None = None
    sequence: int = 0
    previous: "Deadline | None" = None

    @property
    def instant(self) -> datetime:
        """The moment of closing, in UTC."""
        return self.wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def moved_from(self) -> "Deadline | None":
        """The deadline as it last stood at another moment of closing, or None: it never moved."""
        before = self.previous
        while before is not None and before.instant == self.instant:
            before = before.previous
        return before

    @property
    def moved(self) -> bool:
        """Whether the moment of closing was another one before."""
        return self.moved_from is not None

    def state(self, now: datetime, newest_call: int) -> State:
        """Return how the deadline stands at `now`.

        Open means no later than the moment of closing (Programme Guide 2026, p. 415). An
        unconfirmed round stays conditional for good: that its day passes does not make it known.
        """
        if self.call < newest_call:
            return State.HISTORICAL
        if self.status == "conditional":
            return State.CONDITIONAL
        is_open = self.status == "confirmed" and now <= self.instant
        return State.OPEN if is_open else State.CLOSED

    def takes(self, start: date) -> bool:
        """Whether a project starting on `start` belongs to this round."""
        return self.starts is not None and self.starts[0] <= start <= self.starts[1]


class BadDeadline(ValueError):
    """A line or a change that cannot stand; `id` is the deadline's, `problem` what is wrong."""

    def __init__(self, identifier: str, problem: str) -> None:
        self.id = identifier
        self.problem = problem
        super().__init__(f"{identifier}: {problem}")


class UnknownDeadline(BadDeadline):
    """A change names a deadline that no line defines, or two lines define the same one."""


class OutOfOrder(BadDeadline):
    """Changes whose order cannot be told from when they became known."""


class ImpossibleWall(BadDeadline):
    """A wall time that does not occur, or occurs twice, on that day in that zone."""


def assemble(
    call: int, lines: Iterable[DeadlineLine], changes: Iterable[ChangeLine]
) -> dict[str, Deadline]:
    """Return the deadlines of one call year by id, each with its changes applied in order.

    Raises `UnknownDeadline` for a change to a deadline that is not there, `ImpossibleWall` for a
    wall time that a clock in that zone skips or shows twice.
    """
    deadlines: dict[str, Deadline] = {}
    for line in lines:
        if line.id in deadlines:
            raise UnknownDeadline(line.id, "is defined twice; a moved date is a [[change]]")
        deadlines[line.id] = _checked(_first(call, line))
    for change in sorted(changes, key=lambda change: change.recorded):
        if change.id not in deadlines:
            raise UnknownDeadline(change.id, f"is changed but not defined in call {call}")
        if change.recorded <= deadlines[change.id].recorded:
            raise OutOfOrder(
                change.id, "is changed at or before the moment its last line was recorded"
            )
        deadlines[change.id] = _checked(_after(deadlines[change.id], change))
    return deadlines


def _first(call: int, line: DeadlineLine) -> Deadline:
    fields = line.model_dump(exclude={"state", "recorded"})
    return Deadline(call=call, status=line.state, recorded=line.recorded.astimezone(UTC), **fields)


def _after(deadline: Deadline, change: ChangeLine) -> Deadline:
    given: Mapping[str, Any] = change.model_dump(exclude_none=True, exclude={"id", "state"})
    return replace(
        deadline,
        **{**given, "recorded": change.recorded.astimezone(UTC), "url": change.url},
        status=change.state or deadline.status,
        sequence=deadline.sequence + 1,
        previous=deadline,
    )


def _checked(deadline: Deadline) -> Deadline:
    zone = ZoneInfo(deadline.zone)
    first, second = (deadline.wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ImpossibleWall(
            deadline.id,
            f"{deadline.wall:%Y-%m-%d %H:%M} is skipped or shown twice by the clocks of"
            f" {deadline.zone}",
        )
    return deadline
