"""What was left to a person: messages that Noon tries no more by itself."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy import Row as Found
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import canary
from bot.post.alarms import keys
from bot.post.kinds import Kind
from bot.post.states import State
from bot.store.tables import OutboxMessage as Row

KEPT = timedelta(days=30)
"""So long a message is kept with what it says; then it is emptied."""

NEWS = timedelta(days=1)
"""Who was not warned within a day of it is not warned of it any more."""

STRANDED = (State.NEEDS_HUMAN.value, State.REJECTED.value)

_HIDDEN = "…"
_MAILBOX = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Stranded:
    """A message that needs a person or was rejected, and the server's words without any address."""

    id: str
    kind: str
    channel: str
    deadline: str
    state: str
    since: datetime
    answer: str = field(repr=False)


async def stranded(connection: AsyncConnection, now: datetime) -> list[Stranded]:
    """Return what is stranded and still kept, the latest first."""
    since = (now - KEPT).timestamp()
    mine = and_(col(Row.settled_at) >= since, col(Row.state).in_(STRANDED))
    query = select(*_COLUMNS).where(mine).order_by(col(Row.settled_at).desc(), col(Row.id))
    return [_told(row) for row in await connection.execute(query)]


_FACTS = ("id", "kind", "channel", "deadline", "state")
_COLUMNS = [col(getattr(Row, name)) for name in (*_FACTS, "settled_at", "answer", "address")]


def _told(row: Found[Any]) -> Stranded:
    since = datetime.fromtimestamp(row.settled_at, UTC)
    facts = {name: row._mapping[name] for name in _FACTS}
    return Stranded(**facts, since=since, answer=hidden(row.answer, row.address))


def hidden(answer: str, address: str) -> str:
    """Return a server's words without the address of whom it was, and without any other mailbox."""
    local = address.partition("@")[0]
    names = [name for name in (address, local) if len(name) >= _SHORTEST_NAME]
    for name in names:
        answer = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _HIDDEN, answer, flags=re.IGNORECASE)
    return _MAILBOX.sub(_HIDDEN, answer)


async def left_to_a_person(
    connection: AsyncConnection, kinds: Collection[Kind], now: datetime, noted: timedelta
) -> dict[Kind, int]:
    """Return how many messages of each kind were left to a person within the last day.

    A kind is left out where a warning (`warning_key`) has told of the latest of them. What was
    settled within `noted` is not looked at yet: it may be noted only after it was looked for.
    """
    until, since = (now - noted).timestamp(), (now - NEWS).timestamp()
    mine = and_(
        col(Row.settled_at) > since,
        col(Row.settled_at) <= until,
        col(Row.state) == State.NEEDS_HUMAN.value,
        col(Row.kind).in_([kind.value for kind in kinds]),
        # A lost canary has a warning of its own.
        ~col(Row.key).startswith(canary.KEYS),
    )
    query = select(col(Row.kind), func.count(), func.max(col(Row.settled_at)))
    found = (await connection.execute(query.where(mine).group_by(col(Row.kind)))).all()
    return {
        Kind(kind): number
        for kind, number, latest in found
        if (latest or 0.0) > await _told_at(connection, Kind(kind), now) - noted.total_seconds()
    }


def warning_key(kind: Kind, now: datetime) -> str:
    """Return what makes the warning of a kind the only one of its hour."""
    return f"needs-person-{kind}-{now.astimezone(UTC):%Y-%m-%dT%H}"


async def _told_at(connection: AsyncConnection, kind: Kind, now: datetime) -> float:
    """Return when the last warning of a kind was planned, in seconds since 1970; 0: not lately."""
    hours = range(int(NEWS / timedelta(hours=1)) + 1)
    last = select(func.max(col(Row.due_at))).where(_warned(kind, now, hours))
    told: float | None = (await connection.execute(last)).scalar()
    return told or 0.0


def _warned(kind: Kind, now: datetime, hours: Collection[int]) -> ColumnElement[bool]:
    names = [warning_key(kind, now - timedelta(hours=hour)) for hour in hours]
    return col(Row.key).in_([key for name in names for key in keys(name)])
