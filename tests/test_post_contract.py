"""Our outbox held to the contract that txoutbox, another relay, asks of its stores.

Its order of messages with one key is not asked for: what Noon sends to one person does not depend
on what it sent before. Its attempts count claims; ours leave out those that reached no server, so
the adapter adds the silences.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from txoutbox import OutboxMessage, OutboxStats
from txoutbox.message import MessageId
from txoutbox.testing import StorageContract

from bot.post import claiming, outbox, settling
from bot.post.kinds import Kind, Lane
from bot.post.outbox import Claimed, Planned, Settled
from bot.post.states import State
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row

LONG = timedelta(days=1)


class Store:
    """The five calls of the contract over our outbox, and its figures."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._order = count()
        self._held: dict[tuple[str, str], Claimed] = {}

    async def add(self, topic: str, payload: bytes, key: str | None) -> str:
        """Plan a message and return its id."""
        due = _now() - LONG + timedelta(microseconds=next(self._order))
        name = f"{topic}-{next(self._order)}"
        content = {"topic": topic, "payload": payload.decode(), "key": key}
        planned = Planned(name, Kind.REMINDER, "mail", "a@example.org", content, due)
        async with self._database.write() as connection:
            await outbox.plan(self._database, connection, [planned])
            query = select(col(Row.id)).where(col(Row.key) == name)
            return str((await connection.execute(query)).scalar_one())

    async def claim(
        self, *, batch_size: int, lease: timedelta, worker_id: str
    ) -> Sequence[OutboxMessage]:
        """Claim for a worker."""
        async with self._database.write() as connection:
            claimed = await claiming.claim(
                connection, now=_now(), owner=worker_id,
                seconds=lease.total_seconds(), limit=batch_size, lane=Lane.ORDINARY, channel="mail",
            )  # fmt: skip
        self._held.update({(worker_id, one.id): one for one in claimed})
        return [_message(one) for one in claimed]

    async def ack(self, ids: Sequence[MessageId], *, worker_id: str) -> None:
        """Note that messages were accepted."""
        await self._note(ids, worker_id, State.ACCEPTED)

    async def nack(
        self, message_id: MessageId, *, worker_id: str, error: str, retry_at: datetime
    ) -> None:
        """Note a refusal that passes."""
        await self._note([message_id], worker_id, State.DEFERRED, again_at=retry_at, more=1)

    async def release(
        self, ids: Sequence[MessageId], *, worker_id: str, retry_at: datetime
    ) -> None:
        """Give messages back."""
        await self._note(ids, worker_id, State.DEFERRED, again_at=retry_at)

    async def dead_letter(self, message_id: MessageId, *, worker_id: str, error: str) -> None:
        """Note a refusal for good."""
        await self._note([message_id], worker_id, State.REJECTED, more=1)

    async def stats(self) -> OutboxStats:
        """Return the figures."""
        async with self._database.read() as connection:
            query = select(col(Row.state), func.count(), func.min(col(Row.due_at)))
            rows = (await connection.execute(query.group_by(col(Row.state)))).all()
        waiting = [(number, since) for state, number, since in rows if state != State.REJECTED]
        dead = sum(number for state, number, _ in rows if state == State.REJECTED)
        oldest = min((since for _, since in waiting), default=None)
        age = timedelta(seconds=_now().timestamp() - oldest) if oldest is not None else None
        pending = sum(number for number, _ in waiting)
        return OutboxStats(pending=pending, oldest_pending_age=age, dead=dead)

    async def _note(
        self,
        ids: Sequence[MessageId],
        worker: str,
        state: State,
        again_at: datetime | None = None,
        more: int = 0,
    ) -> None:
        held = [self._held[worker, str(one)] for one in ids if (worker, str(one)) in self._held]
        notes = [_noted(one, state, again_at, more) for one in held]
        async with self._database.write() as connection:
            await outbox.settle(connection, notes)


def _noted(claimed: Claimed, state: State, again_at: datetime | None, more: int) -> Settled:
    return Settled(
        claimed,
        (state,),
        _now(),
        again_at=again_at,
        attempts=claimed.attempts + more,
        silences=claimed.silences,
    )


def _message(claimed: Claimed) -> OutboxMessage:
    return OutboxMessage(
        id=claimed.id,
        topic=claimed.content["topic"],
        payload=claimed.content["payload"].encode(),
        key=claimed.content["key"],
        attempts=claimed.attempts + claimed.silences + 1,
        created_at=claimed.due_at,
    )


def _now() -> datetime:
    return datetime.now(UTC)


class TestOurOutbox(StorageContract):
    """Every promise of the contract, on both databases."""

    strict_ordering = False

    @pytest.fixture
    def storage(self, database: Database) -> Store:
        return Store(database)

    async def insert(
        self, storage: Store, topic: str, payload: bytes, key: str | None = None
    ) -> MessageId:
        """Plan a message."""
        return await storage.add(topic, payload, key)


async def test_what_is_given_back_can_be_taken_at_once(database: Database) -> None:
    store = Store(database)
    await store.add("t", b"p", None)
    (first,) = await store.claim(batch_size=1, lease=LONG, worker_id="one")
    back = settling.given_back(store._held["one", str(first.id)], _now())
    async with database.write() as connection:
        await outbox.settle(connection, [back])
    (again,) = await store.claim(batch_size=1, lease=LONG, worker_id="two")
    assert (again.id, again.attempts) == (first.id, 1)
