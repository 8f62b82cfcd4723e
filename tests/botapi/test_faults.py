"""Faults on the way: limits, halts, lost answers, delays, and webhooks that fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.botapi import BotApi, Delayed, Dropped, Failed, Served
from tests.botapi import judged as judging
from tests.botapi.connection import InLoop, listening_socket
from tests.botapi.webhook import SECRET_HEADER

Json = dict[str, Any]

aiogram_python = judging.aiogram_python
judge = judging.judge
judged_session = judging.judged_session


@pytest.fixture
async def api(judged_session: Path) -> AsyncIterator[BotApi]:
    """A server that Anna (42) and Pēteris (43) use, without the real server's pauses."""
    async with BotApi() as api:
        api.user(42), api.user(43)
        api.network.webhook_retry, api.network.webhook_pause = 0.02, 0.0
        yield api


@pytest.fixture
async def client(api: BotApi) -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client of the bot's methods."""
    async with httpx.AsyncClient(base_url=f"{api.url}/bot{api.token}/", verify=False) as client:
        yield client


async def send(client: httpx.AsyncClient, chat: int = 42) -> httpx.Response:
    """The answer to a short message."""
    return await client.post("sendMessage", data={"chat_id": chat, "text": "x"})


async def test_a_chat_above_its_rate_gets_429_and_others_do_not(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    api.rates(per_chat=0.2)
    assert [(await send(client)).status_code for _ in range(2)] == [200, 429]
    assert (await send(client, 43)).status_code == 200
    refused = (await send(client)).json()
    assert refused["parameters"]["retry_after"] == 5
    assert (api.limits.refused, api.limits.early) == (1, 1)
    assert len(api.user(42).messages) == 1


async def test_the_rate_over_all_chats_halts_all(api: BotApi, client: httpx.AsyncClient) -> None:
    api.rates(overall=0.1, burst_seconds=50)
    codes = [(await send(client, 42 + number % 2)).status_code for number in range(8)]
    assert codes == [200] * 5 + [429] * 3


async def test_a_halt_can_be_imposed_from_outside(api: BotApi, client: httpx.AsyncClient) -> None:
    api.halt(30)
    answer = await send(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


async def test_a_failing_proxy_answers_html_and_nothing_is_sent(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    api.script("sendMessage", Failed(502, page=True), Served(), Failed(500))
    answers = [await send(client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [502, 200, 500]
    assert answers[0].headers["content-type"].startswith("text/html")
    assert len(api.user(42).messages) == 1


@pytest.mark.parametrize(("after", "sent"), [(False, 0), (True, 1)])
async def test_a_connection_can_be_cut_before_or_after_the_message_is_sent(
    api: BotApi, client: httpx.AsyncClient, after: bool, sent: int
) -> None:
    api.script("sendMessage", Dropped(after))
    with pytest.raises(httpx.TransportError):
        await send(client)
    assert len(api.user(42).messages) == sent
    assert (await send(client)).status_code == 200


@pytest.mark.parametrize(("after", "sent"), [(False, 0), (True, 1)])
async def test_a_call_can_be_slow_before_or_after_it_takes_effect(
    api: BotApi, client: httpx.AsyncClient, after: bool, sent: int
) -> None:
    api.script("*", Delayed(0.3, after))
    slow = asyncio.create_task(send(client))
    await api.called("sendMessage")
    await asyncio.sleep(0.05)
    assert len(api.user(42).messages) == sent
    assert (await slow).status_code == 200


async def test_a_held_server_answers_when_the_time_has_passed(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    begun = time.monotonic()
    api.hold(0.2)
    answers = await asyncio.gather(*(send(client) for _ in range(3)))
    assert time.monotonic() - begun >= 0.2
    assert [answer.status_code for answer in answers] == [200] * 3


async def test_every_call_is_logged_with_its_time_and_outcome(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    await send(client)
    await send(client, 44)
    first, second = api.calls
    assert (first.method, first.outcome, second.outcome) == ("sendMessage", 200, 400)
    assert first.parameters["chat_id"] == "42"
    assert 0 <= second.at - first.at < 5


async def test_an_update_answered_to_a_dead_client_comes_again(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.post("getUpdates", data={"timeout": 10}, timeout=0.1)
    api.user(42).say("hello")
    await asyncio.sleep(0.05)
    answer = await client.post("getUpdates", data={"timeout": 10})
    (update,) = answer.json()["result"]
    assert update["message"]["text"] == "hello"
    await client.post("getUpdates", data={"offset": update["update_id"] + 1})
    await api.settled()


async def test_conflicts_in_a_row_are_paced(api: BotApi, client: httpx.AsyncClient) -> None:
    api.network.feed.conflict_pause = 0.5
    await client.post("setWebhook", json={"url": "http://127.0.0.1:9/"})
    times = []
    for _ in range(2):
        begun = time.monotonic()
        assert (await client.post("getUpdates")).status_code == 409
        times.append(time.monotonic() - begun)
    assert times[0] < 0.5 <= times[1]


class Receiver:
    """A webhook: keeps what it gets and answers with the next of `codes`, else 200."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.bodies: list[Json] = []
        self.secrets: list[str | None] = []

    async def take(self, request: Request) -> Response:
        """Serves one delivery."""
        self.bodies.append(await request.json())
        self.secrets.append(request.headers.get(SECRET_HEADER))
        return Response(status_code=self.codes.pop(0) if self.codes else 200)

    def texts(self) -> list[str]:
        """The texts received, in order."""
        return [body["message"]["text"] for body in self.bodies]


@asynccontextmanager
async def webhook(receiver: Receiver) -> AsyncIterator[str]:
    """The URL of a running webhook."""
    listener = listening_socket(0)
    app = Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])
    server = InLoop(app, listener)
    await server.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
    await server.stop()


async def test_a_webhook_gets_each_update_with_the_secret_and_polling_is_refused(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    receiver = Receiver()
    api.user(42).say("before")
    async with webhook(receiver) as url:
        order = {"url": url, "secret_token": "s3cret_-", "allowed_updates": '["message"]'}
        assert (await client.post("setWebhook", data=order)).json()["result"] is True
        api.user(42).say("after")
        await api.settled()
        assert (await client.get("getUpdates")).status_code == 409
        info = (await client.get("getWebhookInfo")).json()["result"]
        assert (info["url"], info["allowed_updates"]) == (url, ["message"])
        await client.post("deleteWebhook")
    api.user(42).say("later")
    assert receiver.texts() == ["before", "after"]
    assert receiver.secrets == ["s3cret_-"] * 2
    assert len((await client.get("getUpdates")).json()["result"]) == 1


async def test_a_webhook_that_fails_gets_the_update_again_before_the_next_of_its_chat(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    receiver = Receiver()
    receiver.codes = [500, 503]
    async with webhook(receiver) as url:
        await client.post("setWebhook", json={"url": url, "max_connections": 1})
        for text in ("1", "2", "3"):
            api.user(42).say(text)
        await api.settled()
        info = (await client.get("getWebhookInfo")).json()["result"]
    assert receiver.texts() == ["1", "1", "1", "2", "3"]
    assert info["last_error_message"].startswith("Wrong response from the webhook: 503")


async def test_a_webhook_set_during_a_poll_ends_the_poll(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    poll = asyncio.create_task(client.post("getUpdates", data={"timeout": 10}))
    await api.called("getUpdates")
    await client.post("setWebhook", json={"url": "http://127.0.0.1:9/"})
    answer = await poll
    assert answer.status_code == 409
    assert "setWebhook" in answer.json()["description"]


async def test_setting_the_webhook_twice_in_a_second_is_too_often(
    api: BotApi, client: httpx.AsyncClient
) -> None:
    api.network.webhook_pause = 1.0
    codes = [
        (await client.post("setWebhook", json={"url": "http://127.0.0.1:9/"})).status_code
        for _ in range(2)
    ]
    assert codes == [200, 429]
