"""Notes for editors that no database takes, that come in any script, and that a terminal reads."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.clock import Clock
from bot.service import open_noon
from bot.settings import load_settings
from bot.store import questions
from bot.store.database import Database
from bot.store.letterbox import Letterbox
from bot.store.questions import Question, Report
from handlers.editors import Unplaced, Wrong
from tests.test_reporting_store import NOW, TODAY

BAD = "lone \ud800 surrogate"


async def counted(database: Database) -> dict[str, int]:
    """Return how often each question was asked."""
    async with database.read() as connection:
        return {row.text: row.count for row in await questions.unanswered(connection)}


async def test_a_note_that_cannot_be_written_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    letterbox = Letterbox(database, Clock(NOW, 0.001))
    for text in ("before", BAD, "after"):
        letterbox.drop(Question(text, "en", "web", "outside", TODAY))
        letterbox.drop(Report(text, Wrong("oid-what", "en", 2026, text), TODAY))
    assert await letterbox.empty()
    assert await counted(database) == {"before": 1, "after": 1}
    async with database.read() as connection:
        told = [row.text for row in await questions.reports(connection)]
    assert sorted(told) == ["after", "before"]
    assert caplog.text.count("thrown away") == 2
    assert "surrogate" not in caplog.text


async def test_nothing_is_thrown_away_while_the_database_is_away(database: Database) -> None:
    letterbox = Letterbox(database, Clock(NOW, 0.001))
    for text in ("before", BAD, "after"):
        letterbox.drop(Question(text, "en", "web", "outside", TODAY))
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE unanswered RENAME TO elsewhere")
    assert not await letterbox.empty()
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO unanswered")
    assert await letterbox.empty()
    assert await counted(database) == {"before": 1, "after": 1}


async def test_what_no_database_takes_is_left_out_of_a_note(database: Database) -> None:
    letterbox = Letterbox(database, Clock(NOW, 0.001))
    letterbox.of("web").unplaced(f"{BAD} and \0 nothing", "en", Unplaced.OUTSIDE)
    letterbox.of("web").wrong(Wrong("oid-what", "en", 2026, "a\0b\udfff"))
    assert await letterbox.empty()
    assert await counted(database) == {"lone  surrogate and  nothing": 1}
    async with database.read() as connection:
        assert [row.text for row in await questions.reports(connection)] == ["ab"]


SAME = [("Kā PIETEIKTIES?", "ka pieteikties"), ("Как подать?", "как подать"), ("Naïve…", "naive")]
OTHER = [
    ("как подать заявку", "кто подаёт заявку"),
    ("KA210: как подать", "KA210: кто подаёт"),
    ("申請", "表格"),
]


def known_by(text: str) -> str:
    return Question(text, "lv", "web", "outside", TODAY).id


@pytest.mark.parametrize(("one", "other"), SAME)
def test_case_accents_and_punctuation_make_no_other_question(one: str, other: str) -> None:
    assert known_by(one) == known_by(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_questions_in_another_script_are_told_apart(one: str, other: str) -> None:
    assert known_by(one) != known_by(other)


async def test_a_question_in_any_script_is_counted_and_signs_alone_are_not(
    database: Database,
) -> None:
    letterbox = Letterbox(database, Clock(NOW, 0.001))
    for text in ("как подать заявку", "КАК подать заявку?", "申請", "?!", "…", ""):
        letterbox.of("web").unplaced(text, "lv", Unplaced.OUTSIDE)
    assert await letterbox.empty()
    assert sorted((await counted(database)).values()) == [1, 2]


def test_a_terminal_is_sent_nothing_that_it_acts_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOON_DATA_DIR", str(tmp_path))
    hostile = "a\x1b]0;b\x07\x1b[2J\x9b2J\u202e\U000e0041"

    async def fill() -> None:
        async with open_noon(load_settings(), migrate=True) as noon:
            noon.letterbox.of("web").unplaced(hostile, "en", Unplaced.OUTSIDE)
            noon.letterbox.of("web").wrong(Wrong(f"oid-what/ask{hostile}", "en", 2026))
            noon.letterbox.of("web").wrong(Wrong("oid-what", "en", 2026, hostile))

    asyncio.run(fill())
    for words in (["unanswered"], ["reports"], ["unanswered", "--json"], ["reports", "--json"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0
        assert done.stdout.replace("\n", "").isprintable()
    (asked,) = json.loads(CliRunner().invoke(app, ["unanswered", "--json"]).stdout)
    assert asked["text"] == hostile
