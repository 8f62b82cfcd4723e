"""The control API does over HTTP what the handle does in the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.botapi import BotApi

Json = dict[str, Any]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A server on its own."""
    async with BotApi() as api:
        yield api


@pytest.fixture
async def http(api: BotApi) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the control API and of the bot's methods."""
    async with httpx.AsyncClient(base_url=api.url, verify=False) as client:
        yield client


async def send(http: httpx.AsyncClient, api: BotApi, chat: int = 42) -> int:
    """The status of a short message."""
    path = f"/bot{api.token}/sendMessage"
    return (await http.post(path, json={"chat_id": chat, "text": "x"})).status_code


ORDERS: list[tuple[str, Json, int]] = [
    ("block", {"chat": 42}, 403),
    ("block", {"chat": 42, "blocked": False}, 200),
    ("script", {"method": "sendMessage", "steps": [{"kind": "failed", "code": 503}]}, 503),
    ("script", {"method": "*", "steps": [{"kind": "too_many", "retry_after": 5}]}, 429),
    ("rates", {"per_chat": 1}, 200),
    ("hold", {"seconds": 0.05}, 200),
    ("reset", {}, 200),
]


@pytest.mark.parametrize(("verb", "order", "status"), ORDERS)
async def test_an_order_decides_what_the_bot_meets(
    api: BotApi, http: httpx.AsyncClient, verb: str, order: Json, status: int
) -> None:
    await http.post("/control/users", json={"first": 42, "language_code": "lv"})
    assert (await http.post(f"/control/{verb}", json=order)).status_code == 200
    assert await send(http, api) == status


WRONG: list[tuple[str, Json]] = [
    ("script", {"method": "*", "steps": [{"kind": "sulking"}]}),
    ("script", {"method": "*", "steps": [{"kind": "too_many", "minutes": 5}]}),
    ("rates", {"per_day": 1}),
    ("block", {}),
    ("press", {"chat": 42}),
]


@pytest.mark.parametrize(("verb", "order"), WRONG)
async def test_an_order_that_makes_no_sense_is_refused(
    http: httpx.AsyncClient, verb: str, order: Json
) -> None:
    answer = await http.post(f"/control/{verb}", json=order)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_figures_cover_calls_updates_and_waits(api: BotApi, http: httpx.AsyncClient) -> None:
    await http.post("/control/updates", json={"count": 4, "chats": 2, "first": 42, "text": "?"})
    await send(http, api, 42)
    await send(http, api, 44)
    stats = (await http.get("/control/stats")).json()
    assert stats["calls"] == {"sendMessage": {"200": 1, "400": 1}}
    assert (stats["updates"], stats["pending_updates"]) == (4, 4)
    assert (stats["waits"]["count"], stats["unanswered_chats"]) == (1, 1)
    messages = (await http.get("/control/messages?chat=42")).json()
    assert [message["text"] for message in messages] == ["x"]
    calls = (await http.get("/control/calls?after=1")).json()
    assert [call["outcome"] for call in calls] == [400]
