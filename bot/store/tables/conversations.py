"""What was said and pressed, and what is not answered yet."""

from sqlalchemy import BigInteger, Index, Text, text
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
