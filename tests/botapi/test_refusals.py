"""What the server refuses, in the words of the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.botapi import BotApi, Refused

Json = dict[str, Any]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A server with Anna (42), whose chat holds message 1 of the bot and message 2 of hers.

    Nothing is recorded: what these tests send is meant to be wrong.
    """
    async with BotApi(trace="") as api:
        anna = api.user(42)
        await call(api, "sendMessage", chat_id=42, text="Sveiki", reply_markup=keyboard("a"))
        anna.say("labdien")
        yield api


async def call(api: BotApi, method: str, **arguments: Any) -> Json:
    """The answer to one call with a JSON body."""
    async with httpx.AsyncClient(base_url=f"{api.url}/bot{api.token}/", verify=False) as client:
        response = await client.post(method, json=arguments)
    body: Json = response.json()
    assert body["ok"] or body["error_code"] == response.status_code
    return body


def keyboard(data: str, **button: Any) -> Json:
    """An inline keyboard of one button."""
    return {"inline_keyboard": [[{"text": "Poga", "callback_data": data} | button]]}


SAYING = [
    ("", None, "message text is empty"),
    (" \n ", None, "message text is empty"),
    ("<b> </b>", "HTML", "message text is empty"),
    ("a" * 4097, None, "message is too long"),
    ("😀" * 2049, None, "message is too long"),
    ("<p>a</p>", "HTML", 'can\'t parse entities: Unsupported start tag "p" at byte offset 0'),
    ("ā < b", "HTML", 'can\'t parse entities: Unsupported start tag "" at byte offset 3'),
    ("<b>a", "HTML", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
    ("a</b>", "HTML", "can't parse entities: Unexpected end tag at byte offset 1"),
    (
        "<b><i>a</b></i>",
        "HTML",
        'can\'t parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    ("a <b", "HTML", "can't parse entities: Unclosed start tag at byte offset 2"),
    (
        "<span>a</span>",
        "HTML",
        'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0',
    ),
]


@pytest.mark.parametrize(("text", "mode", "reason"), SAYING)
async def test_a_text_that_cannot_be_sent(
    api: BotApi, text: str, mode: str | None, reason: str
) -> None:
    answer = await call(api, "sendMessage", chat_id=42, text=text, parse_mode=mode or "")
    assert answer["description"] == f"Bad Request: {reason}"
    assert answer["error_code"] == 400


ACCEPTED = [
    ("a" * 4096, []),
    ("<b>" + "a" * 4096 + "</b>", ["bold"]),
    ("1 &lt; 2 &amp; 3 &#62; 2 &nbsp;", []),
    ('<pre><code class="language-python">x</code></pre>', ["pre"]),
    ("<code>x</code> <tg-spoiler>y</tg-spoiler>", ["code", "spoiler"]),
    ("<blockquote expandable>long</blockquote>", ["expandable_blockquote"]),
    ("<A HREF='https://example.org/a?b=1&amp;c=2'>x</A >", ["text_link"]),
    ("<a href='javascript:x'>x</a>", []),
    ("<b>a <i>b</i></b>", ["bold", "italic"]),
    ("anna@example.org un https://example.org/x.", ["email", "url"]),
]


@pytest.mark.parametrize(("text", "kinds"), ACCEPTED)
async def test_a_text_that_can_be_sent(api: BotApi, text: str, kinds: list[str]) -> None:
    answer = await call(api, "sendMessage", chat_id=42, text=text, parse_mode="HTML")
    found = [entity["type"] for entity in answer["result"].get("entities", [])]
    assert found == kinds


KEYBOARDS: list[tuple[Any, str]] = [
    (keyboard("ā" * 33), "BUTTON_DATA_INVALID"),
    (keyboard(""), "Text buttons are unallowed in the inline keyboard"),
    (keyboard("", url="http://localhost:8000/x"), "Wrong HTTP URL"),
    (keyboard("", url="ftp://example.org"), "Unsupported URL protocol"),
    ("{broken", "can't parse reply keyboard markup JSON object"),
    ([], "object expected as reply markup"),
]


@pytest.mark.parametrize(("markup", "reason"), KEYBOARDS)
async def test_a_keyboard_that_cannot_be_sent(api: BotApi, markup: Any, reason: str) -> None:
    answer = await call(api, "sendMessage", chat_id=42, text="x", reply_markup=markup)
    assert answer["error_code"] == 400
    assert reason in answer["description"]


async def test_callback_data_may_fill_64_bytes(api: BotApi) -> None:
    answer = await call(api, "sendMessage", chat_id=42, text="x", reply_markup=keyboard("ā" * 32))
    assert answer["ok"]


CALLS: list[tuple[str, Json, str]] = [
    ("sendMessage", {"text": "x"}, "chat_id is empty"),
    ("sendMessage", {"chat_id": 41, "text": "x"}, "chat not found"),
    ("sendMessage", {"chat_id": "@nobody", "text": "x"}, "chat not found"),
    (
        "sendMessage",
        {"chat_id": 42, "text": "x", "reply_parameters": {"message_id": 99}},
        "message to be replied not found",
    ),
    (
        "editMessageText",
        {"chat_id": 42, "message_id": 99, "text": "x"},
        "message to edit not found",
    ),
    ("editMessageText", {"chat_id": 42, "message_id": 2, "text": "x"}, "message can't be edited"),
    ("editMessageText", {"chat_id": 42, "message_id": 1, "text": "a" * 4097}, "MESSAGE_TOO_LONG"),
    ("editMessageText", {"chat_id": 42, "text": "x"}, "message identifier is not specified"),
    ("deleteMessage", {"chat_id": 42, "message_id": 99}, "message to delete not found"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old and response timeout"),
    ("sendChatAction", {"chat_id": 42, "action": "dancing"}, "wrong parameter action in request"),
    ("sendDocument", {"chat_id": 42}, "there is no document in the request"),
    ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
    (
        "setMyCommands",
        {"commands": [{"command": "No!", "description": "x"}]},
        "BOT_COMMAND_INVALID",
    ),
    (
        "setWebhook",
        {"url": "http://example.org/hook"},
        "bad webhook: An HTTPS URL must be provided",
    ),
    ("setWebhook", {"url": "http://127.0.0.1/", "secret_token": "ā"}, "secret token contains"),
]


@pytest.mark.parametrize(("method", "arguments", "reason"), CALLS)
async def test_a_call_that_is_refused(
    api: BotApi, method: str, arguments: Json, reason: str
) -> None:
    answer = await call(api, method, **arguments)
    assert answer["description"].startswith(f"Bad Request: {reason}")


SAME: list[tuple[str, Json]] = [
    ("editMessageText", {"text": "Sveiki", "reply_markup": keyboard("a")}),
    ("editMessageReplyMarkup", {"reply_markup": keyboard("a")}),
]


@pytest.mark.parametrize(("method", "content"), SAME)
async def test_an_edit_that_changes_nothing(api: BotApi, method: str, content: Json) -> None:
    answer = await call(api, method, chat_id=42, message_id=1, **content)
    assert answer["description"].startswith("Bad Request: message is not modified")
    changed = await call(api, method, chat_id=42, message_id=1, **content | {"reply_markup": ""})
    assert changed["ok"]
    assert "reply_markup" not in changed["result"]


async def test_a_press_answered_too_late(api: BotApi) -> None:
    api.network.query_lifetime = 0.0
    anna = api.user(42)
    press = anna.press(anna.messages[0], 0)
    answer = await call(api, "answerCallbackQuery", callback_query_id=press.query.id)
    assert answer["error_code"] == 400
    assert not press.answered


async def test_only_a_button_that_is_there_can_be_pressed(api: BotApi) -> None:
    anna = api.user(42)
    with pytest.raises(LookupError):
        anna.press(anna.messages[0], "Cita poga")


async def test_a_group_that_has_moved_names_its_new_id(api: BotApi) -> None:
    anna = api.user(42)
    group = api.group("Projekts", anna)
    moved = group.migrate(anna, -1_001_000_000_777)
    answer = await call(api, "sendMessage", chat_id=group.id, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": moved.id}
    assert (await call(api, "sendMessage", chat_id=moved.id, text="x"))["ok"]


async def test_somebody_who_never_wrote_cannot_be_written_to(api: BotApi) -> None:
    api.user(43, started=False)
    answer = await call(api, "sendMessage", chat_id=43, text="x")
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    api.user(43).say("/start")
    assert (await call(api, "sendMessage", chat_id=43, text="x"))["ok"]


async def test_a_file_above_20_megabytes_cannot_be_fetched(api: BotApi) -> None:
    sent = api.user(42).send_document(b"x", "liels.zip", size=21 * 1024 * 1024)
    answer = await call(api, "getFile", file_id=sent.raw["document"]["file_id"])
    assert answer["description"] == "Bad Request: file is too big"


async def test_an_unknown_method_and_a_scripted_refusal(api: BotApi) -> None:
    assert (await call(api, "sendBanana"))["error_code"] == 404
    api.script("getMe", Refused(400, "made up"))
    assert (await call(api, "getMe"))["description"] == "Bad Request: made up"
    assert (await call(api, "getme"))["ok"]
