"""What a chat shows: its messages with their buttons and files, and the presses made in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, overload

from tests.botapi.files import StoredFile
from tests.botapi.network import Chat, Network, Query

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its chat shows it at the moment it is looked at."""

    network: Network
    raw: Json

    @property
    def id(self) -> int:
        """The message's number in its chat."""
        return int(self.raw["message_id"])

    @property
    def chat_id(self) -> int:
        """The chat it stands in."""
        return int(self.raw["chat"]["id"])

    @property
    def text(self) -> str:
        """The text or caption without markup."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """The entities of the text or caption."""
        return list(self.raw.get("entities") or self.raw.get("caption_entities") or [])

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.raw["from"]["id"] == self.network.bot["id"])

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was sent."""
        return "edit_date" in self.raw

    @property
    def rows(self) -> list[list[Json]]:
        """The rows of inline buttons."""
        return list(self.raw.get("reply_markup", {}).get("inline_keyboard", []))

    @property
    def buttons(self) -> list[Json]:
        """All inline buttons, row by row."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """The labels of all inline buttons."""
        return [str(button["text"]) for button in self.buttons]

    @property
    def topic(self) -> int | None:
        """The forum topic it belongs to."""
        return self.raw.get("message_thread_id")

    @property
    def document(self) -> StoredFile | None:
        """The file it carries, with its bytes."""
        document = self.raw.get("document")
        return self.network.files.by_id(document["file_id"]) if document else None


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed, and the answer the bot gave to it."""

    network: Network
    query: Query

    @property
    def answered(self) -> bool:
        """Whether the bot has answered."""
        return self.query.answered

    @property
    def text(self) -> str:
        """The notice shown to the person, mostly empty."""
        return self.query.text

    @property
    def alert(self) -> bool:
        """Whether the notice has to be closed by hand."""
        return self.query.alert

    def answer(self, timeout: float = 5.0) -> Coroutine[Any, Any, str]:
        """Returns (awaited) the notice once the bot has answered.

        Raises:
            TimeoutError: when it does not.
        """
        return asyncio.wait_for(self._answer(), timeout)

    async def _answer(self) -> str:
        while not self.query.answered:
            await self.network.change()
        return self.query.text


class View:
    """What stands in one chat."""

    def __init__(self, network: Network, chat: Chat) -> None:
        self.network = network
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's identifier."""
        return self.chat.id

    @property
    def history(self) -> list[Message]:
        """Everything in the chat as it now looks, oldest first; deleted messages are gone."""
        return [Message(self.network, raw) for raw in self.chat.messages.values()]

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote, as it now looks, oldest first."""
        return [message for message in self.history if message.from_bot]

    @overload
    def wait_for(self, wanted: int, timeout: float = 5.0) -> Coroutine[Any, Any, list[Message]]: ...

    @overload
    def wait_for(
        self, wanted: Callable[[Message], bool], timeout: float = 5.0
    ) -> Coroutine[Any, Any, Message]: ...

    def wait_for(
        self, wanted: int | Callable[[Message], bool], timeout: float = 5.0
    ) -> Coroutine[Any, Any, list[Message] | Message]:
        """Waits (awaited) for so many messages of the bot, or for one that fits.

        Returns all messages of the bot in the first case, else the newest that fits.

        Raises:
            TimeoutError: with what the chat shows, when it does not come.
        """
        return self._awaited(wanted, timeout)

    async def _awaited(
        self, wanted: int | Callable[[Message], bool], seconds: float
    ) -> list[Message] | Message:
        try:
            async with asyncio.timeout(seconds):
                while (found := self._found(wanted)) is None:
                    await self.network.change()
                return found
        except TimeoutError:
            shows = [message.text[:80] for message in self.messages]
            raise TimeoutError(f"nothing fitting in {seconds} s; the chat shows {shows}") from None

    def _found(self, wanted: int | Callable[[Message], bool]) -> list[Message] | Message | None:
        messages = self.messages
        if isinstance(wanted, int):
            return messages if len(messages) >= wanted else None
        return next((message for message in reversed(messages) if wanted(message)), None)
