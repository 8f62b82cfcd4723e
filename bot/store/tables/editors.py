"""What the people who write the guides learn from conversations."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


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
