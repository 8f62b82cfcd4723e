"""Two independent clients use the Bot API server, and aiogram's types judge what it says."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardButton
from telegram import InlineKeyboardMarkup as Keyboard
from telegram.constants import ParseMode
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from tests.botapi import BotApi, TooMany
from tests.botapi import judged as judging
from tests.botapi.judged import Judge

aiogram_python = judging.aiogram_python
judge = judging.judge
judged = judging.judged

ROOT = Path(__file__).parents[1]
ASK = Keyboard(
    [
        [InlineKeyboardButton("Jā", callback_data="yes")],
        [InlineKeyboardButton("Nē", callback_data="no")],
    ]
)


def client(api: BotApi, token: str | None = None) -> Bot:
    """A python-telegram-bot client of the server."""
    return Bot(token or api.token, f"{api.url}/bot", f"{api.url}/file/bot")


@pytest.fixture
async def api(judged: Path) -> AsyncIterator[BotApi]:
    """A server whose whole traffic aiogram judges at the end."""
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    """A bot that has called getMe."""
    async with client(api) as bot:
        yield bot


async def test_a_conversation_with_buttons_looks_as_the_bot_left_it(api: BotApi, bot: Bot) -> None:
    anna = api.user(42, "lv")
    anna.say("/start")
    (start,) = await bot.get_updates(timeout=5)
    assert start.message is not None
    assert start.message.from_user is not None
    assert start.message.from_user.language_code == "lv"
    await bot.send_message(42, "<b>Ērti?</b> 😀 <i>jā</i>", ParseMode.HTML, reply_markup=ASK)
    waiting = asyncio.create_task(bot.get_updates(start.update_id + 1, timeout=5))
    await api.called("getUpdates", 2)
    press = anna.press(anna.messages[0], "Nē")
    (pressed,) = await waiting
    assert pressed.callback_query is not None
    assert pressed.callback_query.data == "no"
    await bot.answer_callback_query(pressed.callback_query.id, "Labi")
    await bot.edit_message_text("Paldies", 42, anna.messages[0].id)
    assert await press.answer() == "Labi"
    (shown,) = anna.messages
    assert (shown.text, shown.labels, shown.edited) == ("Paldies", [], True)


async def test_entities_count_in_utf16_units(api: BotApi, bot: Bot) -> None:
    anna = api.user(42)
    text = '  😀 <b>ā&amp;b</b> <a href="https://viaa.gov.lv">x</a> /help'
    message = await bot.send_message(42, text, ParseMode.HTML)
    assert message.text == "😀 ā&b x /help"
    kinds = [(entity.type, entity.offset, entity.length) for entity in message.entities]
    assert kinds == [("bold", 3, 3), ("text_link", 7, 1), ("bot_command", 9, 5)]
    assert message.entities[1].url == "https://viaa.gov.lv/"
    assert anna.messages[0].text == message.text


async def test_documents_travel_both_ways(api: BotApi, bot: Bot) -> None:
    anna = api.user(42)
    anna.send_document("Termiņš".encode(), "budžets.csv", "text/csv", caption="Lūdzu")
    anna.send_photo(b"\xff\xd8picture")
    document, photo = await bot.get_updates()
    assert document.message is not None
    assert document.message.document is not None
    file = await bot.get_file(document.message.document.file_id)
    assert bytes(await file.download_as_bytearray()).decode() == "Termiņš"
    assert photo.message is not None
    assert photo.message.photo[-1].file_size == 9
    sent = await bot.send_document(42, io.BytesIO(b"BEGIN:VCALENDAR"), filename="plāns.ics")
    again = await bot.send_document(42, sent.document or "")
    assert again.document is not None
    assert again.document.mime_type == "text/calendar"
    received = anna.messages[0].document
    assert received is not None
    assert (received.name, received.content[:5]) == ("plāns.ics", b"BEGIN")


async def test_menus_are_kept_by_scope_and_language(api: BotApi, bot: Bot) -> None:
    api.user(42)
    scope = BotCommandScopeChat(42)
    await bot.set_my_commands([BotCommand("help", "Palīdzība")], language_code="lv")
    await bot.set_my_commands([BotCommand("stop", "Beigt")], scope)
    await bot.set_my_description("Par termiņiem", "lv")
    await bot.set_my_short_description("Termiņi")
    await bot.set_my_name("Noon")
    assert [c.command for c in await bot.get_my_commands(language_code="lv")] == ["help"]
    assert [c.command for c in await bot.get_my_commands(scope)] == ["stop"]
    assert await bot.get_my_commands() == ()
    assert (await bot.get_my_description("lv")).description == "Par termiņiem"


async def test_an_acknowledged_update_is_gone_and_any_other_comes_again(
    api: BotApi, bot: Bot
) -> None:
    anna = api.user(42)
    for number in range(5):
        anna.say(f"{number}")
    first = await bot.get_updates(limit=2)
    again = await bot.get_updates(limit=2)
    assert [update.update_id for update in first] == [update.update_id for update in again]
    rest = await bot.get_updates(first[-1].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["2", "3", "4"]
    assert rest[-1].update_id - first[0].update_id == 4
    (last,) = await bot.get_updates(-1)
    assert last.update_id == rest[-1].update_id
    assert (await bot.get_webhook_info()).pending_update_count == 1


async def test_kinds_not_asked_for_are_not_queued(api: BotApi, bot: Bot) -> None:
    anna = api.user(42)
    await bot.get_updates(allowed_updates=["callback_query"])
    anna.say("unheard")
    await bot.get_updates(allowed_updates=[])
    anna.say("heard")
    updates = await bot.get_updates()
    assert [update.message.text for update in updates if update.message] == ["heard"]


async def test_of_two_overlapping_polls_the_older_ends_with_a_conflict(api: BotApi) -> None:
    async with client(api) as old, client(api) as new:
        older = asyncio.create_task(old.get_updates(timeout=10))
        await api.called("getUpdates")
        newer = asyncio.create_task(new.get_updates(timeout=10))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await older
        api.user(42).say("hello")
        assert len(await newer) == 1


async def test_a_wrong_token_is_refused(api: BotApi) -> None:
    with pytest.raises(InvalidToken):
        async with client(api, "123456:other"):
            pass


async def test_blocked_and_deactivated_chats_answer_403(api: BotApi, bot: Bot) -> None:
    anna = api.user(42)
    anna.block()
    (change,) = await bot.get_updates()
    assert change.my_chat_member is not None
    assert change.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(42, "x")
    anna.unblock()
    await bot.send_message(42, "x")
    anna.delete_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(42, "x")


async def test_a_halt_lasts_as_long_as_announced(
    api: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # without this the client warns that the attribute's type will change
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    api.user(42), api.user(43)
    api.script("sendMessage", TooMany(2))
    with pytest.raises(RetryAfter) as halted:
        await bot.send_message(42, "x")
    assert halted.value.retry_after == timedelta(seconds=2)
    with pytest.raises(RetryAfter):
        await bot.send_message(42, "too early")
    await bot.send_message(43, "another chat")
    await asyncio.sleep(2)
    await bot.send_message(42, "in time")
    assert api.stats()["early_calls"] == 1


async def test_groups_topics_replies_and_migration(api: BotApi, bot: Bot) -> None:
    anna = api.user(42)
    forum = api.supergroup("Projekts", anna, forum=True)
    topic = forum.topic("Budžets", anna)
    anna.say("nobody's business", to=forum, topic=topic)
    question = anna.say("/help@noon_test_bot", to=forum, topic=topic)
    updates = await bot.get_updates()
    heard = [update.message.text for update in updates if update.message and update.message.text]
    assert heard == ["/help@noon_test_bot"]
    answer = await bot.send_message(
        forum.id, "Lūdzu", message_thread_id=topic, reply_to_message_id=question.id
    )
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == question.id
    anna.say("paldies", to=forum, topic=topic, reply_to=forum.messages[-1])
    (reply,) = await bot.get_updates(updates[-1].update_id + 1)
    assert reply.message is not None
    assert reply.message.text == "paldies"
    with pytest.raises(BadRequest, match=r"[Mm]essage thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=1)
    forum.remove_bot(anna)
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        await bot.send_message(forum.id, "x")


async def test_an_aiogram_bot_works_against_the_same_server(
    api: BotApi, aiogram_python: Path
) -> None:
    anna = api.user(42, "lv")
    script = ROOT / "tests/botapi/aiogram_client.py"
    process = await asyncio.create_subprocess_exec(
        aiogram_python, "-P", script, api.url, api.token, stderr=asyncio.subprocess.PIPE
    )
    anna.say("/start")
    (menu,) = await anna.wait_for(1, timeout=30)
    assert (menu.text, menu.entities[0]["type"]) == ("Sveiki, Anna & Co 😀", "bold")
    assert await anna.press(menu, 1).answer() == "Labi"
    assert anna.messages[0].text == "Izvēle: when"
    anna.send_document(b"abc", "a.txt")
    copy = await anna.wait_for(lambda message: message.document is not None)
    assert copy.document is not None
    assert (copy.document.name, copy.document.content) == ("copy-a.txt", b"abc")
    anna.say("/stop")
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, errors.decode()


PLANTED: dict[str, dict[str, dict[str, Any]]] = {
    "a field no message has": {"message": {"colour": "red"}},
    "a date in milliseconds": {"message": {"date": 1_790_000_000_000_000}},
    "a number sent as text": {"message": {"message_id": "7"}},
    "no chat": {"message": {"chat": None}},
    "an unknown kind of update": {"telegram": {}},
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_validator_finds_a_planted_fault(planted: str, judge: Judge, tmp_path: Path) -> None:
    chat = {"id": 42, "type": "private", "first_name": "Anna"}
    message = {"message_id": 7, "date": 1_790_000_000, "chat": chat, "text": "x"}
    record = tmp_path / "planted.jsonl"
    fault = PLANTED[planted]
    update = {"update_id": 1, "message": message | fault.get("message", {})}
    update |= {name: value for name, value in fault.items() if name != "message"}
    record.write_text(json.dumps({"kind": "update", "update": update}))
    passed, report = judge.verdict(record)
    assert not passed
    assert "line 1" in report


def test_the_validator_finds_a_wrong_argument_of_a_call(judge: Judge, tmp_path: Path) -> None:
    markup = '{"inline_keyboard": [[{"text": "a", "callback": "b"}]]}'
    call = {"chat_id": "42", "text": "x", "reply_markup": markup}
    line = {"kind": "request", "method": "sendMessage", "parameters": call, "files": {}}
    record = tmp_path / "planted.jsonl"
    record.write_text(json.dumps(line))
    passed, report = judge.verdict(record)
    assert not passed
    assert "callback" in report


def recorded(record: str) -> int:
    """The number of lines in a record."""
    return len(Path(record).read_text().splitlines())


async def test_the_server_runs_as_a_process_with_a_control_api(tmp_path: Path) -> None:
    record = str(tmp_path / "record.jsonl")
    command = [sys.executable, "-m", "tests.botapi", "--token", "9:x", "--trace", record]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=os.environ, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url) as control, Bot("9:x", f"{url}/bot") as bot:
        begun = time.monotonic()
        order = {"count": 30, "chats": 10, "first": 100, "texts": ["/start", "/help"]}
        emitted = await control.post("/control/updates", json=order | {"per_second": 300})
        assert emitted.json()["emitted"] == 30
        assert time.monotonic() - begun >= 29 / 300
        updates = await bot.get_updates()
        assert len(updates) == 30
        await bot.send_message(100, "Izvēlieties", reply_markup=ASK)
        await control.post("/control/press", json={"chat": 100, "button": "Jā"})
        (pressed,) = await bot.get_updates(updates[-1].update_id + 1)
        assert pressed.callback_query is not None
        assert pressed.callback_query.data == "yes"
        stats = (await control.get("/control/stats")).json()
        assert stats["updates"] == 31
        assert stats["waits"]["count"] == 1
        calls = (await control.get("/control/calls?method=sendMessage")).json()
        assert [call["outcome"] for call in calls] == [200]
        missing = await control.post("/control/press", json={"chat": 100, "button": "?"})
        assert missing.status_code == 400
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert recorded(record) > stats["updates"]
