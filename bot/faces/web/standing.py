"""How a notice stands, as its page shows it: what happened, what to do now, until when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.incident import counting, receipt, spoken, wording
from handlers.cases import Notice, Standing, Step
from handlers.incident import calling, clock, handing
from handlers.visit import Visit
from rules.incident import Case, Window

FILES_FOR = timedelta(days=14)
"""So long after the window closed the mail can be downloaded (retention of files)."""

SETTLES = timedelta(minutes=5)
"""So long after the window closed a page still looks for the last word."""

LONGEST_WORDS = 600
"""Characters of a server's answer that are shown."""

_FINAL = frozenset({Standing.DELIVERED, Standing.STOPPED, Standing.CAPTURED})
_TONES = {Standing.ACCEPTED: "good", Standing.DELIVERED: "good", Standing.WAITING: "open"}


@dataclass(frozen=True)
class Line:
    """One line of the record: when, in Brussels and in local time, what, and a server's words."""

    at: datetime
    when: str
    what: str
    words: str


@dataclass(frozen=True)
class Person:
    """Whom to call: what for, the name, the phone and the address of its link, the mailbox."""

    role: str
    name: str
    phone: str
    dialled: str
    address: str


@dataclass(frozen=True)
class Way:
    """A link to press; `saved` says that a file comes."""

    label: str
    address: str = field(repr=False)
    saved: bool = True


@dataclass(frozen=True)
class Shown:
    """Everything on the page but its frame; `refreshes` while something may still happen."""

    tone: str
    status: str
    todo: str
    left: str
    times: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    people: tuple[Person, ...]
    ways: tuple[Way, ...] = field(repr=False)
    downloads: bool
    refreshes: bool
    taken: bool
    related: tuple[Way, ...] = field(default=(), repr=False)


def shown(
    visit: Visit,
    notice: Notice,
    zone: ZoneInfo,
    within: Window | None,
    address: str,
    mailto: str,
    related: Iterable[Way] = (),
) -> Shown:
    """Return a notice as it stands at the visit's now; local time is told in `zone`.

    `within` is its window as it is now, None where its deadline is not known any more; `address` is
    the page's own, `related` lead to the notice that this one corrects and to its corrections.
    """
    over = visit.now >= notice.closes
    final = notice.standing in _FINAL or visit.now >= notice.closes + SETTLES
    return Shown(
        tone=_TONES.get(notice.standing, "bad"),
        status=visit.say(f"receipt.standing.{notice.standing.value}"),
        todo=_todo(visit, notice),
        left="" if over else clock.left(visit.words, notice.closes - visit.now),
        times=tuple(_times(visit, notice, zone, within)),
        facts=tuple(_facts(visit, notice)),
        lines=tuple(_line(visit, step, zone) for step in reversed(notice.steps)),
        people=tuple(_people(visit, notice.case)),
        ways=tuple(_ways(visit, notice, address, mailto)),
        downloads=visit.now < notice.closes + FILES_FOR,
        refreshes=not final,
        taken=notice.standing in counting.TAKEN,
        related=tuple(related),
    )


def _todo(visit: Visit, notice: Notice) -> str:
    """Return what to do now, in the markup of replies."""
    agency = visit.desk.agency.short
    if handing.was_sent(notice):
        return visit.say("web.incident.do.sent", agency=agency)
    text = visit.say(f"web.incident.do.{notice.standing.value}", agency=agency)
    if visit.now < notice.closes or notice.standing in counting.TAKEN:
        return text
    return visit.say("web.incident.over", agency=agency)


def _ways(visit: Visit, notice: Notice, address: str, mailto: str) -> Iterator[Way]:
    """Yield what can be fetched, what is needed first coming first."""
    mail = []
    if visit.now < notice.closes + FILES_FOR:
        mail.append(Way(visit.say("web.incident.eml"), f"{address}/notice.eml"))
    if mailto:
        mail.append(Way(visit.say("web.incident.mailto"), mailto, saved=False))
    receipts = [
        Way(visit.say("web.incident.pdf"), f"{address}/receipt.pdf"),
        Way(visit.say("web.incident.txt"), f"{address}/receipt.txt"),
    ]
    # What has arrived is not to be sent once more: the agency would have it twice.
    yield from receipts if notice.standing in counting.TAKEN else (*mail, *receipts)


def _times(
    visit: Visit, notice: Notice, zone: ZoneInfo, within: Window | None
) -> Iterator[tuple[str, str]]:
    def told(instant: datetime) -> str:
        return wording.moment(visit.words, instant.replace(microsecond=0), zone)

    agency = visit.desk.agency
    yield visit.say("web.incident.now"), told(visit.now)
    if within is not None:
        yield visit.say("web.incident.deadline"), told(within.deadline)
    yield visit.say("web.incident.closes", agency=agency.short), told(notice.closes)
    failed = notice.case.first_failure
    if failed is not None and within is not None:
        yield visit.say("web.incident.safe"), told(within.safe_until(failed))
    if notice.accepted_at is not None:
        yield visit.say("web.incident.accepted"), told(notice.accepted_at)


def _facts(visit: Visit, notice: Notice) -> Iterator[tuple[str, str]]:
    case, say = notice.case, visit.say
    told = (
        (say("receipt.mailbox"), receipt.whom(visit.words, visit.desk, notice)),
        (say("receipt.copy"), notice.address),
        (say("receipt.organisation"), case.organisation),
        (say("receipt.action"), "-".join(filter(None, (case.action, case.sector)))),
        (say("receipt.form-id"), case.form_id),
        (say("receipt.correction"), str(notice.number or "")),
        (say("receipt.message-id"), notice.message_id),
        (say("receipt.files"), ", ".join(file.name for file in notice.files)),
    )
    return ((label, wording.cleaned(value, 300)) for label, value in told if value)


def _line(visit: Visit, step: Step, zone: ZoneInfo) -> Line:
    key = f"receipt.step.{step.what}"
    what = visit.say(key) if visit.words.has(key) else wording.cleaned(step.what, 40)
    seen = wording.cleaned(spoken.noticed(visit.words, step), LONGEST_WORDS)
    when = wording.moment(visit.words, step.at.replace(microsecond=0), zone)
    told = " – ".join(filter(None, (what, seen)))
    return Line(step.at, when, told, _words(visit, step, zone))


def _words(visit: Visit, step: Step, zone: ZoneInfo) -> str:
    """Return a server's own words; a moved window's new end as a moment."""
    if step.what == "moved":
        try:
            moment = datetime.fromisoformat(step.words)
        except ValueError:
            return ""
        closes = wording.moment(visit.words, moment, zone)
        return visit.say("web.incident.moved", closes=closes)
    return wording.cleaned(spoken.of(step).said, LONGEST_WORDS)


def _people(visit: Visit, case: Case) -> Iterator[Person]:
    """Yield whom to call: those of action and sector, then the unit's head, as the chat does."""
    for contact in calling.contacts(visit.desk.agency, case):
        phone = contact.phone or ""
        yield Person(
            contact.role(visit.words.language),
            contact.name or "",
            phone,
            "".join(sign for sign in phone if sign in "+0123456789"),
            contact.email or "",
        )
