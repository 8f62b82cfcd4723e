"""What belongs to the service itself."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class Secret(SQLModel, table=True):
    """A key made once and kept."""

    name: str = Field(primary_key=True)
    value: str


class Lease(SQLModel, table=True):
    """Who may do something alone, and until when on the database's clock."""

    name: str = Field(primary_key=True)
    owner: str
    until: float


class Announcement(SQLModel, table=True):
    """What the operator tells everybody on every face, with its source, until `until`."""

    id: str = Field(primary_key=True)
    text_lv: str = Field(sa_type=Text)
    text_en: str = Field(sa_type=Text)
    source: str
    made_at: float
    until: float = Field(index=True)
