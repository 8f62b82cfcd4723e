"""Answers stored updates: in order per chat, many chats at once, nothing lost in a crash.

One transaction marks what was sent, takes the next updates and fixes their answers; sending comes
after it. A kill therefore loses nothing and repeats at most the answers that were being sent.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection
from telegram.error import TelegramError

from bot.faces.telegram import buttons, outgoing
from bot.faces.telegram.delivery import Delivery
from bot.faces.telegram.reading import Incoming, Me, read
from bot.service import Noon
from bot.store import leases, notebooks, updates
from bot.store.updates import Pending, lease_name
from handlers.notebook import Notebook
from handlers.turn import Reply, Turn
from handlers.words import words

CHATS_AT_ONCE = 32
IDLE_SECONDS = 0.5
BUTTONS_REMEMBERED = 20_000

log = logging.getLogger(__name__)


@dataclass
class _Batch:
    """What one transaction answers."""

    messages: dict[int, str] = field(default_factory=dict)
    made: set[tuple[str, int, str]] = field(default_factory=set)
    notes: dict[str, Notebook] = field(default_factory=dict)


class Worker:
    """Works through the inbox until it is cancelled. `wake` is set when an update was stored."""

    def __init__(self, noon: Noon, delivery: Delivery, me: Me, owner: str) -> None:
        self._noon = noon
        self._database = noon.database
        self._delivery = delivery
        self._me = me
        self._owner = owner
        self._busy: dict[int, float] = {}
        self._finished: dict[int, int] = {}
        self._kept: set[tuple[str, int, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Answer updates as they come."""
        renewal = asyncio.create_task(self._renew())
        try:
            while True:
                if not await self._round():
                    await self._rest()
        finally:
            for task in (renewal, *self._tasks):
                task.cancel()
            await asyncio.gather(renewal, *self._tasks, return_exceptions=True)
            await self._close()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), IDLE_SECONDS)

    async def _round(self) -> bool:
        """Do one transaction's worth; return whether there was anything to do."""
        woken = self.wake.is_set()
        self.wake.clear()
        finished, self._finished = self._finished, {}
        if not woken and not finished and not await self._waiting():
            return False
        async with self._database.write() as connection:
            await self._settle(connection, finished)
            pending = await updates.claim(
                self._database,
                connection,
                self._owner,
                [*self._busy, *self._finished.values()],
                self._noon.settings.lease,
                CHATS_AT_ONCE - len(self._busy),
            )
            incoming = {one.update_id: self._read(one) for one in pending}
            batch = await self._answer(connection, pending, incoming)
        for one in pending:
            self._start(
                one, incoming[one.update_id], batch.messages.get(one.update_id, one.messages)
            )
        return bool(pending or finished)

    async def _waiting(self) -> bool:
        async with self._database.read() as connection:
            return await updates.any_waiting(connection, list(self._busy))

    async def _settle(self, connection: AsyncConnection, finished: dict[int, int]) -> None:
        await updates.done(connection, finished)
        if self._database.embedded:
            return
        chats = set(finished.values()) - set(self._busy)
        await leases.give_back(connection, {lease_name(chat) for chat in chats}, self._owner)

    def _read(self, pending: Pending) -> Incoming | None:
        try:
            return read(pending.raw, self._me)
        except (KeyError, TypeError, ValueError):
            log.exception("update %s cannot be read and is left out", pending.update_id)
            return None

    async def _answer(
        self,
        connection: AsyncConnection,
        pending: Sequence[Pending],
        incoming: dict[int, Incoming | None],
    ) -> _Batch:
        fresh = [
            (one.update_id, move)
            for one in pending
            if one.state == "received" and (move := incoming[one.update_id]) is not None
        ]
        moves = [move for _, move in fresh]
        batch = _Batch()
        choices = await buttons.meant(connection, [(m.button, m.chat) for m in moves if m.button])
        loaded = await notebooks.load(connection, {self._conversation(m) for m in moves})
        for number, move in fresh:
            chosen = choices.get((move.button, move.chat)) if move.button else None
            replies = await self._replies(move, chosen, loaded, batch)
            batch.messages[number] = self._fix(move, replies, batch)
        await self._save(connection, batch)
        return batch

    async def _save(self, connection: AsyncConnection, batch: _Batch) -> None:
        at = self._noon.clock.now().timestamp()
        await self._keep_buttons(connection, batch.made, at)
        await notebooks.save(self._database, connection, batch.notes, at)
        await updates.answered(connection, batch.messages)

    async def _keep_buttons(
        self, connection: AsyncConnection, made: set[tuple[str, int, str]], at: float
    ) -> None:
        """Store what is new since this process began, or since it last forgot what it knew."""
        new = made - self._kept
        await buttons.keep(self._database, connection, new, at)
        if len(self._kept) > BUTTONS_REMEMBERED:
            self._kept.clear()
        self._kept |= new

    async def _replies(
        self, move: Incoming, chosen: str | None, loaded: dict[str, Notebook], batch: _Batch
    ) -> list[Reply]:
        conversation = self._conversation(move)
        notes = loaded[conversation]
        if move.moved_to is not None:
            batch.notes[self._conversation(move, move.moved_to)] = notes.copied()
            return []
        choice = (chosen or "gone") if move.button else None
        turn = Turn(
            conversation, self._noon.clock.now(), move.text, choice, move.language, move.files
        )
        try:
            replies = await self._noon.reply(turn, notes)
        except Exception:
            log.exception("a turn was not answered")
            return [self._apology(notes)]
        batch.notes[conversation] = notes
        return replies

    def _apology(self, notes: Notebook) -> Reply:
        desk = self._noon.almanac.desk
        said = words(notes.language or desk.language)
        return Reply(said.say("router.failed", page=desk.agency.contacts_page))

    def _fix(self, move: Incoming, replies: list[Reply], batch: _Batch) -> str:
        def name(choice: str) -> str:
            identifier = buttons.name(self._noon.key, move.chat, choice)
            batch.made.add((identifier, move.chat, choice))
            return identifier

        pressed = move.message if move.button else None
        return outgoing.dump(outgoing.render(replies, pressed, name))

    def _conversation(self, move: Incoming, chat: int | None = None) -> str:
        return self._noon.conversation("telegram", chat or move.chat, move.thread or 0)

    def _start(self, one: Pending, move: Incoming | None, messages: str) -> None:
        self._busy[one.chat] = time.monotonic() + self._noon.settings.lease
        task = asyncio.create_task(self._send(one, move, messages))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, one: Pending, move: Incoming | None, messages: str) -> None:
        try:
            if move is not None and messages:
                await self._delivery.deliver(
                    move, outgoing.restore(messages), lambda: self._holds(one.chat)
                )
        except TelegramError:
            log.exception("the answer to update %s was not sent", one.update_id)
        if self._holds(one.chat):
            self._finished[one.update_id] = one.chat
        self._busy.pop(one.chat, None)
        self.wake.set()

    def _holds(self, chat: int) -> bool:
        """Whether the lease on `chat` is surely still ours, by this process's own real time."""
        return time.monotonic() < self._busy.get(chat, 0.0)

    async def _renew(self) -> None:
        seconds = self._noon.settings.lease
        while True:
            await asyncio.sleep(seconds / 3)
            before = time.monotonic()
            names = {lease_name(chat): chat for chat in self._busy}
            async with self._database.write() as connection:
                kept = await leases.take(self._database, connection, names, self._owner, seconds)
            for name in kept:
                if names[name] in self._busy:
                    self._busy[names[name]] = before + seconds

    async def _close(self) -> None:
        async with self._database.write() as connection:
            await updates.done(connection, self._finished)
            held = {lease_name(chat) for chat in (*self._busy, *self._finished.values())}
            await leases.give_back(connection, held, self._owner)
