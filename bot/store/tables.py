"""The tables. Times are seconds since 1970 in UTC, so that both databases compare them alike."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

_WAITING = "state IN ('planned', 'due', 'deferred', 'unknown', 'sending')"


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


class Contact(SQLModel, table=True):
    """Where a person is reached: a mailbox or a Telegram chat, each once.

    `id` is random and short, because signed links carry it. `address` is an e-mail address in its
    normal form, or the number of a chat. `confirmed_at` is None until its owner has said yes.
    """

    __table_args__ = (
        UniqueConstraint("channel", "address"),
        Index("contact_lower", "channel", text("lower(address)")),
    )

    id: str = Field(primary_key=True)
    channel: str
    address: str
    language: str
    zone: str
    made_at: float
    confirmed_at: float | None = None


class Subscription(SQLModel, table=True):
    """What a contact is reminded of. `conversation` is the one it was asked for in, or empty.

    `leads` are written like `T-7d T-2h`. `consent` says when and how it was given, and to which
    words. `edition` names the dates that reminders were last planned from; empty: none yet.
    """

    __table_args__ = (
        Index("subscription_edition", "edition"),
        UniqueConstraint("contact", "selection", "conversation"),
    )

    id: str = Field(primary_key=True)
    contact: str = Field(foreign_key="contact.id", ondelete="CASCADE", index=True)
    conversation: str = Field(default="", index=True)
    selection: str
    leads: str
    consent: str
    made_at: float
    confirmed_at: float | None = None
    edition: str = ""


class Handed(SQLModel, table=True):
    """A contact has handed in the application for a deadline: no more reminders of it."""

    contact: str = Field(primary_key=True, foreign_key="contact.id", ondelete="CASCADE")
    deadline: str = Field(primary_key=True)
    at: float


class Edition(SQLModel, table=True):
    """A set of dates that reminders were planned from: JSON of deadline → sequence, moment, status.

    The newest `adopted_at` is the one in force.
    """

    id: str = Field(primary_key=True)
    dates: str = Field(sa_type=Text)
    adopted_at: float = Field(index=True)


class Bounces(SQLModel, table=True):
    """What came back from a mailbox, which is kept as a keyed hash and nothing else.

    `score` grows by a half for each day with a passing refusal; `suppressed_at` is set once the
    mailbox gets no further mail.
    """

    mailbox: str = Field(primary_key=True)
    score: float = 0.0
    last_at: float = Field(index=True)
    suppressed_at: float | None = None


class SignUp(SQLModel, table=True):
    """That somebody signed up, for the limits: `scope` is a keyed hash of who, or `all`."""

    __tablename__ = "sign_up"
    __table_args__ = (Index("sign_up_scope", "scope", "at"),)

    id: str = Field(primary_key=True)
    scope: str
    at: float = Field(index=True)


class Erasure(SQLModel, table=True):
    """That a person was erased or ended everything: no backup and no list brings them back.

    Keyed hashes only.
    """

    who: str = Field(primary_key=True)
    at: float


class Secret(SQLModel, table=True):
    """A key made once and kept."""

    name: str = Field(primary_key=True)
    value: str


class Incident(SQLModel, table=True):
    """A confirmed incident notice, or a correction of one (`corrects`); never changed but in state.

    `told` is the case as JSON. `form` is a keyed hash of deadline and Form ID, or of deadline and
    conversation where there is none: so many notices may be made of each. `late` says that its
    mailbox was confirmed only after the deadline. `way` is sending, held or by-hand. `message` is
    the outbox message that carries it now, `shown` the chat message that tells how it stands.
    """

    id: str = Field(primary_key=True)
    conversation: str = Field(index=True)
    chat: int | None = Field(default=None, sa_type=BigInteger)
    deadline: str = Field(index=True)
    form: str = Field(index=True)
    number: int = 0
    corrects: str = ""
    address: str
    mailbox: str = ""
    language: str
    zone: str
    told: str = Field(sa_type=Text)
    late: bool = False
    way: str
    message: str = Field(default="", index=True)
    message_id: str = ""
    shown: int | None = None
    made_at: float = Field(index=True)
    closes_at: float


class IncidentStep(SQLModel, table=True):
    """One line of an incident's record, which is only ever added to. `words` are a server's own.

    `once` is unique, so that a step that is noted again after a kill stands there once.
    """

    __tablename__ = "incident_step"
    __table_args__ = (Index("incident_step_incident", "incident", "number"),)

    number: int | None = Field(default=None, primary_key=True)
    incident: str = Field(foreign_key="incident.id", ondelete="CASCADE")
    once: str = Field(unique=True)
    at: float
    what: str
    words: str = Field(default="", sa_type=Text)


class Evidence(SQLModel, table=True):
    """A file for a notice: for the one being prepared in a conversation, or for a made one.

    `size` and `sha256` are of the file as it came. `kind` is screenshot or form; `problem` is why a
    form goes by hand only. Its bytes stand apart, so that a change of the row never writes them.
    """

    id: str = Field(primary_key=True)
    conversation: str = Field(index=True)
    incident: str | None = Field(
        default=None, foreign_key="incident.id", ondelete="CASCADE", index=True
    )
    kind: str
    media_type: str
    size: int
    sha256: str
    problem: str = ""
    at: float = Field(index=True)


class EvidenceBytes(SQLModel, table=True):
    """The bytes of a file: `content` is what is attached, `small` a screenshot in few bytes."""

    __tablename__ = "evidence_bytes"

    evidence: str = Field(primary_key=True, foreign_key="evidence.id", ondelete="CASCADE")
    content: bytes = Field(sa_type=LargeBinary)
    small: bytes = Field(sa_type=LargeBinary)


class MailboxProof(SQLModel, table=True):
    """That a code was sent to a mailbox for a conversation, and whether it was given back.

    The code itself is made from the id and the key, and stands nowhere.
    """

    __tablename__ = "mailbox_proof"

    id: str = Field(primary_key=True)
    conversation: str = Field(index=True)
    address: str
    asked_at: float = Field(index=True)
    tries: int = 0
    proved_at: float | None = None


class Announcement(SQLModel, table=True):
    """What the operator tells everybody on every face, with its source, until `until`."""

    id: str = Field(primary_key=True)
    text_lv: str = Field(sa_type=Text)
    text_en: str = Field(sa_type=Text)
    source: str
    made_at: float
    until: float = Field(index=True)


class Unanswered(SQLModel, table=True):
    """A masked question that was not placed, and how often it came. It belongs to nobody.

    `id` is made from the folded text, the language and the face; `why` is one of
    `handlers.editors.Unplaced`. `first_at` and `last_at` are days, not moments.
    """

    id: str = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    language: str
    face: str
    why: str
    count: int
    first_at: float
    last_at: float = Field(index=True)


class WrongFact(SQLModel, table=True):
    """Somebody said that a fact is wrong; `text` is masked, empty for a tap. It belongs to nobody.

    `at` is a day, not a moment.
    """

    __tablename__ = "wrong_fact"

    id: str = Field(primary_key=True)
    fact: str = Field(index=True)
    language: str
    call: int
    text: str = Field(default="", sa_type=Text)
    at: float = Field(index=True)
