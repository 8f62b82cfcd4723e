"""Sends fixed messages to a chat, in order, and acts on what Telegram says to each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.faces.telegram.calming import calm
from bot.faces.telegram.outcomes import Again, Drop, Fine, Moved, outcome
from bot.faces.telegram.outgoing import Outgoing
from bot.faces.telegram.reading import Incoming
from handlers.turn import Attachment

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""No message of ours shows a picture of the pages it links to."""

FILES_AT_ONCE = 2
"""Files that are written when they are sent: each in memory only meanwhile."""

Fetch = Callable[[Incoming, str], Awaitable[Attachment | None]]
"""Returns the file that a source names, for the conversation of an update; None: it is gone."""

log = logging.getLogger(__name__)


async def nothing(move: Incoming, source: str) -> Attachment | None:
    """Return no file: for a bot that sends none but those it has."""
    return None


class Delivery:
    """Sends through `bot`, whose limiter says when.

    `calms`: it also ends the waiting sign of the pressed button; where updates are fetched that is
    done when they come. `fetch` brings a file that is written when it is sent.
    """

    def __init__(self, bot: Bot, *, calms: bool = False, fetch: Fetch = nothing) -> None:
        self._bot = bot
        self._fetch = fetch
        self._files = asyncio.Semaphore(FILES_AT_ONCE)
        self._calms = calms

    async def deliver(
        self, move: Incoming, messages: list[Outgoing], may: Callable[[], bool]
    ) -> None:
        """Send `messages` in answer to `move` as long as `may` holds.

        A message that can never arrive ends the answer; passing trouble is waited out.
        """
        if self._calms and move.query is not None:
            await calm(self._bot, move.query)
        chat = move.chat
        for message in messages:
            sent_to = await self._until_settled(chat, move, message, may)
            if sent_to is None:
                return
            chat = sent_to

    async def _until_settled(
        self, chat: int, move: Incoming, message: Outgoing, may: Callable[[], bool]
    ) -> int | None:
        """Return the chat the message went to, or None where the answer ends here."""
        attempt = 0
        while may():
            attempt += 1
            try:
                await self._send(chat, move, message)
                return chat
            except TelegramError as error:
                match outcome(error, attempt):
                    case Fine():
                        return chat
                    case Moved(new):
                        chat = new
                    case Again(seconds):
                        await asyncio.sleep(seconds)
                    case Drop() if message.edit is not None and isinstance(error, BadRequest):
                        message = _anew(message)
                    case Drop(why):
                        # The refusal may quote what was written.
                        log.warning("an answer was dropped: %s", why.partition(":")[0])
                        return None
        return None

    async def _send(self, chat: int, move: Incoming, message: Outgoing) -> None:
        markup = keyboard(message.keyboard)
        if message.source:
            await self._send_fetched(chat, move, message)
        elif message.file:
            await self._send_file(chat, move, message, message.content)
        elif message.edit is not None:
            await self._bot.edit_message_text(
                message.text,
                chat,
                message.edit,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
            )
        else:
            await self._bot.send_message(
                chat,
                message.text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                message_thread_id=move.thread,
                reply_parameters=_answering(move),
                link_preview_options=NO_PREVIEW,
            )

    async def _send_fetched(self, chat: int, move: Incoming, message: Outgoing) -> None:
        """Send a file that is written now; nothing where it is not kept any more."""
        async with self._files:
            file = await self._fetch(move, message.source)
            if file is not None:
                await self._send_file(chat, move, message, file.content)

    async def _send_file(
        self, chat: int, move: Incoming, message: Outgoing, content: bytes
    ) -> None:
        named = InputFile(content, filename=message.file_name)
        await self._bot.send_document(chat, named, message_thread_id=move.thread)


def _anew(message: Outgoing) -> Outgoing:
    """Return the message to be sent as a new one: the old one cannot be edited any more."""
    return Outgoing(message.text, message.keyboard)


def _answering(move: Incoming) -> ReplyParameters | None:
    """In a group the answer shows which message it belongs to."""
    if not move.group or move.message is None:
        return None
    return ReplyParameters(move.message, allow_sending_without_reply=True)


def keyboard(rows: Sequence[Sequence[tuple[str, str]]]) -> InlineKeyboardMarkup | None:
    """Return the buttons under a message, rows of (label, what the button carries)."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )
