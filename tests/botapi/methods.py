"""The methods this server offers, by lower-case name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.botapi import about, documents, messages, polling
from tests.botapi.network import Network
from tests.botapi.wire import Parameters

Handler = Callable[[Network, Parameters], Awaitable[Any]]

HANDLERS: dict[str, Handler] = {
    "getMe": about.get_me,
    "getUpdates": polling.get_updates,
    "setWebhook": polling.set_webhook,
    "deleteWebhook": polling.delete_webhook,
    "getWebhookInfo": polling.get_webhook_info,
    "sendMessage": messages.send_message,
    "editMessageText": messages.edit_message_text,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": messages.answer_callback_query,
    "sendChatAction": messages.send_chat_action,
    "sendDocument": documents.send_document,
    "getFile": documents.get_file,
    "getChat": about.get_chat,
    "setMyCommands": about.set_my_commands,
    "getMyCommands": about.get_my_commands,
    "deleteMyCommands": about.delete_my_commands,
    "setMyName": about.setter("name", 64),
    "getMyName": about.getter("name"),
    "setMyDescription": about.setter("description", 512),
    "getMyDescription": about.getter("description"),
    "setMyShortDescription": about.setter("short_description", 120),
    "getMyShortDescription": about.getter("short_description"),
}

BY_NAME: dict[str, tuple[str, Handler]] = {
    name.lower(): (name, handler) for name, handler in HANDLERS.items()
}

LIMITED = frozenset({"sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"})
"""The methods that count against the limits on sending."""
