"""Notices that no mail server has taken yet, with how the messages that carry them stand."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.outcomes import Verdict
from bot.post.states import State
from bot.store.tables import Incident, IncidentStep
from bot.store.tables import OutboxMessage as Row
from handlers.cases import Way

STOPPED, UNSURE, REFUSED, BLOCKED = "stopped", "unsure", "refused", "blocked"
"""How a notice can end without a server's word that it was taken: time is over, it may have arrived
all the same, it was refused, or nothing is sent to the agency any more."""

_A_SECOND = 1.0

_TAKEN = [state.value for state in (State.ACCEPTED, State.DELIVERED, State.DELAYED, State.BOUNCED)]
_ON_ITS_WAY = [Way.SENDING.value, Way.HELD.value]


@dataclass(frozen=True)
class Unsent:
    """A notice and its message; `handed` says whether its person has the file in a chat."""

    row: Incident
    state: State
    verdict: str
    silences: int
    fence: int
    due_at: float
    not_after: float
    variant: str
    handed: bool

    @property
    def stopped(self) -> str:
        """What makes the step that it is not tried any more the only one."""
        return f"{self.row.message}:stopped:{self.fence}"

    @property
    def ending(self) -> str:
        """How it ended, by what is known and no more."""
        if self.silences or self.verdict == Verdict.UNKNOWN.value:
            return UNSURE
        if self.state is State.CANCELLED or self._cut_short:
            return BLOCKED
        return STOPPED if self.state is State.EXPIRED else REFUSED

    @property
    def _cut_short(self) -> bool:
        """Whether it was called off while it was being sent, so that its time ended early."""
        return self.state is State.EXPIRED and self.row.closes_at - self.not_after > _A_SECOND


async def every(connection: AsyncConnection, identifier: str = "") -> list[Unsent]:
    """Return the notices of which it is not known that a server has them, oldest first.

    One that has ended, and was told to have, is left out. `identifier`: that one alone.
    """
    which: list[ColumnElement[bool]] = [col(Incident.id) == identifier] if identifier else []
    found = await connection.execute(_QUERY.where(*which).order_by(col(Incident.made_at)))
    return [
        Unsent(
            row=Incident(**{name: row[name] for name in Incident.model_fields}),
            state=State(row["post_state"]),
            verdict=row["post_last_verdict"],
            silences=row["post_silences"],
            fence=row["post_fence"],
            due_at=row["post_due_at"],
            not_after=row["post_not_after"],
            variant=str(json.loads(row["post_content"]).get("variant", "")),
            handed=row["handed"],
        )
        for row in found.mappings()
    ]


async def noted(connection: AsyncConnection, once: Collection[str]) -> set[str]:
    """Return those of `once` that a step or a planned message stands for."""
    if not once:
        return set()
    steps = select(col(IncidentStep.once)).where(col(IncidentStep.once).in_(list(once)))
    keys = select(col(Row.key)).where(col(Row.key).in_(list(once)))
    return set((await connection.execute(steps.union_all(keys))).scalars())


def _step(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(col(IncidentStep.incident) == col(Incident.id), *which)


_NAMES = ("state", "last_verdict", "silences", "fence", "due_at", "not_after", "content")
_STOP = col(Row.id) + ":stopped:" + cast(col(Row.fence), String)
_HANDED = _step(col(IncidentStep.what) == "handed-over")
_QUERY = (
    select(
        *(col(getattr(Incident, name)) for name in Incident.model_fields),
        *(col(getattr(Row, name)).label(f"post_{name}") for name in _NAMES),
        _HANDED.label("handed"),
    )
    .join(Row, col(Row.id) == col(Incident.message))
    .where(
        col(Incident.way).in_(_ON_ITS_WAY),
        col(Row.state).not_in(_TAKEN),
        ~_step(col(IncidentStep.once) == _STOP),
    )
)
