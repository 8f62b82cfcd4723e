"""Carries frozen messages of the outbox to Telegram chats, behind live answers."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any

from telegram import InputFile, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.clock import Clock
from bot.faces.telegram.delivery import NO_PREVIEW, keyboard
from bot.faces.telegram.limiter import Bulk
from bot.faces.telegram.transport import whole_answers
from bot.logs import places
from bot.post.outbox import Claimed
from bot.post.outcomes import Outcome, Verdict
from bot.post.settling import Report
from bot.post.telegram.judging import (
    ACCEPTED,
    TOO_LATE,
    UNHEARD,
    UNREADABLE,
    gone,
    judged,
    same,
    told,
)
from handlers.turn import Attachment

AT_ONCE = 16
"""Messages under way: few of them are being sent, the others wait for their slot or their chat."""

FILES_AT_ONCE = 2
"""Files under way, each in memory only while it is sent."""

FIRST_REST = 2.0
LONGEST_REST = 60.0

GONE = "the message to be edited is gone"
SAME = "the message says that already"
NOT_FETCHED = Outcome(Verdict.TRANSIENT, reusable=True)

_AT_FAULT = (Verdict.CONNECTION, Verdict.OURS, Verdict.UNKNOWN, Verdict.TRANSIENT)
_NUMBER = re.compile(r"message ([0-9]+)")

Sending = Coroutine[Any, Any, Message | bool]
Send = Callable[[int], Sending]

Fetch = Callable[[str], Awaitable[Attachment | None]]
"""Returns the file of an incident notice by the incident's id, None where it is not kept."""


async def nothing(identifier: str) -> Attachment | None:
    """Return no file: for a carrier that sends none."""
    return None


log = logging.getLogger(__name__)


class TelegramCarrier:
    """Sends by `bot`, which is its own and whose limiter says when; `clock` is Noon's.

    `fetch` brings a file when it is about to be sent, so that it is kept once and only there.
    After trouble that is not the message's own it rests, seconds at first and a minute in the end,
    and then tries one message at a time until one arrives.
    """

    def __init__(
        self, bot: ExtBot[Bulk], clock: Clock, at_once: int = AT_ONCE, fetch: Fetch = nothing
    ) -> None:
        self._fetch = fetch
        self._files = asyncio.Semaphore(FILES_AT_ONCE)
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

        With `"edit": number` it takes the place of that message; where that is gone it is a new
        one. With `"letter": incident` the notice goes as a file with the text. What is still
        waiting for its slot when the message runs out of time is not sent. It never raises,
        whatever happens.
        """
        try:
            chat, said = int(message.address), json.loads(content)
            sends = self._prepared(message, said)
            letter = said.get("letter")
        except (KeyError, TypeError, ValueError, AttributeError):
            log.error("a message to Telegram cannot be read: %s", message.id)
            return Report(UNREADABLE, "cannot be read")
        if letter:
            return await self._with_file(message, chat, str(letter), sends[-1], str(said["text"]))
        report = await self._sent(message, sends, chat)
        self._note(report.outcome)
        return report

    async def _with_file(
        self, message: Claimed, chat: int, letter: str, plain: Send, text: str
    ) -> Report:
        """Send a notice as a file; the text alone where there is none any more."""
        async with self._files:
            try:
                file = await self._fetch(letter)
            except Exception as error:
                # Nothing has left: it is fetched anew.
                log.error("the file for message %s: %s", message.id, places(error))
                return Report(NOT_FETCHED, "the file cannot be fetched now")
            send = plain if file is None else self._document(message, file, text)
            report = await self._sent(message, [send], chat)
        self._note(report.outcome)
        return report

    async def close(self) -> None:
        """Close the connections to Telegram."""
        await self._bot.request.shutdown()

    async def _sent(self, message: Claimed, sends: list[Send], chat: int) -> Report:
        """Return what came of an attempt, also of one that nobody has foreseen.

        Where the message to be edited is gone, the next way is taken.
        """
        try:
            await self._bot.request.initialize()
            for send in sends[:-1]:
                report = await _report(send, chat)
                if report.answer != GONE:
                    return report
            return await _report(sends[-1], chat)
        except Exception as error:
            # Where it broke is not known, so Telegram may have the message.
            log.error("message %s to Telegram: %s", message.id, places(error))
            return Report(UNHEARD, f"{type(error).__name__} on this machine")

    def _prepared(self, message: Claimed, content: dict[str, Any]) -> list[Send]:
        """Return the ways to tell a message, each for when the one before it is closed."""
        text = str(content["text"])
        markup = keyboard(content["keyboard"])
        bulk = self._bulk(message)
        number = content.get("edit")
        shown = 0 if number is None else int(number)

        def send(chat: int) -> Sending:
            return self._bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=bulk,
            )

        def edit(chat: int) -> Sending:
            return self._bot.edit_message_text(
                text,
                chat,
                shown,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=bulk,
            )

        return [send] if number is None else [edit, send]

    def _document(self, message: Claimed, file: Attachment, text: str) -> Send:
        bulk = self._bulk(message)

        def send(chat: int) -> Sending:
            return self._bot.send_document(
                chat,
                InputFile(file.content, filename=file.name),
                caption=text,
                parse_mode=ParseMode.HTML,
                rate_limit_args=bulk,
            )

        return send

    def _bulk(self, message: Claimed) -> Bulk:
        return Bulk(lambda: self._clock.now() < message.not_after)

    def _note(self, outcome: Outcome) -> None:
        """Rest after trouble; what was under way together counts as one."""
        if outcome.verdict not in _AT_FAULT:
            self._troubles = 0
        elif outcome != TOO_LATE:
            if monotonic() >= self._rests_until:
                self._troubles += 1
            rest = FIRST_REST * 2 ** min(self._troubles - 1, 6)
            self._rests_until = monotonic() + min(LONGEST_REST, rest)


async def _report(send: Send, chat: int) -> Report:
    """Send to `chat`, and once more where Telegram says that it has another number now."""
    try:
        try:
            return await _sent(send(chat))
        except ChatMigrated as moved:
            return await _sent(send(moved.new_chat_id))
    except BadRequest as error:
        if same(error):
            return Report(ACCEPTED, SAME)
        return Report(judged(error), GONE if gone(error) else told(error))
    except TelegramError as error:
        return Report(judged(error), told(error))


async def _sent(sending: Sending) -> Report:
    with whole_answers():
        message = await sending
    number = message.message_id if isinstance(message, Message) else ""
    return Report(ACCEPTED, f"message {number}".strip())


def message_number(answer: str) -> int | None:
    """Return the number of the message that an accepted report's `answer` tells, if it does.

    With the chat it names the message that stands there, which can be edited in place.
    """
    match = _NUMBER.fullmatch(answer)
    return int(match[1]) if match else None
