"""Who is reminded, of what, and by which dates."""

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


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
