"""What a planned message is made of: kept as JSON until its bytes are fixed at the first claim.

Nothing here is about a person but the language and the zone; whom it is for stands in the outbox.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    zone: str


class Reminder(_Content):
    """A deadline comes nearer. `sequence` is the deadline's when the reminder was planned."""

    what: Literal["reminder"] = "reminder"
    deadline: str
    sequence: int
    lead: str


class Moved(_Content):
    """A deadline is at another moment than before, or called off. `before` is the old moment."""

    what: Literal["moved"] = "moved"
    deadline: str
    sequence: int
    before: AwareDatetime


class Confirmation(_Content):
    """Asks the owner of a mailbox whether reminders are wanted; `subscription` is its id."""

    what: Literal["confirmation"] = "confirmation"
    subscription: str
    selection: str
    leads: str


class Access(_Content):
    """Sends the link to the page with everything that is held of a mailbox."""

    what: Literal["access"] = "access"


class Alarm(_Content):
    """Warns the operator; `message` is the id of the words, `values` what stands in them."""

    what: Literal["alarm"] = "alarm"
    message: str
    values: dict[str, str] = {}
    at: AwareDatetime


class Code(_Content):
    """Sends the six digits that confirm a mailbox; `proof` is the row they are made from."""

    what: Literal["code"] = "code"
    proof: str


class Incident(_Content):
    """The notice itself, whose bytes are fixed when it is planned."""

    what: Literal["incident"] = "incident"
    incident: str
    variant: Literal["full", "small", "bare"] = "full"


class Progress(_Content):
    """Tells a person how a notice stands; `message` is the id of the words, or `standing`.

    In a chat, `standing` takes the place of the message that told it before. `letter` says that the
    notice goes with it as a file.
    """

    what: Literal["progress"] = "progress"
    incident: str
    message: str
    letter: bool = False
    at: AwareDatetime


class Canary(_Content):
    """Goes the whole way to a mailbox of ours, to show that the way is open."""

    what: Literal["canary"] = "canary"
    at: AwareDatetime


Content = Annotated[
    Reminder | Moved | Confirmation | Access | Alarm | Code | Incident | Progress | Canary,
    Field(discriminator="what"),
]

_ADAPTER: TypeAdapter[Content] = TypeAdapter(Content)


def read(content: object) -> Content:
    """Return the content that JSON values stand for; raises pydantic's `ValidationError`."""
    return _ADAPTER.validate_python(content)
