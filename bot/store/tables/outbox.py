"""What is to leave, what has left, and what came back."""

from sqlalchemy import Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

_WAITING = "state IN ('planned', 'due', 'deferred', 'unknown', 'sending')"


class OutboxMessage(SQLModel, table=True):
    """One message that is to leave, or has left; planned in the transaction of its cause.

    `key` is unique: what is planned twice leaves once. `content` says what it is made of (JSON)
    until it is first claimed; from then on its `FrozenMessage` is what leaves.
    `silences` counts attempts after which it may have arrived unheard; it is never reset.
    Moments are on Noon's clock, which can be shifted; `leased_until` is on the database's.

    `contact` is whom it is for, `deadline` what it is about, where it is for or about one. A `run`
    is all reminders of one deadline, lead and channel: each leaves `spread` (0 to 1) of the run's
    length before `target_at`, but at most `room` seconds before it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "outbox_waiting",
            "lane",
            "channel",
            "priority",
            "next_at",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index(
            "outbox_running_out",
            "not_after",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index("outbox_contact", "contact", "deadline"),
        Index(
            "outbox_run",
            "run",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        Index("outbox_settled", "settled_at"),
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
    first_at: float | None = None
    answer: str = ""
    settled_at: float | None = None
    contact: str = ""
    deadline: str = ""
    run: str = ""
    target_at: float | None = None
    spread: float = 0.0
    room: float = 0.0


class FrozenMessage(SQLModel, table=True):
    """The bytes of a message, fixed at its first claim; they never change.

    Apart from the message: its row is written with every claim and every note, and a row is always
    written as a whole.
    """

    __tablename__ = "outbox_frozen"

    message: str = Field(primary_key=True, foreign_key="outbox.id", ondelete="CASCADE")
    content: bytes = Field(sa_type=LargeBinary)


class Bounces(SQLModel, table=True):
    """What came back from a mailbox, which is kept as a keyed hash and nothing else.

    `score` grows by a half for each day with a passing refusal; `suppressed_at` is set once the
    mailbox gets no further mail.
    """

    mailbox: str = Field(primary_key=True)
    score: float = 0.0
    last_at: float = Field(index=True)
    suppressed_at: float | None = None


class SendSlot(SQLModel, table=True):
    """When a scope (all chats, one chat) may next be sent to; shared by all processes."""

    __tablename__ = "send_slot"

    scope: str = Field(primary_key=True)
    free_at: float
