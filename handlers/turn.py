"""One turn of a conversation: what a person said, and what is said back."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Attachment:
    """A file, whichever way it travels: its name, its bytes, its media type.

    `wish` is the choice that makes it again; empty: what it answers does. Of a large file only its
    `source` may be there, by which the face has it written when it sends it; `content` is empty.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str
    wish: str = ""
    source: str = field(default="", repr=False)


@dataclass(frozen=True)
class Upload:
    """A file that a person sent, already looked at by its content.

    `kind` is `screenshot`, `form` (a PDF) or `refused`; `problem` is why it is refused, or why a
    PDF may only be sent by hand: the end of a message's name, or empty. `content` is what is kept:
    a screenshot drawn anew, a PDF byte for byte as it came; `small` is the screenshot in few bytes.
    `size` and `sha256` are of the file as it came; it came as `name`, which goes nowhere.
    """

    kind: str
    media_type: str
    size: int
    sha256: str
    content: bytes = field(default=b"", repr=False)
    small: bytes = field(default=b"", repr=False)
    problem: str = ""
    name: str = field(default="", repr=False)


@dataclass(frozen=True)
class Turn:
    """What a person did, stripped of the medium. `uploads` are files that were looked at.

    `conversation` is an opaque id; `language` is what the face knows of the person's language,
    used at first contact only; either `text` or `choice` (the id of a pressed choice) is set;
    `now` is aware; `looked_at` is the topic that the face showed in `language` just before, without
    a turn. Raises ValueError for a naive `now`.
    """

    conversation: str
    now: datetime
    text: str = ""
    choice: str | None = None
    language: str | None = None
    attachments: tuple[Attachment, ...] = ()
    uploads: tuple[Upload, ...] = ()
    looked_at: str = ""

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
    is expected as an answer, so that a face that numbers its choices must not take it for one;
    `takes_files` that files may be sent now; `chosen` is the choice whose label was typed, where
    the reply answers one. `asks` means that it asks something that is answered by yes or no: yes is
    its first choice, no its second. Elsewhere a typed yes or no presses nothing.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    files: tuple[Attachment, ...] = ()
    in_place: bool = False
    typed_number: bool = False
    takes_files: bool = False
    chosen: str | None = None
    asks: bool = False
