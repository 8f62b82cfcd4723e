"""Incident notices planned while things fail, and how each of them fared."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from bot.post import outbox
from bot.post.content import Canary
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.store.database import TROUBLE, Database
from bot.store.tables import OutboxMessage as Row
from tests.post.running import DUE
from tests.smtp.process import SmtpProcess

AGAIN = 0.5
"""Seconds until somebody tries again to whom it was said that nothing could be stored."""


@dataclass
class Notices:
    """Notices by their keys, with the moment at which each was stored."""

    database: Database
    stored: dict[str, datetime] = field(default_factory=dict)
    refusals: int = 0

    async def go_on(self, every: float) -> None:
        """Plan one notice every so many seconds until cancelled."""
        while True:
            await self.plan()
            await asyncio.sleep(every)

    async def plan(self) -> None:
        """Plan one notice, as often as it takes."""
        key = f"incident:{len(self.stored)}"
        while key not in self.stored:
            try:
                async with self.database.write() as connection:
                    await outbox.plan(self.database, connection, [_notice(key)])
            except TROUBLE:
                self.refusals += 1
                await asyncio.sleep(AGAIN)
            else:
                self.stored[key] = datetime.now(UTC)

    async def waits(self, smtp: SmtpProcess) -> list[float]:
        """Return for each notice the seconds from its storing to its arrival; all must be there."""
        arrived: dict[str, datetime] = {}
        for one in await smtp.ask("messages"):
            arrived.setdefault(one["message_id"], datetime.fromisoformat(one["at"]))
        names = await self._names()
        assert names.keys() == self.stored.keys(), "a notice that was stored is gone"
        return [
            max(0.0, (arrived[names[key]] - at).total_seconds()) for key, at in self.stored.items()
        ]

    async def _names(self) -> dict[str, str]:
        query = select(col(Row.key), col(Row.message_id)).where(
            col(Row.kind) == Kind.INCIDENT.value, col(Row.state) == "accepted"
        )
        async with self.database.read() as connection:
            return dict((await connection.execute(query)).all())


def _notice(key: str) -> Planned:
    """Return a notice that is due at once on the clock of the soak's processes."""
    due = datetime.fromisoformat(DUE)
    made = Canary(language="lv", zone="Europe/Riga", at=due)
    content = made.model_dump(mode="json")
    until = due + timedelta(hours=12)
    return Planned(key, Kind.INCIDENT, "mail", "agency@example.org", content, due, until)
