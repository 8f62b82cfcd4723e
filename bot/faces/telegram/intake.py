"""Two ways in, one inbox: an update is stored before Telegram is told that it arrived."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import Conflict, NetworkError, RetryAfter, TelegramError

from bot.faces.telegram.calming import Calming
from bot.faces.telegram.reading import ALLOWED, chat_of
from bot.logs import places
from bot.service import Noon
from bot.store import keys, leases, updates
from bot.store.database import TROUBLE

POLL_SECONDS = 25
LARGEST = 1_000_000
"""Bytes of one webhook call that are read at most."""

_HEADER = "x-telegram-bot-api-secret-token"

log = logging.getLogger(__name__)


async def poll(noon: Noon, bot: Bot, owner: str, stored: Callable[[], None]) -> None:
    """Fetch updates for ever; the next request acknowledges what is already stored.

    Only the process that holds the lease asks: Telegram refuses two at a time.
    """
    turn, calming = _Turn(noon, owner), Calming(bot)
    offset = 0
    try:
        while True:
            try:
                batch = await _next(noon, bot, turn, offset)
                if batch:
                    offset = int(batch[-1]["update_id"]) + 1
                    stored()
                    calming.begin(batch)
            except TelegramError as error:
                await asyncio.sleep(_pause(error))
            except TROUBLE as error:
                log.error("updates wait, the database cannot be used: %s", places(error))
                await asyncio.sleep(1.0)
    finally:
        await calming.end()
        await turn.give_back()


async def _next(noon: Noon, bot: Bot, turn: "_Turn", offset: int) -> list[dict[str, Any]]:
    """Fetch from `offset` on, store, and return what came."""
    if not await turn.is_ours():
        await asyncio.sleep(noon.settings.lease / 3)
        return []
    batch = await _fetch(bot, offset)
    if batch:
        rows = [(int(raw["update_id"]), chat_of(raw), json.dumps(raw)) for raw in batch]
        await updates.add(noon.database, rows, noon.clock.now().timestamp())
    return batch


async def _fetch(bot: Bot, offset: int) -> list[dict[str, Any]]:
    """Return updates as Telegram wrote them: they are stored so, and read when answered."""
    query = urlencode(
        {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": json.dumps(ALLOWED)}
    )
    address = f"{bot.base_url}/getUpdates?{query}"
    found = await bot.request.post(address, read_timeout=POLL_SECONDS + 10.0)
    return found if isinstance(found, list) else []


class _Turn:
    """Whose turn it is to fetch: on PostgreSQL a lease that outlasts every fetch it is good for."""

    def __init__(self, noon: Noon, owner: str) -> None:
        self._noon = noon
        self._owner = owner
        self._seconds = POLL_SECONDS + noon.settings.lease
        self._renew_at = 0.0

    async def is_ours(self) -> bool:
        """Return whether this process may fetch now; on SQLite its role's lock says so."""
        now = asyncio.get_running_loop().time()
        if self._noon.database.embedded or now < self._renew_at:
            return True
        async with self._noon.database.write() as connection:
            taken = await leases.take(
                self._noon.database, connection, {"poller"}, self._owner, self._seconds
            )
        self._renew_at = now + self._noon.settings.lease / 3 if taken else 0.0
        return bool(taken)

    async def give_back(self) -> None:
        """Let another process fetch at once, instead of when the lease lapses."""
        if self._noon.database.embedded:
            return
        with suppress(*TROUBLE):
            async with self._noon.database.write() as connection:
                await leases.give_back(connection, {"poller"}, self._owner)


def _pause(error: TelegramError) -> float:
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return wait if isinstance(wait, int | float) else wait.total_seconds()
    if isinstance(error, Conflict):
        log.error("somebody else fetches this bot's updates; only one may: %s", error.message)
        return 10.0
    if not isinstance(error, NetworkError):
        log.error("Telegram refuses to hand out updates: %s", error.message)
        return 10.0
    return 1.0


def path(key: bytes) -> str:
    """Return the unguessable path of the webhook."""
    return f"/telegram/{keys.sign(key, 'telegram-path')}"


def secret_token(key: bytes) -> str:
    """Return what Telegram must say with every call."""
    return keys.sign(key, "telegram-webhook", length=64)


def webhook(noon: Noon, stored: Callable[[], None] = lambda: None) -> Route:
    """Return the route that takes updates: 200 only after they are stored."""
    expected = secret_token(noon.key).encode()

    async def take(request: Request) -> Response:
        if not compare_digest(request.headers.get(_HEADER, "").encode(), expected):
            return PlainTextResponse("forbidden", 403)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        try:
            raw = json.loads(body)
            row = (int(raw["update_id"]), chat_of(raw), body.decode())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return PlainTextResponse("not an update", 400)
        await updates.add(noon.database, [row], noon.clock.now().timestamp())
        stored()
        return PlainTextResponse("stored")

    return Route(path(noon.key), take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
