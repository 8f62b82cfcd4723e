"""What the operator announces: on every face at once, once in each conversation, then gone."""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.faces import terminal
from bot.incident import announcing, heralding
from bot.incident.announcing import LOOK_EVERY, BadAnnouncement
from bot.post.kinds import Kind
from bot.service import Caller, Noon, open_noon
from bot.settings import Settings
from bot.store.tables import OutboxMessage
from handlers.cases import Way
from handlers.markup import escape
from handlers.turn import Reply, Turn
from handlers.words import words
from tests.commands import command, run, run_all
from tests.incident_rows import NOON, notice
from tests.web.serving import Person, serving

LV = "Komisija ir paziņojusi, ka veidlapa *nedarbojas* [šeit](https://example.org)."
EN = "The Commission has announced an outage."
SOURCE = "https://erasmus-plus.ec.europa.eu/news/outage"


@asynccontextmanager
async def opened(url: URL, folder: Path) -> AsyncIterator[Noon]:
    settings = Settings(
        database_url=SecretStr(url.render_as_string(hide_password=False)),
        data_dir=folder,
        now=NOON,
        _env_file=None,
    )
    async with open_noon(settings, migrate=False) as noon:
        yield noon


async def put_up(noon: Noon, hours: float = 2) -> str:
    async with noon.database.write() as connection:
        return await announcing.announce(connection, LV, EN, SOURCE, noon.clock.now(), hours)


async def said(noon: Noon, person: str, text: str = "/help") -> list[Reply]:
    conversation = noon.conversation("test", person)
    turn = Turn(conversation, noon.clock.now(), text=text, language="lv")
    async with noon.answering(turn, Caller(conversation)) as answered:
        return answered.replies


def tells(replies: list[Reply]) -> int:
    return sum(SOURCE in reply.text for reply in replies)


async def test_each_conversation_is_told_once_first_and_as_it_was_written(
    url: URL, tmp_path: Path
) -> None:
    async with opened(url, tmp_path) as noon:
        assert tells(await said(noon, "anna")) == 0
        await put_up(noon)
        await noon.board.refresh()
        for person in ("anna", "juris"):
            first = await said(noon, person)
            assert SOURCE in first[0].text
            assert not first[0].in_place
            assert tells(first) == 1
            assert tells(await said(noon, person)) == 0
        (told,) = noon.announced(noon.clock.now(), "lv")
        assert told.text == LV
        assert escape(LV) in first[0].text, "nothing in it is taken for markup"


async def test_it_is_there_within_ten_seconds_in_another_process_and_ends_by_itself(
    url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LOOK_EVERY < 10
    monkeypatch.setattr(announcing, "LOOK_EVERY", LOOK_EVERY / 10)
    async with opened(url, tmp_path / "a") as one, opened(url, tmp_path / "b") as other:
        identifier = await put_up(one)
        async with asyncio.timeout(10):
            while not other.announced(other.clock.now(), "en"):
                await asyncio.sleep(0.05)
        later = other.clock.now() + timedelta(hours=2)
        assert other.announced(later, "en") == ()
        async with one.database.write() as connection:
            assert await announcing.withdraw(connection, identifier, one.clock.now())
            assert not await announcing.withdraw(connection, identifier, one.clock.now())
        await other.board.refresh()
        assert other.announced(other.clock.now(), "en") == ()


async def test_what_was_erased_is_not_noted_again(url: URL, tmp_path: Path) -> None:
    async with opened(url, tmp_path) as noon:
        await said(noon, "anna")
        await put_up(noon)
        await noon.board.refresh()
        conversation = noon.conversation("test", "anna")
        turn = Turn(conversation, noon.clock.now(), choice="privacy:erase")
        async with noon.answering(turn, Caller(conversation)) as answered:
            if answered.notes.language is None:
                assert answered.notes.written == {}


@pytest.mark.parametrize(
    ("lv", "en", "source"),
    [
        ("", EN, SOURCE),
        (LV, "  ", SOURCE),
        (LV, EN, ""),
        (LV, EN, "http://example.org/"),
        (LV, EN, "https://"),
        (LV, EN, "https://person@example.org/"),
        (LV, EN, "https://example.org/a b"),
        (LV, EN, 'https://example.org/"onload='),
        (LV, "a\x1b[2Jb", SOURCE),
        (LV * 20, EN, SOURCE),
    ],
)
async def test_it_needs_both_languages_and_a_source_that_can_be_opened(
    url: URL, tmp_path: Path, lv: str, en: str, source: str
) -> None:
    async with opened(url, tmp_path) as noon:
        async with noon.database.write() as connection:
            with pytest.raises(BadAnnouncement):
                await announcing.announce(connection, lv, en, source, NOON, 1)
        async with noon.database.read() as connection:
            assert await announcing.current(connection, NOON) == []


async def test_open_notices_are_told_once_and_closed_ones_are_not(url: URL, tmp_path: Path) -> None:
    async with opened(url, tmp_path) as noon:
        mailed = await notice(noon)
        chatted = await notice(noon, chat=4242, way=Way.BY_HAND)
        await notice(noon, closes_at=(NOON - timedelta(minutes=1)).timestamp())
        identifier = await put_up(noon)
        for _ in range(2):
            assert await heralding.tell_open(noon, identifier) == 2
        async with noon.database.read() as connection:
            query = select(col(OutboxMessage.channel), col(OutboxMessage.content)).where(
                col(OutboxMessage.kind) == Kind.PROGRESS.value
            )
            rows = [(way, json.loads(told)) for way, told in await connection.execute(query)]
        told = sorted((way, one["incident"]) for way, one in rows if one["message"] == "announced")
        assert told == [("mail", mailed.id), ("telegram", chatted.id)]


async def test_the_web_page_shows_it_while_it_is_current_and_the_chat_says_it_once(
    url: URL, tmp_path: Path
) -> None:
    async with (
        serving(url, data_dir=tmp_path, now=NOON, lang="en") as site,
        site.client(**{"accept-language": "en"}) as client,
    ):
        person = Person(client)
        assert not (await person.open()).all("aside", class_="announced")
        identifier = await put_up(site.noon)
        await site.noon.board.refresh()
        page = await person.open()
        doubt = words("en").say("web.deadlines.may-change")
        assert doubt in page.one("section", id="deadlines").words
        banner = page.one("aside", class_="announced")
        assert EN in banner.words
        assert SOURCE in banner.words
        await person.ask("What is KA220?")
        assert person.replies.count(SOURCE) == 1
        await person.ask("What is KA210?")
        assert SOURCE not in person.replies
        assert person.page.all("aside", class_="announced")
        async with site.noon.database.write() as connection:
            await announcing.withdraw(connection, identifier, site.noon.clock.now())
        await site.noon.board.refresh()
        page = await person.open()
        assert not page.all("aside", class_="announced")
        assert doubt not in page.words


async def test_the_terminal_says_it_once(
    url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(url, tmp_path) as noon:
        await put_up(noon)
        await noon.board.refresh()
        monkeypatch.setattr(sys, "stdin", io.StringIO("/help\n/help\n"))
        out = io.StringIO()
        await terminal.chat(noon, "en", as_json=True, out=out)
        texts = [json.loads(line)["text"] for line in out.getvalue().splitlines()]
        assert SOURCE in texts[0]
        assert sum(SOURCE in text for text in texts) == 1


def test_the_commands(tmp_path: Path) -> None:
    data = {"NOON_DATA_DIR": str(tmp_path / "var"), "NOON_NOW": "2026-03-05T12:10:00+01:00"}
    refused = run(command("announce", "--lv", LV, "--source", SOURCE, **data), tmp_path)
    assert refused.code == 2
    made = run(
        command("announce", "--lv", LV, "--en", EN, "--source", SOURCE, "--json", **data), tmp_path
    )
    assert made.code == 0
    assert LV in made.err
    identifier = made.value["id"]
    told = run_all(
        {
            "list": command("announce", "--json", **data),
            "deadlines": command("deadlines", "--lang", "en", **data),
            "json": command("deadlines", "--json", **data),
            "ask": command("ask", "How do I get an OID?", "--lang", "en", **data),
            "ics": command("ics", **data),
        },
        tmp_path,
    )
    assert [row["id"] for row in told["list"].value] == [identifier]
    for name in ("deadlines", "ask"):
        assert told[name].out.count(SOURCE) == 1, told[name]
        assert EN in told[name].out.splitlines()[0]
    assert isinstance(told["json"].value, list)
    assert SOURCE not in told["ics"].out
    gone = run(command("announce", "--withdraw", identifier, **data), tmp_path)
    again = run(command("announce", "--withdraw", identifier, **data), tmp_path)
    assert (gone.code, again.code) == (0, 1)
    assert SOURCE not in run(command("deadlines", **data), tmp_path).out


def test_asking_needs_no_database_and_makes_none(tmp_path: Path) -> None:
    data = {"NOON_DATA_DIR": str(tmp_path / "var")}
    assert run(command("deadlines", **data), tmp_path).code == 0
    assert not (tmp_path / "var").exists()
