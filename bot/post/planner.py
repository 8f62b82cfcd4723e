"""The planner: one process at a time keeps what is planned in line with the dates.

It looks for subscriptions that were planned from other dates than the present ones and plans them
anew, a few hundred in a transaction. Whatever stops it in the middle, the next one goes on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.logs import places
from bot.post import alarms, editions, planning, spreading
from bot.post.editions import Edition, OlderDates
from bot.post.timetable import Timetable
from bot.settings import Settings
from bot.store import leases, subscriptions
from bot.store.database import TROUBLE, Database
from handlers.visit import Desk

LOOK_EVERY = 20.0
LEASE_SECONDS = 60.0
LEASE = "planner"
AT_ONCE = 500
WIDEN_EVERY = timedelta(hours=1)
OLDER_FOR = timedelta(minutes=2)
"""How long this process may have older dates than another: each looks at them at its own time."""

log = logging.getLogger(__name__)


class Planner:
    """Plans for everybody whenever the dates change; `desk` returns the dates of this moment.

    `passing` is told the points of its way, so that a test can stop the process there. Setting
    `wake` makes it look at once.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        desk: Callable[[], Desk],
        settings: Settings,
        key: bytes,
        *,
        owner: str,
        passing: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._desk = desk
        self._settings = settings
        self._key = key
        self._owner = owner
        self._passing = passing
        self._widened: datetime | None = None
        self._older: tuple[str, datetime] | None = None
        self._told_older = ""
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Keep everything in line until cancelled."""
        while True:
            self.wake.clear()
            try:
                await self.look()
            except TROUBLE as error:
                log.error("planning goes on later: %s", places(error))
            except Exception as error:
                # Reminders that are planned already must leave, whatever is wrong here.
                log.error("planning failed; it is tried again: %s", places(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self.wake.wait()

    async def look(self) -> int:
        """Plan what is not in line with the dates; return for how many contacts that was."""
        desk = self._desk()
        edition = await asyncio.to_thread(editions.present, desk)
        planned = 0
        try:
            while count := await self._some(desk, edition):
                planned += count
        except OlderDates:
            await self._tell_older(edition)
            return planned
        self._older = None
        if planned:
            log.info("reminders of %s contacts were planned anew", planned)
        await self._widen(desk, anew=planned > 0)
        return planned

    async def _some(self, desk: Desk, edition: Edition) -> int:
        """Plan for a few hundred contacts in one transaction; return for how many."""
        if not await self._anything(edition):
            return 0
        self._passing("before_chunk")
        now = self._clock.now()
        async with self._alone() as connection:
            if connection is None:
                return 0
            await editions.adopt(self._database, connection, edition, now)
            ids = await subscriptions.of_another_edition(connection, edition.id, AT_ONCE)
            dates = Timetable(desk.facts.newest.deadlines.values(), now)
            await planning.bring_in_line(self._database, connection, dates, edition, ids, self._key)
            self._passing("in_chunk")
        return len(ids)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncConnection | None]:
        """Yield a writing transaction in which this process alone plans; None: another one does."""
        async with self._database.write() as connection:
            mine = await leases.take(
                self._database, connection, [LEASE], self._owner, LEASE_SECONDS
            )
            yield connection if mine else None

    async def _anything(self, edition: Edition) -> bool:
        async with self._database.read() as connection:
            force = await editions.adopted(connection)
            if force is not None and force.id == edition.id:
                return bool(await subscriptions.of_another_edition(connection, edition.id, 1))
        if force is not None and edition.older_than(force):
            raise OlderDates("newer dates are in force")
        return True

    async def _tell_older(self, edition: Edition) -> None:
        """Say once that this process must not plan, and warn the operator, if it stays so."""
        now = self._clock.now()
        if self._older is None or self._older[0] != edition.id:
            self._older = edition.id, now
        if self._told_older == edition.id or now - self._older[1] < OLDER_FOR:
            return
        log.error("the dates of this process are older than those in force: it plans nothing")
        async with self._database.write() as connection:
            once = f"dates-older:{edition.id}"
            await alarms.warn(self._database, connection, self._settings, now, "dates-older", once)
        self._told_older = edition.id

    async def _widen(self, desk: Desk, *, anew: bool) -> None:
        """Make room for large runs, every hour of Noon's clock and after planning anew."""
        now = self._clock.now()
        last = self._widened
        if not anew and last is not None and last <= now < last + WIDEN_EVERY:
            return
        deadlines = desk.facts.newest.deadlines
        async with self._alone() as connection:
            mine = connection is not None
        if mine:
            await spreading.widen(self._database, self._alone, self._settings, deadlines, now)
        self._widened = now
