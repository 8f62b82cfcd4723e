"""The carrier to Telegram: every answer that can come, told to the outbox as what it means."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telegram.ext import ExtBot

from bot.clock import Clock
from bot.faces.telegram import buttons, transport
from bot.faces.telegram.limiter import Bulk, StoreLimiter
from bot.faces.telegram.transport import Transport
from bot.post.kinds import Kind
from bot.post.outbox import Claimed
from bot.post.outcomes import Verdict
from bot.post.telegram import TelegramCarrier, message_number
from bot.post.telegram import carrier as telegram_carrier
from bot.store.database import Database
from tests.botapi import BotApi, Delayed, Dropped, Failed, Refused, TooMany
from tests.botapi.connection import listening_socket
from tests.botapi.faults import Step
from tests.postgres import sqlite

pytest_plugins = ("tests.telegram.fixtures",)

NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
KEY = b"key"
ANNA = 1001


def frozen(text: str = "<b>KA220</b> closes", chat: int = ANNA) -> bytes:
    """A reminder as letters write it."""
    done = buttons.sealed(KEY, chat, "reminders:handed:2026-ka220-r1")
    stop = buttons.sealed(KEY, chat, "reminders:stop")
    rows = [[["Submitted", done]], [["Stop", stop]]]
    return json.dumps({"text": text, "keyboard": rows}).encode()


def claimed(chat: int = ANNA, not_after: datetime = NOON + timedelta(hours=1)) -> Claimed:
    """A reminder that is to leave now."""
    return Claimed(
        id="0" * 32,
        fence=1,
        kind=Kind.REMINDER,
        channel="telegram",
        address=str(chat),
        content={},
        contact="",
        deadline="",
        due_at=NOON,
        not_after=not_after,
        attempts=0,
        repeats=0,
        silences=0,
        last_verdict="",
        provider=0,
        first_at=None,
        message_id="",
        frozen=None,
    )


@asynccontextmanager
async def carrying(
    api: BotApi, database: Database, url: str | None = None, clock: Clock | None = None
) -> AsyncIterator[TelegramCarrier]:
    """A carrier to `api`, or to whatever is at `url`."""
    address = url or api.url
    bot: ExtBot[Bulk] = ExtBot(
        api.token,
        f"{address}/bot",
        request=Transport(address, 8),
        rate_limiter=StoreLimiter(database, 1000, 0),
    )
    made = TelegramCarrier(bot, clock or Clock(NOON))
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def store(sqlite_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A store in a file: what the answers mean does not depend on it."""
    path = tmp_path / "noon.sqlite"
    shutil.copy(sqlite_file, path)
    opened = Database(sqlite(path))
    yield opened
    await opened.close()


async def test_a_message_arrives_with_its_words_and_buttons(api: BotApi, store: Database) -> None:
    anna = api.user(ANNA)
    async with carrying(api, store) as carrier:
        report = await carrier.carry(claimed(), frozen())
    (message,) = anna.messages
    assert report.outcome.verdict is Verdict.ACCEPTED
    assert message_number(report.answer) == message.id
    assert (message.text, message.labels) == ("KA220 closes", ["Submitted", "Stop"])
    assert [entity["type"] for entity in message.entities] == ["bold"]
    assert buttons.unsealed(KEY, ANNA, message.buttons[1]["callback_data"]) == "reminders:stop"


@pytest.mark.parametrize(
    ("meets", "verdict", "lost"),
    [
        (Refused(403, "bot was blocked by the user"), Verdict.ADDRESS, True),
        (Refused(403, "user is deactivated"), Verdict.ADDRESS, True),
        (Refused(403, "bot can't initiate conversation with a user"), Verdict.ADDRESS, True),
        (Refused(400, "chat not found"), Verdict.ADDRESS, True),
        (Refused(400, "PEER_ID_INVALID"), Verdict.ADDRESS, True),
        (Refused(400, "can't parse entities: unclosed tag at offset 7"), Verdict.PATH, False),
        (Refused(400, "message is too long"), Verdict.PATH, False),
        (Refused(400, "BUTTON_DATA_INVALID"), Verdict.PATH, False),
        (Refused(401, ""), Verdict.OURS, False),
        (Refused(404, ""), Verdict.OURS, False),
        (Failed(500), Verdict.TRANSIENT, False),
        (Failed(502, page=True), Verdict.TRANSIENT, False),
        (Dropped(), Verdict.UNKNOWN, False),
        (Dropped(after=True), Verdict.UNKNOWN, False),
        (Delayed(5.0, after=True), Verdict.UNKNOWN, False),
        (TooMany(1), Verdict.ACCEPTED, False),
    ],
)
async def test_every_answer_is_told_as_what_it_means(
    api: BotApi,
    store: Database,
    meets: Step,
    verdict: Verdict,
    lost: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.3)
    api.user(ANNA)
    api.script("sendMessage", meets)
    async with carrying(api, store) as carrier:
        report = await carrier.carry(claimed(), frozen())
    assert (report.outcome.verdict, report.outcome.suppresses) == (verdict, lost)
    assert str(ANNA) not in report.answer
    assert len(report.answer) > 5


async def test_an_account_that_is_gone_and_a_chat_that_never_was_are_lost(
    api: BotApi, store: Database
) -> None:
    api.user(ANNA).delete_account()
    async with carrying(api, store) as carrier:
        reports = [await carrier.carry(claimed(chat), frozen()) for chat in (ANNA, 4711)]
    assert [report.outcome.suppresses for report in reports] == [True, True]


async def test_words_that_telegram_cannot_read_are_refused_and_say_why(
    api: BotApi, store: Database
) -> None:
    api.user(ANNA)
    async with carrying(api, store) as carrier:
        report = await carrier.carry(claimed(), frozen("<b>KA220"))
    assert report.outcome.verdict is Verdict.PATH
    assert "parse" in report.answer


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"text": "a", "keyboard": [["x"]]}'])
async def test_what_cannot_be_read_here_is_not_sent(
    api: BotApi, store: Database, content: bytes
) -> None:
    async with carrying(api, store) as carrier:
        report = await carrier.carry(claimed(), content)
    assert report.outcome.verdict is Verdict.PATH
    assert api.calls == []


async def test_where_nobody_listens_nothing_was_sent(api: BotApi, store: Database) -> None:
    closed = listening_socket(0)
    url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    closed.close()
    async with carrying(api, store, url) as carrier:
        report = await carrier.carry(claimed(), frozen())
    assert report.outcome.verdict is Verdict.CONNECTION


async def test_a_group_that_has_a_new_number_gets_it_there(api: BotApi, store: Database) -> None:
    anna = api.user(ANNA)
    group = api.group("Operators", anna)
    moved = group.migrate(anna, -1_001_000_004_711)
    async with carrying(api, store) as carrier:
        report = await carrier.carry(claimed(group.id), frozen())
    assert report.outcome.verdict is Verdict.ACCEPTED
    assert [message.text for message in moved.messages] == ["KA220 closes"]


async def test_a_group_that_moves_again_and_again_is_given_up(api: BotApi, store: Database) -> None:
    anna = api.user(ANNA)
    group = api.group("Operators", anna)
    again = Refused(400, "group chat was upgraded", {"migrate_to_chat_id": group.id})
    api.script("sendMessage", again, again)
    async with carrying(api, store) as carrier:
        report = await carrier.carry(claimed(group.id), frozen())
    assert report.outcome.verdict is Verdict.PATH
    assert len(api.calls) == 2


async def test_what_runs_out_of_time_while_a_pause_lasts_is_not_sent(
    api: BotApi, store: Database
) -> None:
    api.user(ANNA)
    api.script("sendMessage", TooMany(2, everywhere=True))
    soon = NOON + timedelta(seconds=1)
    async with carrying(api, store, clock=Clock(NOON)) as carrier:
        report = await carrier.carry(claimed(not_after=soon), frozen())
    assert (report.outcome.verdict, report.outcome.counts) == (Verdict.TRANSIENT, False)
    assert [call.outcome for call in api.calls] == [429]


async def test_after_trouble_it_rests_then_tries_one_and_then_goes_on(
    api: BotApi, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_carrier, "FIRST_REST", 0.2)
    api.user(ANNA)
    api.script("sendMessage", *[Failed(502)] * 3)
    async with carrying(api, store) as carrier:
        many = carrier.capacity()
        await asyncio.gather(*(carrier.carry(claimed(), frozen()) for _ in range(3)))
        assert carrier.capacity() == 0
        await asyncio.sleep(0.3)
        assert carrier.capacity() == 1
        await carrier.carry(claimed(), frozen())
        assert carrier.capacity() == many > 1
