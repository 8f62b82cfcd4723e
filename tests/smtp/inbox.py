"""What the server accepted, and the wait for more."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.smtp.envelope import Envelope

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r\n[ \t]+)?([^\r\n]*)", re.IGNORECASE | re.M)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """Over what a message came: connection number, TLS version (None: in clear), user logged in."""

    connection: int
    tls: str | None
    user: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message.

    `raw` are its bytes as they came, only the dots that SMTP doubles taken out; `queue_id` stands
    in the reply the client got (or would have got); `message_id` is empty where there is none.
    """

    queue_id: str
    envelope: Envelope
    raw: bytes
    session: Session
    at: datetime
    size: int
    message_id: str
    sha256: str

    @property
    def sender(self) -> str:
        """The envelope's sender."""
        return self.envelope.sender

    @property
    def recipients(self) -> list[str]:
        """The envelope's recipients."""
        return self.envelope.addresses

    @property
    def tls(self) -> str | None:
        """The TLS version it came over, None for clear text."""
        return self.session.tls

    @property
    def authenticated(self) -> bool:
        """Whether the client had logged in."""
        return self.session.user is not None

    @property
    def parsed(self) -> EmailMessage:
        """The message as the standard library reads it."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def longest_line(self) -> int:
        """Octets of the longest line without its CRLF (RFC 5321 allows 998)."""
        return max(len(line) for line in self.raw.split(b"\r\n"))

    @property
    def summary(self) -> Json:
        """Everything but the bytes, as JSON values."""
        named = ("queue_id", "message_id", "sender", "recipients", "size", "sha256", "tls")
        values = {name: getattr(self, name) for name in (*named, "authenticated")}
        asked = {name: getattr(self.envelope, name) for name in ("ret", "envid", "body")}
        notify = [list(recipient.notify) for recipient in self.envelope.recipients]
        place: Json = {"connection": self.session.connection, "at": self.at.isoformat()}
        return values | asked | place | {"notify": notify}


@dataclass(slots=True)
class Mailbox:
    """All accepted messages in order; with `bodies` off only the header section of each is kept."""

    bodies: bool = True
    messages: list[Message] = field(default_factory=list)
    _serial: int = 0
    _waiting: set[asyncio.Future[None]] = field(default_factory=set)

    def accept(self, envelope: Envelope, raw: bytes, session: Session) -> Message:
        """Keeps a message and returns it."""
        self._serial += 1
        head = raw[: raw.find(b"\r\n\r\n") + 4] if b"\r\n\r\n" in raw else raw
        found = MESSAGE_ID.search(head)
        message = Message(
            queue_id=f"4Q{self._serial:08X}",
            envelope=envelope,
            raw=raw if self.bodies else head,
            session=session,
            at=datetime.now(UTC),
            size=len(raw),
            message_id=found[1].decode("ascii", "replace").strip() if found else "",
            sha256=hashlib.sha256(raw).hexdigest(),
        )
        self.messages.append(message)
        self._wake()
        return message

    def __len__(self) -> int:
        return len(self.messages)

    def copies(self) -> Counter[str]:
        """Returns how often each Message-ID was accepted."""
        return Counter(message.message_id for message in self.messages)

    def of(self, message_id: str) -> list[Message]:
        """Returns every copy of one message."""
        return [message for message in self.messages if message.message_id == message_id]

    def queued(self, queue_id: str) -> Message:
        """Returns the message with this queue id.

        Raises:
            LookupError: when there is none.
        """
        for message in self.messages:
            if message.queue_id == queue_id:
                return message
        raise LookupError(f"no message {queue_id}")

    def received(self, count: int, timeout: float = 5.0) -> Coroutine[Any, Any, list[Message]]:
        """Returns (awaited) all messages once so many have been accepted.

        Raises:
            TimeoutError: when they do not come.
        """
        return self._received(count, timeout)

    def clear(self) -> None:
        """Forgets all messages; queue ids go on."""
        self.messages.clear()

    async def _received(self, count: int, seconds: float) -> list[Message]:
        try:
            async with asyncio.timeout(seconds):
                while len(self.messages) < count:
                    await self._change()
        except TimeoutError:
            have = len(self.messages)
            raise TimeoutError(f"not {count} messages in {seconds} s; there are {have}") from None
        return self.messages

    async def _change(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
