"""Runs: all reminders of one deadline, lead time and channel, spread so that the last is in time.

A run leaves within a quarter of an hour or an hour before its moment. Where the provider's rate
needs longer (a fifth of it is left for everything else), the run is widened: it begins earlier.
Where even that is not enough, the operator is warned days before.

A run may be of a hundred thousand people, and what is to leave meanwhile does not wait for it: a
few hundred are moved in a transaction. Whatever stops it in the middle, the next look goes on.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import alarms
from bot.post.outbox import WAITING
from bot.post.timetable import base_length
from bot.settings import Settings
from bot.store import contacts
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL
from rules.deadlines import Deadline
from rules.leads import HOURS_ROOM, Lead, due, parse

AHEAD = timedelta(days=8)
SHARE = 0.8
"""Of the provider's rate, what a run may count on."""

AT_ONCE = 250

Alone = Callable[[], AbstractAsyncContextManager[AsyncConnection | None]]
"""Opens a writing transaction of whoever may plan alone; None: somebody else may by now."""

_PLANNED = col(Row.state) == literal_column("'planned'")


@dataclass(frozen=True)
class Run:
    """A run that is ahead: `messages` wait; `target` is its moment in the deadline's zone."""

    name: str
    deadline: Deadline
    lead: Lead
    channel: str
    messages: int
    target: datetime


def needed(messages: int, rate: float) -> float:
    """Return the seconds that a provider of `rate` messages a second needs; 0: no limit."""
    return messages / (SHARE * rate) if rate else 0.0


async def ahead(
    connection: AsyncConnection, deadlines: Mapping[str, Deadline], now: datetime
) -> list[Run]:
    """Return the runs whose moment comes within eight days."""
    counted = select(col(Row.run), func.count()).where(_PLANNED, col(Row.run) != "")
    found = []
    for name, messages in await connection.execute(counted.group_by(col(Row.run))):
        run = _read(str(name), int(messages), deadlines)
        if run is not None and now < run.target <= now + AHEAD:
            found.append(run)
    return found


def _read(name: str, messages: int, deadlines: Mapping[str, Deadline]) -> Run | None:
    identifier, number, written, channel = name.split(":")
    deadline = deadlines.get(identifier)
    if deadline is None or deadline.sequence != int(number):
        return None
    (lead,) = parse(written)
    zone = ZoneInfo(deadline.zone)
    target = due(lead, deadline.wall, zone, zone).target
    return Run(name, deadline, lead, channel, messages, target)


async def widen(
    database: Database,
    alone: Alone,
    settings: Settings,
    deadlines: Mapping[str, Deadline],
    now: datetime,
) -> None:
    """Widen the runs of the next days as the rates need, and warn of those that do not fit."""
    async with database.read() as connection:
        runs = await ahead(connection, deadlines, now)
    together = _together(runs)
    for run in runs:
        rate = settings.mail_rate if run.channel == MAIL else settings.telegram_rate
        messages = together[run.channel, run.target]
        seconds = needed(messages, rate)
        if seconds <= base_length(run.lead):
            continue
        async with database.read() as connection:
            room = await _room(connection, run)
        await _stretch(database, alone, run, min(seconds, room))
        if seconds > room:
            async with alone() as mine:
                if mine is not None:
                    await _warn(database, mine, settings, now, run, messages, rate)


def _together(runs: Iterable[Run]) -> dict[tuple[str, datetime], int]:
    """Return how many messages share a channel and a moment: one provider carries them all."""
    found: dict[tuple[str, datetime], int] = {}
    for run in runs:
        place = run.channel, run.target
        found[place] = found.get(place, 0) + run.messages
    return found


async def _room(connection: AsyncConnection, run: Run) -> float:
    """Return by how many seconds a run may begin early, going by the one that may longest."""
    mine = select(func.max(col(Row.room))).where(_PLANNED, col(Row.run) == run.name)
    most = float((await connection.execute(mine)).scalar_one() or 0.0)
    return min(most, HOURS_ROOM) if run.lead.hours else most


async def _stretch(database: Database, alone: Alone, run: Run, length: float) -> None:
    """Let a run begin `length` seconds before its moment; one that begins earlier stays so.

    What came before it, and has not left, then ends earlier too.
    """
    async with database.read() as connection:
        later = and_(col(Row.run) == run.name, _later(length))
        query = select(col(Row.contact), col(Row.id)).where(later).order_by(col(Row.contact))
        rows = [(contact, message) for contact, message in await connection.execute(query)]
    for start in range(0, len(rows), AT_ONCE):
        async with alone() as mine:
            if mine is None:
                return
            await _move(mine, dict(rows[start : start + AT_ONCE]), length)


def _later(length: float) -> ColumnElement[bool]:
    """Return the condition for messages that are to begin earlier than they do."""
    return and_(_PLANNED, col(Row.fence) == 0, col(Row.due_at) > _leaves(length) + 1)


def _leaves(length: float) -> ColumnElement[float | None]:
    early = case((col(Row.room) < length, col(Row.room)), else_=length)
    return col(Row.target_at) - col(Row.spread) * early


async def _move(connection: AsyncConnection, some: Mapping[str, str], length: float) -> None:
    """Move some messages of a run, by contact, and end what was to come before them."""
    await contacts.lock(connection, list(some))
    leaves = _leaves(length)
    # Not by the run's name: some databases would look through all of the run for each few hundred.
    theirs = and_(col(Row.id).in_(list(some.values())), _later(length))
    change = update(Row).where(theirs).values(due_at=leaves, next_at=leaves)
    places = [col(getattr(Row, name)) for name in ("contact", "deadline", "due_at", "target_at")]
    ends = [
        {"whose": contact, "about": deadline, "end": end, "target": target}
        for contact, deadline, end, target in await connection.execute(change.returning(*places))
    ]
    if ends:
        await connection.execute(_END_BEFORE, ends)


_END_BEFORE = (
    update(Row)
    .where(
        WAITING,
        col(Row.contact) == bindparam("whose"),
        col(Row.deadline) == bindparam("about"),
        col(Row.target_at) < bindparam("target"),
        col(Row.not_after) > bindparam("end"),
    )
    .values(not_after=bindparam("end"))
)
"""Ends what waits of the lead times before a run when its reminder leaves."""


async def _warn(
    database: Database,
    connection: AsyncConnection,
    settings: Settings,
    now: datetime,
    run: Run,
    messages: int,
    rate: float,
) -> None:
    values = {
        "deadline": run.deadline.id,
        "lead": str(run.lead),
        "messages": str(messages),
        "hours": f"{needed(messages, rate) / 3600:.1f}",
        "rate": f"{rate:g}",
    }
    once = f"run-too-large:{run.name}"
    await alarms.warn(database, connection, settings, now, "run-too-large", once, values)
