"""The relay: claims what may leave, fixes its bytes, hands it to a carrier, notes what came of it.

One transaction notes results, claims and fixes bytes; sending comes after it. A kill loses
nothing; it repeats at most what was sent and not yet noted: `NOTED_TOGETHER` ordinary messages and
one incident, each with the same bytes and Message-ID.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.logs import places
from bot.post import outbox
from bot.post.kinds import Lane
from bot.post.outbox import Claimed, Settled
from bot.post.outcomes import Outcome, Verdict
from bot.post.retries import Again, next_attempt
from bot.post.states import State
from bot.store.database import TROUBLE, Database

NOTED_TOGETHER = 32
LONGEST_ANSWER = 500
IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Frozen:
    """A message as it leaves: its bytes and its Message-ID, which never change again."""

    content: bytes
    message_id: str


@dataclass(frozen=True)
class Report:
    """What a carrier came to, and the server's own words."""

    outcome: Outcome
    answer: str


class Carrier(Protocol):
    """A way out: mail, Telegram. Never raises for what a server says; that is in the report."""

    async def carry(self, message: Claimed, content: bytes) -> Report:
        """Send `content` to where `message` says and return what came of it."""


class Relay:
    """One lane's relay. `make` builds a message at its first claim; it must be quick."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        carriers: Mapping[str, Carrier],
        make: Callable[[Claimed], Frozen],
        *,
        owner: str,
        lane: Lane,
        lease: float,
        at_once: int,
        rng: Random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._carriers = carriers
        self._make = make
        self._owner = owner
        self._lane = lane
        self._lease = lease
        self._at_once = at_once
        self._rng = rng
        self._busy: dict[str, Claimed] = {}
        self._results: list[Settled] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Carry messages until cancelled."""
        renewal = asyncio.create_task(self._renew())
        try:
            while True:
                await self._work()
        finally:
            for task in (renewal, *self._tasks):
                task.cancel()
            await asyncio.gather(renewal, *self._tasks, return_exceptions=True)
            async with self._database.write() as connection:
                await outbox.settle(connection, self._results)

    async def _work(self) -> None:
        try:
            if not await self._round():
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self.wake.wait()
        except TROUBLE as error:
            log.error("the outbox cannot be used; trying again: %s", places(error))
            await asyncio.sleep(TROUBLE_SECONDS)

    async def _round(self) -> bool:
        """Do one transaction; return whether there may be more to do at once."""
        self.wake.clear()
        results, self._results = self._results, []
        try:
            ready = await self._transaction(results)
        except BaseException:
            self._results = results + self._results
            raise
        for claimed, content in ready:
            self._start(claimed, content)
        return bool(ready) and len(self._busy) < self._at_once

    async def _transaction(self, results: list[Settled]) -> list[tuple[Claimed, bytes]]:
        now = self._clock.now()
        room = self._at_once - len(self._busy)
        async with self._database.write() as connection:
            await outbox.settle(connection, results)
            ended = await outbox.expire(connection, now)
            if ended:
                log.warning("%s messages ran out of time before they left", ended)
            if room <= 0:
                return []
            claimed = await outbox.claim(
                self._database, connection, now=now, owner=self._owner, seconds=self._lease,
                limit=room, lane=self._lane,
            )  # fmt: skip
            return await self._frozen(connection, claimed)

    async def _frozen(
        self, connection: AsyncConnection, claimed: list[Claimed]
    ) -> list[tuple[Claimed, bytes]]:
        made = {one: self._make(one) for one in claimed if one.frozen is None}
        fixed = {one: (frozen.content, frozen.message_id) for one, frozen in made.items()}
        await outbox.freeze(connection, fixed, self._clock.now())
        return [(one, made[one].content if one in made else one.frozen or b"") for one in claimed]

    def _start(self, claimed: Claimed, content: bytes) -> None:
        self._busy[claimed.id] = claimed
        task = asyncio.create_task(self._carry(claimed, content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, claimed: Claimed, content: bytes) -> None:
        try:
            report = await self._carriers[claimed.channel].carry(claimed, content)
            self._results.append(self._settled(claimed, report))
        finally:
            self._busy.pop(claimed.id, None)
        if self._lane is Lane.INCIDENT or self._is_time_to_note():
            self.wake.set()

    def _is_time_to_note(self) -> bool:
        return len(self._results) >= min(NOTED_TOGETHER, self._at_once) or not self._busy

    def _settled(self, claimed: Claimed, report: Report) -> Settled:
        now = self._clock.now()
        outcome = report.outcome
        attempts = claimed.attempts + (1 if outcome.counts else 0)
        same = claimed.last_verdict == outcome.verdict.value
        noted = Settled(
            claimed,
            (State.ACCEPTED,),
            now,
            attempts=attempts,
            repeats=claimed.repeats + 1 if same else 1,
            silences=claimed.silences + (1 if outcome.verdict is Verdict.UNKNOWN else 0),
            verdict=outcome.verdict.value,
            provider=claimed.provider,
            answer=report.answer[:LONGEST_ANSWER],
        )
        return noted if outcome.verdict is Verdict.ACCEPTED else self._decided(noted, outcome)

    def _decided(self, noted: Settled, outcome: Outcome) -> Settled:
        """Return a result that was no acceptance with what follows from it."""
        claimed = noted.claimed
        decision = next_attempt(
            claimed.kind,
            outcome,
            noted.attempts,
            claimed.first_at or noted.at,
            noted.at,
            claimed.not_after,
            self._rng,
            repeats=noted.repeats,
            silences=noted.silences,
        )
        if not isinstance(decision, Again):
            return replace(noted, through=decision.through)
        provider = noted.provider + (1 if decision.switch else 0)
        return replace(noted, through=decision.through, again_at=decision.at, provider=provider)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            with suppress(*TROUBLE):
                async with self._database.write() as connection:
                    await outbox.renew(connection, list(self._busy.values()), self._lease)
