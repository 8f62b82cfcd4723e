"""The relay: claims what may leave, fixes its bytes, hands it to a carrier, notes what came of it.

One transaction notes results, claims and fixes bytes; sending goes on beside it. A kill loses
nothing; it repeats at most what was sent and not yet noted, which is never more than
`NOTED_TOGETHER` messages, each with the same bytes and Message-ID. Incidents are noted one by one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.logs import places
from bot.post import claiming, freezing, outbox, settling
from bot.post.freezing import Make, Tell
from bot.post.holding import Holding
from bot.post.kinds import Lane
from bot.post.outbox import Claimed, Settled
from bot.post.outcomes import Break, Command, classify
from bot.post.pacing import Pacing
from bot.post.settling import Report
from bot.store import contacts
from bot.store.database import TROUBLE, Database

NOTED_TOGETHER = 32
NOTED_WITHIN = 0.05
"""Seconds that what was sent waits to be noted together with more."""

AHEAD = 96
"""Claimed and not yet being sent: enough that sending need not wait for the database."""

IDLE_SECONDS = 1.0
LEAST_SECONDS = 0.01
EXPIRE_SECONDS = 1.0
TROUBLE_SECONDS = 1.0
STOP_SECONDS = 5.0
"""What is being sent at a stop has so long to end; then its lease lapses and it is tried again."""

log = logging.getLogger(__name__)


class Carrier(Protocol):
    """A way out: mail, Telegram. Never raises for what a server says; that is in the report."""

    def capacity(self) -> int:
        """Return how many messages it can carry at once at present; 0 while no way is open."""

    async def carry(self, message: Claimed, content: bytes) -> Report:
        """Send `content` to where `message` says and return what came of it."""


Lose = Callable[[AsyncConnection, Claimed], Awaitable[None]]
Noted = Callable[[AsyncConnection, Settled], Awaitable[None]]


@dataclass(frozen=True)
class Way:
    """What a relay serves: a lane of a channel, `rate` messages a second (0: no limit)."""

    lane: Lane
    channel: str
    rate: float = 0.0

    @property
    def ahead(self) -> int:
        """How many may be claimed before it is their turn; an incident waits for nobody."""
        return 0 if self.lane is Lane.INCIDENT else AHEAD


class Relay:
    """One way's relay. `make` builds a message at its first claim, or None where it is outdated.

    `tell` builds what is told of an incident notice. `noted` is told, in the transaction that notes
    it, of all that came of messages; `lose` of a message whose address takes no more.
    `passing` is told the points of a message's way, so that a test can stop the process there.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        carrier: Carrier,
        make: Make,
        *,
        way: Way,
        owner: str,
        lease: float,
        rng: Random,
        lose: Lose | None = None,
        tell: Tell | None = None,
        noted: Noted | None = None,
        passing: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._carrier = carrier
        self._make = make
        self._way = way
        self._owner = owner
        self._pacing = Pacing(database, way.channel, way.rate)
        self._holding = Holding(database, lease)
        self._rng = rng
        self._lose = lose
        self._tell = tell
        self._noted = noted
        self._passing = passing
        self._ready: deque[tuple[Claimed, bytes]] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._results: list[Settled] = []
        self._noting = 0
        self._expire_at = 0.0
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Carry messages until cancelled; what is being sent then is given a moment to end."""
        renewal = asyncio.create_task(self._holding.renew())
        try:
            while True:
                await self._work()
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        if self._flying:
            _, slow = await asyncio.wait(set(self._flying), timeout=STOP_SECONDS)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
        back = [settling.given_back(claimed, self._clock.now()) for claimed, _ in self._ready]
        with suppress(*TROUBLE):
            async with self._database.write() as connection:
                await outbox.settle(connection, [*self._results, *back])

    async def _work(self) -> None:
        try:
            wait = await self._round()
        except Exception as error:
            # Whatever is wrong with one round, the messages of the next one must leave.
            log.error("the outbox cannot be used; trying again: %s", places(error))
            wait = TROUBLE_SECONDS
        if wait:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self.wake.wait()

    async def _round(self) -> float:
        """Do one transaction; return the seconds to wait, unless woken, before the next."""
        self.wake.clear()
        self._give_back()
        self._start()
        room = self._room()
        if not self._results and (idle := await self._idle(room)):
            return idle
        results, self._results = self._results, []
        self._noting = len(results)
        try:
            taken, wait = await self._transaction(results, room)
        except BaseException:
            self._results = results + self._results
            raise
        finally:
            self._noting = 0
        for settled in results:
            self._holding.let_go(settled.claimed)
        self._ready.extend(taken)
        self._start()
        return wait

    def _give_back(self) -> None:
        """While no way is open here, let others have what waits."""
        if not self._carrier.capacity():
            now = self._clock.now()
            self._results += [settling.given_back(claimed, now) for claimed, _ in self._ready]
            self._ready.clear()

    def _room(self) -> int:
        """Return how many to claim: what can be carried now and a few ahead."""
        capacity = self._carrier.capacity()
        if not capacity or len(self._ready) > self._way.ahead // 3:
            return 0
        return max(0, capacity + self._way.ahead - len(self._ready) - len(self._flying))

    async def _idle(self, room: int) -> float:
        """Return how many seconds there is nothing to do, at most `IDLE_SECONDS`."""
        if not room:
            return IDLE_SECONDS
        lane, channel = self._way.lane, self._way.channel
        async with self._database.read() as connection:
            now = self._clock.now()
            if await claiming.due(connection, now, lane, channel):
                return 0.0
            if await outbox.any_over(connection, now):
                return 0.0
            due = await claiming.next_due(connection, lane, channel)
        left = IDLE_SECONDS if due is None else self._clock.real_seconds(due - now.timestamp())
        return min(IDLE_SECONDS, max(LEAST_SECONDS, left))

    async def _transaction(
        self, results: list[Settled], room: int
    ) -> tuple[list[tuple[Claimed, bytes]], float]:
        """Note results and claim; return what was claimed, and the seconds until there is more."""
        until = self._holding.ends_at()
        async with self._database.write() as connection:
            lost = {one.claimed.contact for one in results if one.lost} - {""}
            # Contacts before their messages, as everywhere: else two would wait for each other.
            await contacts.lock(connection, lost)
            await outbox.settle(connection, results)
            await self._give_up(connection, results)
            await self._record(connection, results)
            await self._expire(connection)
            allowed = await self._pacing.take(connection, room)
            claimed = await self._claimed(connection, allowed)
            await self._pacing.put_back(connection, allowed - len(claimed))
            now = self._clock.now()
            taken = await freezing.fix(connection, claimed, self._make, now, self._tell)
            if results:
                self._passing("before_commit")
        self._holding.take((one for one, _ in taken), until)
        if claimed:
            self._passing("after_claim")
        if room > allowed:
            return taken, self._pacing.seconds
        return taken, 0.0 if claimed else IDLE_SECONDS

    async def _give_up(self, connection: AsyncConnection, results: list[Settled]) -> None:
        for settled in results:
            if settled.lost and self._lose is not None:
                await self._lose(connection, settled.claimed)

    async def _record(self, connection: AsyncConnection, results: list[Settled]) -> None:
        """Have results followed; a mistake in that never keeps them from being noted."""
        if self._noted is None:
            return
        for settled in results:
            try:
                async with connection.begin_nested():
                    await self._noted(connection, settled)
            except TROUBLE:
                raise
            except Exception as error:
                log.error("message %s cannot be followed: %s", settled.claimed.id, places(error))

    async def _claimed(self, connection: AsyncConnection, limit: int) -> list[Claimed]:
        if not limit:
            return []
        return await claiming.claim(
            connection, now=self._clock.now(), owner=self._owner, seconds=self._holding.lease,
            limit=limit, lane=self._way.lane, channel=self._way.channel,
        )  # fmt: skip

    async def _expire(self, connection: AsyncConnection) -> None:
        """End what has run out of time, once a second: that is soon enough."""
        moment = asyncio.get_running_loop().time()
        if moment < self._expire_at:
            return
        self._expire_at = moment + EXPIRE_SECONDS
        ended = await outbox.expire(connection, self._clock.now())
        if ended:
            log.info("%s messages ran out of time before they left", ended)

    def _start(self) -> None:
        """Begin to send what is ready, as far as there is room."""
        while self._ready and self._may_start():
            claimed, content = self._ready.popleft()
            if not self._holding.has(claimed):
                # Somebody else may have it by now: this process has slept too long.
                self._holding.let_go(claimed)
                continue
            if claimed.not_after <= self._clock.now():
                self._results.append(settling.late(claimed, self._clock.now()))
                continue
            task = asyncio.create_task(self._carry(claimed, content))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    def _may_start(self) -> bool:
        unnoted = len(self._flying) + len(self._results) + self._noting
        return unnoted < NOTED_TOGETHER and len(self._flying) < self._carrier.capacity()

    async def _carry(self, claimed: Claimed, content: bytes) -> None:
        try:
            report = await self._carrier.carry(claimed, content)
        except Exception as error:
            # Nobody knows how far it came: it may have arrived.
            log.error("message %s was given up on its way: %s", claimed.id, places(error))
            report = Report(classify(Command.DOT, Break.DROP), "given up on its way")
        self._passing("after_250")
        self._results.append(settling.settled(claimed, report, self._clock.now(), self._rng))

    def _landed(self, task: asyncio.Task[None]) -> None:
        """Let the next message start, and note what has come together."""
        self._flying.discard(task)
        self._start()
        if self._way.lane is Lane.INCIDENT or not self._flying:
            self.wake.set()
        elif len(self._results) == 1:
            asyncio.get_running_loop().call_later(NOTED_WITHIN, self.wake.set)
