"""The state behind the Bot API: one bot, its chats, their messages and the open button presses."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.calls import Calls
from tests.botapi.feed import Feed
from tests.botapi.files import Files
from tests.botapi.refusal import Refusal, bad, migrated
from tests.botapi.tracing import Trace
from tests.botapi.webhook import Webhook

Json = dict[str, Any]


@dataclass(slots=True)
class Chat:
    """One chat as the server knows it.

    `face` is the Chat object, `closed` the reason of the 403 when the bot may not write there.
    """

    face: Json
    numbers: Iterator[int]
    messages: dict[int, Json] = field(default_factory=dict)
    topics: set[int] = field(default_factory=set)
    closed: str = ""
    migrated_to: int | None = None

    @property
    def id(self) -> int:
        """The chat's identifier."""
        return int(self.face["id"])


@dataclass(slots=True)
class Query:
    """One press of a button, and what the bot answered to it."""

    id: str
    chat_id: int
    until: float
    answered: bool = False
    text: str = ""
    alert: bool = False
    url: str = ""


class Network:
    """Everything the server remembers of one bot.

    `query_lifetime` is how long a press may be answered; the real figure is not published, bots
    report about 15 seconds.
    """

    def __init__(self, token: str, username: str, trace: Trace) -> None:
        number = int(token.partition(":")[0])
        self.bot: Json = {
            "id": number,
            "is_bot": True,
            "first_name": username.removesuffix("_bot").replace("_", " ").title(),
            "username": username,
        }
        self.reads_groups = False
        self.query_lifetime = 15.0
        self.webhook: Webhook | None = None
        self.webhook_retry = 1.0
        self.webhook_pause = 1.0
        self.next_webhook = 0.0
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.files = Files()
        self.calls = Calls()
        self.feed = Feed(trace.update)
        self.texts: dict[tuple[str, str], str] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self._numbers = itertools.count(1)
        self._query_numbers = itertools.count(7_000_000_000_000_001)
        self._watchers: set[asyncio.Future[None]] = set()

    def open_chat(self, face: Json) -> Chat:
        """Returns the new chat; supergroups number their messages themselves."""
        own = face["type"] == "supergroup"
        chat = Chat(face, itertools.count(1) if own else self._numbers)
        self.chats[chat.id] = chat
        return chat

    def chat(self, reference: str) -> Chat:
        """Returns the chat with this id or @name.

        Raises:
            Refusal: 400 when there is none.
        """
        if not reference:
            raise bad("chat_id is empty")
        if reference.startswith("@"):
            named = (c for c in self.chats.values() if c.face.get("username") == reference[1:])
            chat = next(named, None)
        else:
            number = reference.removeprefix("-").isdecimal()
            chat = self.chats.get(int(reference)) if number else None
        if chat is None:
            raise bad("chat not found")
        return chat

    def writable(self, reference: str) -> Chat:
        """Returns the chat if the bot may write there.

        Raises:
            Refusal: 400 if it is unknown or has moved, 403 if the bot is shut out.
        """
        chat = self.chat(reference)
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        if chat.closed:
            raise Refusal(403, chat.closed)
        return chat

    def post(self, chat: Chat, sender: Json, fields: Json) -> Json:
        """Returns the message that now stands in the chat."""
        number = next(chat.numbers)
        message: Json = {
            "message_id": number,
            "from": sender,
            "chat": chat.face,
            "date": int(time.time()),
        }
        message.update(fields)
        chat.messages[number] = message
        self.changed()
        return message

    def hears(self, chat: Chat, message: Json) -> bool:
        """Returns whether the bot is shown a message: in groups mostly what is meant for it.

        With privacy mode on that is commands not addressed to another bot, replies to the bot and
        service messages.
        """
        said = any(name in message for name in ("text", "document", "photo"))
        if chat.id > 0 or self.reads_groups or not said:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == self.bot["id"]:
            return True
        words = str(message.get("text") or message.get("caption") or "").split() or [""]
        command, _, addressee = words[0].partition("@")
        return command.startswith("/") and addressee in ("", self.bot["username"])

    def emit(self, kind: str, payload: Json, lane: int) -> int | None:
        """Queues an update from this chat; returns its id, None if the bot does not want it."""
        number = self.feed.emit(kind, payload, lane)
        if number is not None and kind in ("message", "callback_query"):
            self.calls.emitted(lane)
        return number

    def press(self, presser: Json, message: Json, data: str) -> Query:
        """Returns the query opened by pressing a button under a message."""
        chat_id = int(message["chat"]["id"])
        number = str(next(self._query_numbers))
        query = Query(number, chat_id, time.monotonic() + self.query_lifetime)
        self.queries[number] = query
        payload = {
            "id": number,
            "from": presser,
            "message": message,
            "chat_instance": str(chat_id * 7919),
            "data": data,
        }
        self.emit("callback_query", payload, chat_id)
        return query

    def changed(self) -> None:
        """Wakes everybody who waits for something to appear."""
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)
        self._watchers.clear()

    async def change(self) -> None:
        """Returns after the next change in any chat."""
        watcher = asyncio.get_running_loop().create_future()
        self._watchers.add(watcher)
        await watcher
