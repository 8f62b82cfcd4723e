"""`noon outbox`: what was left to a person is told without addresses, and goes on where it may."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col
from typer.testing import CliRunner, Result

from bot.commands.outbox import app
from bot.post import outbox, reviving, subscribing, suppression
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.post.reviving import Revived, Why
from bot.post.states import State
from bot.post.stranded import KEPT, hidden, stranded
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from tests.post_office import ANNA, DAY, HOUR, KEY, SOON, WINTER, Office, wanted
from tests.postgres import sqlite

BEN = "ben@example.org"
REFUSED = "rcpt: 554 5.7.1 <Ben@Example.org>: ben is not wanted here, ask postmaster@example.org"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


def planned(key: str, kind: Kind, until: timedelta = DAY) -> Planned:
    return Planned(key, kind, "mail", BEN, {}, WINTER, WINTER + until)


async def change(database: Database, key: str, **values: Any) -> str:
    async with database.write() as connection:
        mine = update(Row).where(col(Row.key) == key).values(**values).returning(col(Row.id))
        return str((await connection.execute(mine)).scalar_one())


async def stopped(
    office: Office, message: Planned, state: State = State.NEEDS_HUMAN, **more: Any
) -> str:
    """Plan a message that came as far as `state`, and return its id."""
    async with office.books() as books:
        await outbox.plan(books.database, books.connection, [message])
    usual = {"state": state.value, "settled_at": office.now.timestamp(), "answer": REFUSED}
    return await change(office.database, message.key, **usual | more)


async def revived(office: Office, *ids: str) -> Revived:
    async with office.books() as books:
        return await reviving.revive(books, ids)


async def row(office: Office, identifier: str) -> dict[str, Any]:
    (found,) = await office.rows(Row, col(Row.id) == identifier)
    return found


async def test_what_is_stranded_is_told_for_thirty_days_and_without_any_address(
    office: Office,
) -> None:
    first = await stopped(office, planned("a", Kind.INCIDENT), State.REJECTED)
    await stopped(office, planned("b", Kind.REMINDER), State.EXPIRED)
    office.now += HOUR
    second = await stopped(office, planned("c", Kind.MOVED))
    async with office.books() as books:
        told = await stranded(books.connection, office.now)
    assert [(one.id, one.kind, one.state) for one in told] == [
        (second, "moved", "needs_human"),
        (first, "incident", "rejected"),
    ]
    assert told[0].since == office.now
    assert told[0].answer == "rcpt: 554 5.7.1 <…>: … is not wanted here, ask …"
    async with office.books() as books:
        left = await stranded(books.connection, office.now + KEPT)
    assert [one.id for one in left] == [second]


@pytest.mark.parametrize(
    ("answer", "address", "shown"),
    [
        ("550 +371 no", "371", "550 +… no"),
        ("Forbidden: 1001 and 10012", "1001", "Forbidden: … and 10012"),
        ("550 ab is in a cab", "ab@example.org", "550 ab is in a cab"),
        ("550 moved to <x.y@b.example>", "", "550 moved to <…>"),
    ],
)
def test_words_are_told_without_whom_they_name(answer: str, address: str, shown: str) -> None:
    assert hidden(answer, address) == shown


@pytest.mark.parametrize("state", [State.NEEDS_HUMAN, State.REJECTED])
async def test_what_goes_on_is_due_at_once_as_it_stood(office: Office, state: State) -> None:
    begun = {"first_at": 1.0, "message_id": "<1@x>", "silences": 1}
    counts = {"attempts": 9, "repeats": 4, "last_verdict": "path", "fence": 3}
    one = await stopped(office, planned("a", Kind.INCIDENT), state, **begun, **counts)
    other = await stopped(office, planned("b", Kind.CODE), state)
    done = await revived(office, one, other)
    assert (set(done.again), done.refused) == ({one, other}, {})
    first, second = await row(office, one), await row(office, other)
    assert (first["state"], first["message_id"]) == ("due", "<1@x>")
    assert (first["silences"], first["fence"]) == (1, 3)
    assert (first["attempts"], first["repeats"], first["last_verdict"]) == (0, 0, "")
    assert first["next_at"] == first["first_at"] == office.now.timestamp()
    assert second["first_at"] is None
    again = await revived(office, one)
    assert again.refused == {one: Why.NOT_STOPPED}


@pytest.mark.parametrize("state", sorted(set(State) - {State.NEEDS_HUMAN, State.REJECTED}))
async def test_nothing_else_is_touched(office: Office, state: State) -> None:
    one = await stopped(office, planned("a", Kind.INCIDENT), state)
    before = await row(office, one)
    done = await revived(office, one, "x")
    assert done.refused == {one: Why.NOT_STOPPED, "x": Why.NOT_FOUND}
    assert await row(office, one) == before


async def test_what_is_late_erased_or_to_a_dead_mailbox_does_not_go_on(office: Office) -> None:
    late = await stopped(office, planned("a", Kind.INCIDENT, HOUR))
    empty = await stopped(office, planned("b", Kind.MOVED), address="")
    dead = await stopped(office, planned("c", Kind.CONFIRMATION), State.REJECTED)
    notice = await stopped(office, planned("d", Kind.INCIDENT), State.REJECTED)
    gone = await stopped(office, planned("e", Kind.CONFIRMATION), contact="nobody")
    async with office.books() as books:
        await suppression.returned(books.database, books.connection, KEY, BEN, True, office.now)
    office.now += HOUR
    done = await revived(office, late, empty, dead, notice, gone)
    assert done.again == [notice]
    assert done.refused == {
        late: Why.TOO_LATE,
        empty: Why.ERASED,
        dead: Why.SUPPRESSED,
        gone: Why.UNWANTED,
    }


async def test_a_reminder_goes_on_only_for_who_still_waits_for_it(office: Office) -> None:
    for address in (ANNA, BEN, "cleo@example.org"):
        await office.subscribed(wanted(address), conversation=address)
    ids = {}
    for one in await office.waiting("reminder"):
        if one["key"].endswith("T-7d"):
            gone = {"state": State.NEEDS_HUMAN.value, "settled_at": WINTER.timestamp()}
            ids[one["address"]] = await change(office.database, one["key"], **gone)
    async with office.page(BEN) as page:
        assert await page.handed_in(SOON)
    async with office.books() as books:
        assert await subscribing.unsubscribe(books, await office.contact("cleo@example.org"))
    done = await revived(office, *ids.values())
    assert done.again == [ids[ANNA]]
    assert set(done.refused.values()) == {Why.UNWANTED}
    assert await office.reminders() == [f"{SOON} {lead}" for lead in ("T-7d", "T-1d", "T-2h")]


def called(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NOON_DATA_DIR", str(folder))
    monkeypatch.setenv("NOON_NOW", "2026-02-01T09:00:00Z")
    return CliRunner().invoke(app, list(words))


async def prepared(folder: Path, *messages: Planned) -> list[str]:
    """Leave messages to a person, in the database that the command will open."""
    database = Database(sqlite(folder / "noon.sqlite"))
    try:
        return [await stopped(Office(database, folder), message) for message in messages]
    finally:
        await database.close()


def test_the_command_lists_and_lets_go_on(
    tmp_path: Path, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noon.sqlite").write_bytes(sqlite_file.read_bytes())
    assert json.loads(called(tmp_path, monkeypatch, "list", "--json").stdout) == []
    messages = (planned("a", Kind.CODE), planned("b", Kind.INCIDENT), planned("c", Kind.INCIDENT))
    code, first, second = asyncio.run(prepared(tmp_path, *messages))
    listed = called(tmp_path, monkeypatch, "list", "--json")
    record = {one["id"]: one for one in json.loads(listed.stdout)}[code]
    assert record.items() >= {"kind": "code", "channel": "mail", "state": "needs_human"}.items()
    assert record["since"] == "2026-02-01T09:00:00Z"
    shown = called(tmp_path, monkeypatch, "list")
    assert (shown.exit_code, len(shown.stdout.splitlines())) == (0, 3)
    assert "example.org" not in listed.stdout + shown.stdout
    done = called(tmp_path, monkeypatch, "retry", "--kind", "incident", "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, set(said["again"]), said["refused"]) == (0, {first, second}, [])
    some = called(tmp_path, monkeypatch, "retry", code, first)
    assert (some.exit_code, some.stdout) == (1, "again: 1, refused: 1\n")
    assert some.stderr == f"{first}: not-stopped\n"


@pytest.mark.parametrize("words", [(), ("x", "--kind", "moved"), ("--kind", "news")])
def test_a_retry_that_names_nothing_it_can_mean_is_bad_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert called(tmp_path, monkeypatch, "retry", *words).exit_code == 2
