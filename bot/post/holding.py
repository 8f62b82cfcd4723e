"""What a relay holds: claimed messages, and until when they are its own.

The lease is on the database's clock; here it is counted on the machine's, which goes on while the
process or the machine sleeps. Whoever slept over a lease sends nothing of what it held.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

from bot.post import claiming
from bot.post.outbox import Claimed
from bot.store.database import TROUBLE, Database


class Holding:
    """The messages that one relay has claimed for `lease` seconds at a time."""

    def __init__(self, database: Database, lease: float) -> None:
        self.lease = lease
        self._database = database
        self._held: dict[str, Claimed] = {}
        self._until: dict[str, float] = {}

    def ends_at(self) -> float:
        """Return when a lease ends that is taken now; ask before it is taken."""
        return _uptime() + self.lease

    def take(self, claimed: Iterable[Claimed], until: float) -> None:
        """Hold `claimed` until `ends_at` said."""
        for one in claimed:
            self._held[one.id] = one
            self._until[one.id] = until

    def let_go(self, claimed: Claimed) -> None:
        """Hold `claimed` no longer; a newer claim of the same message stays."""
        if self._held.get(claimed.id) is claimed:
            del self._held[claimed.id], self._until[claimed.id]

    def has(self, claimed: Claimed) -> bool:
        """Whether `claimed` is certainly nobody else's yet."""
        return self._until.get(claimed.id, 0.0) > _uptime()

    async def renew(self) -> None:
        """Renew the leases until cancelled; trouble is made up for by the next time."""
        while True:
            await asyncio.sleep(self.lease / 3)
            with suppress(*TROUBLE):
                await self._renew_once()

    async def _renew_once(self) -> None:
        held, until = list(self._held.values()), self.ends_at()
        if not held:
            return
        async with self._database.write() as connection:
            kept = await claiming.renew(connection, held, self.lease)
        self.take((one for one in held if one.id in kept and self._held.get(one.id) is one), until)


def _uptime() -> float:
    """Return seconds that go on while the process, or its machine, is asleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
