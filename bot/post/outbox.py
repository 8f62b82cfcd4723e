"""The outbox: planned once, claimed by one, fixed at the first claim at the latest, then settled.

Every change is a conditional update that names the state before it, so that two workers can never
both believe that a message is theirs. `fence` grows with every claim: a worker that lost its
lease and wakes up again changes nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from operator import itemgetter
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.kinds import CARRIAGE, Kind
from bot.post.states import IllegalTransition, State, may
from bot.store.database import Database, database_clock
from bot.store.tables import OutboxMessage as Row

LATEST = 253_402_300_799.0
"""The last second of the year 9999: a message that never runs out."""


def _among(*states: State) -> ColumnElement[bool]:
    # Written out, not bound, and in the words of the index: only then is the index used.
    return col(Row.state).in_([literal_column(f"'{state.value}'") for state in states])


WAITING = _among(State.PLANNED, State.DUE, State.DEFERRED, State.UNKNOWN)
"""What may still leave and is in nobody's hands."""

SENDING = _among(State.SENDING)

LAPSED = and_(SENDING, col(Row.leased_until) < database_clock())
"""What is in the hands of a worker that has not been heard of for too long."""

_CLAIMABLE = (State.PLANNED, State.DUE, State.DEFERRED)
"""States that lead back to sending by themselves, so that they need a moment for it."""

LIVE = _among(State.PLANNED, State.DUE, State.DEFERRED, State.UNKNOWN, State.SENDING)
"""The condition of the indexes of what is to leave."""


class Undecided(Exception):
    """What a message says now cannot be told here: another process may know newer dates."""


@dataclass(frozen=True)
class Frozen:
    """A message as it leaves: its bytes and its Message-ID, which never change again."""

    content: bytes = field(repr=False)
    message_id: str


@dataclass(frozen=True)
class Run:
    """All reminders of one deadline, lead and channel, and one reminder's place in it.

    It leaves `spread` (0 to 1) of the run's length before `target_at`, at most `room` seconds.
    """

    name: str
    target_at: datetime
    spread: float
    room: float


@dataclass(frozen=True)
class Planned:
    """A message to be planned: `key` makes it unique, `content` is what it is made of.

    `not_after` is the moment after which it must not leave; None: it never runs out. `contact` is
    the id of whom it is for, `deadline` of what it is about, where there is one. `id` is its own,
    for who has to know it beforehand; empty: any.
    """

    key: str
    kind: Kind
    channel: str
    address: str = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)
    due_at: datetime
    not_after: datetime | None = None
    contact: str = ""
    deadline: str = ""
    run: Run | None = None
    id: str = ""


@dataclass(frozen=True, eq=False)
class Claimed:
    """A message that this worker alone may send now; `frozen` is None at its first claim."""

    id: str
    fence: int
    kind: Kind
    channel: str
    address: str = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)
    contact: str
    deadline: str
    due_at: datetime
    not_after: datetime
    attempts: int
    repeats: int
    silences: int
    last_verdict: str
    provider: int
    first_at: datetime | None
    message_id: str
    frozen: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Settled:
    """What came of a claimed message, and when it is tried again if it is.

    `through`: the states it goes through from sending on; it stays in the last. `lost`: its address
    takes no further messages. `tried`: an attempt was made, by the server `by` where that is known.
    """

    claimed: Claimed
    through: tuple[State, ...]
    at: datetime
    again_at: datetime | None = None
    attempts: int = 0
    repeats: int = 0
    silences: int = 0
    verdict: str = ""
    provider: int = 0
    answer: str = ""
    lost: bool = False
    tried: bool = False
    by: str = ""


async def plan(
    database: Database, connection: AsyncConnection, messages: Iterable[Planned]
) -> None:
    """Plan messages in the caller's transaction; a key that is there already is left alone."""
    rows = [row_of(message) for message in messages]
    if rows:
        insert = database.insert(Row).on_conflict_do_nothing(index_elements=["key"])
        await connection.execute(insert, rows)


def row_of(message: Planned) -> dict[str, Any]:
    """Return a message as its row, still to be planned."""
    carriage = CARRIAGE[message.kind]
    due = message.due_at.timestamp()
    return {
        "id": message.id or uuid4().hex,
        "key": message.key,
        "kind": message.kind.value,
        "lane": carriage.lane.value,
        "priority": carriage.priority,
        "channel": message.channel,
        "address": message.address,
        "content": json.dumps(dict(message.content), ensure_ascii=False),
        "due_at": due,
        "not_after": message.not_after.timestamp() if message.not_after else LATEST,
        "next_at": due,
        "state": State.PLANNED.value,
        **dict.fromkeys(("attempts", "repeats", "silences", "provider", "fence"), 0),
        **dict.fromkeys(("last_verdict", "owner", "message_id", "answer"), ""),
        "leased_until": 0.0,
        "contact": message.contact,
        "deadline": message.deadline,
        **_place(message.run),
    }


def _place(run: Run | None) -> dict[str, Any]:
    if run is None:
        return {"run": "", "target_at": None, "spread": 0.0, "room": 0.0}
    target = run.target_at.timestamp()
    return {"run": run.name, "target_at": target, "spread": run.spread, "room": run.room}


async def settle(connection: AsyncConnection, results: Iterable[Settled]) -> None:
    """Write what came of claimed messages; one whose lease was lost meanwhile is left alone.

    Raises `IllegalTransition` for a state that may not follow sending.
    """
    # In one order everywhere, so that two workers never wait for each other.
    rows = sorted((_result(settled) for settled in results), key=itemgetter("this"))
    if rows:
        await connection.execute(_SETTLE, rows)


_NOTED = ("attempts", "repeats", "silences", "last_verdict", "provider", "answer", "next_at")
_SETTLE = (
    update(Row)
    .where(
        col(Row.id) == bindparam("this"),
        col(Row.fence) == bindparam("held"),
        SENDING,
    )
    .values(
        state=bindparam("new_state"),
        owner="",
        settled_at=bindparam("new_settled_at"),
        **{name: bindparam(f"new_{name}") for name in _NOTED},
    )
)


def _result(settled: Settled) -> dict[str, Any]:
    for before, after in pairwise((State.SENDING, *settled.through)):
        if not may(before, after):
            raise IllegalTransition(before, after)
    if settled.again_at is None and settled.through[-1] in _CLAIMABLE:
        raise ValueError(f"{settled.through[-1]} needs the moment of the next attempt")
    again = settled.again_at or settled.claimed.due_at
    return {
        "this": settled.claimed.id,
        "held": settled.claimed.fence,
        "new_state": settled.through[-1].value,
        "new_attempts": settled.attempts,
        "new_repeats": settled.repeats,
        "new_silences": settled.silences,
        "new_last_verdict": settled.verdict,
        "new_provider": settled.provider,
        "new_answer": settled.answer,
        "new_next_at": again.timestamp(),
        "new_settled_at": settled.at.timestamp(),
    }


async def any_over(connection: AsyncConnection, now: datetime) -> bool:
    """Whether `expire` has anything to do."""
    found = select(col(Row.id)).where(_over(now)).limit(1)
    return (await connection.execute(found)).first() is not None


def _over(now: datetime) -> ColumnElement[bool]:
    return and_(LIVE, col(Row.not_after) <= now.timestamp(), or_(WAITING, LAPSED))


async def expire(connection: AsyncConnection, now: datetime) -> int:
    """End what may not leave any more; return how many messages that were.

    One that may have arrived unheard is left to a person: to say that it never left would be
    untrue.
    """
    unheard = (or_(col(Row.silences) > 0, SENDING), State.NEEDS_HUMAN.value)
    ended = await connection.execute(
        update(Row)
        .where(_over(now))
        .values(state=case(unheard, else_=State.EXPIRED.value), settled_at=now.timestamp())
        .returning(col(Row.id))
    )
    return len(ended.all())


async def cancel(connection: AsyncConnection, keys: Iterable[str], now: datetime) -> None:
    """Call planned messages off; what has left is not called back.

    What is being sent may still arrive, but if it does not, it is not tried again.
    """
    mine = col(Row.key).in_(list(keys))
    change = update(Row).where(mine, WAITING)
    await connection.execute(change.values(state=State.CANCELLED.value, settled_at=now.timestamp()))
    await end_in_hand(connection, mine, now)


async def end_in_hand(
    connection: AsyncConnection, condition: ColumnElement[bool], now: datetime
) -> None:
    """Let this be the last attempt of messages in workers' hands where `condition` holds."""
    moment = now.timestamp()
    change = update(Row).where(condition, SENDING, col(Row.not_after) > moment)
    await connection.execute(change.values(not_after=moment))
