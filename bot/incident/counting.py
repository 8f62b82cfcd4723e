"""Incident notices as the operator sees them: how many, how they stand, which need a person.

Nothing here says more of people than the organisation: no Form ID, no name, no address.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import register
from bot.store.tables import Incident, IncidentStep, OutboxMessage
from handlers.cases import Standing, Step

QUARTER = timedelta(minutes=15)

PATIENCE = timedelta(minutes=2)
"""A notice that was not accepted for so long needs somebody to look."""

SEEN_FOR = timedelta(hours=48)
"""So long after its window a notice is still counted."""

ON_ITS_WAY = frozenset({Standing.WAITING, Standing.FAILING, Standing.UNHEARD})
TAKEN = frozenset({Standing.ACCEPTED, Standing.DELIVERED})
LOST = frozenset({Standing.BOUNCED, Standing.STOPPED})


class Need(StrEnum):
    """Why a notice needs a person."""

    HELD = "held"
    SLOW = "slow"
    """Not accepted by a server for longer than `PATIENCE`."""
    RETURNED = "returned"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Counted:
    """One notice. `since` is when it was made or let go; `tries` are attempts so far."""

    id: str
    deadline: str
    number: int
    late: bool
    standing: Standing
    made: datetime
    since: datetime
    closes: datetime
    tries: int = 0
    verdict: str = ""
    action: str = ""
    organisation: str = field(default="", repr=False)

    def need(self, now: datetime) -> Need | None:
        """Return why somebody has to look while something can be done; None: nobody has to."""
        if now >= self.closes:
            return None
        if self.standing is Standing.HELD:
            return Need.HELD
        if self.standing in ON_ITS_WAY:
            return Need.SLOW if now - self.since > PATIENCE else None
        lost = {Standing.BOUNCED: Need.RETURNED, Standing.STOPPED: Need.STOPPED}
        return lost.get(self.standing)

    @property
    def quarter(self) -> datetime:
        """The beginning of the quarter of an hour in which it was made, UTC."""
        seconds = QUARTER.total_seconds()
        return datetime.fromtimestamp(self.made.timestamp() // seconds * seconds, UTC)


@dataclass(frozen=True)
class Quarter:
    """The notices about one deadline that were made in the quarter of an hour from `start` on."""

    start: datetime
    deadline: str
    standings: Mapping[Standing, int]

    def number(self, *standings: Standing) -> int:
        """Return how many stand so; without any named, all."""
        return sum(self.standings.get(one, 0) for one in standings or Standing)


@dataclass(frozen=True)
class Count:
    """All notices whose window is open, or closed a short while ago, at the moment `at`."""

    at: datetime
    notices: tuple[Counted, ...] = field(repr=False)

    def number(self, *standings: Standing) -> int:
        """Return how many stand so."""
        return sum(one.standing in standings for one in self.notices)

    @property
    def standings(self) -> Mapping[Standing, int]:
        """How many stand how; those that none has are there with 0."""
        found = Counter(one.standing for one in self.notices)
        return {standing: found[standing] for standing in Standing}

    @property
    def quarters(self) -> list[Quarter]:
        """By the deadline, then the latest first."""

        def place(one: Counted) -> tuple[str, float]:
            return one.deadline, -one.quarter.timestamp()

        grouped = groupby(sorted(self.notices, key=place), key=lambda one: place(one))
        return [_quarter(list(together)) for _, together in grouped]

    @property
    def held(self) -> list[Counted]:
        """Those that wait for the operator, oldest first."""
        return [one for one in self.notices if one.standing is Standing.HELD]

    @property
    def unattended(self) -> list[tuple[Counted, Need]]:
        """Those that need a person now, and why; the one whose window closes first is first."""
        needs = ((one, one.need(self.at)) for one in self.notices)
        found = [(one, need) for one, need in needs if need is not None]
        return sorted(found, key=lambda pair: (pair[0].closes, pair[0].since))


async def count(connection: AsyncConnection, now: datetime) -> Count:
    """Return all notices that still matter at `now`, oldest first."""
    recent = col(Incident.closes_at) >= (now - SEEN_FOR).timestamp()
    rows = await register.where(connection, recent)
    records = await _records(connection, {row.id for row in rows})
    carried = await _carried(connection, {row.message for row in rows})
    counted = (_counted(row, carried.get(row.message, {}), records.get(row.id, ())) for row in rows)
    return Count(now, tuple(counted))


def _counted(row: Incident, carried: Mapping[Any, Any], record: tuple[Step, ...]) -> Counted:
    made = datetime.fromtimestamp(row.made_at, UTC)
    released = [step.at for step in record if step.what == "released"]
    case = register.told(row)
    return Counted(
        id=row.id,
        deadline=row.deadline,
        number=row.number,
        late=row.late,
        standing=register.standing(row, carried, record),
        made=made,
        since=max([made, *released]),
        closes=datetime.fromtimestamp(row.closes_at, UTC),
        tries=int(carried.get("attempts", 0)),
        verdict=str(carried.get("last_verdict", "")),
        action="-".join(filter(None, (case.action, case.sector))),
        organisation=case.organisation,
    )


def _quarter(together: list[Counted]) -> Quarter:
    first = together[0]
    return Quarter(first.quarter, first.deadline, Counter(one.standing for one in together))


async def _records(connection: AsyncConnection, ids: set[str]) -> dict[str, tuple[Step, ...]]:
    """Return the records without the servers' words, which may name people."""
    row = IncidentStep
    found: dict[str, list[Step]] = {}
    for some in _hundreds(ids):
        query = select(col(row.incident), col(row.at), col(row.what))
        mine = query.where(col(row.incident).in_(some)).order_by(col(row.number))
        for identifier, at, what in await connection.execute(mine):
            found.setdefault(identifier, []).append(Step(datetime.fromtimestamp(at, UTC), what))
    return {identifier: tuple(steps) for identifier, steps in found.items()}


async def _carried(connection: AsyncConnection, ids: set[str]) -> dict[str, Mapping[Any, Any]]:
    row = OutboxMessage
    names = ("id", "state", "attempts", "silences", "last_verdict")
    found: dict[str, Mapping[Any, Any]] = {}
    for some in _hundreds(ids - {""}):
        query = select(*(col(getattr(row, name)) for name in names)).where(col(row.id).in_(some))
        rows = (await connection.execute(query)).mappings()
        found |= {str(one["id"]): one for one in rows}
    return found


def _hundreds(ids: set[str]) -> Iterable[list[str]]:
    """Yield a few hundred at a time: a statement has room for so many values only."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), 500):
        yield ordered[start : start + 500]
