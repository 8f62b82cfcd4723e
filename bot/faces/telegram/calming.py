"""Ends the waiting sign of pressed buttons as soon as the press is stored, ahead of all answers.

When many write at once an answer waits for its turn to be sent; whoever pressed a button must see
at once that it was pressed.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

log = logging.getLogger(__name__)


class Calming:
    """Answers presses beside everything else; what is left at the end is given up."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, updates: Iterable[dict[str, Any]]) -> None:
        """Answer the presses among `updates`, as Telegram wrote them; nothing is waited for."""
        for update in updates:
            query = (update.get("callback_query") or {}).get("id")
            if query is not None:
                task = asyncio.create_task(calm(self._bot, str(query)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Give up what has not been answered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def calm(bot: Bot, query: str) -> None:
    """End a button's waiting sign; a query that is too old no longer shows one."""
    try:
        await bot.answer_callback_query(query)
    except TelegramError as error:
        log.info("a pressed button was not answered: %s", error.message.partition(":")[0])
