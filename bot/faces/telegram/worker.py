"""Answers stored updates: in order per chat, many chats at once, nothing lost in a crash.

One transaction marks what was sent, takes the next updates and fixes their answers; sending comes
after it. A kill therefore loses nothing and repeats at most the answers that were being sent.

An update with a file for a notice stays unanswered while the file is fetched, outside of any
transaction; its chat waits meanwhile, the others do not. A turn of a notice is answered in a
transaction of its own, one such turn at a time: what it writes may be megabytes.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.faces.telegram import outgoing
from bot.faces.telegram.answering import Answering, Answers
from bot.faces.telegram.delivery import Delivery
from bot.faces.telegram.fetching import Fetches
from bot.faces.telegram.reading import Incoming, Me, Sent
from bot.logs import places
from bot.service import Noon
from bot.store import leases, updates
from bot.store.database import TROUBLE
from bot.store.updates import Pending, lease_name

CHATS_AT_ONCE = 32
IDLE_SECONDS = 0.5
GOODBYE_SECONDS = 5.0
"""How long answers that are being sent may take when the process is told to stop."""

TROUBLE_SECONDS = 1.0
SETTLE_SECONDS = 0.01

log = logging.getLogger(__name__)


class Worker:
    """Works through the inbox until it is cancelled. `wake` is set when an update was stored."""

    def __init__(
        self, noon: Noon, delivery: Delivery, me: Me, owner: str, fetches: Fetches
    ) -> None:
        self._noon = noon
        self._database = noon.database
        self._delivery = delivery
        self._answering = Answering(noon, me)
        self._owner = owner
        self._fetches = fetches
        self._aside: set[int] = set()
        self._alone = asyncio.Semaphore(1)
        self._busy: dict[int, float] = {}
        self._finished: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Answer updates as they come."""
        renewal = asyncio.create_task(self._renew())
        try:
            while True:
                await self._work()
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=GOODBYE_SECONDS)
            for task in (renewal, *self._tasks):
                task.cancel()
            await asyncio.gather(renewal, *self._tasks, return_exceptions=True)
            await self._close()

    async def _work(self) -> None:
        try:
            if not await self._round():
                await self._rest()
        except TROUBLE as error:
            log.error("the database cannot be used; trying again: %s", places(error))
            await asyncio.sleep(TROUBLE_SECONDS)

    async def _rest(self) -> None:
        # Not wait_for: in Python 3.11 it loses a cancellation that comes together with the wake.
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self.wake.wait()

    async def _round(self) -> bool:
        """Do one transaction's worth; return whether there may be more to do at once."""
        woken = self.wake.is_set()
        self.wake.clear()
        finished, self._finished = self._finished, {}
        if not woken and not finished and not await self._waiting():
            return False
        try:
            pending, answers = await self._transaction(finished)
        except BaseException:
            # What was sent is not forgotten with the transaction that was to note it, and what was
            # stored in it is not taken for stored.
            self._finished = finished | self._finished
            self._answering.forget()
            raise
        self._fetches.answered(answers.messages)
        for one in pending:
            number = one.update_id
            if number in answers.awaited:
                self._aside.add(one.chat)
                self._begin(one, self._fetch(one, answers.awaited[number]))
            elif number in answers.apart:
                self._aside.add(one.chat)
                self._begin(one, self._answer_alone(one))
            else:
                messages = answers.messages.get(number, one.messages)
                self._begin(one, self._send(one, answers.moves[number], messages))
        return bool(pending) and not self._free()

    def _free(self) -> int:
        """Return how many more chats may be answered; those that wait set aside do not count."""
        return max(0, CHATS_AT_ONCE - len(self._busy) + len(self._aside))

    async def _transaction(self, finished: dict[int, int]) -> tuple[list[Pending], Answers]:
        async with self._database.write() as connection:
            await self._settle(connection, finished)
            pending = await updates.claim(
                self._database,
                connection,
                self._owner,
                [*self._busy, *self._finished.values()],
                self._noon.settings.lease,
                self._free(),
            )
            answers = await self._answering.fix(connection, pending, self._fetches.uploads)
        return pending, answers

    async def _waiting(self) -> bool:
        async with self._database.read() as connection:
            return await updates.any_waiting(connection, list(self._busy))

    async def _settle(self, connection: AsyncConnection, finished: dict[int, int]) -> None:
        await updates.done(connection, finished)
        if self._database.embedded:
            return
        chats = set(finished.values()) - set(self._busy)
        await leases.give_back(connection, {lease_name(chat) for chat in chats}, self._owner)

    def _begin(self, one: Pending, work: Coroutine[None, None, None]) -> None:
        self._busy[one.chat] = time.monotonic() + self._noon.settings.lease
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch(self, one: Pending, sent: Sent) -> None:
        try:
            await self._fetches.fetch(one.update_id, sent)
        except Exception as error:
            log.error("a file was not fetched, it is tried again: %s", places(error))
            await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            self._aside.discard(one.chat)
            self._busy.pop(one.chat, None)
            self.wake.set()

    async def _answer_alone(self, one: Pending) -> None:
        answers = None
        try:
            async with self._alone:
                answers = await self._fixed_alone(one)
        except Exception as error:
            # What was stored in the transaction is not taken for stored.
            self._answering.forget()
            log.error("a turn of a notice waits, it is tried again: %s", places(error))
            await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            self._aside.discard(one.chat)
        number = one.update_id
        if answers is not None and number in answers.messages:
            await self._send(one, answers.moves[number], answers.messages[number])
        else:
            self._busy.pop(one.chat, None)
            self.wake.set()

    async def _fixed_alone(self, one: Pending) -> Answers | None:
        """Return the answer to an update, fixed; None where another process has the chat now."""
        async with self._database.write() as connection:
            if not self._database.embedded:
                lease, name = self._noon.settings.lease, lease_name(one.chat)
                held = await leases.take(self._database, connection, {name}, self._owner, lease)
                if not held or not await updates.is_unanswered(connection, one.update_id):
                    return None
            uploads = self._fetches.uploads
            answers = await self._answering.fix(connection, [one], uploads, alone=True)
        self._fetches.answered(answers.messages)
        return answers

    async def _send(self, one: Pending, move: Incoming | None, messages: str) -> None:
        try:
            if move is not None and messages:
                await self._delivery.deliver(
                    move, outgoing.restore(messages), lambda: self._holds(one.chat)
                )
            if self._holds(one.chat):
                self._finished[one.update_id] = one.chat
        except TROUBLE as error:
            log.error("an answer waits, the database cannot be used: %s", places(error))
            await asyncio.sleep(TROUBLE_SECONDS)
        except Exception as error:
            log.error("an answer cannot be sent and is left out: %s", places(error))
            if self._holds(one.chat):
                self._finished[one.update_id] = one.chat
        finally:
            self._busy.pop(one.chat, None)
            # What was sent is marked together with what comes next, or soon: a transaction of its
            # own for each would keep new updates waiting.
            asyncio.get_running_loop().call_later(SETTLE_SECONDS, self.wake.set)

    def _holds(self, chat: int) -> bool:
        """Whether the lease on `chat` is surely still ours, by this process's own real time."""
        return time.monotonic() < self._busy.get(chat, 0.0)

    async def _renew(self) -> None:
        seconds = self._noon.settings.lease
        while True:
            await asyncio.sleep(seconds / 3)
            try:
                await self._renew_once(seconds)
            except TROUBLE as error:
                log.error("leases were not renewed this time: %s", places(error))

    async def _renew_once(self, seconds: float) -> None:
        before = time.monotonic()
        names = {lease_name(chat): chat for chat in self._busy}
        async with self._database.write() as connection:
            kept = await leases.take(self._database, connection, names, self._owner, seconds)
        for name in kept:
            if names[name] in self._busy:
                self._busy[names[name]] = before + seconds

    async def _close(self) -> None:
        with suppress(*TROUBLE):
            await self._give_back()

    async def _give_back(self) -> None:
        async with self._database.write() as connection:
            await updates.done(connection, self._finished)
            held = {lease_name(chat) for chat in (*self._busy, *self._finished.values())}
            await leases.give_back(connection, held, self._owner)
