"""Sending again what was left to a person, once the cause is mended.

A message goes on as it stood: with the bytes it had, within its time, and only where somebody
still waits for it. What nobody wants any more is called off instead, as planning would do it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import subscribing
from bot.post.books import Books
from bot.post.kinds import CARRIAGE, Kind, Lane
from bot.post.standing import LOOKED_AT
from bot.post.states import State, step
from bot.post.suppression import suppressed
from bot.store import contacts
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL

AT_ONCE = 500
"""Messages that one transaction changes."""

WAYS: Mapping[State, tuple[State, ...]] = MappingProxyType(
    {State.NEEDS_HUMAN: (State.DUE,), State.REJECTED: (State.NEEDS_HUMAN, State.DUE)}
)
"""The states that a message goes through when a person lets it go on."""


class Why(StrEnum):
    """Why a message does not go on; the value is what the command prints."""

    NOT_FOUND = "not-found"
    """No message has this id."""
    NOT_STOPPED = "not-stopped"
    """It waits, has left or has ended for good: nothing was left to a person."""
    TOO_LATE = "too-late"
    """Its moment has passed."""
    ERASED = "erased"
    """Whom it was for is not kept any more."""
    SUPPRESSED = "suppressed"
    """The mailbox takes no mail, so it gets none."""
    UNWANTED = "unwanted"
    """Nobody waits for it: unsubscribed, handed in, put off, or the date is another now."""


@dataclass
class Revived:
    """The ids of what goes on, and why the others do not."""

    again: list[str] = field(default_factory=list)
    refused: dict[str, Why] = field(default_factory=dict)


async def revive(books: Books, ids: Collection[str]) -> Revived:
    """Let messages go on in the transaction of `books`, at most `AT_ONCE`."""
    found = await _found(books, ids)
    # Planning locks people before messages too; the other way round two could wait for each other.
    people = sorted({row.contact for row in found if row.contact})
    await contacts.lock(books.connection, people)
    known = await contacts.by_id(books.connection, people)
    mail = {row.address for row in found if row.channel == MAIL}
    gone = await suppressed(books.connection, books.key, mail)
    done = Revived(refused=dict.fromkeys(ids, Why.NOT_FOUND))
    for row in found:
        why = _why_not(books, row, known, gone) or await _go_on(books, row)
        if why is None:
            del done.refused[row.id]
            done.again.append(row.id)
        else:
            done.refused[row.id] = why
    await _call_off(books, done, [row for row in found if row.id not in done.refused])
    return done


async def of_kind(connection: AsyncConnection, kind: Kind) -> list[str]:
    """Return the ids of all messages of a kind that were left to a person or rejected."""
    mine = col(Row.state).in_([state.value for state in WAYS])
    query = select(col(Row.id)).where(mine, col(Row.kind) == kind.value).order_by(col(Row.id))
    return list((await connection.execute(query)).scalars())


async def _found(books: Books, ids: Collection[str]) -> Sequence[Found[Any]]:
    names = ("id", "kind", "channel", "address", "state", "not_after", "contact")
    query = select(*(col(getattr(Row, name)) for name in names))
    mine = query.where(col(Row.id).in_(list(ids))).order_by(col(Row.id))
    return (await books.connection.execute(mine)).all()


def _why_not(
    books: Books, row: Found[Any], known: Mapping[str, object], gone: Collection[str]
) -> Why | None:
    if row.state not in WAYS:
        return Why.NOT_STOPPED
    if not row.address:
        return Why.ERASED
    if row.not_after <= books.moment:
        return Why.TOO_LATE
    if row.contact and row.contact not in known:
        return Why.UNWANTED
    # A notice to the agency is the person's own decision, whatever came back from there.
    ordinary = CARRIAGE[Kind(row.kind)].lane is Lane.ORDINARY
    return Why.SUPPRESSED if ordinary and row.address in gone else None


async def _go_on(books: Books, row: Found[Any]) -> Why | None:
    """Let one go on unless it was changed meanwhile; what it may have been heard of stays known."""
    before = State(row.state)
    for earlier, later in pairwise((before, *WAYS[before])):
        step(earlier, later)
    mine = update(Row).where(col(Row.id) == row.id, col(Row.state) == before.value)
    counts = dict.fromkeys(("attempts", "repeats"), 0)
    # Whether it was ever begun is told by `first_at`; the days of its tries count from now on.
    first = case((col(Row.first_at).is_(None), None), else_=books.moment)
    moments = {"next_at": books.moment, "first_at": first, "settled_at": None}
    new = {"state": WAYS[before][-1].value, "last_verdict": "", **counts, **moments}
    changed = await books.connection.execute(mine.values(**new))
    return None if changed.rowcount else Why.NOT_STOPPED


async def _call_off(books: Books, done: Revived, rows: Sequence[Found[Any]]) -> None:
    """Let planning call off what nobody wants any more, and note what that was."""
    people = {row.contact for row in rows if row.kind in LOOKED_AT and row.contact}
    if not people:
        return
    await subscribing.plan(books, sorted(people))
    # What was called off before it was ever begun is not even kept: ask for what goes on.
    mine = col(Row.id).in_(done.again) & (col(Row.state) == State.DUE.value)
    stays = set((await books.connection.execute(select(col(Row.id)).where(mine))).scalars())
    done.refused |= {one: Why.UNWANTED for one in done.again if one not in stays}
    done.again = [one for one in done.again if one in stays]
