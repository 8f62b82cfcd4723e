"""Everything that is known of a notice at one turn: what was told, the files, the mailbox."""

from dataclasses import dataclass
from datetime import datetime

from handlers.cases import Cases, Kept
from handlers.incident import about, draft
from handlers.visit import Visit
from rules.deadlines import Deadline
from rules.incident import Case, Phase, Window, missing, window

ORDER = (
    *("mailbox", "action", "sector", "organisation", "happened", "attempt", "files"),
    *("unchanged", "form_id", "title", "oid", "contact", "phone"),
)
"""What is asked, in the order of asking: what a notice cannot leave without comes first."""

FIELDS = (*ORDER, "first_failure")
"""All that can be told; when it first failed is not asked, but may be told apart."""


@dataclass(frozen=True)
class Known:
    """`proved` is the confirmed mailbox, `awaiting` one whose code was not typed yet.

    `body` is who takes the sector's applications where that is not this agency, else empty.
    `carried`: the notice that is corrected has the form's PDF, which goes along.
    """

    now: datetime
    case: Case
    deadline: Deadline | None
    within: Window | None
    proved: str | None
    awaiting: str
    files: tuple[Kept, ...]
    skipped: frozenset[str]
    sectors: tuple[str, ...]
    body: str
    nowhere: bool = False
    carried: bool = False

    @property
    def phase(self) -> Phase:
        """How the moment stands; a failure about no known deadline is early."""
        return Phase.EARLY if self.within is None else self.within.phase(self.now)

    @property
    def by_hand(self) -> bool:
        """Whether we do not send it: it is too late, or it goes to another body."""
        return self.phase is Phase.AFTER or bool(self.body)

    @property
    def form(self) -> Kept | None:
        """The form's PDF, where it is kept."""
        return next((one for one in self.files if one.kind == "form"), None)

    @property
    def has_form(self) -> bool:
        """Whether the notice goes with the form's PDF."""
        return self.form is not None or self.carried

    @property
    def screenshots(self) -> list[Kept]:
        """The screenshots that are kept."""
        return [one for one in self.files if one.kind != "form"]

    @property
    def lacking(self) -> list[str]:
        """What a notice cannot leave without and is not there, in the order of asking."""
        proof = not self.nowhere and (bool(self.awaiting) or not self.proved)
        gaps = {*missing(self.case), *(["mailbox"] if proof else [])}
        return [name for name in ORDER if name in gaps]

    @property
    def next(self) -> str:
        """What is asked next; nothing where all was told or left open."""
        open_ = (name for name in self.fields(ORDER) if not self.has(name))
        return next((name for name in open_ if name not in self.skipped), "")

    def fields(self, names: tuple[str, ...] = FIELDS) -> list[str]:
        """Return which of `names` apply."""
        applies = {"sector": len(self.sectors) > 1, "unchanged": self.has_form}
        # A letter that is sent by hand needs no proof of the mailbox it is sent from.
        applies["mailbox"] = not self.nowhere or bool(self.proved or self.awaiting)
        return [name for name in names if applies.get(name, True)]

    def has(self, name: str) -> bool:
        """Whether `name` was told; a mailbox whose code is awaited is not asked again."""
        if name == "mailbox":
            return bool(self.proved or self.awaiting)
        if name == "files":
            return self.form is not None and bool(self.screenshots)
        return getattr(self.case, name) not in ("", None)


async def learn(visit: Visit, cases: Cases) -> Known:
    """Return what is known now."""
    notes, desk = visit.notes, visit.desk
    action, sector, before = (draft.told(notes, n) for n in ("action", "sector", "deadline"))
    deadline = about.deadline(desk, visit.now, action, sector, before)
    proved, awaiting = await cases.proved(), draft.told(notes, "address")
    return Known(
        now=visit.now,
        case=draft.case(notes, deadline.id if deadline is not None and action else ""),
        deadline=deadline,
        within=None if deadline is None else window(deadline, desk.agency),
        proved=proved,
        awaiting=awaiting if awaiting != proved else "",
        files=tuple(await cases.files()),
        skipped=frozenset(draft.skipped(notes)),
        sectors=tuple(about.sectors(desk, action)) if action else (),
        body=about.other_body(desk, sector),
        nowhere=cases.mailbox is None,
        carried=await _carried(cases, draft.told(notes, "corrects")),
    )


async def _carried(cases: Cases, corrects: str) -> bool:
    """Whether the notice that is being corrected has the form's PDF."""
    made = await cases.notices() if corrects else ()
    files = (one.files for one in made if one.id == corrects)
    return any(file.kind == "form" for kept in files for file in kept)
