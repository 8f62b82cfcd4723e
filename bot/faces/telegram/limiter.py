"""The one limiter of everything sent to Telegram, its state in the store.

Telegram takes about 30 messages a second in all, one a second to a chat, 20 a minute to a group,
and on «too many requests» wants silence from everybody for as long as it says. Several processes
share one bot, so slots and the pause live in the database.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.store import slots
from bot.store.database import Database
from bot.store.slots import Pace

ALL = "telegram"
GROUP_GAP = 3.0
BURST = 3
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
        paces = self._paces(data.get("chat_id")) if _is_message(endpoint) else {}
        while True:
            await self._wait(paces)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as pause:
                await self._hold(_seconds(pause) + _MARGIN)

    def _paces(self, chat: object) -> dict[str, Pace]:
        paces = {ALL: Pace(1 / self._rate)} if self._rate else {}
        if self._chat_rate and isinstance(chat, int):
            group = chat < 0
            gap = max(GROUP_GAP, 1 / self._chat_rate) if group else 1 / self._chat_rate
            paces[f"telegram:{chat}"] = Pace(gap, BURST)
        return paces

    async def _wait(self, paces: dict[str, Pace]) -> None:
        while True:
            if paces:
                async with self._database.write() as connection:
                    seconds = await slots.reserve(self._database, connection, paces)
                if seconds > 0:
                    await asyncio.sleep(seconds)
            held = await self._held()
            if not held:
                return
            await asyncio.sleep(held)

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
