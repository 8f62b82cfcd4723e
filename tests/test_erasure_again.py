"""What is erased again after a backup, how little a start does otherwise, and a clock ahead."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert
from sqlmodel import SQLModel

from bot.post import erasure, restoring, subscribing
from bot.post.books import journal
from bot.post.restoring import replay
from bot.store.database import Database
from bot.store.tables import Contact, Erasure, Handed, OutboxMessage, Subscription
from handlers.ledger import TELEGRAM, Wanted
from tests.post_office import ANNA, DAY, HOUR, KEY, SHORT, SOON, Office, wanted

ABOUT: tuple[type[SQLModel], ...] = (Contact, Subscription, Handed, OutboxMessage)
YEAR = timedelta(days=365)
BEN = "ben@example.org"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def unsubscribe(office: Office, address: str = ANNA) -> None:
    contact = await office.contact(address)
    async with office.books() as books:
        assert await subscribing.unsubscribe(books, contact)


async def erase(office: Office) -> None:
    async with office.ledger() as ledger:
        await ledger.erase()


@dataclass(frozen=True)
class Backup:
    """Rows as they once were, of everything that is about a person."""

    rows: Mapping[type[SQLModel], list[dict[str, Any]]]

    @classmethod
    async def of(cls, office: Office) -> "Backup":
        """Return a backup of this moment."""
        return cls({table: await office.rows(table) for table in ABOUT})

    async def put_back(self, office: Office) -> None:
        """Let the database be as it was, and know nothing of who was erased since."""
        async with office.database.write() as connection:
            for table in (*reversed(ABOUT), Erasure):
                await connection.execute(delete(table))
            for table, rows in self.rows.items():
                if rows:
                    await connection.execute(insert(table), rows)


async def start(office: Office) -> int:
    return await replay(office.database, KEY, office.settings, office.now)


Leave = Callable[[Office], Awaitable[None]]


@pytest.mark.parametrize("leave", [unsubscribe, erase])
async def test_a_wish_made_after_a_clock_was_ahead_stays(office: Office, leave: Leave) -> None:
    now = office.now
    await office.subscribed(wanted())
    office.now = now + YEAR
    await leave(office)
    office.now = now + DAY
    await office.subscribed(wanted())
    before = await office.reminders()
    assert before == [f"{SOON} {lead}" for lead in SHORT.split()]
    office.now += HOUR
    backup = await Backup.of(office)
    await backup.put_back(office)
    assert await start(office) == 0
    assert await office.reminders() == before


@pytest.mark.parametrize("leave", [unsubscribe, erase])
async def test_who_leaves_again_stays_away_though_a_clock_was_ahead(
    office: Office, leave: Leave
) -> None:
    now = office.now
    await office.subscribed(wanted())
    office.now = now + YEAR
    await leave(office)
    office.now = now + DAY
    await office.subscribed(wanted())
    backup = await Backup.of(office)
    await leave(office)
    await backup.put_back(office)
    assert await start(office) > 0
    assert await office.rows(Subscription) == []
    assert await office.waiting() == []


async def test_a_chat_asks_again_after_a_clock_was_ahead(office: Office) -> None:
    by_chat = Wanted(TELEGRAM, "KA210", SHORT, "en", "Europe/Riga", "reminders-1")
    now = office.now
    for moment in (now, now + DAY):
        office.now = moment
        await office.ask(by_chat, conversation="web-1", chat=4711)
        office.now = now + YEAR
        if moment == now:
            async with office.ledger(chat=4711) as ledger:
                await ledger.erase()
    office.now = now + DAY
    backup = await Backup.of(office)
    await backup.put_back(office)
    assert await start(office) == 0
    assert len(await office.reminders()) == len(SHORT.split())


async def test_a_start_writes_nothing_where_the_table_knows_all(office: Office) -> None:
    await office.subscribed(wanted(), wanted(BEN))
    await unsubscribe(office)
    async with office.books(), asyncio.timeout(5):
        # Nobody else could write meanwhile, on SQLite.
        assert await start(office) == 0
    assert {row["address"] for row in await office.waiting()} == {BEN}


async def test_what_was_stopped_in_the_middle_is_done_at_the_next_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "AT_ONCE", 2)
    people = [f"p{n}@example.org" for n in range(7)]
    for address in people:
        await office.subscribed(wanted(address), conversation=address)
    backup = await Backup.of(office)
    for address in people[:5]:
        async with office.page(address) as page:
            await page.erase()
    await unsubscribe(office, people[5])
    await backup.put_back(office)

    async with asyncio.timeout(30):
        while {row["address"] for row in await office.rows(Contact)} == set(people):
            starting = asyncio.create_task(start(office))
            await asyncio.sleep(0.02)
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
    await start(office)

    assert {row["address"] for row in await office.rows(Contact)} == set(people[5:])
    assert {row["address"] for row in await office.waiting()} == {people[6]}
    assert await start(office) == 0
    assert len(await office.rows(Erasure)) == 11


async def test_a_backup_plans_nothing_of_what_a_stranger_erased(office: Office) -> None:
    """Erased is what was asked for in the conversation; the mailbox has more, and stays."""
    await office.subscribed(wanted(), conversation="anna")
    await office.subscribed(wanted(selection="KA220", leads="T-1d"))
    backup = await Backup.of(office)
    await erase(office)
    await backup.put_back(office)
    assert await start(office) == 1
    await office.planner().look()
    assert await office.reminders() == [f"{SOON} {lead}" for lead in SHORT.split()]


async def test_a_backup_from_before_there_was_more_plans_nothing_at_all(office: Office) -> None:
    await office.subscribed(wanted())
    backup = await Backup.of(office)
    await office.subscribed(wanted(selection="KA220", leads="T-1d"), conversation="anna")
    await erase(office)
    await backup.put_back(office)
    assert await start(office) == 1
    assert await office.waiting() == []


async def test_the_file_is_beside_the_database(office: Office) -> None:
    await office.subscribed(wanted())
    await erase(office)
    told = erasure.read(journal(office.settings))
    assert told == {row["who"]: row["at"] for row in await office.rows(Erasure)}
