"""Notices to the agency, their records, files and proofs."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel


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
