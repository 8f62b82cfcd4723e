"""The people's side of the Bot API server: what users and groups do."""

from __future__ import annotations

import time
from typing import Any

from tests.botapi.messages import without_reply
from tests.botapi.network import Chat, Network
from tests.botapi.texts import plain_text, with_found
from tests.botapi.views import Message, Press, View

Json = dict[str, Any]

NOT_STARTED = "bot can't initiate conversation with a user"
"""Why the bot may not write to somebody who never wrote; their first message changes that."""


class Group(View):
    """A group or supergroup the bot belongs to."""

    def topic(self, name: str, by: User) -> int:
        """Returns the number of a new forum topic."""
        created = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        message = self.network.post(self.chat, by.face, created)
        message["message_thread_id"] = message["message_id"]
        message["is_topic_message"] = True
        self.chat.topics.add(message["message_id"])
        self.network.emit("message", message, self.id)
        return int(message["message_id"])

    def remove_bot(self, by: User) -> None:
        """Puts the bot out of the group."""
        kind = self.chat.face["type"]
        self.chat.closed = f"bot was kicked from the {kind} chat"
        by.member_change(self.chat, "member", "kicked")

    def migrate(self, by: User, new_id: int) -> Group:
        """Returns the supergroup this group turns into; the old id answers with the new one."""
        face = {"id": new_id, "type": "supergroup", "title": self.chat.face["title"]}
        chat = self.network.open_chat(face)
        self.chat.migrated_to = new_id
        moved = self.network.post(self.chat, by.face, {"migrate_to_chat_id": new_id})
        self.network.emit("message", moved, self.id)
        arrived = self.network.post(chat, by.face, {"migrate_from_chat_id": self.id})
        self.network.emit("message", arrived, new_id)
        return Group(self.network, chat)


class User(View):
    """A person; `messages`, `history` and `wait_for` look at the private chat with the bot."""

    def __init__(self, network: Network, chat: Chat, face: Json) -> None:
        super().__init__(network, chat)
        self.face = face

    def say(
        self,
        text: str,
        *,
        to: Group | None = None,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Returns the message this person writes, in private or to a group."""
        fields = plain_text(text)
        return self._write(fields, (to or self).chat, reply_to, topic)

    def edit(self, message: Message, text: str) -> None:
        """Changes an own message."""
        message.raw.pop("entities", None)
        message.raw.update(plain_text(text), edit_date=int(time.time()))
        self.network.changed()
        self.network.emit("edited_message", message.raw, message.chat_id)

    def press(self, message: Message, button: str | int = 0) -> Press:
        """Presses the inline button with this label or number.

        Raises:
            LookupError: when the message shows no such button, or it sends nothing to the bot.
        """
        found = [
            candidate
            for number, candidate in enumerate(message.buttons)
            if button in (number, candidate["text"])
        ]
        if not found or "callback_data" not in found[0]:
            raise LookupError(f"no button {button!r} to press among {message.labels}")
        query = self.network.press(self.face, message.raw, found[0]["callback_data"])
        return Press(self.network, query)

    def send_document(
        self,
        content: bytes,
        name: str,
        mime: str = "application/octet-stream",
        *,
        caption: str = "",
        size: int | None = None,
        to: Group | None = None,
    ) -> Message:
        """Returns the message with a file; `size` pretends another size than the content has."""
        stored = self.network.files.store(content, name, mime, "documents", size)
        return self._send({"document": stored.document()}, caption, to)

    def send_photo(self, content: bytes, *, caption: str = "", to: Group | None = None) -> Message:
        """Returns the message with a picture (declared as 1280 x 960)."""
        stored = self.network.files.store(content, "photo.jpg", "image/jpeg", "photos")
        size = stored.described() | {"width": 1280, "height": 960}
        return self._send({"photo": [size]}, caption, to)

    def block(self) -> None:
        """Blocks the bot: what it sends is refused with 403."""
        self.chat.closed = "bot was blocked by the user"
        self.member_change(self.chat, "member", "kicked")

    def unblock(self) -> None:
        """Lets the bot write again."""
        self.chat.closed = ""
        self.member_change(self.chat, "kicked", "member")

    def delete_account(self) -> None:
        """Leaves Telegram: what the bot sends is refused with 403, and it is told nothing."""
        self.chat.closed = "user is deactivated"

    def member_change(self, chat: Chat, old: str, new: str) -> None:
        """Tells the bot that its own standing in a chat has changed."""
        change = {
            "chat": chat.face,
            "from": self.face,
            "date": int(time.time()),
            "old_chat_member": _standing(self.network.bot, old),
            "new_chat_member": _standing(self.network.bot, new),
        }
        self.network.emit("my_chat_member", change, chat.id)

    def _send(self, fields: Json, caption: str, to: Group | None) -> Message:
        if caption:
            entities = with_found(caption, [])
            fields["caption"] = caption
            fields |= {"caption_entities": entities} if entities else {}
        return self._write(fields, (to or self).chat, None, None)

    def _write(
        self, fields: Json, chat: Chat, reply_to: Message | None, topic: int | None
    ) -> Message:
        if reply_to is not None:
            fields["reply_to_message"] = without_reply(reply_to.raw)
        if chat.closed == NOT_STARTED:
            chat.closed = ""
        if topic is not None:
            fields |= {"message_thread_id": topic, "is_topic_message": True}
        raw = self.network.post(chat, self.face, fields)
        if self.network.hears(chat, raw):
            self.network.emit("message", raw, chat.id)
        return Message(self.network, raw)


def _standing(bot: Json, status: str) -> Json:
    member: Json = {"status": status, "user": bot}
    return member | {"until_date": 0} if status == "kicked" else member
