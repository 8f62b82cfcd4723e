"""The receipt of a notice: what became of it, when, in whose words, and what that does not prove.

Text and PDF are made from the same sections. "Accepted" and "delivered" stand there only where the
notice says so; a server's words are quoted and never taken for ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.incident import sections, spoken, wording
from bot.incident.moving import CANCELLED
from bot.incident.notifying import FORM
from bot.incident.sections import Line, Page, Row, Section, Tone
from handlers.cases import BY_PERSON, Kept, Notice, Standing, Step
from handlers.incident.about import other_body
from handlers.incident.calling import published
from handlers.moments import BRUSSELS, zone_name
from handlers.visit import Desk
from handlers.words import Words, words

LONGEST_NAME = 200
LONGEST_ANSWER = 1000
"""Characters of a name and of a server's words."""

STEPS = (
    *("confirmed", "held", "released", "attempt", "accepted", "captured", "unheard", "rejected"),
    *("smaller", "delivered", "delayed", "bounced", "warned-60", "warned-90", "warned-105"),
    *("report", "stopped", "handed-over", "moved", "corrected", BY_PERSON),
)
"""What may stand in a notice's record."""

_TONES = {
    Standing.ACCEPTED: Tone.GOOD,
    Standing.DELIVERED: Tone.GOOD,
    Standing.BOUNCED: Tone.BAD,
    Standing.STOPPED: Tone.BAD,
    Standing.FAILING: Tone.BAD,
    Standing.CAPTURED: Tone.BAD,
}

_DOUBTS = ("read", "application", "decision", "true", "clock")
"""What a receipt does not prove."""


@dataclass(frozen=True)
class _Telling:
    """One receipt being written."""

    notice: Notice
    desk: Desk
    zone: ZoneInfo
    words: Words

    def say(self, key: str, /, **values: object) -> str:
        return self.words.say(key, **values)

    def moment(self, instant: datetime | None) -> str:
        """Return a moment in Brussels and in local time, or that it is not known."""
        if instant is None:
            return self.say("receipt.unknown")
        return wording.moment(self.words, instant, self.zone)

    def known(self, text: str) -> str:
        return wording.cleaned(text, LONGEST_NAME) or self.say("receipt.unknown")


def as_text(notice: Notice, desk: Desk, zone: ZoneInfo, language: str) -> str:
    """Return the receipt as plain text in `language`, local time in `zone`."""
    return sections.as_text(_page(_Telling(notice, desk, zone, words(language))))


def as_pdf(notice: Notice, desk: Desk, zone: ZoneInfo, language: str) -> bytes:
    """Return the receipt as PDF, the same bytes for the same notice."""
    # What makes PDF takes 37 MB, and most processes never make one.
    from bot.incident import printing

    return printing.as_pdf(_page(_Telling(notice, desk, zone, words(language))), notice.made)


def _page(telling: _Telling) -> Page:
    notice, say = telling.notice, telling.say
    return Page(
        language=telling.words.language,
        title=say("receipt.title"),
        warning=say("receipt.rehearsal") if telling.desk.rehearsed else "",
        status=say(f"receipt.standing.{notice.standing.value}"),
        tone=_TONES.get(notice.standing, Tone.OPEN),
        sections=tuple(_sections(telling)),
        hidden=say("receipt.hidden"),
    )


def _sections(telling: _Telling) -> Iterator[Section]:
    say = telling.say
    yield Section(say("receipt.sent"), tuple(_sent(telling)))
    yield Section(say("receipt.times"), tuple(_times(telling)))
    yield Section(say("receipt.application"), tuple(_application(telling)))
    if telling.notice.files:
        numbered = enumerate(telling.notice.files, start=1)
        files = (part for number, file in numbered for part in _file(telling, number, file))
        yield Section(say("receipt.files"), (*files, Line(say("receipt.hashes"))))
    steps = tuple(_step(telling, step) for step in telling.notice.steps)
    head = say("receipt.steps", zones=_zones(telling))
    yield Section(head, steps or (Line(say("receipt.no-steps")),))
    yield Section(say("receipt.doubts"), tuple(_doubts(telling)))
    yield Section(say("receipt.whom"), tuple(_whom(telling)))


def _doubts(telling: _Telling) -> Iterator[Line]:
    agency = telling.desk.agency.short
    for doubt in _DOUBTS:
        yield Line(f"• {telling.say(f'receipt.doubt.{doubt}', agency=agency)}")


def _zones(telling: _Telling) -> str:
    """Return whose hours stand in the record, in their order."""
    zones = dict.fromkeys((BRUSSELS, telling.zone))
    return " / ".join(zone_name(telling.words, str(zone)) for zone in zones)


def _sent(telling: _Telling) -> Iterator[Row]:
    """Yield the way the mail went, and the server's own words where it was taken."""
    notice, say = telling.notice, telling.say
    yield Row(say("receipt.mailbox"), whom(telling.words, telling.desk, notice))
    yield Row(say("receipt.copy"), notice.address)
    if notice.message_id:
        yield Row(say("receipt.message-id"), notice.message_id)
    if notice.number:
        yield Row(say("receipt.correction"), str(notice.number))
    if notice.accepted_at is not None:
        yield Row(say("receipt.accepted-at"), telling.moment(notice.accepted_at))
        yield Row(say("receipt.answer"), "", wording.cleaned(notice.answer, LONGEST_ANSWER))


def whom(words: Words, desk: Desk, notice: Notice) -> str:
    """Return where a notice goes: the agency's mailbox, else its published people, or nobody."""
    if notice.mailbox:
        return notice.mailbox
    body = other_body(desk, notice.case.sector)
    people = () if body else published(desk.agency, notice.case)
    if not people:
        return words.say("receipt.no-mailbox")
    return words.say("receipt.people", to=", ".join(people), agency=desk.agency.short)


def _times(telling: _Telling) -> Iterator[Row]:
    notice, say = telling.notice, telling.say
    window = timedelta(hours=telling.desk.agency.incident_window.hours)
    deadline = notice.closes - window
    attempt = notice.case.attempt
    yield Row(say("receipt.deadline"), telling.moment(deadline))
    yield Row(say("receipt.closes"), telling.moment(notice.closes))
    yield Row(say("receipt.first-failure"), telling.moment(notice.case.first_failure))
    yield Row(say("receipt.attempt"), _against(telling, attempt, deadline))
    yield Row(say("receipt.made"), _against(telling, notice.made, deadline))


def _against(telling: _Telling, instant: datetime | None, deadline: datetime) -> str:
    """Return a moment and how it stands to the deadline."""
    told = telling.moment(instant)
    if instant is None:
        return told
    return f"{told} – {wording.from_deadline(telling.words, instant, deadline)}"


def _application(telling: _Telling) -> Iterator[Row]:
    case, say = telling.notice.case, telling.say
    action = "-".join(filter(None, (case.action, case.sector)))
    yield Row(say("receipt.organisation"), telling.known(case.organisation))
    yield Row(say("receipt.oid"), telling.known(case.oid))
    yield Row(say("receipt.action"), telling.known(action))
    yield Row(say("receipt.form-id"), telling.known(case.form_id))
    yield Row(say("receipt.project"), telling.known(case.title))


def _file(telling: _Telling, number: int, file: Kept) -> Iterator[Row | Line]:
    say = telling.say
    size = say("receipt.file", size=wording.grouped(file.size))
    told = f"{size}. {say('receipt.file.by-hand')}" if file.problem else size
    yield Row(f"{number}. {wording.cleaned(file.name, LONGEST_NAME)}", told)
    key = "receipt.sha256" if file.kind == FORM else "receipt.sha256.original"
    yield Line(say(key, sha256=wording.cleaned(file.sha256, LONGEST_NAME)))


def _step(telling: _Telling, step: Step) -> Row:
    """Return a line of the record; one of a kind that is not known here is told by its name."""
    if step.what == "moved":
        return Row(_short(telling, step.at), _moved(telling, step.words))
    key = f"receipt.step.{step.what}"
    name = wording.cleaned(step.what, 40)
    what = telling.say(key) if telling.words.has(key) else name
    seen = wording.cleaned(spoken.noticed(telling.words, step), LONGEST_NAME)
    words = wording.cleaned(spoken.of(step).said, LONGEST_ANSWER)
    return Row(_short(telling, step.at), " – ".join(filter(None, (what, seen))), words)


def _moved(telling: _Telling, words: str) -> str:
    """Return that a deadline was moved or called off; `words` hold the new end of the window."""
    what = telling.say("receipt.step.moved")
    try:
        closes = datetime.fromisoformat(words)
    except ValueError:
        return telling.say("receipt.called-off") if words == CANCELLED else what
    return telling.say("receipt.moved", what=what, moment=telling.moment(closes))


def _short(telling: _Telling, instant: datetime) -> str:
    """Return day and time in Brussels, then in the local zone, with seconds."""
    there, here = instant.astimezone(BRUSSELS), instant.astimezone(telling.zone)
    told = f"{there:%Y-%m-%d %H:%M:%S}"
    if there.utcoffset() == here.utcoffset():
        return told
    same_day = there.date() == here.date()
    return f"{told} / {here:%H:%M:%S}" if same_day else f"{told} / {here:%Y-%m-%d %H:%M:%S}"


def _whom(telling: _Telling) -> Iterator[Line]:
    agency, say = telling.desk.agency, telling.say
    name = agency.name(telling.words.language)
    yield Line(say("receipt.agency", agency=name, page=agency.contacts_page))
    yield Line(say("receipt.noon", page=telling.desk.public_url))
    if telling.desk.controller is not None:
        yield Line(say("receipt.controller", controller=telling.desk.controller))
    yield Line(say("receipt.number", id=telling.notice.id))
