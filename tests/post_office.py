"""The post office's books as a test writes in them: dates, transactions, and what is planned."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlmodel import SQLModel, col

from bot.clock import Clock
from bot.post import claiming, outbox, subscribing
from bot.post.books import Books
from bot.post.kinds import Lane
from bot.post.ledger import ContactLedger, ConversationLedger
from bot.post.outbox import Frozen
from bot.post.planner import Planner
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Contact, OutboxMessage, Subscription
from handlers.ledger import MAIL, Taken, Wanted
from handlers.visit import Desk
from rules.deadlines import ChangeLine, DeadlineLine
from tests.talk import with_deadlines

KEY = b"a key of the test's own"
WINTER = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
CLOSES = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOON = "2026-ka210-r1"
LATER = "2026-ka220-r1"
MAYBE = "2026-ka240-r2"
SHORT = "T-7d T-1d T-2h"
ANNA = "anna@example.org"


def line(identifier: str, wall: str, state: str = "confirmed") -> DeadlineLine:
    """Return a deadline of a test; its action is in its name."""
    return DeadlineLine.model_validate(
        {
            "id": identifier,
            "action": identifier.split("-")[1].upper(),
            "sectors": ["VET"],
            "round": int(identifier[-1]),
            "managed_by": "agency",
            "wall": wall,
            "zone": "Europe/Brussels",
            "state": state,
            "source": "pg-2026:1",
            "recorded": datetime(2025, 11, 1, tzinfo=UTC),
        }
    )


LINES = [
    line(SOON, "2026-03-05T12:00:00"),
    line(LATER, "2026-03-12T12:00:00"),
    line(MAYBE, "2026-10-01T12:00:00", "conditional"),
]


def desk(*changes: dict[str, Any]) -> Desk:
    """Return a desk with the deadlines of a test and what was changed of them, oldest first."""
    known = datetime(2026, 1, 1, tzinfo=UTC)
    lines = [
        ChangeLine.model_validate(
            {"recorded": known + number * HOUR, "source": "pg-2026:1", "id": SOON, **change}
        )
        for number, change in enumerate(changes)
    ]
    return with_deadlines(LINES, lines)


def wanted(address: str = ANNA, selection: str = "KA210", leads: str = SHORT) -> Wanted:
    """Return what somebody asks for by mail."""
    return Wanted(MAIL, selection, leads, "lv", "Europe/Riga", "reminders-1", address)


@dataclass
class Office:
    """A database with the desk and the time of a test; both may be changed."""

    database: Database
    folder: Path
    desk: Desk = field(default_factory=desk)
    now: datetime = WINTER
    mail_rate: float = 10.0

    @property
    def settings(self) -> Settings:
        """The settings, with files in the test's own folder."""
        return Settings(
            _env_file=None,
            data_dir=self.folder,
            mail_rate=self.mail_rate,
            operator_email="operator@example.org",
        )

    @asynccontextmanager
    async def books(self) -> AsyncIterator[Books]:
        """Yield open books; what is written in them is kept at the end."""
        async with self.database.write() as connection:
            yield Books(self.database, connection, KEY, self.desk, self.settings, self.now)

    @asynccontextmanager
    async def ledger(
        self, conversation: str = "web-1", chat: int | None = None, network: str = ""
    ) -> AsyncIterator[ConversationLedger]:
        """Yield the ledger of a conversation for one turn."""
        async with self.books() as books:
            yield ConversationLedger(books, conversation, chat=chat, network=network)

    @asynccontextmanager
    async def page(self, address: str = ANNA) -> AsyncIterator[ContactLedger]:
        """Yield the ledger behind the link that is mailed to `address`."""
        identifier = await self.contact(address)
        async with self.books() as books:
            yield ContactLedger(books, identifier)

    async def ask(self, *asked: Wanted, conversation: str = "web-1", **of: Any) -> list[Taken]:
        """Ask for subscriptions in one turn."""
        async with self.ledger(conversation, **of) as ledger:
            return [await ledger.subscribe(one) for one in asked]

    async def confirm(self, address: str = ANNA) -> None:
        """Press the button behind every confirmation link of `address`."""
        for row in await self.rows(Subscription, col(Subscription.confirmed_at).is_(None)):
            if row["contact"] == await self.contact(address):
                async with self.books() as books:
                    assert await subscribing.confirm(books, row["id"])

    async def subscribed(self, *asked: Wanted, conversation: str = "web-1") -> None:
        """Ask for subscriptions by mail and confirm them."""
        await self.ask(*asked, conversation=conversation)
        for one in asked:
            await self.confirm(one.address)

    async def contact(self, address: str = ANNA) -> str:
        """Return the id of the contact at `address`."""
        (row,) = await self.rows(Contact, col(Contact.address) == address)
        return str(row["id"])

    async def rows(self, table: type[SQLModel], *where: Any) -> list[dict[str, Any]]:
        """Return rows of a table."""
        async with self.database.read() as connection:
            found = await connection.execute(select(table.__table__).where(*where))
            return [dict(row) for row in found.mappings()]

    async def waiting(self, *kinds: str) -> list[dict[str, Any]]:
        """Return what waits in the outbox, the first one first."""
        some = [col(OutboxMessage.kind).in_(kinds)] if kinds else []
        rows = await self.rows(OutboxMessage, outbox.WAITING, *some)
        return sorted(rows, key=lambda row: (row["due_at"], row["key"]))

    async def reminders(self) -> list[str]:
        """Return the reminders that wait, by deadline and lead time, the first one first."""
        rows = await self.waiting("reminder", "two-hours")
        return [f"{row['deadline']} {row['key'].rpartition(':')[2]}" for row in rows]

    def planner(self, **more: Any) -> Planner:
        """Return a planner with the desk and the time of the test, as it goes on."""
        clock = OfficeClock(self)
        settings = self.settings
        owner = more.pop("owner", "one")
        return Planner(self.database, clock, lambda: self.desk, settings, KEY, owner=owner, **more)

    async def deliver(self) -> list[str]:
        """Send all that may leave at this moment, and return the keys, most urgent first."""
        async with self.database.write() as connection:
            await outbox.expire(connection, self.now)
            found: list[str] = []
            for channel in ("mail", "telegram"):
                claimed = await claiming.claim(
                    connection, now=self.now, owner="relay", seconds=30.0, limit=10_000,
                    lane=Lane.ORDINARY, channel=channel,
                )  # fmt: skip
                ids = [one.id for one in claimed]
                mine = col(OutboxMessage.id).in_(ids)
                sent = {"state": "accepted", "settled_at": self.now.timestamp()}
                bytes_ = {one: Frozen(b"bytes", "<one@noon.invalid>") for one in claimed}
                await claiming.freeze(connection, bytes_, self.now)
                await connection.execute(update(OutboxMessage).where(mine).values(**sent))
                rows = await connection.execute(select(col(OutboxMessage.key)).where(mine))
                found += sorted(rows.scalars())
            return found

    async def until(self, end: datetime) -> list[str]:
        """Let the time pass up to `end`, planning first; return the keys of what left."""
        await self.planner().look()
        left = await self.deliver()
        while (then := await self._next()) is not None and then <= end:
            self.now = max(self.now, then)
            left += await self.deliver()
        self.now = end
        return left

    async def _next(self) -> datetime | None:
        """Return the moment at which something leaves or runs out next."""
        times = [min(row["next_at"], row["not_after"]) for row in await self.waiting()]
        return datetime.fromtimestamp(min(times), UTC) if times else None


class OfficeClock(Clock):
    """A clock that shows the time of an office, which its test sets."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.now)
        self._office = office

    def now(self) -> datetime:
        """Return the office's time."""
        return self._office.now


def leads(keys: Sequence[str]) -> list[str]:
    """Return the lead times of reminders by their keys; a notice is called `moved`."""
    return ["moved" if key.startswith("moved") else key.rpartition(":")[2] for key in keys]
