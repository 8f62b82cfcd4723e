"""Reminders for tests: a Noon on a real store, people who talk with it, and what it keeps."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from unittest.mock import patch

from sqlalchemy import select, text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from bot import almanac
from bot.post import links, subscribing
from bot.post.links import Purpose
from bot.service import Caller, Noon, open_noon
from bot.settings import Settings
from bot.store.database import Database
from handlers.markup import plain
from handlers.turn import Reply, Turn
from handlers.words import words
from rules.asking import finder
from rules.loader import load
from rules.understanding import Finder

FEBRUARY = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
"""A month before KA210 and KA220 close."""

NOVEMBER = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""After all deadlines of the call."""


@cache
def learned() -> Finder:
    """Return the finder of topics, learned once: that takes most of a start."""
    return finder(load())


@contextmanager
def quick_start() -> Iterator[None]:
    """Let every Noon that is opened meanwhile share one finder of topics."""
    with patch.object(almanac, "finder", lambda facts: learned()):
        yield


@asynccontextmanager
async def noon_on(url: URL, now: datetime = FEBRUARY, **given: object) -> AsyncIterator[Noon]:
    """Yield a Noon whose clock begins at `now` and whose database is at `url`."""
    fields = {"database_url": url.render_as_string(hide_password=False), **given}
    settings = Settings(_env_file=None, now=now, **fields)
    with quick_start():
        async with open_noon(settings, migrate=False) as noon:
            yield noon


@dataclass
class Person:
    """Somebody in a conversation; with several Noons the turns go to each of them in turn.

    `chat` is the number of their private Telegram chat, where they have one.
    """

    noons: list[Noon]
    name: str = "anna"
    chat: int | None = None
    language: str = "en"
    replies: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._turn_of = cycle(self.noons)

    @property
    def conversation(self) -> str:
        """The opaque id of the conversation."""
        return self.noons[0].conversation("test", self.name)

    async def say(self, said: str) -> str:
        """Type something and return what is answered, for reading."""
        return await self._turn(said, None)

    async def press(self, choice: str) -> str:
        """Press the choice with that id, which must be offered, and return what is answered."""
        assert choice in self.choices, (choice, self.choices)
        return await self._turn("", choice)

    async def send(self, choice: str) -> str:
        """Send a choice as a button far up in the chat does, or somebody who makes it up."""
        return await self._turn("", choice)

    @property
    def choices(self) -> list[str]:
        """The ids that are offered now."""
        return [choice.id for reply in self.replies for choice in reply.choices]

    async def _turn(self, said: str, choice: str | None) -> str:
        noon = next(self._turn_of)
        turn = Turn(self.conversation, noon.clock.now(), said, choice, self.language)
        caller = Caller(self.conversation, self.chat, "192.0.2.7" if self.chat is None else "")
        async with noon.answering(turn, caller) as answered:
            self.replies = answered.replies
        # The clock is shifted, so every answer begins by saying that it is a rehearsal.
        return "\n".join(plain(reply.text) for reply in self.replies).partition("\n\n")[2]


async def subscribed(person: Person, address: str = "", channel: str = "mail") -> str:
    """Subscribe to KA220 for vocational education as the steps ask, and return the answer."""
    await person.say("/reminders")
    await person.press("reminders:add")
    await person.press("reminders:what:KA220")
    await person.press("reminders:pick:VET")
    await person.press("reminders:sectors:done")
    if f"reminders:where:{channel}" in person.choices:
        await person.press(f"reminders:where:{channel}")
    if channel != "telegram":
        await person.say(address)
    await person.press(person.choices[0])
    return await person.press("reminders:agree")


def said(key: str, language: str = "en", **values: object) -> str:
    """Return a message as it is read."""
    return plain(words(language).say(key, **values))


async def sealed(noon: Noon, purpose: Purpose, address: str) -> str:
    """Return the link's token for the newest subscription of `address`, as mails have it."""
    query = text(
        "SELECT s.id, s.contact FROM subscription s JOIN contact c ON c.id = s.contact"
        " WHERE c.address = :address ORDER BY s.made_at DESC, s.id"
    )
    async with noon.database.read() as connection:
        subscription, contact = (await connection.execute(query, {"address": address})).first()
    identifier = subscription if purpose is Purpose.CONFIRM else contact
    return links.sealed(noon.key, purpose, identifier)


async def everything(database: Database) -> dict[str, list[str]]:
    """Return every row of every table as text."""
    found = {}
    async with database.read() as connection:
        for table in SQLModel.metadata.sorted_tables:
            rows = await connection.execute(select(table))
            found[table.name] = sorted(str(tuple(row)) for row in rows)
    return found


async def traces(database: Database, *needles: str) -> list[str]:
    """Return every row that holds one of `needles`, in whatever case, with its table."""
    return [
        f"{table}: {row}"
        for table, rows in (await everything(database)).items()
        for row in rows
        if any(needle.casefold() in row.casefold() for needle in needles)
    ]


async def confirmed(noon: Noon, address: str) -> None:
    """Press the button of the link in the mail that asked."""
    token = await sealed(noon, Purpose.CONFIRM, address)
    identifier = links.opened(noon.key, Purpose.CONFIRM, token)
    async with noon.database.write() as connection:
        assert await subscribing.confirm(noon.books(connection), identifier or "")


async def kept(noon: Noon, person: Person) -> list[tuple[str, str, str, bool]]:
    """Return what is subscribed in a conversation: selection, channel, lead times, confirmed."""
    async with noon.database.read() as connection:
        ledger = noon.ledger(connection, Caller(person.conversation))
        rows = await ledger.subscriptions()
    return [(row.selection, row.channel, row.leads, row.confirmed) for row in rows]
