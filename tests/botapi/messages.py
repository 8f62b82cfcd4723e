"""The methods that write, change and remove messages."""

from __future__ import annotations

import time
from typing import Any

from tests.botapi.keyboards import inline_markup, reply_markup, shown
from tests.botapi.network import Chat, Network
from tests.botapi.refusal import Refusal, bad
from tests.botapi.texts import message_text
from tests.botapi.wire import Parameters

Json = dict[str, Any]

MEDIA = ("photo", "video", "voice", "document", "video_note")
ACTIONS = {"typing", "choose_sticker", "find_location"} | {
    f"{verb}_{medium}" for verb in ("record", "upload") for medium in MEDIA
}
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"
LONGEST_NOTICE = 200
DELETABLE_SECONDS = 48 * 3600


async def send_message(network: Network, parameters: Parameters) -> Json:
    """sendMessage; returns the Message."""
    content = message_text(parameters)
    preview = parameters.decoded("link_preview_options", "link preview options")
    if preview:
        content["link_preview_options"] = preview
    return send(network, parameters, content)


def send(network: Network, parameters: Parameters, content: Json) -> Json:
    """Returns the message posted by the bot with this content.

    Raises:
        Refusal: 400 or 403 for the chat, the topic, the message replied to or the keyboard.
    """
    markup = shown(reply_markup(parameters))
    chat = network.writable(parameters.text("chat_id"))
    fields = _topic(chat, parameters) | _reply(chat, parameters) | content
    if parameters.flag("protect_content"):
        fields["has_protected_content"] = True
    if markup is not None:
        fields["reply_markup"] = markup
    network.calls.reacted(chat.id)
    return network.post(chat, network.bot, fields)


async def edit_message_text(network: Network, parameters: Parameters) -> Json:
    """editMessageText; returns the Message. Without a keyboard the old one goes."""
    try:
        content = message_text(parameters)
    except Refusal as refusal:
        too_long = refusal.description.endswith("message is too long")
        raise (bad("MESSAGE_TOO_LONG") if too_long else refusal) from None
    markup = inline_markup(parameters)
    message = _own(network, parameters)
    if "text" not in message:
        raise bad("there is no text in the message to edit")
    return _edit(network, message, ("text", "entities", "reply_markup"), content, markup)


async def edit_message_reply_markup(network: Network, parameters: Parameters) -> Json:
    """editMessageReplyMarkup; returns the Message."""
    markup = inline_markup(parameters)
    return _edit(network, _own(network, parameters), ("reply_markup",), {}, markup)


async def delete_message(network: Network, parameters: Parameters) -> bool:
    """deleteMessage; returns True."""
    chat = network.writable(parameters.text("chat_id"))
    message = chat.messages.get(parameters.integer("message_id"))
    if message is None:
        raise bad("message to delete not found")
    own = message["from"]["id"] == network.bot["id"]
    old = time.time() - message["date"] > DELETABLE_SECONDS
    if not own and chat.id < 0:
        raise bad("message can't be deleted")
    if old:
        raise bad("message can't be deleted for everyone")
    del chat.messages[message["message_id"]]
    network.changed()
    return True


async def answer_callback_query(network: Network, parameters: Parameters) -> bool:
    """answerCallbackQuery; returns True."""
    query = network.queries.get(parameters.text("callback_query_id"))
    if query is None or time.monotonic() > query.until:
        raise bad(STALE_QUERY)
    text = parameters.text("text")
    if len(text) > LONGEST_NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    query.answered, query.text = True, text
    query.alert, query.url = parameters.flag("show_alert"), parameters.text("url")
    network.calls.reacted(query.chat_id)
    network.changed()
    return True


async def send_chat_action(network: Network, parameters: Parameters) -> bool:
    """sendChatAction; returns True."""
    if parameters.text("action").lower() not in ACTIONS:
        raise bad("wrong parameter action in request")
    network.writable(parameters.text("chat_id"))
    return True


def _topic(chat: Chat, parameters: Parameters) -> Json:
    topic = parameters.integer("message_thread_id")
    if not topic:
        return {}
    if topic not in chat.topics:
        raise bad("message thread not found")
    return {"message_thread_id": topic, "is_topic_message": True}


def _reply(chat: Chat, parameters: Parameters) -> Json:
    reply = parameters.decoded("reply_parameters", "reply parameters") or {}
    if not isinstance(reply, dict):
        raise bad("object expected as reply parameters")
    number = int(reply.get("message_id", 0)) or parameters.integer("reply_to_message_id")
    if not number:
        return {}
    original = chat.messages.get(number)
    if original is not None:
        return {"reply_to_message": without_reply(original)}
    lenient = reply.get("allow_sending_without_reply")
    if lenient or parameters.flag("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


def without_reply(message: Json) -> Json:
    """Returns the message as it is quoted in a reply: without its own reply."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def _own(network: Network, parameters: Parameters) -> Json:
    if "inline_message_id" in parameters:
        raise bad("MESSAGE_ID_INVALID")
    if "message_id" not in parameters:
        raise bad("message identifier is not specified")
    chat = network.writable(parameters.text("chat_id"))
    message = chat.messages.get(parameters.integer("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if message["from"]["id"] != network.bot["id"]:
        raise bad("message can't be edited")
    return message


def _edit(
    network: Network, message: Json, names: tuple[str, ...], content: Json, markup: Json | None
) -> Json:
    new = content if markup is None else content | {"reply_markup": markup}
    if new == {name: message[name] for name in names if name in message}:
        raise bad(SAME)
    for name in names:
        message.pop(name, None)
    message.update(new)
    message["edit_date"] = int(time.time())
    network.calls.reacted(int(message["chat"]["id"]))
    network.changed()
    return message
