"""How updates come in: by webhook, guarded and stored once; by polling, one process at a time."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import URL
from starlette.applications import Starlette

from bot.faces.telegram import intake
from bot.service import Noon
from bot.store import leases
from bot.store.database import Database
from tests.botapi import BotApi, Delayed, User
from tests.botapi.connection import InLoop, listening_socket
from tests.botapi.webhook import SECRET_HEADER
from tests.telegram.service import PATIENCE, Service, served, settings
from tests.telegram.store import all_done, rows, states, until, without

pytest_plugins = ("tests.telegram.fixtures",)

Json = dict[str, Any]

FIRST = 900_000_001


@pytest.fixture
async def door(api: BotApi, folder: Path) -> AsyncIterator[Noon]:
    """A Noon in webhook mode, behind a web server to which the Bot API delivers."""
    listener = listening_socket(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    chosen = settings(api, folder, telegram_mode="webhook", public_url=address)
    async with served(chosen) as noon:
        server = InLoop(Starlette(routes=[intake.webhook(noon)]), listener)
        await server.start()
        await until(lambda: api.network.webhook is not None)
        yield noon
        await server.stop()


@pytest.fixture
async def caller(door: Noon) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may call the door."""
    async with httpx.AsyncClient(base_url=door.settings.address, verify=False) as client:
        yield client


def update(number: int, text: str, chat: int = 1) -> Json:
    """An update as Telegram writes it."""
    person = {"id": chat, "is_bot": False, "first_name": "Anna", "language_code": "en"}
    message = {
        "message_id": number % 1000,
        "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Anna"},
        "date": 1_790_000_000,
        "text": text,
    }
    return {"update_id": number, "message": message}


async def call(
    caller: httpx.AsyncClient, door: Noon, content: bytes, secret: str | bytes | None = None
) -> int:
    """The status of a call on the path that Telegram knows; by default with the right secret."""
    token = intake.secret_token(door.key) if secret is None else secret
    headers = [(SECRET_HEADER.encode(), token if isinstance(token, bytes) else token.encode())]
    answer = await caller.post(intake.path(door.key), content=content, headers=headers)
    return answer.status_code


async def test_updates_that_telegram_delivers_are_answered(api: BotApi, door: Noon) -> None:
    people = [api.user(number, "en") for number in range(1, 11)]
    for person in people:
        person.say("/start")
        person.say("/help")
    for person in people:
        assert len({m.text for m in await person.wait_for(2, PATIENCE)}) == 2
    await api.settled()
    assert sorted(api.network.feed.allowed) == ["callback_query", "message"]


async def test_a_call_without_the_secret_leaves_nothing(
    caller: httpx.AsyncClient, door: Noon, folder: Path
) -> None:
    right = intake.secret_token(door.key)
    wrong: list[str | bytes] = [
        "",
        "x",
        right[:32],
        right[:-1],
        right + "0",
        right.upper(),
        b"\xc4\x81",
        right[::-1],
    ]
    content = json.dumps(update(FIRST, "/help")).encode()
    assert {await call(caller, door, content, secret) for secret in wrong} == {403}
    assert (await caller.post(intake.path(door.key), content=content)).status_code == 403
    assert (await caller.get(intake.path(door.key))).status_code == 405
    assert (await caller.post("/telegram/guess", content=content)).status_code == 404
    assert states(folder) == {}


BROKEN = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b'"update_id"',
    b'{"update_id": "x"}',
    b'{"update_id": null}',
    b'{"update_id": 1, "message": "text"}',
    b'{"update_id": 1, "message": {"chat": {"id": "x"}}}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
]
TOO_LARGE = b" " * (intake.LARGEST + 1)


async def test_what_is_no_update_is_refused_and_not_stored(
    caller: httpx.AsyncClient, door: Noon, folder: Path
) -> None:
    got = {content[:50]: await call(caller, door, content) for content in BROKEN}
    assert got == {content[:50]: 400 for content in BROKEN}
    assert await call(caller, door, TOO_LARGE) == 413
    assert states(folder) == {}


async def test_an_update_that_comes_three_times_has_one_effect(
    api: BotApi, caller: httpx.AsyncClient, door: Noon, folder: Path
) -> None:
    anna = api.user(1, "en")
    content = json.dumps(update(FIRST, "/help")).encode()
    assert [await call(caller, door, content) for _ in range(2)] == [200, 200]
    await anna.wait_for(1, PATIENCE)
    await all_done(folder, 1)
    assert await call(caller, door, content) == 200
    await call(caller, door, json.dumps(update(FIRST + 1, "/start")).encode())
    await all_done(folder, 2)
    assert len(anna.messages) == 2


async def test_updates_that_wait_are_answered_in_the_order_of_their_numbers(
    api: BotApi, caller: httpx.AsyncClient, door: Noon, folder: Path
) -> None:
    anna = api.user(1, "en")
    api.script("sendMessage", Delayed(0.5))
    for place in (0, 3, 1, 2):
        text = f"/deadlines q{place}"
        assert await call(caller, door, json.dumps(update(FIRST + place, text)).encode()) == 200
    await all_done(folder, 4)
    assert [f"q{place}" in anna.messages[place].text for place in range(4)] == [True] * 4


async def test_updates_that_come_out_of_order_and_again_have_one_effect_each(
    api: BotApi, caller: httpx.AsyncClient, door: Noon, folder: Path
) -> None:
    anna = api.user(1, "en")
    contents = [json.dumps(update(FIRST + n, f"/deadlines q{n}")).encode() for n in range(3)]
    for done, place in enumerate((2, 0, 1), start=1):
        assert await call(caller, door, contents[place]) == 200
        await all_done(folder, done)
    for content in contents * 3:
        assert await call(caller, door, content) == 200
    await call(caller, door, json.dumps(update(FIRST + 3, "/help")).encode())
    await all_done(folder, 4)
    texts = [message.text for message in anna.messages]
    assert [sum(f"q{place}" in text for text in texts) for place in range(3)] == [1, 1, 1]
    assert len(texts) == 4


def failed(api: BotApi) -> bool:
    """Whether Telegram has met a failure at the webhook."""
    return api.network.webhook is not None and bool(api.network.webhook.last_error)


async def test_what_could_not_be_stored_is_refused_and_delivered_again(
    api: BotApi, caller: httpx.AsyncClient, door: Noon, folder: Path
) -> None:
    anna, berta = api.user(1, "en"), api.user(2, "en")
    content = json.dumps(update(FIRST, "/help")).encode()
    async with without(folder, "telegram_update"):
        assert await call(caller, door, content) == 500
        berta.say("/help")
        await until(lambda: failed(api))
        assert (anna.messages, berta.messages) == ([], [])
    assert [await call(caller, door, content) for _ in range(3)] == [200] * 3
    await all_done(folder, 2)
    await api.settled(PATIENCE)
    assert [len(person.messages) for person in (anna, berta)] == [1, 1]


async def test_a_foreign_poller_is_logged_and_survived(
    api: BotApi, noon: Noon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pause = intake._pause
    monkeypatch.setattr(intake, "_pause", lambda error: min(pause(error), 0.05))
    anna = api.user(1, "en")
    async with httpx.AsyncClient(base_url=f"{api.url}/bot{api.token}", verify=False) as foreign:
        await until(lambda: any(call.outcome == -1 for call in api.calls))
        await foreign.get("/getUpdates", params={"timeout": 1}, timeout=PATIENCE)
    assert "somebody else" in caplog.text
    anna.say("/help")
    await anna.wait_for(1, PATIENCE)


async def test_one_process_polls_and_the_other_takes_over(
    api: BotApi, postgres_url: URL, tmp_path: Path
) -> None:
    people = [api.user(number, "en") for number in range(1, 9)]
    address = postgres_url.render_as_string(hide_password=False)
    shared = {"NOON_DATABASE_URL": address, "NOON_LEASE": "1"}
    async with (
        Service(api.url, tmp_path, **shared) as one,
        Service(api.url, tmp_path, **shared) as two,
    ):
        await one.start()
        await until(lambda: "getUpdates" in [call.method for call in api.calls])
        await two.start()
        await until(lambda: [call.method for call in api.calls].count("getMe") == 2)
        await answered_once(people, "/help")
        assert 409 not in [call.outcome for call in api.calls]
        await one.stop()
        await answered_once(people, "/start")


async def answered_once(people: list[User], text: str) -> None:
    counts = [len(person.messages) for person in people]
    for person in people:
        person.say(text)
    for person, count in zip(people, counts, strict=True):
        await person.wait_for(count + 1, PATIENCE)
    assert [len(person.messages) for person in people] == [count + 1 for count in counts]


async def test_a_dead_pollers_turn_lapses(api: BotApi, postgres_url: URL, folder: Path) -> None:
    database = Database(postgres_url)
    async with database.write() as connection:
        await leases.take(database, connection, {"poller"}, "dead", 1.0)
    chosen = settings(api, folder, database_url=postgres_url.render_as_string(), lease=0.3)
    anna = api.user(1, "en")
    anna.say("/help")
    async with served(chosen):
        await anna.wait_for(1, PATIENCE)
    await database.close()
    assert rows(folder, "SELECT * FROM telegram_update") == []
