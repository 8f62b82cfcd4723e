"""Reads the mailbox of returned mail every minute, one process at a time."""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from uuid import uuid4

from bot.clock import Clock
from bot.logs import places
from bot.post import canary, mailboxes
from bot.post.alarms import warn
from bot.post.bounces import imap, reports
from bot.post.bounces.following import Follow, Following, Notices, Seen
from bot.post.bounces.imap import Arrived
from bot.post.bounces.reports import Mail
from bot.post.mailboxes import Mailbox
from bot.service import Noon
from bot.settings import Settings
from bot.store import leases
from bot.store.database import TROUBLE, Database

EVERY = 60.0
LEASE = "bounces"
LEASE_SECONDS = 180.0
"""After so long without a sign of life another process reads."""

TOO_OFTEN = 10
"""After so many rounds in a row that failed the operator is warned, once a day."""

log = logging.getLogger(__name__)


async def run(noon: Noon, notices: Notices | None = None) -> None:
    """Read what comes back until cancelled; at once an end where no mailbox is set."""
    if noon.settings.bounces is None:
        return
    mailbox = mailboxes.parse(noon.settings.bounces)
    reader = Reader(
        mailbox,
        noon.database,
        noon.key,
        noon.settings,
        noon.clock,
        notices=notices,
    )
    try:
        while True:
            more = await reader.look()
            await asyncio.sleep(0 if more else EVERY)
    finally:
        await reader.close()


class Reader:
    """Looks into `mailbox`; what it leaves there untouched it remembers, and reads it once."""

    def __init__(
        self,
        mailbox: Mailbox,
        database: Database,
        key: bytes,
        settings: Settings,
        clock: Clock,
        seen: Seen = canary.seen,
        notices: Notices | None = None,
    ) -> None:
        self._mailbox = mailbox
        self._database = database
        self._settings = settings
        self._clock = clock
        self._following = Following(database, key, settings, seen, notices)
        self._owner = uuid4().hex
        self._left: set[tuple[str, int]] = set()
        self._failures = 0

    async def look(self) -> bool:
        """Look once, if it is this process's turn; return whether there may be more at once."""
        try:
            if not await self._my_turn():
                return False
            more = await self._round()
            self._failures = 0
            return more
        except imap.Unreadable as trouble:
            log.error("the mailbox of returned mail cannot be read: %s", trouble)
            await self._failed()
        except TROUBLE as error:
            log.error("returned mail cannot be noted now: %s", places(error))
        except Exception:
            log.exception("looking for returned mail failed")
        return False

    async def close(self) -> None:
        """Let another process read at once."""
        with suppress(*TROUBLE):
            async with self._database.write() as connection:
                await leases.give_back(connection, [LEASE], self._owner)

    async def _my_turn(self) -> bool:
        async with self._database.write() as connection:
            held = await leases.take(
                self._database, connection, [LEASE], self._owner, LEASE_SECONDS
            )
        return bool(held)

    async def _round(self) -> bool:
        found, mails = await asyncio.to_thread(_read, self._mailbox, frozenset(self._left))
        ended = {number: await self._followed(mail) for number, mail in mails.items()}
        finished = [number for number, follow in ended.items() if follow is Follow.DONE]
        if finished:
            await asyncio.to_thread(imap.done, self._mailbox, found.validity, finished)
        nothing = {number for number, follow in ended.items() if follow is Follow.NOTHING}
        known = {number for validity, number in self._left if validity == found.validity}
        self._left = {(found.validity, number) for number in nothing | known & found.unseen}
        return len(mails) == imap.MOST

    async def _followed(self, mail: Mail) -> Follow:
        """Act on one mail in a transaction of its own; one that cannot be acted on is left."""
        try:
            async with self._database.write() as connection:
                return await self._following.act(connection, mail, self._clock.now())
        except TROUBLE:
            raise
        except Exception:
            log.exception("a returned mail could not be acted on")
            return Follow.NOTHING

    async def _failed(self) -> None:
        """Warn once a day when reading has failed again and again."""
        self._failures += 1
        if self._failures < TOO_OFTEN:
            return
        now = self._clock.now()
        once = f"bounces-unreadable-{now.date()}"
        with suppress(*TROUBLE):
            async with self._database.write() as connection:
                await warn(
                    self._database, connection, self._settings, now, "bounces-unreadable", once
                )


def _read(mailbox: Mailbox, known: Collection[tuple[str, int]]) -> tuple[Arrived, dict[int, Mail]]:
    """Return what has arrived, and each mail read."""
    found = imap.arrived(mailbox, known)
    return found, {number: _understood(raw) for number, raw in found.mails.items()}


def _understood(raw: bytes) -> Mail:
    """Return a mail as read; one that breaks the reading is nobody's, and stops no other."""
    try:
        return reports.read(raw)
    except Exception as error:
        log.error("a mail that came in cannot be read: %s", places(error))
        return Mail("", (), None)
