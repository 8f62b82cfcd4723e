"""One turn of a conversation: what a person said, and what is said back."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Attachment:
    """A file, whichever way it travels: its name, its bytes, its media type."""

    name: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Turn:
    """What a person did, stripped of the medium.

    `conversation` is an opaque id; `language` is what the face knows of the person's language,
    used at first contact only; either `text` or `choice` (the id of a pressed choice) is set;
    `now` is aware. Raises ValueError for a naive `now`.
    """

    conversation: str
    now: datetime
    text: str = ""
    choice: str | None = None
    language: str | None = None
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("a turn needs an aware time")


@dataclass(frozen=True)
class Choice:
    """Something to press. `id` says what it does, as `capability:argument:…`."""

    id: str
    label: str


@dataclass(frozen=True)
class Reply:
    """What is said back.

    `text` is the simple markup of `handlers.markup`; `in_place` means that it takes the place of
    the message whose choice was pressed, where the face can do that; `typed_number` that a number
    is expected as an answer, so that a face that numbers its choices must not take it for one.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    files: tuple[Attachment, ...] = ()
    in_place: bool = False
    typed_number: bool = False
