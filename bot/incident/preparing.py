"""What a notice is written from: its case, its deadline as it stands, mailboxes and files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.incident import brief, letter, proofs, register
from bot.incident.evidence import Evidence
from bot.incident.notifying import Attached, Notifying, Taker, Variant, fitted, parted
from bot.post.books import Books
from bot.post.links import Purpose, sealed
from bot.store.tables import Incident
from handlers.cases import Draft, Kept, Way
from handlers.incident.about import other_body
from handlers.incident.calling import published
from rules.deadlines import Deadline
from rules.incident import Case, concerned, window


@dataclass(frozen=True)
class Prepared:
    """A notice as it would leave: what it is written from, and the files it is written with."""

    told: Notifying
    files: tuple[Evidence, ...] = field(repr=False)


def mailbox(books: Books) -> str | None:
    """Return the agency's mailbox for notices, or None where none is known."""
    return books.settings.incident_mailbox or books.desk.agency.incident_mailbox.address


def about(books: Books, case: Case) -> Deadline | None:
    """Return the deadline of a case, as it stands now; the one it must be about if none is told."""
    for call in books.desk.facts.calls.values():
        if case.deadline in call.deadlines:
            return call.deadlines[case.deadline]
    known = books.desk.facts.newest.deadlines.values()
    return concerned(known, case.action, books.now, books.desk.agency, case.sector)


def likeliest(books: Books, case: Case) -> Deadline | None:
    """Return the nearest deadline, certain or not, for a notice that is only written, not sent."""
    known = books.desk.facts.newest.deadlines.values()
    mine = [one for one in known if one.action == case.action] or list(known)
    return min(mine, key=lambda one: abs(one.instant - books.now), default=None)


def notifying(
    books: Books,
    case: Case,
    deadline: Deadline,
    *,
    copy: str,
    zone: ZoneInfo,
    files: Sequence[Evidence],
    number: int = 0,
    first: tuple[str, datetime] | None = None,
    proved: datetime | None = None,
    now: datetime | None = None,
    to: str | None = None,
    incident: str = "",
    by_hand: bool = False,
) -> Notifying:
    """Return what a notice is written from; `to` is the agency's mailbox as it was, if it was.

    Where another body takes the applications of the sector, the agency gets no mail about them.
    `incident` is the id of the notice once it has one; `by_hand`: Noon is not to send it.
    """
    other = taker(books, case)
    to = to or (None if other else mailbox(books))
    return Notifying(
        case=case,
        agency=books.desk.agency,
        deadline=deadline,
        within=window(deadline, books.desk.agency),
        to=to,
        copy=copy,
        now=now or books.now,
        number=number,
        first=first,
        files=tuple(attached(one) for one in files),
        zone=zone,
        sender=books.settings.sender,
        page=books.settings.address,
        proved=proved,
        controller=books.desk.controller,
        rehearsed=books.desk.rehearsed,
        stop=stop_link(books, incident),
        people=() if other else published(books.desk.agency, case),
        taker=other,
        by_hand=by_hand or to is None,
        id=incident,
    )


def taker(books: Books, case: Case) -> Taker | None:
    """Return who takes the applications of the sector, where that is not the agency."""
    short, agency = other_body(books.desk, case.sector), books.desk.agency
    if not short:
        return None
    known = next((one for one in books.desk.facts.agencies.body if one.id == short), None)
    if known is None:
        return Taker(short, short, short, agency.contacts_page)
    return Taker(short, known.name_lv, known.name_en, known.website)


def stop_link(books: Books, incident: str) -> str:
    """Return the link in a notice's foot; before the notice has an id, what it will look like."""
    token = sealed(books.key, Purpose.AGENCY, incident) if incident else "…"
    return f"{books.settings.address}/agency/{token}"


def attached(one: Evidence) -> Attached:
    """Return a file as letters are written with it."""
    return Attached(
        one.kind, one.media_type, one.content, one.small, one.size, one.sha256, one.problem
    )


async def again(books: Books, row: Incident, files: Sequence[Evidence]) -> Notifying | None:
    """Return what a made notice was written from; None where its deadline is not known any more.

    It is as it was at the moment it was made, with the window as it is now.
    """
    case = register.told(row)
    deadline = about(books, case)
    if deadline is None:
        return None
    first = await register.by_id(books.connection, row.corrects) if row.corrects else None
    return notifying(
        books,
        case,
        deadline,
        copy=row.address,
        zone=zone_of(books, row),
        files=files,
        number=row.number,
        first=(first.message_id, at(first.made_at)) if first and first.message_id else None,
        proved=await proofs.since(books, row.address),
        now=at(row.made_at),
        to=row.mailbox or None,
        incident=row.id,
        by_hand=row.way == Way.BY_HAND,
    )


def draft(made: Prepared, language: str) -> Draft:
    """Return a notice as a person is shown it; `language` is the person's."""
    told = made.told
    ids = {one.sha256: one.id for one in made.files}
    names = {one.file.sha256: one.name for one in (*fitted(told, "hand"), *fitted(told, "full"))}

    def kept(files: Sequence[Attached]) -> tuple[Kept, ...]:
        return tuple(
            Kept(ids[f.sha256], f.kind, names[f.sha256], f.size, f.sha256, f.problem) for f in files
        )

    variant: Variant = "hand" if told.by_hand else "full"
    within, without = parted(told, variant)
    return Draft(
        to=told.to,
        copy=told.copy,
        subject=letter.subject(told, told.language),
        text=letter.text(told, told.language, variant),
        own=letter.text(told, language, variant),
        kept=kept(within),
        left_out=kept(without),
        mailto=brief.mailto(told),
        by_hand=told.by_hand,
        recipients=told.recipients,
    )


def file_name(row: Incident) -> str:
    """Return the name of a made notice's `.eml`: ASCII, ours."""
    case = register.told(row)
    parts = (part for part in (case.action, case.sector) if part.isascii() and part.isalnum())
    number = f"-{row.number}" if row.number else ""
    return f"incident-{'-'.join(parts) or 'KA2'}{number}.eml"


def zone_of(books: Books, row: Incident) -> ZoneInfo:
    """Return the zone that a notice's person is told times in."""
    try:
        return ZoneInfo(row.zone)
    except (LookupError, ValueError, OSError):
        return books.desk.zone


def at(seconds: float) -> datetime:
    """Return a moment as the tables keep it, aware."""
    return datetime.fromtimestamp(seconds, UTC)
