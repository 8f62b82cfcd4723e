"""The one limiter of everything sent to Telegram, its state in the store.

Telegram takes about 30 messages a second in all, one a second to a chat, 20 a minute to a group,
and on «too many requests» wants silence from everybody for as long as it says. Several processes
share one bot, so slots and the pause live in the database.

Live answers reserve their slots ahead, one after the other. Bulk, which nobody waits for at this
moment, takes a slot only when it is free right now: so a live answer never stands behind more of
it than what is on its way already. In a storm of answers it still gets a slot now and then.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.store import slots
from bot.store.database import TROUBLE, Database
from bot.store.slots import Pace

ALL = "telegram"
BURST = 1
GROUP_GAP = 60 / (20 - (BURST - 1))
"""Seconds between messages to a group: with a burst before them still 20 in any minute."""

REQUESTS_AT_ONCE = 4
"""More at a time make the HTTP client slower, not faster (measured: 8 take twice as long as 4)."""

BULK_AT_ONCE = 4
"""Bulk has room of its own, so that a live answer never waits for a request of bulk to end."""

_MARGIN = 0.05
BULK_PATIENCE = 1.0
"""Seconds after which bulk queues like everybody else: no storm of answers stops it for good."""

_SHARED = (ALL, slots.HOLD)

Json = dict[str, Any]
Result = bool | Json | list[Json]
Request = Callable[[], Coroutine[Any, Any, Result]]


class TooLate(TelegramError):
    """A message of bulk was not sent, because it might not leave any more when its turn came."""


class NoTurn(TelegramError):
    """A message of bulk was not sent: the store, which says when, could not be asked or told."""


@dataclass(frozen=True)
class Bulk:
    """Marks a call as bulk (`rate_limit_args`). It leaves while `may` holds, else `TooLate`.

    Where the store cannot be used it does not leave either (`NoTurn`).
    """

    may: Callable[[], bool] = lambda: True


class StoreLimiter(BaseRateLimiter[Bulk]):
    """Lets each message leave when all scopes allow it; a pause holds every process back.

    `rate` is messages a second to all chats, `chat_rate` to one chat; 0 lifts the limit.
    """

    def __init__(self, database: Database, rate: float, chat_rate: float) -> None:
        self._database = database
        self._rate = rate
        self._chat_rate = chat_rate
        self._room = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self._bulk_room = asyncio.Semaphore(BULK_AT_ONCE)
        self._bulk_turn = asyncio.Lock()
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
        rate_limit_args: Bulk | None,
    ) -> Result:
        """Make the request when it may leave; after a demanded pause, make it again."""
        paces = self._paces(data.get("chat_id")) if _is_message(endpoint) else []
        request = partial(callback, *args, **kwargs)
        if rate_limit_args is None:
            return await self._live(request, paces)
        return await self._bulk(request, paces, rate_limit_args)

    async def _live(self, request: Request, paces: list[tuple[str, Pace]]) -> Result:
        while True:
            await self._turn(paces)
            async with self._room:
                wait = await self._held()
                if not wait:
                    try:
                        return await request()
                    except RetryAfter as pause:
                        wait = await self._hold(pause)
            await asyncio.sleep(wait)

    async def _bulk(self, request: Request, paces: list[tuple[str, Pace]], bulk: Bulk) -> Result:
        rested = {scope: Pace(pace.gap, 2 if scope == ALL else 1) for scope, pace in paces}
        while True:
            async with self._bulk_room:
                with _by_the_store():
                    wait = await self._free_turn(rested, bulk) or self._quiet()
                if not wait:
                    try:
                        return await request()
                    except RetryAfter as pause:
                        with _by_the_store():
                            wait = await self._hold(pause)
            await asyncio.sleep(wait)

    async def _free_turn(self, paces: dict[str, Pace], bulk: Bulk) -> float:
        """Wait until all scopes are free and take a slot of each.

        Returns 0 then. A chat that has to rest by itself is not waited for, because others could
        leave meanwhile: the seconds it needs are returned. Where live answers take every slot, it
        queues behind them in the end. Raises `TooLate`.
        """
        async with self._bulk_turn:
            begun = _now()
            while bulk.may():
                busy = await self._taken(paces)
                if busy.keys() == {ALL} and _now() - begun > BULK_PATIENCE:
                    await self._turn(list(paces.items()))
                    if not bulk.may():
                        break
                    return 0.0
                chat = max((wait for name, wait in busy.items() if name not in _SHARED), default=0)
                if chat or not busy:
                    return chat
                await asyncio.sleep(max(busy.values()))
        raise TooLate("it may not leave any more")

    async def _taken(self, paces: dict[str, Pace]) -> dict[str, float]:
        """Take a slot of each scope if all are free; return those that are not."""
        if not (self._rate or self._chat_rate):
            return {}
        async with self._database.write() as connection:
            return await slots.take_free(self._database, connection, paces)

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

    async def _hold(self, pause: RetryAfter) -> float:
        """Hold everybody back for as long as Telegram says; return how long that is."""
        seconds = _seconds(pause) + _MARGIN
        self._quiet_until = max(self._quiet_until, _now() + seconds)
        await slots.hold(self._database, seconds)
        return seconds

    def _quiet(self) -> float:
        """Return how long a pause that this process was told of still lasts."""
        return max(0.0, self._quiet_until - _now())

    async def _held(self) -> float:
        """Return how long everything is held back; with limits lifted, by this process alone."""
        here = self._quiet()
        if here or not (self._rate or self._chat_rate):
            return here
        return await slots.held(self._database)


@contextmanager
def _by_the_store() -> Iterator[None]:
    """Around what the store is asked or told, so that its trouble is never taken for Telegram's."""
    try:
        yield
    except TROUBLE as error:
        raise NoTurn(f"the store cannot be used ({type(error).__name__})") from error


def _is_message(endpoint: str) -> bool:
    return endpoint.startswith(("send", "edit", "forward", "copy"))


def _seconds(pause: RetryAfter) -> float:
    wait = pause.retry_after
    return wait if isinstance(wait, int | float) else wait.total_seconds()


def _now() -> float:
    return asyncio.get_running_loop().time()
