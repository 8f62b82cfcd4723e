"""What a notice is written from, and which files go with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from rules.agencies import Agency
from rules.deadlines import Deadline
from rules.incident import Case, Condition, Window, conditions

Variant = Literal["full", "small", "bare", "hand"]
"""How much goes with a notice: all that fits, less, nothing; `hand` is everything, to be sent by
the person."""

FORM = "form"
"""The kind of the application form's PDF; the other is `screenshot`."""

MOST_RAW = 7_000_000
"""Bytes of all files together: in base64, with the text, less than the 10,240,000 bytes that a
mail server takes by default (Postfix, message_size_limit)."""

LARGEST_FORM = 5_500_000
"""Bytes of a PDF that leaves room for six screenshots."""


@dataclass(frozen=True)
class Attached:
    """A file for a notice. `size` (bytes) and `sha256` are of the file as it came.

    `content` is what is attached: the form's PDF byte for byte, a screenshot drawn anew, which
    `small` is in fewer bytes. `problem` says why a PDF goes by hand only.
    """

    kind: str
    media_type: str
    content: bytes = field(repr=False)
    small: bytes = field(repr=False)
    size: int
    sha256: str
    problem: str = ""


@dataclass(frozen=True)
class Taker:
    """Another body that takes the applications of a sector in the place of the agency."""

    short: str
    name_lv: str
    name_en: str
    page: str

    def name(self, language: str) -> str:
        """Return its full name in `language`."""
        return self.name_lv if language == "lv" else self.name_en


@dataclass(frozen=True)
class Notifying:
    """Everything a notice is written from; all moments are aware.

    `to` is the agency's mailbox where one is known, `copy` the person's, confirmed at `proved`.
    `number` is 0 for the first notice, else the correction's, and `first` the Message-ID and moment
    of the one it corrects. `page` is Noon's public address, `sender` its mailbox, `controller` who
    runs it, `zone` where local time is told, `stop` the link by which the agency ends such mail.

    `people` are the published addresses that a person writes to where no mailbox is known, `taker`
    another body that decides in the agency's place, `by_hand` says that only the person sends it,
    `id` is the notice's number once it has one.
    """

    case: Case
    agency: Agency
    deadline: Deadline
    within: Window
    to: str | None = field(repr=False)
    copy: str = field(repr=False)
    now: datetime
    number: int
    first: tuple[str, datetime] | None
    files: tuple[Attached, ...]
    zone: ZoneInfo
    sender: str = field(repr=False)
    page: str
    proved: datetime | None = None
    controller: str | None = None
    rehearsed: bool = False
    stop: str = ""
    people: tuple[str, ...] = field(default=(), repr=False)
    taker: Taker | None = None
    by_hand: bool = False
    id: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Where a person sends it: the agency's mailbox, else its published people."""
        return (self.to,) if self.to else self.people

    @property
    def decides(self) -> str:
        """The short name of who decides: the agency, or the body in its place."""
        return self.taker.short if self.taker else self.agency.short

    @property
    def contacts_page(self) -> str:
        """Where who decides has published how to reach it."""
        return self.taker.page if self.taker else self.agency.contacts_page

    @property
    def language(self) -> str:
        """The agency's language, in which it is written to."""
        return self.agency.languages[0]

    @property
    def form(self) -> Attached | None:
        """The form's PDF, the last one where there are several."""
        return next((file for file in reversed(self.files) if file.kind == FORM), None)


@dataclass(frozen=True)
class Fitted:
    """A file as it is attached: under our name, with its type by its content."""

    file: Attached
    name: str
    media_type: str
    content: bytes = field(repr=False)


def parted(
    n: Notifying, variant: Variant = "full"
) -> tuple[tuple[Attached, ...], tuple[Attached, ...]]:
    """Return which files go with a notice, the PDF first, and which do not."""
    kept = tuple(one.file for one in fitted(n, variant))
    return kept, tuple(file for file in _ordered(n) if file not in kept)


def held(n: Notifying, variant: Variant) -> dict[Condition, bool | None]:
    """Return which conditions of the late-submission rule hold with what goes in `variant`."""
    has_form = any(file.kind == FORM for file in parted(n, variant)[0])
    return conditions(n.case, n.within, n.now, has_form=has_form)


def fitted(n: Notifying, variant: Variant) -> tuple[Fitted, ...]:
    """Return the files of a notice as they are attached, the PDF first.

    Screenshots are taken in their small form, the largest first, until all fit.
    """
    if variant == "bare":
        return ()
    files = [file for file in _ordered(n) if variant == "hand" or _goes(file)]
    contents = [_content(file, variant) for file in files]
    if variant != "hand":
        contents = _shrunk(files, contents)
    together = zip(_names(n, files, contents), files, contents, strict=True)
    return tuple(
        Fitted(file, name, _media_type(file, content), content)
        for name, file, content in together
        if content
    )


def _ordered(n: Notifying) -> list[Attached]:
    """Return the form's PDF, then the screenshots as they came."""
    form = n.form
    return [*([form] if form else []), *(file for file in n.files if file.kind != FORM)]


def _goes(file: Attached) -> bool:
    """Whether Noon itself sends a file."""
    return file.kind != FORM or (not file.problem and len(file.content) <= LARGEST_FORM)


def _content(file: Attached, variant: Variant) -> bytes:
    return _less(file) if variant == "small" and file.kind != FORM else file.content


def _less(file: Attached) -> bytes:
    return file.small or file.content


def _shrunk(files: Sequence[Attached], contents: Sequence[bytes]) -> list[bytes]:
    """Return the contents so that they fit together; what does not fit even so is empty."""
    fitting = list(contents)
    by_size = sorted(range(len(files)), key=lambda place: len(contents[place]), reverse=True)
    screenshots = [place for place in by_size if files[place].kind != FORM]
    for less in (_less, _nothing):
        for place in screenshots:
            if sum(map(len, fitting)) <= MOST_RAW:
                return fitting
            fitting[place] = less(files[place])
    return fitting


def _nothing(file: Attached) -> bytes:
    return b""


def stem(case: Case) -> str:
    """Return action and sector for file names: ASCII letters, digits and a hyphen."""
    parts = (_plain(part) for part in (case.action, case.sector))
    return "-".join(filter(None, parts)) or "KA2"


def named(case: Case, kind: str, number: int, ending: str) -> str:
    """Return the name of a file in the mail; `number` is its place among the screenshots."""
    if kind == FORM:
        return f"form-{stem(case)}.pdf"
    return f"incident-{stem(case)}-{number}.{ending}"


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isalnum())[:12]


def _names(n: Notifying, files: Sequence[Attached], contents: Sequence[bytes]) -> Iterator[str]:
    number = 0
    for file, content in zip(files, contents, strict=True):
        number += file.kind != FORM
        ending = _ENDINGS.get(_media_type(file, content), "")
        yield named(n.case, file.kind, number, ending)


_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


def _media_type(file: Attached, content: bytes) -> str:
    """Return the type of a PDF, or of one of our own images by its first bytes."""
    if file.kind == FORM:
        return "application/pdf"
    return "image/jpeg" if content.startswith(b"\xff\xd8") else "image/png"
