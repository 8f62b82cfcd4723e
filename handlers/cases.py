"""What a handler asks for an incident notice: files, a confirmed mailbox, the notice itself.

Cases belong to one turn, like the ledger: they act for one conversation in the turn's own
transaction. `bot` brings them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from handlers.turn import Attachment, Upload
from rules.incident import Case


class Asked(StrEnum):
    """What came of asking for a code."""

    SENT = "sent"
    """A code is on its way, or nothing is where that mailbox had too many mails: not told."""
    PROVED = "proved"
    """This conversation has confirmed that mailbox already: no code is needed."""
    REFUSED = "refused"
    """Too many codes were asked for from here; nothing was sent."""


class Given(StrEnum):
    """What came of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    """Another try may be right."""
    OVER = "over"
    """The code is too old or was mistyped five times: a new one is needed."""


class Added(StrEnum):
    """What came of a file."""

    SCREENSHOT = "screenshot"
    FORM = "form"
    """The form's PDF; it takes the place of an earlier one."""
    SAME = "same"
    """The same file is kept already."""
    TOO_MANY = "too-many"
    """Six screenshots are kept already."""
    FULL = "full"
    """Not kept: too much is kept for notices that were not made, from this network or in all."""
    REFUSED = "refused"
    """Not kept; `Upload.problem` says why."""


@dataclass(frozen=True)
class Kept:
    """A file that is kept for the notice. `name` is ours; sizes are in bytes.

    `sha256` is of the file as it came. `problem` says why a form's PDF goes by hand only.
    """

    id: str
    kind: str
    name: str
    size: int
    sha256: str
    problem: str = ""


class Way(StrEnum):
    """What becomes of a confirmed notice."""

    SENDING = "sending"
    """It leaves for the agency's mailbox now."""
    HELD = "held"
    """It waits until the operator lets it go."""
    BY_HAND = "by-hand"
    """It is handed to the person: no mailbox of the agency is known, or a limit is reached."""


BY_PERSON = "sent-by-hand"
"""The step of a notice's record that its person says to have sent it themselves."""


class Standing(StrEnum):
    """How a notice stands now, by what is known and no more."""

    WAITING = "waiting"
    """Accepted by Noon, not yet by a mail server."""
    HELD = "held"
    FAILING = "failing"
    """An attempt failed; it is tried again."""
    UNHEARD = "unheard"
    """It may have arrived: the server's answer was lost. It is sent again, the same."""
    ACCEPTED = "accepted"
    """The agency's mail server, or the provider's, has taken it."""
    CAPTURED = "captured"
    """Kept on this machine only: no mail server is set."""
    DELIVERED = "delivered"
    """A delivery report says so."""
    BOUNCED = "bounced"
    """It came back."""
    STOPPED = "stopped"
    """It is not tried any more and was not accepted."""
    BY_HAND = "by-hand"


@dataclass(frozen=True)
class Step:
    """One line of a notice's record: what happened, when, and a server's own words if any."""

    at: datetime
    what: str
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class Notice:
    """A confirmed notice as it stands. `number`: 0 for the first, then the correction's.

    `address` is the person's confirmed mailbox, `mailbox` the agency's where one is known.
    `link` is the page that shows how it stands.
    """

    id: str
    number: int
    case: Case = field(repr=False)
    way: Way
    standing: Standing
    made: datetime
    closes: datetime
    message_id: str
    address: str = field(repr=False)
    mailbox: str | None
    link: str
    steps: tuple[Step, ...] = ()
    accepted_at: datetime | None = None
    answer: str = field(default="", repr=False)
    files: tuple[Kept, ...] = ()


class Refused(StrEnum):
    """Why a notice was not made; nothing was sent."""

    INCOMPLETE = "incomplete"
    NO_MAILBOX = "no-mailbox"
    """No mailbox was confirmed in this conversation."""
    EARLY = "early"
    """More than a day before the deadline: the draft is kept."""
    LATE = "late"
    """The window is closed: it is written to be sent by hand only."""
    ENOUGH = "enough"
    """A notice and two corrections were made for this form and deadline."""
    FORMS = "forms"
    """Notices about three forms were sent already, and three more wait for the operator."""


@dataclass(frozen=True)
class Draft:
    """A notice as it would leave, in the agency's language; `own` is its text in the person's.

    `to` is the agency's mailbox or None. `left_out` are files that would go by hand, `kept` all
    that would be attached. `mailto` is a link that begins a mail with the essential facts.
    `by_hand` says that only the person sends it, `recipients` where they send it.
    """

    to: str | None
    copy: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    own: str = field(repr=False)
    kept: tuple[Kept, ...] = ()
    left_out: tuple[Kept, ...] = ()
    mailto: str = field(default="", repr=False)
    by_hand: bool = False
    recipients: tuple[str, ...] = field(default=(), repr=False)


class Cases(Protocol):
    """The incident notices of one conversation."""

    @property
    def captured(self) -> bool:
        """Whether mail is only kept on this machine, because no mail server is set."""

    @property
    def mailbox(self) -> str | None:
        """The agency's mailbox for notices, or None where none is known."""

    async def proved(self) -> str | None:
        """Return the mailbox that was confirmed in this conversation last, or None."""

    async def ask_code(self, address: str) -> Asked:
        """Send a six-digit code to `address`, which is in its normal form."""

    async def codes_again(self) -> datetime:
        """Return from when on a code may be asked for here again; now or earlier: at once."""

    async def give_code(self, code: str) -> Given:
        """Try the code for the mailbox that was asked last."""

    async def add(self, upload: Upload) -> Added:
        """Keep a file for the notice that is being prepared."""

    async def files(self) -> Sequence[Kept]:
        """Return what is kept for the notice that is being prepared, oldest first."""

    async def drop(self, identifier: str) -> bool:
        """Forget a file; False where there is none."""

    async def draft(self, case: Case) -> Draft:
        """Return the notice as it would leave now."""

    async def confirm(self, case: Case) -> Notice | Refused:
        """Make the notice: from here on its bytes are fixed, and it leaves or is handed over.

        Where one was made for the same form and deadline, it is a correction of that one.
        """

    async def notices(self) -> Sequence[Notice]:
        """Return the notices of this conversation, oldest first."""

    async def by_hand(self, case: Case) -> Sequence[Attachment]:
        """Return the notice to be sent by hand: the `.eml` and the text."""

    async def letter(self, identifier: str, *, by_hand: bool = False) -> Attachment | None:
        """Return a made notice as `.eml`, exactly as it leaves.

        `by_hand`: as a draft that the person sends from their own mailbox, with every file.
        """

    async def bare(self, identifier: str) -> Attachment | None:
        """Return the text of a made notice, to be copied into a mail of one's own."""

    async def sent_by_hand(self, identifier: str) -> None:
        """Note that the person says to have sent a made notice themselves."""

    async def receipt(self, identifier: str) -> Sequence[Attachment]:
        """Return the summary of a made notice as text and PDF."""
