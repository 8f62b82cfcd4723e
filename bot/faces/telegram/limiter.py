"""The one limiter of everything sent to Telegram, its state in the store.

Telegram takes about 30 messages a second in all, one a second to a chat, 20 a minute to a group,
and on «too many requests» wants silence from everybody for as long as it says. Several processes
share one bot, so slots and the pause live in the database.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.store import slots
from bot.store.database import Database
from bot.store.slots import Pace

ALL = "telegram"
BURST = 3
GROUP_GAP = 60 / (20 - (BURST - 1))
"""Seconds between messages to a group: with a burst before them still 20 in any minute."""

REQUESTS_AT_ONCE = 4
"""More at a time make the HTTP client slower, not faster (measured: 8 take twice as long as 4)."""

_MARGIN = 0.05

Json = dict[str, Any]
Result = bool | Json | list[Json]


class StoreLimiter(BaseRateLimiter[None]):
    """Lets each message leave when all scopes allow it; a pause holds every process back.

    `rate` is messages a second to all chats, `chat_rate` to one chat; 0 lifts the limit.
    """

    def __init__(self, database: Database, rate: float, chat_rate: float) -> None:
        self._database = database
        self._rate = rate
        self._chat_rate = chat_rate
        self._room = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self._quiet_until = 0.0

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to close: the database is not ours."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Result:
        """Make the request when it may leave; after a demanded pause, make it again."""
        paces = self._paces(data.get("chat_id")) if _is_message(endpoint) else []
        while True:
            await self._turn(paces)
            async with self._room:
                held = await self._held()
                if not held:
                    try:
                        return await callback(*args, **kwargs)
                    except RetryAfter as pause:
                        held = _seconds(pause) + _MARGIN
                        await self._hold(held)
            await asyncio.sleep(held)

    def _paces(self, chat: object) -> list[tuple[str, Pace]]:
        """Return what holds for a message, the chat's own pace first."""
        paces = []
        if self._chat_rate and isinstance(chat, int):
            gap = 1 / self._chat_rate
            pace = Pace(max(GROUP_GAP, gap) if chat < 0 else gap, BURST)
            paces.append((f"telegram:{chat}", pace))
        if self._rate:
            paces.append((ALL, Pace(1 / self._rate)))
        return paces

    async def _turn(self, paces: list[tuple[str, Pace]]) -> None:
        """Wait for a slot of each scope, one after the other.

        A slot that all chats share is taken only when the chat's own has come: taken together, a
        chat that has to wait would make everybody wait with it.
        """
        waiting = deque(paces)
        while waiting:
            seconds = 0.0
            async with self._database.write() as connection:
                while waiting and seconds <= 0:
                    scope, pace = waiting.popleft()
                    seconds = await slots.reserve(self._database, connection, {scope: pace})
            await asyncio.sleep(max(0.0, seconds))

    async def _hold(self, seconds: float) -> None:
        self._quiet_until = max(self._quiet_until, _now() + seconds)
        await slots.hold(self._database, seconds)

    async def _held(self) -> float:
        """Return how long everything is held back; with limits lifted, by this process alone."""
        here = max(0.0, self._quiet_until - _now())
        if here or not (self._rate or self._chat_rate):
            return here
        return await slots.held(self._database)


def _is_message(endpoint: str) -> bool:
    return endpoint.startswith(("send", "edit", "forward", "copy"))


def _seconds(pause: RetryAfter) -> float:
    wait = pause.retry_after
    return wait if isinstance(wait, int | float) else wait.total_seconds()


def _now() -> float:
    return asyncio.get_running_loop().time()
