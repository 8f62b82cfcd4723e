"""The updates of one bot: numbered, queued, long-polled and acknowledged by offset."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.botapi.refusal import Refusal
from tests.botapi.wire import Embedded, encode

Json = dict[str, Any]

USUAL = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
    }
)
"""The kinds a bot gets that asked for none in particular."""

KINDS = USUAL | {"chat_member", "message_reaction", "message_reaction_count"}
FIRST_UPDATE = 500_000_001
OTHER_POLL = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


@dataclass(frozen=True, slots=True)
class Update:
    """One update, encoded once; `lane` is the chat or person whose updates stay in order."""

    id: int
    lane: int
    body: bytes


class Feed:
    """The queue of updates.

    `conflict_pause`: a second 409 within so many seconds is held back for as long (3 s in the real
    server). `repeat_pause`: a poll that repeats the last offset with a shorter timeout waits at
    least so long (3 s in the real server; off here unless set, so that a bot stops at once).
    `idle` is set while nothing is queued.
    """

    def __init__(self, notify: Callable[[Json], None]) -> None:
        self.pending: deque[Update] = deque()
        self.idle = asyncio.Event()
        self.idle.set()
        self.allowed = USUAL
        self.chosen = False
        self.conflict_pause = 3.0
        self.repeat_pause = 0.0
        self.emitted = 0
        self.push: Callable[[Update], None] | None = None
        self._notify = notify
        self._next_id = FIRST_UPDATE
        self._waiter: asyncio.Future[None] | None = None
        self._quiet_conflicts = 0.0
        self._last_poll = (0, 0.0)

    def emit(self, kind: str, payload: Json, lane: int) -> int | None:
        """Queues an update; returns its id, or None if the bot did not ask for this kind."""
        if kind not in self.allowed:
            return None
        update = Update(self._next_id, lane, encode({"update_id": self._next_id, kind: payload}))
        self._next_id += 1
        self.emitted += 1
        self._notify({"update_id": update.id, kind: payload})
        self.pending.append(update)
        self.idle.clear()
        self.wake()
        if self.push is not None:
            self.push(update)
        return update.id

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Sets which kinds are queued from now on; None keeps the choice, empty is the default."""
        if kinds is not None:
            chosen = frozenset(kinds) & KINDS
            self.allowed = chosen or USUAL
            self.chosen = self.allowed != USUAL

    def forget(self, offset: int) -> None:
        """Drops every update before `offset`; a negative offset counts from the end."""
        if offset < 0:
            offset = self._next_id + offset
        if offset > self._next_id + 10:
            return
        while self.pending and self.pending[0].id < offset:
            self.pending.popleft()
        self._note_idle()

    def drop(self, update: Update) -> None:
        """Drops one update that a webhook has taken."""
        if self.pending and self.pending[0] is update:
            self.pending.popleft()
        elif update in self.pending:
            self.pending.remove(update)
        self._note_idle()

    def clear(self) -> None:
        """Drops every update."""
        self.pending.clear()
        self._note_idle()

    def wake(self) -> None:
        """Lets a waiting poll answer now."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def poll(self, offset: int, limit: int, seconds: float) -> Embedded:
        """Answers getUpdates: what is queued, or what arrives within so many seconds.

        Raises:
            Refusal: 409 in the older of two waiting calls.
        """
        patience = self._patience(offset, seconds)
        self.forget(offset)
        if not self.pending and patience > 0:
            self.interrupt(OTHER_POLL)
            await self._wait(patience)
        return self._batch(limit)

    def interrupt(self, reason: str) -> None:
        """Ends a waiting poll with a conflict."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(Refusal(409, reason))

    async def conflict(self, refusal: Refusal) -> Refusal:
        """Returns the conflict, late if another one was answered a moment ago."""
        now = time.monotonic()
        if now < self._quiet_conflicts:
            await asyncio.sleep(self.conflict_pause)
        else:
            self._quiet_conflicts = now + self.conflict_pause
        return refusal

    async def _wait(self, seconds: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            return
        except Refusal as refusal:
            raise await self.conflict(refusal) from None
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def _note_idle(self) -> None:
        if not self.pending:
            self.idle.set()

    def _patience(self, offset: int, seconds: float) -> float:
        now = time.monotonic()
        last_offset, last_time = self._last_poll
        self._last_poll = (offset, now)
        repeated = offset == last_offset and now < last_time + self.repeat_pause
        return max(seconds, self.repeat_pause) if repeated else seconds

    def _batch(self, limit: int) -> Embedded:
        bodies = [update.body for update, _ in zip(self.pending, range(limit), strict=False)]
        return Embedded(b"[" + b",".join(bodies) + b"]")
