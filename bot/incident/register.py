"""The register of incident notices: what was confirmed, every step since, how each stands now.

How a notice stands is never stored: it follows from the message that carries it and from the steps
that were noted, so the two can never tell different stories.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import evidence
from bot.incident.notifying import FORM, named
from bot.post.books import Books
from bot.post.links import Purpose, sealed
from bot.post.states import State
from bot.store.database import Database
from bot.store.tables import Incident, IncidentStep, OutboxMessage
from handlers.cases import Kept, Notice, Standing, Step, Way
from rules.incident import Case

_CASE: TypeAdapter[Case] = TypeAdapter(Case)
_COLUMNS = [col(getattr(Incident, name)) for name in Incident.model_fields]

_TAKEN = frozenset({State.ACCEPTED, State.DELAYED, State.DELIVERED, State.BOUNCED})
_ENDED = frozenset({State.REJECTED, State.NEEDS_HUMAN, State.EXPIRED, State.CANCELLED})


def written(case: Case) -> str:
    """Return a case as it is kept (JSON)."""
    return _CASE.dump_json(case).decode()


def told(row: Incident) -> Case:
    """Return the case that a notice tells."""
    return case_of(row.told)


def case_of(written: str) -> Case:
    """Return the case that `written` kept."""
    return _CASE.validate_json(written)


async def by_id(connection: AsyncConnection, identifier: str) -> Incident | None:
    """Return the notice with this id, or None."""
    return next(iter(await where(connection, col(Incident.id) == identifier)), None)


async def by_message(connection: AsyncConnection, outbox_id: str) -> Incident | None:
    """Return the notice that an outbox message carries, or carried before a smaller one did."""
    found = await where(connection, col(Incident.message) == outbox_id)
    if found:
        return found[0]
    query = select(col(OutboxMessage.key)).where(col(OutboxMessage.id) == outbox_id)
    what, _, rest = str((await connection.execute(query)).scalar_one_or_none() or "").partition(":")
    return await by_id(connection, rest.partition(":")[0]) if what == "incident" else None


async def of_conversation(connection: AsyncConnection, conversation: str) -> list[Incident]:
    """Return the notices of a conversation, oldest first."""
    return await where(connection, col(Incident.conversation) == conversation)


async def where(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Incident]:
    """Return the notices for which `condition` holds, oldest first."""
    query = select(*_COLUMNS).where(condition)
    ordered = query.order_by(col(Incident.made_at), col(Incident.number), col(Incident.id))
    rows: Collection[Mapping[Any, Any]] = (await connection.execute(ordered)).mappings().all()
    return [Incident(**dict(row)) for row in rows]


async def keep(database: Database, connection: AsyncConnection, row: Incident) -> None:
    """Keep a new notice."""
    await connection.execute(database.insert(Incident).values(**row.model_dump()))


async def add_step(
    database: Database,
    connection: AsyncConnection,
    incident_id: str,
    once: str,
    at: datetime,
    what: str,
    words: str = "",
) -> None:
    """Add a line to a notice's record; one that is there under the same `once` is left alone."""
    step = {
        "incident": incident_id,
        "once": once,
        "at": at.timestamp(),
        "what": what,
        "words": words,
    }
    insert = database.insert(IncidentStep).on_conflict_do_nothing(index_elements=["once"])
    await connection.execute(insert, [step])


async def steps(connection: AsyncConnection, identifier: str) -> tuple[Step, ...]:
    """Return a notice's record in the order in which it was written."""
    row = IncidentStep
    query = select(col(row.at), col(row.what), col(row.words))
    mine = query.where(col(row.incident) == identifier).order_by(col(row.number))
    return tuple(
        Step(_moment(found.at), found.what, found.words) for found in await connection.execute(mine)
    )


async def notice(books: Books, row: Incident) -> Notice:
    """Return a notice as it stands now."""
    record = await steps(books.connection, row.id)
    carried = await _carried(books.connection, row.message)
    stands = standing(row, carried, record)
    accepted_at, answer = _accepted(carried, record)
    link = f"{books.settings.address}/incident/{sealed(books.key, Purpose.INCIDENT, row.id)}"
    return Notice(
        id=row.id,
        number=row.number,
        case=told(row),
        way=Way(row.way),
        standing=stands,
        made=_moment(row.made_at),
        closes=_moment(row.closes_at),
        message_id=row.message_id,
        address=row.address,
        mailbox=row.mailbox or None,
        link=link,
        steps=record,
        accepted_at=accepted_at,
        answer=answer,
        files=_files(told(row), await evidence.of_notice(books.connection, row.id)),
    )


def _files(case: Case, kept: Sequence[Kept]) -> tuple[Kept, ...]:
    """Return the files of a notice under the names that they have in its mail."""
    shots = {one.id: place for place, one in enumerate(_shots(kept), start=1)}
    return tuple(
        replace(one, name=named(case, one.kind, shots.get(one.id, 0), one.name.rpartition(".")[2]))
        for one in kept
    )


def _shots(kept: Sequence[Kept]) -> list[Kept]:
    return [one for one in kept if one.kind != FORM]


async def _carried(connection: AsyncConnection, message: str) -> Mapping[Any, Any]:
    """Return what the outbox knows of the message that carries a notice; empty: there is none."""
    row = OutboxMessage
    names = ("state", "attempts", "silences", "last_verdict", "answer", "settled_at")
    query = select(*(col(getattr(row, name)) for name in names)).where(col(row.id) == message)
    return (await connection.execute(query)).mappings().first() or {}


def standing(row: Incident, carried: Mapping[Any, Any], record: tuple[Step, ...]) -> Standing:
    """Return how a notice stands by its outbox row (empty: none) and its record."""
    if row.way == Way.BY_HAND:
        return Standing.BY_HAND
    if not carried:
        return Standing.STOPPED
    state = State(carried["state"])
    if state in _TAKEN:
        return _taken(state, record)
    if carried["silences"] > 0 or state is State.UNKNOWN:
        return Standing.UNHEARD
    if state in _ENDED:
        return Standing.STOPPED
    if row.way == Way.HELD:
        return Standing.HELD
    tried = state is State.DEFERRED or carried["attempts"] > 0 or carried["last_verdict"]
    # A smaller variant begins anew, but the notice has failed once.
    failed = any(step.what in ("rejected", "smaller") for step in record)
    return Standing.FAILING if tried or failed else Standing.WAITING


def _taken(state: State, record: tuple[Step, ...]) -> Standing:
    if state is State.DELIVERED:
        return Standing.DELIVERED
    if state is State.BOUNCED:
        return Standing.BOUNCED
    kept_here = any(step.what == "captured" for step in record)
    return Standing.CAPTURED if kept_here else Standing.ACCEPTED


def _accepted(carried: Mapping[Any, Any], record: tuple[Step, ...]) -> tuple[datetime | None, str]:
    """Return when a server took the notice and in which words; nothing where none did."""
    for step in reversed(record):
        if step.what == "accepted":
            return step.at, step.words
    captured = any(step.what == "captured" for step in record)
    if captured or not carried or carried["state"] != State.ACCEPTED.value:
        return None, ""
    return _moment(carried["settled_at"]), carried["answer"]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
