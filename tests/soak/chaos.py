"""Reminders and incidents on their way through `noon post` while its database fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL

from bot.store.database import TROUBLE, Database
from tests.post.running import BEFORE, done, environment, noon, table
from tests.post.store import settled, states
from tests.smtp.process import SmtpProcess
from tests.soak.notices import Notices
from tests.soak.service import Post, post
from tests.soak.size import spread, tell

RATE = 20
"""Reminders a second, so that they are under way all the time."""

NOTICE_EVERY = 3.0
RED_WITHIN = 10.0
PATIENCE = 600.0


@dataclass
class Chaos:
    """A run with trouble in it: how fast it was seen, how fast it was seen to be over."""

    post: Post
    smtp: SmtpProcess
    notices: Notices
    people: int
    red: list[float] = field(default_factory=list)
    green: list[float] = field(default_factory=list)
    troubles: int = 0

    async def begins(self) -> None:
        """Count a trouble that begins now, just after the port has said that all is well."""
        await self.post.until(True)
        self.troubles += 1

    async def seen(self) -> None:
        """Wait until the operator's port says that the post office cannot work."""
        self.red.append(await self.post.until(False))

    async def over(self) -> None:
        """Wait until it says that it can again."""
        self.green.append(await self.post.until(True))

    async def judged(self, what: str, url: URL) -> None:
        """Wait for the end of the run, tell its figures and hold them against the promises."""
        database = self.notices.database
        await self._ended(database)
        copies = await self.smtp.copies()
        expected = self.people + len(self.notices.stored)
        waits = await self.notices.waits(self.smtp)
        tell(
            what, url,
            troubles=self.troubles, reminders=self.people, incidents=len(self.notices.stored),
            lost=expected - len(copies), extra_copies=sum(copies.values()) - len(copies),
            refused_to_store=self.notices.refusals, red_after=spread(self.red),
            green_after=spread(self.green), incident_accepted_after=spread(waits),
        )  # fmt: skip
        assert await states(database) == {"accepted": expected}
        assert len(copies) == expected
        assert max(copies.values()) == 1, "nobody was killed, so nothing is sent twice"
        assert max(self.red) <= RED_WITHIN
        assert self.post.lives

    async def _ended(self, database: Database) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await _settled(database):
                await asyncio.sleep(0.5)


async def _settled(database: Database) -> bool:
    try:
        return await settled(database)
    except TROUBLE:
        return False


@asynccontextmanager
async def chaos(url: URL, folder: Path, printed: Path, seconds: float) -> AsyncIterator[Chaos]:
    """Yield a run on `url` that lasts about so many seconds; notices are planned meanwhile."""
    people = int(RATE * seconds * 0.6)
    before = environment(url, folder, BEFORE)
    file = table(printed.parent, range(people))
    await done(await noon("subscribers", "import", str(file), **before))
    database = Database(url)
    try:
        async with SmtpProcess("--headers-only") as smtp:
            variables = {"NOON_SMTP_URL": smtp.url(tls="none"), "NOON_MAIL_RATE": str(RATE)}
            async with post(url, folder, printed, **variables) as running:
                yield Chaos(running, smtp, Notices(database), people)
    finally:
        await database.close()


@asynccontextmanager
async def notices(run: Chaos) -> AsyncIterator[None]:
    """Plan notices meanwhile; the last one is stored when this ends."""
    planning = asyncio.create_task(run.notices.go_on(NOTICE_EVERY))
    try:
        yield
    finally:
        planning.cancel()
        await asyncio.gather(planning, return_exceptions=True)
