"""What stands in the outbox for a contact already, as planning has to know it."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.calling_off import REMINDERS, SNOOZED
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.post.states import State
from bot.store.tables import OutboxMessage as Row

LOOKED_AT = (*REMINDERS, Kind.MOVED.value)

_WAITS = frozenset({State.PLANNED, State.DUE, State.DEFERRED, State.UNKNOWN})


@dataclass(frozen=True)
class Standing:
    """A reminder or notice in the outbox; times are seconds since 1970."""

    key: str
    kind: str
    deadline: str
    state: str
    first_at: float | None
    due_at: float
    not_after: float
    target_at: float | None
    answer: str
    content: str
    contact: str

    @property
    def waits(self) -> bool:
        """Whether it may still leave and is in nobody's hands."""
        return self.state in _WAITS

    @property
    def goes_on(self) -> bool:
        """Whether it may still leave, though it may be in somebody's hands at this moment."""
        return self.waits or self.state == State.SENDING

    @property
    def begun(self) -> bool:
        """Whether its bytes were ever fixed: it may have left."""
        return self.first_at is not None

    @property
    def cancelled(self) -> bool:
        """Whether it was called off before it was begun, and may be planned anew."""
        off = self.state == State.CANCELLED
        return off and not self.begun and self.answer != SNOOZED

    @property
    def lead(self) -> str:
        """The lead time of a reminder: the last part of its key."""
        return self.key.rpartition(":")[2]

    @property
    def sequence(self) -> int:
        """The deadline's sequence when it was planned."""
        return int(self.key.split(":")[3])

    @property
    def made_of(self) -> dict[str, Any]:
        """What it is made of."""
        made: dict[str, Any] = json.loads(self.content)
        return made

    def differs_from(self, planned: Planned) -> bool:
        """Whether it is not as it would be planned now, and can still be changed."""
        if self.begun or not self.waits or planned.run is None or planned.not_after is None:
            return False
        return (
            self.target_at != planned.run.target_at.timestamp()
            or abs(self.not_after - planned.not_after.timestamp()) > 1
            or self.content != written(planned)
        )


def written(planned: Planned) -> str:
    """Return what a message is made of as the outbox keeps it."""
    return _text(tuple(planned.content.items()))


@lru_cache(maxsize=4096)
def _text(items: tuple[tuple[str, Any], ...]) -> str:
    return json.dumps(dict(items), ensure_ascii=False)


_COLUMNS = [col(getattr(Row, name)) for name in Standing.__dataclass_fields__]


async def of(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, list[Standing]]:
    """Return the reminders and notices of contacts, whatever became of them."""
    mine = col(Row.contact).in_(list(ids)) & col(Row.kind).in_(LOOKED_AT)
    found: dict[str, list[Standing]] = {}
    for row in await connection.execute(select(*_COLUMNS).where(mine)):
        found.setdefault(row.contact, []).append(Standing(*row))
    return found


def allows(planned: Planned, rows: Iterable[Standing], now: datetime) -> bool:
    """Whether a reminder that is not there may be planned at `now`.

    Not where its moment has passed, unless it stood there unsent for the same moment under
    another number; and not where one for the same moment was begun or put off.
    """
    if planned.run is None:
        return False
    lead, target = planned.key.rpartition(":")[2], planned.run.target_at.timestamp()
    same = [
        row
        for row in rows
        if row.deadline == planned.deadline
        and row.kind in REMINDERS
        and row.lead == lead
        and row.target_at == target
    ]
    if any(row.begun or row.answer == SNOOZED for row in same):
        return False
    return planned.run.target_at > now or any(row.waits for row in same)
