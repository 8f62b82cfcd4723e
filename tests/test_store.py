"""What is kept of a conversation: written once, found again, struck, erased, and not kept longer.

Every test runs on an SQLite file and on PostgreSQL.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from bot.faces.telegram import buttons
from bot.store import exchanges, keys, notebooks, retention, updates
from bot.store.database import Database
from bot.store.tables import Answer, Button, Exchange, TelegramUpdate
from handlers.notebook import Notebook

NOW = 1_900_000_000.0
DAY = retention.DAY
HOUR = 3600.0


async def load(database: Database, *names: str) -> dict[str, Notebook]:
    async with database.read() as connection:
        return await notebooks.load(connection, names)


async def save(database: Database, notes: dict[str, Notebook], at: float = NOW) -> None:
    async with database.write() as connection:
        await notebooks.save(database, connection, notes, at)


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(table))
        return int(found.scalar_one())


@asynccontextmanager
async def two(url: URL) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' view of one store."""
    first, second = Database(url), Database(url)
    yield first, second
    await first.close()
    await second.close()


async def test_a_conversation_nobody_had_is_empty(database: Database) -> None:
    notes = (await load(database, "new"))["new"]
    assert (notes.read("person"), notes.written, notes.struck) == ({}, {}, set())


async def test_answers_are_found_again_by_conversation_and_form(database: Database) -> None:
    one, other = Notebook(), Notebook()
    one.write("eligibility.KA220", "country", "LV")
    one.language = "lv"
    other.write("eligibility.KA220", "country", "EE")
    await save(database, {"one": one, "other": other})

    found = await load(database, "one", "other", "nobody")
    assert found["one"].read("eligibility.KA220") == {"country": "LV"}
    assert found["one"].language == "lv"
    assert found["other"].read("eligibility.KA220") == {"country": "EE"}
    assert found["other"].language is None
    assert found["nobody"].read("eligibility.KA220") == {}


async def test_a_later_answer_replaces_an_earlier_one_and_the_rest_stays(
    database: Database,
) -> None:
    first = Notebook()
    first.write("form", "country", "LV")
    first.write("form", "months", "24")
    await save(database, {"one": first})

    second = (await load(database, "one"))["one"]
    second.write("form", "country", "Ēģipte ☀ \u202eRTL 'quoted' \\ %s")
    await save(database, {"one": second})
    assert (await load(database, "one"))["one"].read("form") == {
        "country": "Ēģipte ☀ \u202eRTL 'quoted' \\ %s",
        "months": "24",
    }


async def test_struck_answers_are_gone_and_others_stay(database: Database) -> None:
    notes = Notebook({})
    for form in ("a", "b"):
        for question in ("x", "y"):
            notes.write(form, question, "1")
    await save(database, {"one": notes, "other": notes.copied()})

    again = (await load(database, "one"))["one"]
    again.forget("a", "x")
    again.forget("b")
    await save(database, {"one": again})
    found = await load(database, "one", "other")
    assert found["one"].read("a") == {"y": "1"}
    assert found["one"].read("b") == {}
    assert found["other"].read("b") == {"x": "1", "y": "1"}


async def test_an_erased_conversation_leaves_no_row(database: Database) -> None:
    notes = Notebook()
    notes.write("form", "country", "LV")
    notes.language = "en"
    await save(database, {"one": notes})
    again = (await load(database, "one"))["one"]
    again.erase()
    await save(database, {"one": again})
    assert await count(database, Answer) == 0


async def test_a_turn_that_fails_saves_nothing(database: Database) -> None:
    notes = Notebook()
    notes.write("form", "country", "LV")

    async def turn() -> None:
        async with database.write() as connection:
            await notebooks.save(database, connection, {"one": notes}, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await turn()
    assert await count(database, Answer) == 0


async def test_only_the_last_exchange_is_kept(database: Database) -> None:
    async with database.write() as connection:
        await exchanges.keep(database, connection, "one", "Kas ir OID?", "[1]", NOW)
        await exchanges.keep(database, connection, "one", "Kur to ņem?", "[2]", NOW)
        await exchanges.keep(database, connection, "other", "Hi", "[3]", NOW)
        assert await exchanges.last(connection, "one") == ("Kur to ņem?", "[2]")
        await exchanges.forget(connection, "one")
        assert await exchanges.last(connection, "one") is None
        assert await exchanges.last(connection, "other") == ("Hi", "[3]")


async def test_a_key_is_made_once_and_kept(url: URL) -> None:
    async with two(url) as (first, second):
        made = await asyncio.gather(*(keys.key(each, None) for each in (first, second) * 5))
        assert len(set(made)) == 1
        assert len(made[0]) >= 32


async def test_the_operators_key_wins_and_is_not_stored(database: Database) -> None:
    made = await keys.key(database, None)
    assert await keys.key(database, "the operator's") == b"the operator's"
    assert await keys.key(database, None) == made


def test_only_the_same_key_and_parts_sign_alike() -> None:
    signed = keys.sign(b"key", "web", 12)
    assert signed == keys.sign(b"key", "web", 12)
    others = [keys.sign(b"kez", "web", 12), keys.sign(b"key", "web", 13)]
    others += [keys.sign(b"key", "web1", 2), keys.sign(b"key", "web12")]
    assert signed not in others
    assert (len(signed), len(keys.sign(b"key", "x", length=10))) == (32, 10)


async def test_a_button_means_its_choice_in_its_own_chat_alone(database: Database) -> None:
    name = buttons.name(b"key", 5, "steps:menu")
    made = [(name, 5, "steps:menu"), (buttons.name(b"key", 6, "x"), 6, "x")]
    async with database.write() as connection:
        await buttons.keep(database, connection, made, NOW)
        await buttons.keep(database, connection, made, NOW)
        pressed = [(name, 5), (name, 6), ("made up", 5)]
        assert await buttons.meant(connection, pressed) == {(name, 5): "steps:menu"}
        assert await buttons.meant(connection, []) == {}


@pytest.mark.parametrize(
    ("table", "made", "idle", "kept"),
    [
        (Answer, "answered_at", 90 * DAY - HOUR, True),
        (Answer, "answered_at", 90 * DAY + HOUR, False),
        (Exchange, "at", 90 * DAY - HOUR, True),
        (Exchange, "at", 90 * DAY + HOUR, False),
        (Button, "made_at", 90 * DAY - HOUR, True),
        (Button, "made_at", 90 * DAY + HOUR, False),
        (TelegramUpdate, "received_at", 7 * DAY - HOUR, True),
        (TelegramUpdate, "received_at", 7 * DAY + HOUR, False),
    ],
)
async def test_nothing_is_kept_longer_than_privacy_says(
    database: Database, table: type[SQLModel], made: str, idle: float, kept: bool
) -> None:
    row: dict[type[SQLModel], dict[str, object]] = {
        Answer: {"conversation": "one", "form": "f", "question": "q", "value": "v"},
        Exchange: {"conversation": "one", "said": "?", "replies": "[]"},
        Button: {"id": "b", "chat": 5, "choice": "steps:menu"},
        TelegramUpdate: {"update_id": 1, "chat": 5, "raw": "", "messages": "", "state": "done"},
    }
    async with database.write() as connection:
        await connection.execute(insert(table).values({**row[table], made: NOW - idle}))
    await retention.prune(database, NOW)
    assert await count(database, table) == int(kept)


async def test_old_answers_stay_while_the_conversation_goes_on(database: Database) -> None:
    old, new = Notebook(), Notebook()
    old.write("eligibility.KA220", "country", "LV")
    await save(database, {"one": old}, NOW - 200 * DAY)
    new.write("person", "seen", "2030-03-01")
    await save(database, {"one": new}, NOW - DAY)
    await retention.prune(database, NOW)
    assert (await load(database, "one"))["one"].read("eligibility.KA220") == {"country": "LV"}


async def test_an_update_that_waits_for_its_answer_is_never_dropped(database: Database) -> None:
    await updates.add(database, [(1, 5, "{}")], NOW - 30 * DAY)
    await retention.prune(database, NOW)
    assert await count(database, TelegramUpdate) == 1
