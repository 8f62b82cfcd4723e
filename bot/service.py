"""The composition root: builds everything from settings, once, and answers turns."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.almanac import Almanac
from bot.clock import Clock
from bot.incident import announcing
from bot.incident.announcing import Announced, Board
from bot.incident.desk import ConversationCases
from bot.incident.files import Files
from bot.incident.inspecting import Inspector
from bot.post import restoring
from bot.post.books import Books
from bot.post.ledger import ConversationLedger
from bot.post.mail import forget
from bot.settings import Settings
from bot.store import NotMigrated, keys, notebooks, retention, schema
from bot.store.database import Database
from bot.store.letterbox import Letterbox
from handlers.cases import Cases
from handlers.ledger import Ledger
from handlers.notebook import Notebook
from handlers.router import respond
from handlers.turn import Reply, Turn
from handlers.visit import Desk

PRUNE_EVERY = 6 * 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who is answered, as far as the ledger of reminders must know: a person alone, not a group.

    `chat` is the number of a private Telegram chat, `network` the address that a visitor of the
    web page connects from. Neither is kept as it is but the chat that somebody subscribes. `later`:
    the face has large files written when it sends them.
    """

    conversation: str
    chat: int | None = None
    network: str = field(default="", repr=False)
    later: bool = False


@dataclass(frozen=True)
class Answered:
    """An answered turn: its replies, the notebook as it is now, the transaction it is saved in."""

    replies: list[Reply]
    notes: Notebook
    connection: AsyncConnection


class Noon:
    """Everything that runs, with its parts in the open.

    `telegram_name` is the bot's name, once the Telegram face has learnt it.
    """

    def __init__(self, settings: Settings, key: bytes, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.key = key
        self.database = database
        self.clock = clock
        self.almanac = Almanac(settings, clock)
        self.board = Board(database, clock)
        self.inspector = Inspector()
        self.files = Files(self._reading)
        self.letterbox = Letterbox(database, clock)
        self.telegram_name: str | None = None

    async def answer(self, turn: Turn) -> list[Reply]:
        """Return the replies to `turn`; what it taught about the conversation is saved."""
        async with self.answering(turn, Caller(turn.conversation)) as answered:
            return answered.replies

    @asynccontextmanager
    async def answering(self, turn: Turn, caller: Caller) -> AsyncIterator[Answered]:
        """Yield `turn` answered and saved, in a transaction that is still open.

        What the block saves with it is saved together or not at all.
        """
        async with self.database.write() as connection:
            if not self.database.embedded:
                lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
                await connection.execute(lock, {"name": turn.conversation})
            notes = (await notebooks.load(connection, [turn.conversation]))[turn.conversation]
            ledger, cases = self.ledger(connection, caller), self.cases(connection, caller)
            replies = await self.reply(turn, notes, ledger, cases)
            at = turn.now.timestamp()
            await notebooks.save(self.database, connection, {turn.conversation: notes}, at)
            yield Answered(replies, notes, connection)

    async def reply(
        self,
        turn: Turn,
        notes: Notebook,
        ledger: Ledger | None = None,
        cases: Cases | None = None,
    ) -> list[Reply]:
        """Return the replies to `turn` by `notes`, which are not saved.

        What is done in `ledger` and `cases` is kept with their transaction. None: nothing personal
        is shown.
        """
        editors = self.letterbox.of(turn.conversation.partition("-")[0])
        replies = await respond(turn, notes, self.desk, ledger, cases, editors)
        announced = self.announced(turn.now, notes.language or turn.language or "")
        return announcing.led(replies, notes, announced, self.almanac.desk)

    @property
    def desk(self) -> Desk:
        """What all visits share, with the bot's name in Telegram where the face has learnt it."""
        desk = self.almanac.desk
        return replace(desk, telegram=self.telegram_name) if self.telegram_name else desk

    def ledger(self, connection: AsyncConnection, caller: Caller) -> Ledger:
        """Return the reminders of a conversation, within the transaction of `connection`."""
        books = self.books(connection)
        return ConversationLedger(
            books, caller.conversation, chat=caller.chat, network=caller.network
        )

    def cases(self, connection: AsyncConnection, caller: Caller) -> Cases:
        """Return the incident notices of a conversation, within the transaction of `connection`."""
        books = self.books(connection)
        return ConversationCases(
            books, caller.conversation, caller.chat, caller.network, later=caller.later
        )

    def books(self, connection: AsyncConnection) -> Books:
        """Return the post office's books within the transaction of `connection`."""
        return Books(
            self.database,
            connection,
            self.key,
            self.almanac.desk,
            self.settings,
            self.clock.now(),
        )

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Books]:
        async with self.database.read() as connection:
            yield self.books(connection)

    def announced(self, now: datetime, language: str) -> tuple[Announced, ...]:
        """Return what the operator tells everybody at `now`; it costs no query."""
        return self.board.told(now, language)

    def conversation(self, *parts: object) -> str:
        """Return the opaque id of a conversation: a face's name and whatever tells people apart."""
        return f"{parts[0]}-{keys.sign(self.key, *parts)}"


@asynccontextmanager
async def open_noon(settings: Settings, *, migrate: bool) -> AsyncIterator[Noon]:
    """Yield a working Noon and close it afterwards.

    `migrate` brings the tables up to date first; else `NotMigrated` is raised where they are not.
    """
    database = Database(settings.database)
    try:
        if migrate:
            await schema.upgrade(database)
        elif not await schema.is_current(database):
            raise NotMigrated
        given = settings.secret.get_secret_value() if settings.secret else None
        key = await keys.key(database, given)
        noon = Noon(settings, key, database, Clock(settings.now, settings.now_rate))
        await restoring.replay(database, key, settings, noon.clock.now())
        await noon.board.refresh()
        try:
            async with _background(noon):
                yield noon
        finally:
            await noon.letterbox.empty()
            await noon.inspector.close()
    finally:
        await database.close()


@asynccontextmanager
async def _background(noon: Noon) -> AsyncIterator[None]:
    loops = (noon.almanac.watch(), noon.board.watch(), noon.letterbox.watch(), _prune(noon))
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _prune(noon: Noon) -> None:
    while True:
        try:
            deadlines = noon.almanac.desk.facts.newest.deadlines.values()
            await retention.prune(noon.database, noon.clock.now().timestamp(), deadlines)
            await asyncio.to_thread(forget, noon.settings.data_dir / "mail", noon.clock.now())
        except Exception:
            log.exception("old conversations were not erased this time; it is tried again")
        await asyncio.sleep(PRUNE_EVERY)
