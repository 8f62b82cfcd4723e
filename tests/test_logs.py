"""What is logged: one line of JSON a record, nothing of a person, nothing secret."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.logs import Redacting, places

SECRET = "p@ss/wörd 7731+x"
BLOTTED = [
    ("mail to anna.o'neil+x@example.org failed", "anna"),
    ("550 5.1.1 <anna@example.org>: no such user", "anna"),
    ("jānis@piemērs.lv wrote", "jānis"),
    ("GET /?email=anna%40example.org", "anna"),
    ("https://noon.example/confirm/abcdefghijk_123-456789 is old", "abcdefghijk"),
    ("POST /unsubscribe/abcdefghijk_123-456789", "abcdefghijk"),
    ("/reminders/abcdefghijk_123-456789?deadline=1", "abcdefghijk"),
    ("POST /telegram/3f1234abcd56", "3f1234abcd56"),
    ("https://api.telegram.org/bot123456:AAF-x_planted/getMe", "planted"),
    ("7731994:AAF-planted_token-Zq9-and-more is wrong", "planted"),
    ("chat 773199441122 was blocked", "773199441122"),
    ("chat_id=-1001234567890,", "1001234567890"),
    (f"login with {SECRET}", "7731"),
    ("login with p%40ss%2Fw%C3%B6rd%207731%2Bx", "7731"),
    (f"login with {json.dumps(SECRET)}", "7731"),
]
KEPT = [
    "42 messages ran out of time before they left",
    "mail provider smtp.example.org:587 refuses us; it gets nothing until it works again",
    "Noon: http://127.0.0.1:18234",
    "3f1234567890ab12 at 2026-03-05T12:00:00 after 0.123456789 s",
    "TimeoutError at relay.py:123 > store.py:1234",
]


def logged(text: str, *values: object, name: str = "bot.test", error: bool = False) -> str:
    """Return the line that a record becomes."""
    trouble = sys.exc_info() if error else None
    record = logging.LogRecord(name, logging.ERROR, "", 1, text, values, trouble)
    return Redacting([SECRET]).format(record)


@pytest.mark.parametrize(("text", "planted"), BLOTTED)
def test_what_looks_like_a_person_or_a_secret_is_blotted(text: str, planted: str) -> None:
    for line in (logged(text), logged("%s", text)):
        assert planted not in json.loads(line)["what"]
        assert "•••" in line


@pytest.mark.parametrize("text", KEPT)
def test_what_an_operator_needs_is_kept(text: str) -> None:
    assert json.loads(logged(text))["what"] == text


@given(st.text())
@example("a\nb\r\nc\x85d\u2028e\u2029f\x0b\x0c\x1c\x00")
def test_a_record_is_one_line_whatever_it_says(text: str) -> None:
    line = logged("%s", text)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["level"] == "error"


def test_of_a_library_only_its_own_sentence_is_kept() -> None:
    line = logged("%s failed\nfuture: <Task exception=E('anna')>", "anna", name="asyncio")
    assert json.loads(line)["what"] == "%s failed"


def test_an_error_is_told_by_its_places_and_each_of_a_group() -> None:
    try:
        raise ExceptionGroup("of anna", [ValueError("anna"), ExceptionGroup("x", [OSError("a")])])
    except ExceptionGroup as group:
        told = places(group)
        line = json.loads(logged("it broke", error=True))
    assert line["trace"] == told
    assert told.startswith("ExceptionGroup at test_logs.py:")
    assert [name in told for name in ("ValueError", "OSError")] == [True, True]
    assert "anna" not in told


ENDS = """
import logging, sys
from bot.logs import set_up
set_up(["planted-secret"], logging.DEBUG)
logging.getLogger("sqlalchemy.engine").debug("Row ('anna@example.org',)")
logging.getLogger("httpx").info("GET https://api.telegram.org/bot1:planted")
logging.getLogger("bot.x").debug("said")
logging.getLogger("aiohttp.server").error("Error handling %s", "anna")
raise RuntimeError("anna planted-secret")
"""


def test_an_error_that_ends_the_process_and_chatty_libraries_tell_nothing() -> None:
    house = Path(__file__).parent.parent
    ended = subprocess.run(
        [sys.executable, "-c", ENDS], cwd=house, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    said = [(line["from"], line["what"]) for line in lines]
    assert said == [
        ("bot.x", "said"),
        ("aiohttp.server", "Error handling %s"),
        ("bot", "ended by an error"),
    ]
    assert "RuntimeError" in lines[-1]["trace"]
    assert not [word for word in ("anna", "planted") if word in ended.stderr]
