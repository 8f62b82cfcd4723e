"""Erased is erased: in every table and file, and after an old backup was put back."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import SQLModel

from bot.clock import Clock
from bot.post import claiming, erasure, outbox, settling, subscribing, suppression
from bot.post.books import journal
from bot.post.kinds import Lane
from bot.post.mail import Capture
from bot.post.outbox import Frozen
from bot.post.outcomes import Command, Reply, classify
from bot.post.restoring import replay
from bot.post.settling import Report
from bot.store.database import Database
from bot.store.tables import (
    Answer,
    Button,
    Contact,
    Erasure,
    Exchange,
    OutboxMessage,
    Subscription,
    TelegramUpdate,
)
from handlers.ledger import MAIL, TELEGRAM, Wanted
from rules.addresses import parse
from tests.post_office import ANNA, CLOSES, DAY, HOUR, KEY, SHORT, SOON, Office, desk, wanted
from tests.postgres import sqlite

CHAT = 4711000000
CONVERSATION = "telegram-a1b2"
BEN = "ben@example.org"
"""Somebody else, of whom everything must stay."""


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def everything(office: Office) -> str:
    """Return every row of every table, and every file that is not the database itself."""
    rows = {name: await office.rows(model) for name, model in MODELS.items()}
    files = {
        str(path): path.read_text(encoding="utf-8")
        for path in office.folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }
    return json.dumps([rows, files], default=lambda value: bytes(value).decode(errors="replace"))


MODELS: dict[str, type[SQLModel]] = {
    mapper.class_.__name__: mapper.class_
    for mapper in SQLModel._sa_registry.mappers  # every table there is, whoever made it
}


async def live(office: Office) -> None:
    """Let a person do everything, by chat and by mail, and somebody else too."""
    by_chat = Wanted(TELEGRAM, "KA210", SHORT, "lv", "Europe/Riga", "reminders-1")
    await office.ask(by_chat, conversation=CONVERSATION, chat=CHAT)
    await office.ask(
        wanted(),
        wanted(selection="KA220"),
        conversation=CONVERSATION,
        chat=CHAT,
        network="192.0.2.9",
    )
    await office.confirm()
    await office.subscribed(wanted(BEN), conversation="web-2")
    async with office.books() as books:
        await subscribing.ask_access(books, parse(ANNA), conversation="web-3")
    await capture(office)
    await chat(office)
    await write(office, CONVERSATION, ANNA)
    await write(office, "web-2", BEN)
    await office.until(CLOSES - 3 * DAY)
    office.desk = desk({"wall": "2026-03-07T12:00:00"})
    await office.planner().look()
    async with office.ledger(CONVERSATION, chat=CHAT) as ledger:
        assert await ledger.handed_in(SOON)
    await office.ask(wanted("typed@example.org"), conversation=CONVERSATION, chat=CHAT)
    async with office.books() as books:
        await suppression.returned(books.database, books.connection, KEY, ANNA, False, books.now)


async def chat(office: Office) -> None:
    """Leave what an answered update and its button leave."""
    at = office.now.timestamp()
    done = {"update_id": 7, "chat": CHAT, "raw": "", "state": "done", "received_at": at}
    button = {"id": "b", "chat": CHAT, "choice": "menu", "made_at": at}
    async with office.database.write() as connection:
        await connection.execute(insert(TelegramUpdate).values(**done, messages=""))
        await connection.execute(insert(Button).values(**button))


async def capture(office: Office) -> None:
    """Keep what is due now as files, as where no provider is set."""
    async with office.books() as books:
        claimed = await claiming.claim(
            books.connection, now=books.now, owner="relay", seconds=30.0, limit=9,
            lane=Lane.ORDINARY, channel=MAIL,
        )  # fmt: skip
        mails = {one: Frozen(f"To: {one.address}".encode(), "<1@noon.invalid>") for one in claimed}
        await claiming.freeze(books.connection, mails, books.now)
        keeper = Capture(office.folder / "mail", Clock())
        results = [
            settling.settled(one, await keeper.carry(one, mail.content), books.now, Random(1))
            for one, mail in mails.items()
        ]
        await outbox.settle(books.connection, results)
    assert list((office.folder / "mail").glob("*.eml"))


async def write(office: Office, conversation: str, text: str) -> None:
    at = office.now.timestamp()
    answer = {"form": "reminders", "question": "address", "value": text, "answered_at": at}
    said = {"said": f"write to {text}", "replies": "[]", "at": at}
    async with office.database.write() as connection:
        await connection.execute(insert(Answer).values(conversation=conversation, **answer))
        await connection.execute(insert(Exchange).values(conversation=conversation, **said))


async def erase_in_chat(office: Office) -> None:
    async with office.ledger(CONVERSATION, chat=CHAT) as ledger:
        await ledger.erase()


async def erase_on_page(office: Office) -> None:
    async with office.page() as page:
        await page.erase()


async def test_the_export_holds_all_of_it(office: Office) -> None:
    await live(office)
    async with office.ledger(CONVERSATION, chat=CHAT) as ledger:
        held: Any = json.loads(json.dumps(await ledger.held()))
    assert {one["address"] for one in held["contacts"]} == {ANNA, str(CHAT)}
    assert {(one["channel"], one["selection"]) for one in held["subscriptions"]} == {
        (TELEGRAM, "KA210"), (MAIL, "KA210"), (MAIL, "KA220"),
    }  # fmt: skip
    assert all(one["consent"]["words"] == "reminders-1" for one in held["subscriptions"])
    assert {one["deadline"] for one in held["handed"]} == {SOON}
    kept = await office.rows(OutboxMessage)
    ids = {one["id"] for one in held["contacts"]}
    assert len(held["messages"]) == len([row for row in kept if row["contact"] in ids]) > 10
    assert {one["state"] for one in held["messages"]} >= {"accepted", "planned", "cancelled"}
    (conversation,) = held["conversations"]
    assert conversation["answers"] == {"reminders": {"address": ANNA}}
    assert conversation["said_last"] == f"write to {ANNA}"
    assert BEN not in json.dumps(held)


@pytest.mark.parametrize("erase", [erase_in_chat, erase_on_page])
async def test_nothing_is_left_but_hashes(office: Office, erase: Any) -> None:
    await live(office)
    before = await everything(office)
    assert all(text in before for text in (ANNA, str(CHAT), BEN))
    ben = await office.contact(BEN)
    his = [row for row in await office.rows(OutboxMessage) if row["contact"] == ben]
    ids = {row["id"] for row in await office.rows(Contact)} - {ben}

    await erase(office)

    after = await everything(office)
    for text in (ANNA, str(CHAT), CONVERSATION, "anna", "typed@example.org", *ids):
        assert text not in after, text
    assert [row for row in await office.rows(OutboxMessage) if row["contact"] == ben] == his
    assert [row["conversation"] for row in await office.rows(Subscription)] == ["web-2"]
    assert {row["address"] for row in await office.waiting()} == {BEN}
    assert len(await office.rows(Erasure)) == 3
    lines = journal(office.settings).read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["who"] for line in lines} == {
        row["who"] for row in await office.rows(Erasure)
    }
    assert journal(office.settings).stat().st_mode & 0o077 == 0


async def test_what_is_being_sent_is_noted_nowhere(office: Office) -> None:
    await office.subscribed(wanted())
    office.now = CLOSES - HOUR
    async with office.books() as books:
        (claimed,) = await claiming.claim(
            books.connection, now=books.now, owner="relay", seconds=30.0, limit=1,
            lane=Lane.ORDINARY, channel=MAIL,
        )  # fmt: skip
    await erase_in(office, "web-1")
    outcome = classify(Command.RCPT, Reply(450, f"4.2.1 <{ANNA}>: later"))
    async with office.books() as books:
        told = Report(outcome, f"450 <{ANNA}>: later")
        await outbox.settle(
            books.connection, [settling.settled(claimed, told, books.now, Random(1))]
        )
    assert ANNA not in await everything(office)
    assert await office.deliver() == []


async def erase_in(office: Office, conversation: str) -> None:
    async with office.ledger(conversation) as ledger:
        await ledger.erase()


async def test_a_suppressed_mailbox_stays_so(office: Office) -> None:
    await office.subscribed(wanted())
    async with office.books() as books:
        await suppression.returned(books.database, books.connection, KEY, ANNA, True, books.now)
    await erase_in(office, "web-1")
    assert "anna" not in await everything(office)
    await office.ask(wanted(), conversation="web-9")
    assert await office.waiting() == []


async def restored(office: Office, backup: Path, now: Any) -> Office:
    """Return the office over an old backup, with the files that lie beside the database."""
    path = office.folder / "restored.sqlite"
    shutil.copy(backup, path)
    database = Database(sqlite(path))
    await replay(database, KEY, office.settings, now)
    return Office(database, office.folder, office.desk, now)


def backed_up(office: Office) -> Path:
    """Return a copy of the database as it is, complete in one file."""
    path = office.folder / "backup.sqlite"
    there = office.database.url.database or ""
    with closing(sqlite3.connect(there)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    return path


async def test_an_old_backup_brings_nobody_back(sqlite_file: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_file, tmp_path / "noon.sqlite")
    office = Office(Database(sqlite(tmp_path / "noon.sqlite")), tmp_path)
    await live(office)
    await office.subscribed(wanted("cleo@example.org"), conversation="web-5")
    backup = backed_up(office)
    await erase_in_chat(office)
    async with office.books() as books:
        ended = await office.contact("cleo@example.org")
        assert await subscribing.unsubscribe(books, ended)

    again = await restored(office, backup, office.now + HOUR)
    found = await everything(again)
    for text in (ANNA, str(CHAT), CONVERSATION):
        assert text not in found, text
    assert BEN in found
    assert {row["address"] for row in await again.waiting()} == {BEN}
    assert {row["conversation"] for row in await again.rows(Subscription)} == {"web-2"}
    assert await replay(again.database, KEY, again.settings, again.now) == 0

    await again.subscribed(wanted(), wanted("cleo@example.org"), conversation="web-6")
    assert await replay(again.database, KEY, again.settings, again.now) == 0
    assert {row["address"] for row in await again.waiting()} == {ANNA, BEN, "cleo@example.org"}
    for opened in (office, again):
        await opened.database.close()


async def test_a_broken_line_in_the_journal_is_passed_over(office: Office) -> None:
    await office.subscribed(wanted())
    await erase_in(office, "web-1")
    path = journal(office.settings)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"who": "cut o')
    assert len(erasure.read(path)) == 2
    assert await replay(office.database, KEY, office.settings, office.now) == 0


async def test_with_nothing_erased_nothing_is_done(office: Office) -> None:
    await office.subscribed(wanted())
    before = await everything(office)
    assert await replay(office.database, KEY, office.settings, office.now + DAY) == 0
    assert await everything(office) == before


async def test_a_chat_that_is_lost_goes_with_all_it_had(office: Office) -> None:

    await live(office)
    office.now = CLOSES + DAY
    async with office.ledger(CONVERSATION, chat=CHAT) as ledger:
        await ledger.still_due(SOON)
    office.now = CLOSES + 2 * DAY - HOUR
    async with office.books() as books:
        (claimed,) = await claiming.claim(
            books.connection, now=books.now, owner="relay", seconds=30.0, limit=1,
            lane=Lane.ORDINARY, channel=TELEGRAM,
        )  # fmt: skip
        await suppression.lose(books.database, books.connection, KEY, claimed, books.now)
    assert {row["address"] for row in await office.rows(Contact)} == {
        ANNA, BEN, "typed@example.org",
    }  # fmt: skip
    assert not [row for row in await office.rows(OutboxMessage) if row["address"] == str(CHAT)]
