"""What an update says, stripped of Telegram: a text or a pressed button, in a chat."""

import json
from dataclasses import dataclass, field
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType

from handlers.turn import Attachment

ALLOWED = ["message", "callback_query"]
"""The kinds of update that are asked for."""


@dataclass(frozen=True)
class Sent:
    """A file that came with a message; `size` in bytes, None where Telegram does not say.

    One without `file_id` is of a kind that is never fetched, such as a film or a sticker.
    """

    file_id: str = field(repr=False)
    name: str = field(repr=False)
    size: int | None = None


@dataclass(frozen=True)
class Incoming:
    """A person's move. `button` is the opaque id of what was pressed, `query` to be answered."""

    chat: int
    thread: int | None = None
    message: int | None = None
    group: bool = False
    language: str | None = None
    text: str = ""
    button: str | None = None
    query: str | None = None
    files: tuple[Attachment, ...] = ()
    moved_to: int | None = None
    sent: Sent | None = None


@dataclass(frozen=True)
class Me:
    """Who the bot is: to know what in a group is meant for it."""

    id: int
    username: str


def chat_of(raw: dict[str, Any]) -> int:
    """Return the chat that an update, as Telegram wrote it, belongs to; 0 where to none."""
    message = raw.get("message") or (raw.get("callback_query") or {}).get("message") or {}
    return int((message.get("chat") or {}).get("id", 0))


def read(raw: str, me: Me) -> Incoming | None:
    """Return what the update `raw` says, or None where nothing is to be answered."""
    update = Update.de_json(json.loads(raw), None)
    if update.callback_query is not None:
        return _pressed(update.callback_query)
    return _said(update.message, me) if update.message is not None else None


def _pressed(query: CallbackQuery) -> Incoming | None:
    message = query.message
    if message is None or query.data is None:
        return None
    thread = message.message_thread_id if isinstance(message, Message) else None
    return Incoming(
        chat=message.chat.id,
        thread=thread if message.chat.is_forum else None,
        message=message.message_id,
        group=message.chat.type != ChatType.PRIVATE,
        language=query.from_user.language_code,
        button=query.data,
        query=query.id,
    )


def _said(message: Message, me: Me) -> Incoming | None:
    group = message.chat.type != ChatType.PRIVATE
    meant = _is_said(message) and (not group or _is_for(message, me))
    if message.migrate_to_chat_id is None and not meant:
        return None
    return Incoming(
        chat=message.chat.id,
        thread=message.message_thread_id if message.is_topic_message else None,
        message=message.message_id,
        group=group,
        language=message.from_user.language_code if message.from_user else None,
        text=message.text or message.caption or "",
        files=_files(message),
        moved_to=message.migrate_to_chat_id,
        sent=None if group else _sent(message),
    )


def _is_said(message: Message) -> bool:
    """Whether somebody said or sent something; what Telegram notes in a chat is neither."""
    return bool(message.text or message.caption or message.effective_attachment)


def _is_for(message: Message, me: Me) -> bool:
    """In a group only commands and replies to the bot are meant for it."""
    text = message.text or ""
    if text.startswith("/"):
        named = text.split()[0].partition("@")[2]
        return not named or named.lower() == me.username.lower()
    answered = message.reply_to_message
    return bool(answered and answered.from_user and answered.from_user.id == me.id)


def _files(message: Message) -> tuple[Attachment, ...]:
    if message.document is not None:
        return (Attachment(message.document.file_name or "file", b"", "application/octet-stream"),)
    return (Attachment("photo.jpg", b"", "image/jpeg"),) if message.photo else ()


def _sent(message: Message) -> Sent | None:
    """Return the file of a message: of a photo the largest size."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Sent(largest.file_id, "photo.jpg", largest.file_size)
    if message.document is not None and message.animation is None:
        document = message.document
        return Sent(document.file_id, document.file_name or "file", document.file_size)
    moving = message.animation or message.video or message.video_note
    other = message.audio or message.voice or message.sticker
    return Sent("", "") if moving or other else None
