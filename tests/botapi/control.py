"""The control API: people and faults driven over HTTP when the server is a process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.botapi.faults import step

if TYPE_CHECKING:
    from tests.botapi.chat import BotApi

Json = dict[str, Any]
Verb = Callable[["BotApi", Json], Awaitable[Any]]

AT_ONCE = 200
"""Updates written before other work gets a turn."""


def control_routes(api: BotApi) -> list[BaseRoute]:
    """Returns the routes: GET reads with query arguments, POST acts on a JSON object."""
    routes: list[BaseRoute] = [_route(api, name, verb, "GET") for name, verb in READING.items()]
    routes += [_route(api, name, verb, "POST") for name, verb in ACTING.items()]
    return routes


async def users(api: BotApi, order: Json) -> Json:
    """`{"first": 1000, "count": 500, "language_code": "lv"}`: people who have used the bot."""
    first, count = int(order["first"]), int(order.get("count", 1))
    for number in range(first, first + count):
        api.user(number, order.get("language_code"))
    return {"users": count}


async def updates(api: BotApi, order: Json) -> Json:
    """Lets people write: `count` messages in turn from `chats` people with ids from `first` on.

    `texts` are used in turn (`text` for a single one); `per_second` paces them, else all at once.
    Returns how many were written and the seconds it took.
    """
    texts = order.get("texts") or [order.get("text", "/start")]
    count, chats = int(order.get("count", 1)), int(order.get("chats", 1))
    first, pace = int(order.get("first", 1000)), float(order.get("per_second", 0))
    begun = time.monotonic()
    for number in range(count):
        await _turn(begun, number, pace)
        person = api.user(first + number % chats, order.get("language_code"))
        person.say(texts[number // chats % len(texts)])
    return {"emitted": count, "seconds": round(time.monotonic() - begun, 6)}


async def press(api: BotApi, order: Json) -> Json:
    """`{"chat": 1000, "button": "Label" or 0}`: presses under the bot's last message with buttons.

    `message` names another message by its id.
    """
    person = api.user(int(order["chat"]))
    number = order.get("message")
    fitting = [m for m in person.messages if (m.id == number if number else m.buttons)]
    if not fitting:
        raise LookupError("no such message with buttons in this chat")
    return {"query": person.press(fitting[-1], order.get("button", 0)).query.id}


async def block(api: BotApi, order: Json) -> Json:
    """`{"chat": 1000, "blocked": true}`: a person blocks the bot, or lets it in again."""
    person = api.user(int(order["chat"]))
    if order.get("blocked", True):
        person.block()
    else:
        person.unblock()
    return {}


async def script(api: BotApi, order: Json) -> Json:
    """`{"method": "sendMessage", "steps": [{"kind": "too_many", "retry_after": 5}]}`."""
    steps = [step(description) for description in order["steps"]]
    api.script(str(order["method"]), *steps)
    return {"steps": len(steps)}


async def hold(api: BotApi, order: Json) -> Json:
    """`{"seconds": 10}`: every call waits."""
    api.hold(float(order["seconds"]))
    return {}


async def rates(api: BotApi, order: Json) -> Json:
    """`{"per_chat": 1, "overall": 30, "per_group": 0.33, "burst_seconds": 1}`: enforced limits."""
    api.rates(**order)
    return {}


async def reset(api: BotApi, order: Json) -> Json:
    """`{}`: forgets calls, waits, script and limits; chats and queued updates stay."""
    api.network.calls.clear()
    api.server.script.clear()
    api.limits.limit()
    api.limits.refused = api.limits.early = 0
    return {}


async def stats(api: BotApi, order: Json) -> Json:
    """The figures of the run."""
    return api.stats()


async def messages(api: BotApi, order: Json) -> list[Json]:
    """`?chat=1000`: what the bot wrote there, as it now looks."""
    return [message.raw for message in api.user(int(order["chat"])).messages]


async def calls(api: BotApi, order: Json) -> list[Json]:
    """`?method=sendMessage&after=0`: calls from that number on; `at` is monotonic seconds."""
    chosen = api.calls[int(order.get("after", 0)) :]
    wanted = order.get("method")
    return [
        {name: getattr(call, name) for name in ("at", "method", "parameters", "outcome", "seconds")}
        for call in chosen
        if wanted in (None, call.method)
    ]


READING: dict[str, Verb] = {"stats": stats, "messages": messages, "calls": calls}
ACTING: dict[str, Verb] = {
    "users": users,
    "updates": updates,
    "press": press,
    "block": block,
    "script": script,
    "hold": hold,
    "rates": rates,
    "reset": reset,
}


async def _turn(begun: float, number: int, pace: float) -> None:
    if pace > 0:
        await asyncio.sleep(max(0.0, begun + number / pace - time.monotonic()))
    elif number % AT_ONCE == AT_ONCE - 1:
        await asyncio.sleep(0)


def _route(api: BotApi, name: str, verb: Verb, method: str) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            order = dict(request.query_params) if method == "GET" else await request.json()
            return JSONResponse(await verb(api, order))
        except (KeyError, LookupError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)

    return Route(f"/control/{name}", endpoint, methods=[method], name=name)
