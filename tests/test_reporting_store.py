"""What editors learn is written apart from the answer, counted, nobody's, and in time gone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlmodel import SQLModel
from typer.testing import CliRunner

from bot.cli import app
from bot.clock import Clock
from bot.service import Caller, Noon, open_noon
from bot.settings import Settings
from bot.store import questions, retention
from bot.store.database import Database
from bot.store.letterbox import Letterbox
from bot.store.tables import Unanswered, WrongFact
from handlers.editors import Unplaced, Wrong
from handlers.turn import Reply, Turn
from tests.commands import command, run

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
DAY = 86_400.0
TODAY = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
STRANGE = "Kāds laiks rīt būs Rīgā? Mani sauc Anna Bērziņa, 26123456, anna@skola.lv"
PRIVATE = ("Anna", "Bērziņ", "26123456", "anna@skola.lv")


@asynccontextmanager
async def opened(url: URL, folder: Path) -> AsyncIterator[Noon]:
    settings = Settings(
        database_url=SecretStr(url.render_as_string(hide_password=False)),
        data_dir=folder,
        now=NOW,
        now_rate=0.001,
        _env_file=None,
    )
    async with open_noon(settings, migrate=True) as noon:
        yield noon


class Visitor:
    """Somebody on a face of a running Noon."""

    def __init__(self, noon: Noon, face: str, language: str = "lv") -> None:
        self.noon = noon
        self.conversation = noon.conversation(face, "somebody")
        self.language = language

    async def say(self, text: str = "", choice: str | None = None) -> list[Reply]:
        turn = Turn(self.conversation, self.noon.clock.now(), text, choice, self.language)
        async with self.noon.answering(turn, Caller(self.conversation)) as answered:
            return answered.replies

    async def press(self, choice: str) -> list[Reply]:
        return await self.say(choice=choice)


async def rows(noon: Noon, table: type[SQLModel]) -> list[dict[str, Any]]:
    """Return what is kept, once all that waits is written."""
    assert await noon.letterbox.empty()
    async with noon.database.read() as connection:
        found = await connection.execute(select(table))
        return [dict(row._mapping) for row in found]


async def test_what_is_kept_is_nobodys_neither_shown_nor_erased_with_a_person(
    url: URL, tmp_path: Path
) -> None:
    async with opened(url, tmp_path) as noon:
        anna = Visitor(noon, "web")
        await anna.say(STRANGE)
        await anna.press("reporting:oid-what")
        await anna.say("/help")
        kept = [*await rows(noon, Unanswered), *await rows(noon, WrongFact)]
        assert not [each for each in (*PRIVATE, anna.conversation) if each in str(kept)]
        assert {one.get("at", one.get("last_at")) for one in kept} == {TODAY}
        (shown,) = await anna.say("/mydata")
        held = shown.files[0].content.decode() + shown.text
        assert "laiks rīt" not in held
        assert "report" not in held
        await anna.press("privacy:delete")
        assert len(await rows(noon, Unanswered)) == len(await rows(noon, WrongFact)) == 1


async def test_what_was_a_question_is_kept_no_longer(url: URL, tmp_path: Path) -> None:
    async with opened(url, tmp_path) as noon:
        anna = Visitor(noon, "web")
        for written in (False, True):
            await anna.press("reporting:oid-what")
            (thanks,) = await anna.say("OID or form or report platform")
            if written:
                assert "platform" in str(await rows(noon, WrongFact))
            await anna.press(thanks.choices[-1].id)
            assert [one["text"] for one in await rows(noon, WrongFact)] == [""]


async def test_each_is_kept_for_its_time(database: Database) -> None:
    letterbox = Letterbox(database, Clock(NOW, 0.001))
    letterbox.of("web").unplaced("What is cheese", "en", Unplaced.OUTSIDE)
    letterbox.of("web").wrong(Wrong("oid-what", "en", 2026, "nine digits"))
    assert await letterbox.empty()

    async def left(days: float) -> tuple[int, int]:
        await retention.prune(database, TODAY + days * DAY)
        async with database.read() as connection:
            asked, told = (
                await questions.unanswered(connection),
                await questions.reports(connection),
            )
        return len(asked), len(told)

    assert await left(90) == (1, 1)
    assert await left(91) == (0, 1)
    assert await left(365) == (0, 1)
    assert await left(366) == (0, 0)


async def test_two_processes_count_together(database: Database) -> None:
    boxes = [Letterbox(database, Clock(NOW, 0.001)) for _ in range(2)]
    for number in range(40):
        for box, order in zip(boxes, (number, 39 - number), strict=True):
            box.of("web").unplaced(f"question {order % 20}", "en", Unplaced.OUTSIDE)
    assert all(await asyncio.gather(*(box.empty() for box in boxes)))
    async with database.read() as connection:
        counted = await questions.unanswered(connection)
    assert [row.count for row in counted] == [4] * 20


async def test_what_cannot_be_written_waits_and_the_answer_does_not(tmp_path: Path) -> None:
    url = URL.create("sqlite+aiosqlite", database=str(tmp_path / "noon.sqlite"))
    async with opened(url, tmp_path) as noon:
        async with noon.database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE unanswered RENAME TO elsewhere")
        (answer,) = await Visitor(noon, "web").say(STRANGE)
        assert answer.text
        assert not await noon.letterbox.empty()
        async with noon.database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO unanswered")
        assert len(await rows(noon, Unanswered)) == 1


async def test_nobody_fills_the_tables_and_nobody_is_silenced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST", 3)
    editors = Letterbox(database, Clock(NOW, 0.001)).of("web")
    editors.wrong(Wrong("oid-find", "en", 2026))
    for number in range(9):
        for asked in ("asked often", f"question {number}"):
            editors.unplaced(asked, "en", Unplaced.OUTSIDE)
        editors.wrong(Wrong("oid-what", "en", 2026, f"line {number}"))
        assert await editors.letterbox.empty()
    async with database.read() as connection:
        counted = {row.text: row.count for row in await questions.unanswered(connection)}
        told = [(row.fact, row.text) for row in await questions.reports(connection)]
    assert len(counted) == len(told) == 3
    assert (counted["asked often"], counted["question 8"]) == (9, 1)
    assert {("oid-find", ""), ("oid-what", "line 8")} <= set(told)


def test_editors_read_both_lists_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "\n".join([STRANGE, STRANGE, "Kāda pica ir labākā", "/start oid-what"])
    talk = f"{said}\nreporting:oid-what\nTur ir deviņi cipari\n"
    talked = run(command("chat", "--json", said=talk, NOON_DATA_DIR=str(tmp_path)), tmp_path)
    assert (talked.code, talked.err) == (0, "")
    monkeypatch.setenv("NOON_DATA_DIR", str(tmp_path))

    def told(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0
        return done.stdout

    asked = json.loads(told("unanswered", "--json"))
    assert [one["count"] for one in asked] == [2, 1]
    assert asked[0]["faces"] == {"terminal": 2}
    (wrong,) = json.loads(told("reports", "--json"))
    assert (wrong["fact"], wrong["language"], wrong["call"], wrong["count"]) == (
        "oid-what", "lv", 2026, 1,
    )  # fmt: skip
    assert [each["text"] for each in wrong["texts"]] == ["Tur ir deviņi cipari"]
    read = told("unanswered") + told("reports")
    assert "laiks rīt" in read
    assert "Tur ir deviņi cipari" in read
    assert not [each for each in PRIVATE if each in read + json.dumps(asked, ensure_ascii=False)]
