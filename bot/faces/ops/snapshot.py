"""What the operator sees, read from the database at one moment. Nothing in it is about a person."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import counting
from bot.incident.counting import Count
from bot.post import canary
from bot.post.canary import Canary
from bot.post.kinds import CARRIAGE, Kind
from bot.post.outbox import LIVE
from bot.post.states import State
from bot.service import Noon
from bot.store.database import database_clock
from bot.store.tables import Contact, Lease, TelegramUpdate
from bot.store.tables import OutboxMessage as Row
from bot.store.updates import UNDONE
from handlers.ledger import MAIL, TELEGRAM

Circuits = Callable[[], Iterable[tuple[str, bool]]]
"""Returns the providers of this process, and whether each one's circuit is open."""

CHANNELS = (MAIL, TELEGRAM)
PATIENCE = 8.0
"""Seconds that the database has for its answers; Prometheus waits for ten."""

COUNT_EVERY = 60.0
"""Seconds between counts of all messages, which look at every row."""

DEAD = frozenset({State.REJECTED, State.NEEDS_HUMAN, State.EXPIRED})

_LONGEST_WAIT = timedelta(minutes=75)


def no_circuits() -> Iterable[tuple[str, bool]]:
    """Return nothing: for a process that sends no mail."""
    return ()


@dataclass(frozen=True)
class Queue:
    """The messages of a kind and channel that are due and have not left; `oldest` in seconds."""

    kind: str
    channel: str
    length: int
    oldest: float


@dataclass(frozen=True)
class Snapshot:
    """All of it at the moment `at` of Noon's clock; ages in seconds."""

    at: datetime
    queues: list[Queue]
    next_due: Mapping[tuple[str, str], datetime]
    counts: Mapping[tuple[str, str, str], int]
    updates: int
    oldest_update: float
    leases: Mapping[str, int]
    contacts: Mapping[str, int]
    canary: Canary
    incidents: Count

    def total(self, *states: State) -> int:
        """Return how many messages are in one of `states`."""
        names = {state.value for state in states}
        return sum(count for (_, _, state), count in self.counts.items() if state in names)


@dataclass
class Looking:
    """Takes snapshots of a Noon, one at a time."""

    noon: Noon
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _counts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    _counted_at: float = float("-inf")

    async def look(self) -> Snapshot:
        """Return a snapshot; `TimeoutError` or a database error where there is none to be had."""
        database = self.noon.database
        async with asyncio.timeout(PATIENCE), self._turn, database.read() as connection:
            return await self._taken(connection)

    async def _taken(self, connection: AsyncConnection) -> Snapshot:
        now = self.noon.clock.now()
        updates, oldest = await _inbox(connection, now)
        return Snapshot(
            at=now,
            queues=await _queues(connection, now),
            next_due=await _next_due(connection, now),
            counts=await self._counted(connection),
            updates=updates,
            oldest_update=oldest,
            leases=await _leases(connection),
            contacts=await _contacts(connection),
            canary=await canary.look(connection, self.noon.settings, now),
            incidents=await counting.count(connection, now),
        )

    async def _counted(self, connection: AsyncConnection) -> Mapping[tuple[str, str, str], int]:
        if monotonic() - self._counted_at >= COUNT_EVERY:
            group = (col(Row.kind), col(Row.channel), col(Row.state))
            found = await connection.execute(select(*group, func.count()).group_by(*group))
            self._counts = {(kind, way, state): number for kind, way, state, number in found}
            self._counted_at = monotonic()
        return self._counts


async def _queues(connection: AsyncConnection, now: datetime) -> list[Queue]:
    moment = now.timestamp()
    group = (col(Row.kind), col(Row.channel))
    query = (
        select(*group, func.count(), func.min(col(Row.due_at)))
        .where(
            LIVE,
            col(Row.lane).in_({carriage.lane.value for carriage in CARRIAGE.values()}),
            col(Row.channel).in_(CHANNELS),
            col(Row.priority).in_({carriage.priority for carriage in CARRIAGE.values()}),
            col(Row.next_at) <= moment + _LONGEST_WAIT.total_seconds(),
            col(Row.due_at) <= moment,
        )
        .group_by(*group)
    )
    found = {
        (kind, way): (number, due) for kind, way, number, due in await connection.execute(query)
    }
    every = ((kind.value, channel) for kind in Kind for channel in CHANNELS)
    return [
        Queue(
            *place, *((found[place][0], moment - found[place][1]) if place in found else (0, 0.0))
        )
        for place in every
    ]


async def _next_due(connection: AsyncConnection, now: datetime) -> dict[tuple[str, str], datetime]:
    """Return when the next message of each kind and channel is due that is not yet."""
    places = [(kind, channel) for kind in Kind for channel in CHANNELS]
    firsts = [
        _first(kind, channel, now).label(f"n{at}") for at, (kind, channel) in enumerate(places)
    ]
    row = (await connection.execute(select(*firsts))).one()
    return {
        (kind.value, channel): datetime.fromtimestamp(moment, UTC)
        for (kind, channel), moment in zip(places, row, strict=True)
        if moment is not None
    }


def _first(kind: Kind, channel: str, now: datetime) -> ColumnElement[float]:
    carriage = CARRIAGE[kind]
    later = (
        select(col(Row.next_at))
        .where(
            LIVE,
            col(Row.lane) == carriage.lane.value,
            col(Row.channel) == channel,
            col(Row.priority) == carriage.priority,
            col(Row.next_at) > now.timestamp(),
        )
        .order_by(col(Row.next_at))
    )
    return later.limit(1).scalar_subquery()


async def _inbox(connection: AsyncConnection, now: datetime) -> tuple[int, float]:
    query = select(func.count(), func.min(col(TelegramUpdate.received_at))).where(UNDONE)
    number, oldest = (await connection.execute(query)).one()
    return number, 0.0 if oldest is None else now.timestamp() - oldest


async def _leases(connection: AsyncConnection) -> dict[str, int]:
    """Return how many leases are held, by what they are for; whom they are for is left out."""
    query = select(col(Lease.name)).where(col(Lease.until) > database_clock())
    held: dict[str, int] = {}
    for name in (await connection.execute(query)).scalars():
        purpose = name.partition(":")[0]
        held[purpose] = held.get(purpose, 0) + 1
    return held


async def _contacts(connection: AsyncConnection) -> dict[str, int]:
    channel = col(Contact.channel)
    confirmed = col(Contact.confirmed_at).is_not(None)
    query = select(channel, func.count()).where(confirmed).group_by(channel)
    return {name: int(number) for name, number in await connection.execute(query)}
