"""The tables, how they come about, and what a kill in the middle of a transaction leaves."""

import asyncio
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel, col

from bot.service import NotMigrated, open_noon
from bot.settings import Settings
from bot.store import schema, tables
from bot.store.database import Database
from bot.store.tables import FrozenMessage
from tests.postgres import migrate, sqlite
from tests.test_store import load, save, two

# SQLite has such an index and uses it; what cannot be read back is its expression.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping .*expression-based index"),
]

HOUSE = Path(__file__).parent.parent
WHOLE, HALF = "whole", "half"

# Writes a pair of answers in one transaction, over and over; or one of them, and then waits.
WRITER = """
import asyncio, sys
from sqlalchemy import make_url
from bot.store import notebooks
from bot.store.database import Database
from handlers.notebook import Notebook

async def write(url, how):
    database = Database(make_url(url))
    for number in range(1_000_000):
        async with database.write() as connection:
            for question in ("first", "second"):
                notes = Notebook()
                notes.write("form", question, str(number))
                await notebooks.save(database, connection, {"one": notes}, 0.0)
                if how == "half":
                    print("half written", flush=True)
                    await asyncio.sleep(60)
        print(number, flush=True)

asyncio.run(write(*sys.argv[1:]))
"""


def writer(url: URL, how: str) -> "subprocess.Popen[str]":
    address = url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITER, address, how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


def kill_once(child: "subprocess.Popen[str]", ready: Callable[[str], bool]) -> None:
    """Kill the writer without warning as soon as a line of its output says it is time."""
    with child:
        assert child.stdout is not None
        assert any(ready(line) for line in child.stdout), "the writer ended by itself"
        child.send_signal(signal.SIGKILL)


async def test_a_kill_in_the_middle_of_a_transaction_leaves_nothing_of_it(
    database: Database,
) -> None:
    await asyncio.to_thread(kill_once, writer(database.url, HALF), lambda line: True)
    notes = (await load(database, "one"))["one"]
    assert notes.read("form") == {}

    before = time.monotonic()
    notes.write("form", "first", "after the kill")
    await save(database, {"one": notes})
    assert time.monotonic() - before < 5, "the dead writer must not hold others up"


async def test_a_kill_at_any_moment_leaves_all_of_a_transaction_or_nothing(
    database: Database,
) -> None:
    committed: list[int] = []

    def enough(line: str) -> bool:
        committed.append(int(line))
        return len(committed) > 60

    await asyncio.to_thread(kill_once, writer(database.url, WHOLE), enough)
    form = (await load(database, "one"))["one"].read("form")
    assert form["first"] == form["second"]
    assert int(form["first"]) >= committed[-1], "what was said to be written is written"


async def differences(database: Database) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))

    async with database.read() as connection:
        return await connection.run_sync(compare)


async def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    assert tables.Answer.__tablename__ in SQLModel.metadata.tables
    assert await differences(database) == []


async def test_the_comparison_sees_a_column_too_many(database: Database) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE answer ADD COLUMN stray INTEGER")
    assert len(await differences(database)) == 1


async def test_an_empty_database_is_not_current_and_an_upgraded_one_is(empty_url: URL) -> None:
    database = Database(empty_url)
    assert not await schema.is_current(database)
    await schema.upgrade(database)
    assert await schema.is_current(database)
    await database.close()


async def test_upgrading_again_changes_nothing(database: Database) -> None:
    notes = (await load(database, "one"))["one"]
    notes.write("form", "country", "LV")
    await save(database, {"one": notes})
    await schema.upgrade(database)
    assert await schema.is_current(database)
    assert (await load(database, "one"))["one"].read("form") == {"country": "LV"}


async def test_two_releases_may_upgrade_at_once(empty_url: URL) -> None:
    async with two(empty_url) as (first, second):
        await asyncio.gather(*(schema.upgrade(each) for each in (first, second)))
        assert await schema.is_current(first)
        assert await differences(second) == []


async def test_noon_refuses_a_database_of_another_shape(empty_url: URL, tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, database_url=empty_url.render_as_string(), data_dir=tmp_path
    )
    with pytest.raises(NotMigrated, match="noon db upgrade"):
        async with open_noon(settings, migrate=False):
            pass
    await migrate(empty_url)
    async with open_noon(settings, migrate=False) as noon:
        assert await noon.database.works()


async def test_a_store_that_is_gone_does_not_work(tmp_path: Path) -> None:
    there = Database(sqlite(tmp_path / "noon.sqlite"))
    assert await there.works()
    await there.close()
    nowhere = URL.create(
        "postgresql+asyncpg", username="postgres", database="x", query={"host": str(tmp_path)}
    )
    gone = Database(nowhere)
    assert not await gone.works()
    await gone.close()


async def test_only_the_owner_may_read_an_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "var" / "noon.sqlite"
    await migrate(sqlite(path))
    database = Database(sqlite(path))
    async with database.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE stray (x)")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    await database.close()
    assert modes == {f"noon.sqlite{end}": 0o600 for end in ("", "-wal", "-shm")}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_an_sqlite_file_survives_a_power_cut_after_every_commit(tmp_path: Path) -> None:
    database = Database(sqlite(tmp_path / "noon.sqlite"))
    for transaction in (database.read, database.write):
        async with transaction() as connection:
            said = {
                name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
            assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await database.close()


async def test_readers_go_on_while_one_writes(url: URL) -> None:
    async with two(url) as (writing, reading), writing.write() as connection:
        await connection.exec_driver_sql("DELETE FROM answer")
        async with asyncio.timeout(2), reading.read() as other:
            names = await other.run_sync(lambda sync: inspect(sync).get_table_names())
        assert "answer" in names


async def test_what_is_fixed_already_keeps_its_bytes_over_the_upgrade(empty_url: URL) -> None:
    database = Database(empty_url)
    await schema.upgrade(database, "0004")
    row = "'a', 'a', 'reminder', 'ordinary', 3, 'mail', '', '{}', 0, 1, 0, 'deferred', 0, 0, 0, ''"
    row += ", 0, 0, '', 0, '<a@noon.invalid>', 5, '', '', '', '', 0, 0"
    names = (
        "id, key, kind, lane, priority, channel, address, content, due_at, not_after, next_at,"
        " state, attempts, repeats, silences, last_verdict, provider, fence, owner, leased_until,"
        " message_id, first_at, answer, contact, deadline, run, spread, room"
    )
    async with database.write() as connection:
        await connection.exec_driver_sql(f"INSERT INTO outbox ({names}) VALUES ({row})")
        await connection.execute(text("UPDATE outbox SET frozen = :it"), {"it": b"\x00bytes"})
    await schema.upgrade(database)
    async with database.read() as connection:
        kept = (
            await connection.execute(select(col(FrozenMessage.message), col(FrozenMessage.content)))
        ).all()
    assert [tuple(each) for each in kept] == [("a", b"\x00bytes")]
    assert await schema.is_current(database)
    assert await differences(database) == []
    await database.close()
