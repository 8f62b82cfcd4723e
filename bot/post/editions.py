"""Editions: the sets of dates that reminders were planned from, so that a change is noticed.

The dates themselves come with the program and the operator's folder. An edition is what the newest
call says at one time; its name is a hash of it, so every process gives it the same name. Sequences
only grow: a process whose dates are older than those in force never plans back to them.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Edition as Row
from handlers.visit import Desk
from rules.deadlines import Deadline, Status

STEP = 0.001
"""Seconds by which an edition is newer at least than the one before it."""


@dataclass(frozen=True)
class Date:
    """A deadline as an edition has it."""

    sequence: int
    moment: datetime
    status: Status


@dataclass(frozen=True)
class Edition:
    """A set of dates: deadline → date. `id` is the same wherever the dates are."""

    id: str
    dates: Mapping[str, Date]

    def older_than(self, other: "Edition") -> bool:
        """Whether some date here was known before its form in `other`, or the call is older."""
        both = self.dates.keys() & other.dates.keys()
        if any(self.dates[each].sequence < other.dates[each].sequence for each in both):
            return True
        return max(self.dates, default="") < max(other.dates, default="") and not both


class OlderDates(RuntimeError):
    """A process has older dates than those that reminders are planned from."""


def present(desk: Desk) -> Edition:
    """Return the edition that the desk's newest call stands for."""
    return of(desk.facts.newest.deadlines.values())


def of(deadlines: Collection[Deadline]) -> Edition:
    """Return the edition of `deadlines`."""
    dates = {each.id: Date(each.sequence, each.instant, each.status) for each in deadlines}
    return Edition(sha256(_json(dates).encode()).hexdigest()[:32], dates)


def _json(dates: Mapping[str, Date]) -> str:
    plain = {
        name: [date.sequence, date.moment.timestamp(), date.status]
        for name, date in sorted(dates.items())
    }
    return json.dumps(plain)


def _read(identifier: str, text: str) -> Edition:
    plain = json.loads(text)
    dates = {
        name: Date(sequence, datetime.fromtimestamp(moment, UTC), status)
        for name, (sequence, moment, status) in plain.items()
    }
    return Edition(identifier, dates)


async def adopted(connection: AsyncConnection) -> Edition | None:
    """Return the edition in force, or None where nothing was planned yet."""
    query = select(col(Row.id), col(Row.dates)).order_by(col(Row.adopted_at).desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return _read(row.id, row.dates) if row else None


async def named(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Edition]:
    """Return the editions of `ids` that are kept."""
    query = select(col(Row.id), col(Row.dates)).where(col(Row.id).in_(list(ids)))
    return {row.id: _read(row.id, row.dates) for row in await connection.execute(query)}


async def adopt(
    database: Database, connection: AsyncConnection, edition: Edition, now: datetime
) -> None:
    """Put `edition` in force if it is not yet; raises `OlderDates` where newer ones are."""
    query = select(col(Row.id), col(Row.adopted_at)).order_by(col(Row.adopted_at).desc()).limit(1)
    newest = (await connection.execute(query)).one_or_none()
    if newest is not None and newest.id == edition.id:
        return
    at = now.timestamp()
    if newest is not None:
        force = (await named(connection, [newest.id]))[newest.id]
        if edition.older_than(force):
            raise OlderDates("newer dates are in force")
        # The clock may have gone back since.
        at = max(at, newest.adopted_at + STEP)
    row = {"id": edition.id, "dates": _json(edition.dates), "adopted_at": at}
    insert = database.insert(Row).on_conflict_do_nothing(index_elements=["id"])
    await connection.execute(insert, [row])
    await connection.execute(update(Row).where(col(Row.id) == edition.id).values(adopted_at=at))
