"""Carries frozen messages of the outbox to Telegram chats, behind live answers."""

import json
import logging
import re
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

from telegram import Message
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.clock import Clock
from bot.faces.telegram.delivery import NO_PREVIEW, keyboard
from bot.faces.telegram.limiter import Bulk
from bot.faces.telegram.transport import whole_answers
from bot.logs import places
from bot.post.outbox import Claimed
from bot.post.outcomes import Outcome, Verdict
from bot.post.settling import Report
from bot.post.telegram.judging import ACCEPTED, TOO_LATE, UNHEARD, UNREADABLE, judged, told

AT_ONCE = 16
"""Messages under way: few of them are being sent, the others wait for their slot or their chat."""

FIRST_REST = 2.0
LONGEST_REST = 60.0

_AT_FAULT = (Verdict.CONNECTION, Verdict.OURS, Verdict.UNKNOWN, Verdict.TRANSIENT)
_NUMBER = re.compile(r"message ([0-9]+)")

Sending = Coroutine[Any, Any, Message]

log = logging.getLogger(__name__)


class TelegramCarrier:
    """Sends by `bot`, which is its own and whose limiter says when; `clock` is Noon's.

    After trouble that is not the message's own it rests, seconds at first and a minute in the end,
    and then tries one message at a time until one arrives.
    """

    def __init__(self, bot: ExtBot[Bulk], clock: Clock, at_once: int = AT_ONCE) -> None:
        self._bot = bot
        self._clock = clock
        self._at_once = at_once
        self._troubles = 0
        self._rests_until = 0.0

    def capacity(self) -> int:
        """Return how many messages may be under way at present; 0 while it rests."""
        if monotonic() < self._rests_until:
            return 0
        return 1 if self._troubles else self._at_once

    async def carry(self, message: Claimed, content: bytes) -> Report:
        """Send `content` (`{"text": HTML, "keyboard": rows of [label, data]}`) to the chat.

        What is still waiting for its slot when the message runs out of time is not sent. It never
        raises, whatever happens.
        """
        try:
            chat = int(message.address)
            send = self._prepared(message, json.loads(content))
        except (KeyError, TypeError, ValueError):
            log.error("a message to Telegram cannot be read: %s", message.id)
            return Report(UNREADABLE, "cannot be read")
        report = await self._sent(message, send, chat)
        self._note(report.outcome)
        return report

    async def close(self) -> None:
        """Close the connections to Telegram."""
        await self._bot.request.shutdown()

    async def _sent(self, message: Claimed, send: Callable[[int], Sending], chat: int) -> Report:
        """Return what came of an attempt, also of one that nobody has foreseen."""
        try:
            await self._bot.request.initialize()
            return await _report(send, chat)
        except Exception as error:
            # Where it broke is not known, so Telegram may have the message.
            log.error("message %s to Telegram: %s", message.id, places(error))
            return Report(UNHEARD, f"{type(error).__name__} on this machine")

    def _prepared(self, message: Claimed, content: dict[str, Any]) -> Callable[[int], Sending]:
        text = str(content["text"])
        markup = keyboard(content["keyboard"])
        bulk = Bulk(lambda: self._clock.now() < message.not_after)

        def send(chat: int) -> Sending:
            return self._bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=bulk,
            )

        return send

    def _note(self, outcome: Outcome) -> None:
        """Rest after trouble; what was under way together counts as one."""
        if outcome.verdict not in _AT_FAULT:
            self._troubles = 0
        elif outcome != TOO_LATE:
            if monotonic() >= self._rests_until:
                self._troubles += 1
            rest = FIRST_REST * 2 ** min(self._troubles - 1, 6)
            self._rests_until = monotonic() + min(LONGEST_REST, rest)


async def _report(send: Callable[[int], Sending], chat: int) -> Report:
    """Send to `chat`, and once more where Telegram says that it has another number now."""
    try:
        try:
            return await _sent(send(chat))
        except ChatMigrated as moved:
            return await _sent(send(moved.new_chat_id))
    except TelegramError as error:
        return Report(judged(error), told(error))


async def _sent(sending: Sending) -> Report:
    with whole_answers():
        message = await sending
    return Report(ACCEPTED, f"message {message.message_id}")


def message_number(answer: str) -> int | None:
    """Return the number of the message that an accepted report's `answer` tells, if it does.

    With the chat it names the message that stands there, which can be edited in place.
    """
    match = _NUMBER.fullmatch(answer)
    return int(match[1]) if match else None
