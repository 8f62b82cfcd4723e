"""What people and machines are told when something does not work."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from bot.store.database import Database
from tests.postgres import sqlite
from tests.web.document import read
from tests.web.serving import Person, Site, serving

QUESTION = "Kā iegūt OID?"


@pytest.fixture
async def site(url: URL) -> AsyncIterator[Site]:
    async with serving(url) as running:
        yield running


@pytest.fixture
async def person(site: Site) -> AsyncIterator[Person]:
    async with site.client() as client:
        somebody = Person(client)
        await somebody.open()
        yield somebody


@pytest.mark.parametrize("table", ["answer", "exchange"])
@pytest.mark.parametrize("asked", [{}, {"X-Noon": "fragment"}])
async def test_a_turn_that_fails_says_so_keeps_nothing_and_logs_no_text(
    site: Site, caplog: pytest.LogCaptureFixture, table: str, asked: dict[str, str]
) -> None:
    async with site.noon.database.write() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
    async with site.client(**asked) as client:
        answer = await client.post("/chat", data={"text": "Mans noslēpums"})
    page = read(answer.text)
    website = site.noon.almanac.desk.agency.contacts_page
    assert answer.status_code == 500
    assert page.one("div", class_="reply").all("a", href=website)
    assert "Mans noslēpums" in page.words
    assert "noslēpums" not in caplog.text
    assert "a turn on the web page failed" in caplog.text
    left = "exchange" if table == "answer" else "answer"
    assert await site.count(left) == await site.count("gone") == 0


async def test_the_page_opens_without_the_database(
    site: Site, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await person.ask(QUESTION)
    async with site.noon.database.write() as connection:
        await connection.execute(text("ALTER TABLE answer RENAME TO gone"))
    page = await person.open()
    assert person.answer.status_code == 200
    assert page.all("section", id="deadlines")
    assert "could not be read" in caplog.text


async def test_a_working_site_is_alive_and_ready(site: Site) -> None:
    async with site.client() as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "alive")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "reason": None})


async def readiness(url: URL, **given: Any) -> httpx.Response:
    """Return what /readyz says when the database is at `url`, which does not work."""
    async with serving(**given) as site:
        broken = Database(url)
        whole, site.noon.database = site.noon.database, broken
        async with site.client() as client:
            answer = await client.get("/readyz")
            assert (await client.get("/healthz")).status_code == 200
        site.noon.database = whole
        await broken.close()
    return answer


async def test_a_database_without_tables_is_not_ready(tmp_path: Path) -> None:
    answer = await readiness(sqlite(tmp_path / "empty.sqlite"), data_dir=tmp_path)
    assert (answer.status_code, answer.json()["reason"]) == (503, "database-not-migrated")


async def test_a_database_that_is_away_is_not_ready(tmp_path: Path) -> None:
    url = URL.create("postgresql+asyncpg", "noon", "password", "127.0.0.1", 1, "noon")
    answer = await readiness(url, data_dir=tmp_path)
    assert (answer.status_code, answer.json()["reason"]) == (503, "database-unreachable")
    assert "password" not in answer.text


async def test_a_database_that_says_nothing_is_not_ready_after_two_seconds(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = URL.create("postgresql+asyncpg", "noon", "password", "127.0.0.1", port, "noon")
        begun = asyncio.get_running_loop().time()
        answer = await readiness(url, data_dir=tmp_path)
        took = asyncio.get_running_loop().time() - begun
    assert (answer.status_code, answer.json()["reason"]) == (503, "database-slow")
    assert 2 <= took < 6
