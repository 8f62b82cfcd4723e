"""The tables. Times are seconds since 1970 in UTC, so that both databases compare them alike."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel


class Answer(SQLModel, table=True):
    """One answer of a conversation; the conversation's state is all of them."""

    conversation: str = Field(primary_key=True)
    form: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    value: str
    answered_at: float = Field(index=True)


class Exchange(SQLModel, table=True):
    """The last question and answer of a web conversation, for a page that is loaded again."""

    conversation: str = Field(primary_key=True)
    said: str
    replies: str = Field(sa_type=Text)
    at: float = Field(index=True)


class TelegramUpdate(SQLModel, table=True):
    """An update as Telegram sent it, stored before it is acknowledged.

    `state` goes received → answered → done. `messages` is what is to be sent, fixed in the same
    transaction as the answers it follows from. Text is erased when done; the number stays for a
    while, so that a repeated delivery has no second effect.
    """

    __tablename__ = "telegram_update"
    __table_args__ = (
        Index(
            "telegram_update_undone",
            "chat",
            "update_id",
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )

    update_id: int = Field(primary_key=True, sa_type=BigInteger)
    chat: int = Field(sa_type=BigInteger)
    raw: str = Field(sa_type=Text)
    messages: str = Field(default="", sa_type=Text)
    state: str = Field(default="received")
    received_at: float = Field(index=True)


class Button(SQLModel, table=True):
    """What an inline button means: opaque id and chat → the choice it stands for."""

    id: str = Field(primary_key=True)
    chat: int = Field(sa_type=BigInteger)
    choice: str
    made_at: float = Field(index=True)


class Lease(SQLModel, table=True):
    """Who may do something alone, and until when on the database's clock."""

    name: str = Field(primary_key=True)
    owner: str
    until: float


class SendSlot(SQLModel, table=True):
    """When a scope (all chats, one chat) may next be sent to; shared by all processes."""

    __tablename__ = "send_slot"

    scope: str = Field(primary_key=True)
    free_at: float


class OutboxMessage(SQLModel, table=True):
    """One message that is to leave, or has left; planned in the transaction of its cause.

    `key` is unique: what is planned twice leaves once. `content` says what it is made of (JSON)
    until it is first claimed; from then on `frozen` is what leaves, bytes that never change.
    `silences` counts attempts after which it may have arrived unheard; it is never reset.
    Moments are on Noon's clock, which can be shifted; `leased_until` is on the database's.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "outbox_waiting",
            "priority",
            "next_at",
            sqlite_where=text("state IN ('planned', 'due', 'deferred', 'unknown', 'sending')"),
            postgresql_where=text("state IN ('planned', 'due', 'deferred', 'unknown', 'sending')"),
        ),
    )

    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    kind: str
    lane: str
    priority: int
    channel: str
    address: str
    content: str = Field(sa_type=Text)
    due_at: float
    not_after: float
    next_at: float
    state: str
    attempts: int = 0
    repeats: int = 0
    silences: int = 0
    last_verdict: str = ""
    provider: int = 0
    fence: int = 0
    owner: str = ""
    leased_until: float = 0.0
    message_id: str = ""
    frozen: bytes | None = Field(default=None, sa_type=LargeBinary)
    first_at: float | None = None
    answer: str = ""
    settled_at: float | None = None


class Secret(SQLModel, table=True):
    """A key made once and kept."""

    name: str = Field(primary_key=True)
    value: str
