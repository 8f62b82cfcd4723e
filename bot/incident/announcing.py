"""What the operator tells everybody: kept in one table, known to every process within seconds.

A page shows an announcement while it is current. A conversation is told it once, as the first of
the next replies.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.clock import Clock
from bot.logs import places
from bot.post.links import new_id
from bot.store.database import TROUBLE, Database
from bot.store.tables import Announcement
from handlers.markup import escape
from handlers.moments import BRUSSELS, moment
from handlers.notebook import Notebook
from handlers.turn import Reply
from handlers.visit import Desk
from handlers.words import Words, words

LOOK_EVERY = 5.0
"""Real seconds between looks at the table: it is promised that ten are enough."""

LONGEST = 600
"""Characters of an announcement: it stands above everything else."""

_TOLD = "told."
"""How the places in a notebook begin that say which announcements were told."""

log = logging.getLogger(__name__)


class BadAnnouncement(ValueError):
    """It cannot be announced; the text says why."""


@dataclass(frozen=True)
class Announced:
    """An announcement in one language; `source` is the official address, moments are aware."""

    id: str
    text: str
    source: str
    at: datetime
    until: datetime


class Board:
    """The announcements that are current, in memory, so that answering costs no query."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rows: Sequence[Announcement] = ()

    def told(self, now: datetime, language: str) -> tuple[Announced, ...]:
        """Return what is current at `now`, oldest first."""
        moment = now.timestamp()
        return tuple(_in_language(row, language) for row in self._rows if row.until > moment)

    async def refresh(self) -> None:
        """Look at the table once; what was known stays where it cannot be read."""
        try:
            async with self._database.read() as connection:
                self._rows = await current(connection, self._clock.now())
        except TROUBLE as error:
            log.warning("announcements could not be looked at: %s", places(error))

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.refresh()
            except Exception:
                log.exception("looking at the announcements failed; it is tried again")


async def current(connection: AsyncConnection, now: datetime) -> list[Announcement]:
    """Return the announcements that are in force at `now`, oldest first."""
    query = select(Announcement).where(col(Announcement.until) > now.timestamp())
    rows = await connection.execute(query.order_by(col(Announcement.made_at)))
    return [Announcement(**row) for row in rows.mappings()]


async def announce(
    connection: AsyncConnection, lv: str, en: str, source: str, now: datetime, hours: float
) -> str:
    """Put up an announcement for `hours` from `now`; return its id.

    Raises `BadAnnouncement` where a text or the source cannot be shown.
    """
    values = {
        "id": new_id(),
        "text_lv": checked_text(lv),
        "text_en": checked_text(en),
        "source": checked_source(source),
        "made_at": now.timestamp(),
        "until": (now + timedelta(hours=hours)).timestamp(),
    }
    await connection.execute(insert(Announcement).values(values))
    return str(values["id"])


async def withdraw(connection: AsyncConnection, identifier: str, now: datetime) -> bool:
    """Take down an announcement; False where none with that id is up."""
    mine = (col(Announcement.id) == identifier) & (col(Announcement.until) > now.timestamp())
    # Not now: in a rehearsal another process's clock may be behind this one's.
    change = update(Announcement).where(mine).values(until=col(Announcement.made_at) - 1)
    return bool((await connection.execute(change)).rowcount)


def checked_text(text: str) -> str:
    """Return a text without white space around it; raises `BadAnnouncement` with the reason."""
    bare = text.strip()
    if not bare:
        raise BadAnnouncement("both languages need a text")
    if len(bare) > LONGEST:
        raise BadAnnouncement(f"a text may have at most {LONGEST} characters")
    if not bare.replace("\n", "").isprintable():
        raise BadAnnouncement("a text may have only printable characters and new lines")
    return bare


def checked_source(address: str) -> str:
    """Return an https address; raises `BadAnnouncement` for anything else."""
    bare = address.strip()
    try:
        parts = urlsplit(bare)
        whole = parts.scheme == "https" and parts.hostname and parts.username is None
    except ValueError:
        whole = False
    if not whole or not bare.isascii() or not bare.isprintable() or set(bare) & set(" <>\"'()"):
        raise BadAnnouncement("the source must be an https address, where everybody can read it")
    return bare


def said(announced: Announced, speech: Words, desk: Desk) -> str:
    """Return an announcement as it is told in a conversation, in the markup of replies."""
    return speech.say(
        "told.announcement",
        text=escape(announced.text),
        source=announced.source,
        at=moment(speech, announced.at, BRUSSELS, desk.zone),
    )


def led(
    replies: list[Reply], notes: Notebook, announced: Sequence[Announced], desk: Desk
) -> list[Reply]:
    """Return `replies` after what this conversation was not told yet, which is noted in `notes`.

    Somebody who had everything erased, or is not answered, is told nothing.
    """
    if not replies or notes.language is None:
        return replies
    known = notes.read("person")
    new = [one for one in announced if f"{_TOLD}{one.id}" not in known]
    for one in new:
        notes.write("person", f"{_TOLD}{one.id}", one.at.date().isoformat())
    speech = words(notes.language)
    return [*(Reply(said(one, speech, desk)) for one in new), *replies]


def _in_language(row: Announcement, language: str) -> Announced:
    return Announced(
        row.id,
        row.text_lv if language == "lv" else row.text_en,
        row.source,
        datetime.fromtimestamp(row.made_at, UTC),
        datetime.fromtimestamp(row.until, UTC),
    )
