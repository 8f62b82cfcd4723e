"""Claiming: messages that may leave are taken by one worker, which alone may fix and send them.

A message is leased for a time on the database's clock. `fence` grows with every claim, and every
change names the fence it holds: a worker that lost its lease and wakes up again changes nothing.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Float,
    Integer,
    LargeBinary,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.kinds import CARRIAGE, Kind, Lane
from bot.post.outbox import LAPSED, LIVE, SENDING, WAITING, Claimed, Frozen
from bot.post.states import State
from bot.store.database import database_clock
from bot.store.tables import FrozenMessage
from bot.store.tables import OutboxMessage as Row

PRIORITIES = {
    lane: sorted(carriage.priority for carriage in CARRIAGE.values() if carriage.lane is lane)
    for lane in Lane
}

_COLUMNS = (
    "id", "fence", "kind", "channel", "address", "content", "contact", "deadline", "due_at",
    "not_after", "attempts", "repeats", "silences", "last_verdict", "provider", "first_at",
    "message_id",
)  # fmt: skip


async def due(connection: AsyncConnection, now: datetime, lane: Lane, channel: str) -> list[int]:
    """Return the priorities of `lane` at which something may be claimed, most urgent first.

    Asked of each priority apart, because then the index leads straight to what is due; all that is
    planned for later lies behind it and is never looked at.
    """
    given = {"in_lane": lane.value, "by_channel": channel, "moment": now.timestamp()}
    found = await connection.execute(_due(lane), given)
    return sorted(row[0] for row in found.all())


async def next_due(connection: AsyncConnection, lane: Lane, channel: str) -> float | None:
    """Return when the next message of `lane` and `channel` may leave, in seconds since 1970."""
    given = {"in_lane": lane.value, "by_channel": channel}
    row = (await connection.execute(_next(lane), given)).one()
    return min((moment for moment in row if moment is not None), default=None)


async def claim(
    connection: AsyncConnection,
    *,
    now: datetime,
    owner: str,
    seconds: float,
    limit: int,
    lane: Lane,
    channel: str,
) -> list[Claimed]:
    """Take up to `limit` messages of `lane` and `channel` that may leave now, most urgent first.

    Each is leased to `owner` for `seconds` of the database's time. A message whose holder died is
    taken again once its lease has lapsed.
    """
    given = {"in_lane": lane.value, "by_channel": channel, "moment": now.timestamp()}
    holder = {"holder": owner, "seconds": seconds}
    claimed: list[Claimed] = []
    for priority in await due(connection, now, lane, channel):
        if len(claimed) < limit:
            most = {"at_priority": priority, "most": limit - len(claimed)}
            rows = await connection.execute(_TAKE, given | holder | most)
            found = [row._mapping for row in rows]
            frozen = await _frozen(connection, found)
            taken = [_claimed(row, frozen.get(row["id"])) for row in found]
            claimed += sorted(taken, key=lambda one: (one.due_at, one.id))
    return claimed


async def _frozen(
    connection: AsyncConnection, rows: Iterable[Mapping[Any, Any]]
) -> dict[str, bytes]:
    """Return the bytes of those that have a Message-ID: they were fixed before."""
    again = [row["id"] for row in rows if row["message_id"]]
    if not again:
        return {}
    found = await connection.execute(_BYTES, {"these": again})
    return {row.message: row.content for row in found}


_BYTES = select(col(FrozenMessage.message), col(FrozenMessage.content)).where(
    col(FrozenMessage.message).in_(bindparam("these", expanding=True))
)


_FREE = and_(
    LIVE,
    col(Row.lane) == bindparam("in_lane"),
    col(Row.channel) == bindparam("by_channel"),
    col(Row.next_at) <= bindparam("moment", type_=Float),
    col(Row.not_after) > bindparam("moment", type_=Float),
    or_(WAITING, LAPSED),
    # A newer release may have planned what this one knows nothing about.
    col(Row.kind).in_([literal_column(f"'{kind.value}'") for kind in Kind]),
)
_FIXED = and_(col(Row.message_id) != "", col(Row.first_at).is_(None))
_CHOSEN = (
    select(col(Row.id))
    .where(_FREE, col(Row.priority) == bindparam("at_priority"))
    .order_by(col(Row.next_at))
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(Row)
    .where(col(Row.id).in_(_CHOSEN))
    .values(
        state=State.SENDING.value,
        owner=bindparam("holder"),
        fence=col(Row.fence) + 1,
        # A holder that died may have sent it: that is a silence like any other.
        silences=col(Row.silences) + case((SENDING, 1), else_=0),
        # What was planned with its bytes begins here; all else when its bytes are fixed.
        first_at=case((_FIXED, bindparam("moment", type_=Float)), else_=col(Row.first_at)),
        leased_until=database_clock() + bindparam("seconds", type_=Float),
    )
    .returning(*(col(getattr(Row, name)) for name in _COLUMNS))
)


@cache
def _due(lane: Lane) -> CompoundSelect[int]:
    return union_all(
        *(
            select(literal(priority).label("priority")).where(
                select(col(Row.id)).where(_FREE, col(Row.priority) == literal(priority)).exists()
            )
            for priority in PRIORITIES[lane]
        )
    )


@cache
def _next(lane: Lane) -> Select[Any]:
    """Return the query for the first moment at each priority: there the index answers at once."""
    way = and_(
        LIVE,
        WAITING,
        col(Row.lane) == bindparam("in_lane"),
        col(Row.channel) == bindparam("by_channel"),
    )
    first = select(func.min(col(Row.next_at)))
    return select(
        *(
            first.where(way, col(Row.priority) == literal(priority)).scalar_subquery()
            for priority in PRIORITIES[lane]
        )
    )


def _claimed(row: Mapping[Any, Any], frozen: bytes | None) -> Claimed:
    first = row["first_at"]
    return Claimed(
        **{
            **{name: row[name] for name in _COLUMNS},
            "kind": Kind(row["kind"]),
            "content": json.loads(row["content"]),
            "due_at": _moment(row["due_at"]),
            "not_after": _moment(row["not_after"]),
            "first_at": None if first is None else _moment(first),
            "frozen": frozen,
        }
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


async def freeze(connection: AsyncConnection, made: Mapping[Claimed, Frozen], at: datetime) -> None:
    """Fix bytes and Message-ID of messages at their first claim; they never change again."""
    rows = [
        {
            "this": one.id,
            "held": one.fence,
            "bytes_": frozen.content,
            "name": frozen.message_id,
            "first": at.timestamp(),
        }
        for one, frozen in made.items()
    ]
    if rows:
        await connection.execute(_KEEP, rows)
        await connection.execute(_FREEZE, rows)


async def renew(
    connection: AsyncConnection, claimed: Iterable[Claimed], seconds: float
) -> set[str]:
    """Hold messages for `seconds` more and return the ids of those; lost ones stay lost."""
    held = [(one.id, one.fence) for one in claimed]
    if not held:
        return set()
    given = {"these": held, "seconds": seconds}
    await connection.execute(_IN_ORDER, {"these": held})
    return set((await connection.execute(_RENEW, given)).scalars())


_MINE = and_(col(Row.id) == bindparam("this"), col(Row.fence) == bindparam("held"))
_FREEZE = (
    update(Row)
    .where(_MINE, col(Row.first_at).is_(None))
    .values(message_id=bindparam("name"), first_at=bindparam("first"))
)
_KEEP = insert(FrozenMessage).from_select(
    ["message", "content"],
    select(col(Row.id), bindparam("bytes_", type_=LargeBinary)).where(
        _MINE, col(Row.first_at).is_(None)
    ),
)
_HELD = and_(tuple_(col(Row.id), col(Row.fence)).in_(bindparam("these", expanding=True)), SENDING)
_IN_ORDER = select(col(Row.id)).where(_HELD).order_by(col(Row.id)).with_for_update()
"""Locks them in the order in which results are noted, so that neither waits for the other."""

_RENEW = (
    update(Row)
    .where(_HELD)
    .values(leased_until=database_clock() + bindparam("seconds", type_=Float))
    .returning(col(Row.id))
)


async def let_go(connection: AsyncConnection) -> None:
    """Let all leases lapse: only where a lock on the machine shows that no other worker lives."""
    await connection.execute(update(Row).where(SENDING).values(leased_until=0.0))
