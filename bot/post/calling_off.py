"""Calling off what has not left, and emptying what is kept of what has."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.kinds import Kind
from bot.post.outbox import LIVE, WAITING, end_in_hand
from bot.post.states import State
from bot.store import outdated
from bot.store.tables import OutboxMessage as Row

SNOOZED = "snoozed"
"""The note on a reminder that was called off for this one time: it is not planned again."""

REMINDERS = (Kind.REMINDER.value, Kind.TWO_HOURS.value)


async def call_off(
    connection: AsyncConnection,
    ids: Collection[str],
    now: datetime,
    *also: ColumnElement[bool],
    note: str = "",
) -> int:
    """Call off all that waits for contacts, if it meets `also` too; return how much that was.

    What is being sent at this moment may arrive; if it does not, it is not tried again.
    """
    if not ids:
        return 0
    mine = and_(col(Row.contact).in_(list(ids)), *also)
    change = (
        update(Row)
        .where(mine, WAITING)
        .values(state=State.CANCELLED.value, settled_at=now.timestamp(), answer=note)
    )
    called_off = (await connection.execute(change)).rowcount
    await end_in_hand(connection, mine, now)
    return called_off


async def make_room(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Delete called-off reminders of contacts that were never begun: they may be planned anew."""
    mine = and_(
        col(Row.contact).in_(list(ids)),
        col(Row.kind).in_(REMINDERS),
        col(Row.state) == State.CANCELLED.value,
        col(Row.first_at).is_(None),
        col(Row.answer) != SNOOZED,
    )
    await connection.execute(delete(Row).where(mine))


async def empty(connection: AsyncConnection, ids: Collection[str], now: datetime) -> None:
    """Erase from the outbox whom contacts' messages were for and what they said.

    What has not left is called off. That they were planned and how they ended is left, for
    counting.
    """
    if ids:
        await empty_where(connection, col(Row.contact).in_(list(ids)), now)


async def empty_where(
    connection: AsyncConnection, condition: ColumnElement[bool], now: datetime
) -> None:
    """Erase from the outbox whom messages were for and what they said, where `condition` holds.

    One in a worker's hands is taken out of them: it may still leave, but nothing is noted of it,
    because a server's answer may repeat the address.
    """
    taken = update(Row).where(condition, LIVE)
    gone = {"state": State.CANCELLED.value, "settled_at": now.timestamp(), "owner": ""}
    await connection.execute(taken.values(fence=col(Row.fence) + 1, **gone))
    await outdated.empty(connection, condition)
