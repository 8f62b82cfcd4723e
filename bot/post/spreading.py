"""Runs: all reminders of one deadline, lead time and channel, spread so that the last is in time.

A run leaves within a quarter of an hour or an hour before its moment. Where the provider's rate
needs longer (a fifth of it is left for everything else), the run is widened: it begins earlier.
Where even that is not enough, the operator is warned days before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.post import alarms
from bot.post.outbox import WAITING
from bot.post.timetable import base_length
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL
from rules.deadlines import Deadline
from rules.leads import HOURS_ROOM, Lead, due, parse

AHEAD = timedelta(days=8)
SHARE = 0.8
"""Of the provider's rate, what a run may count on."""

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
    connection: AsyncConnection,
    settings: Settings,
    deadlines: Mapping[str, Deadline],
    now: datetime,
) -> None:
    """Widen the runs of the next days as the rates need, and warn of those that do not fit."""
    runs = await ahead(connection, deadlines, now)
    together = _together(runs)
    for run in runs:
        rate = settings.mail_rate if run.channel == MAIL else settings.telegram_rate
        messages = together[run.channel, run.target]
        seconds = needed(messages, rate)
        if seconds <= base_length(run.lead):
            continue
        room = await _room(connection, run)
        await _stretch(connection, run, min(seconds, room))
        if seconds > room:
            await _warn(database, connection, settings, now, run, messages, rate)


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


async def _stretch(connection: AsyncConnection, run: Run, length: float) -> None:
    """Let a run begin `length` seconds before its moment; one that begins earlier stays so.

    What came before it, and has not left, then ends earlier too.
    """
    early = case((col(Row.room) < length, col(Row.room)), else_=length)
    leaves = col(Row.target_at) - col(Row.spread) * early
    mine = and_(_PLANNED, col(Row.run) == run.name, col(Row.fence) == 0)
    later: ColumnElement[bool] = col(Row.due_at) > leaves + 1
    change = update(Row).where(mine, later).values(due_at=leaves, next_at=leaves)
    await connection.execute(change)
    await _end_before(connection, run)


async def _end_before(connection: AsyncConnection, run: Run) -> None:
    """End what waits of the lead times before `run` when its reminder leaves."""
    following = aliased(Row)
    same = and_(
        _of(following, "run") == run.name,
        _of(following, "state") == literal_column("'planned'"),
        _of(following, "contact") == col(Row.contact),
        _of(following, "deadline") == col(Row.deadline),
        _of(following, "target_at") > col(Row.target_at),
        _of(following, "due_at") < col(Row.not_after),
    )
    change = update(Row).where(WAITING, same).values(not_after=_of(following, "due_at"))
    await connection.execute(change.execution_options(synchronize_session=False))


def _of(row: object, name: str) -> ColumnElement[object]:
    column: ColumnElement[object] = getattr(row, name)
    return column


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
