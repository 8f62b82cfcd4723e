"""The notice by hand: the letter as a file, its text, a link that begins a mail, whom to call."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from handlers.cases import BY_PERSON, Cases, Draft, Notice, Standing
from handlers.incident import about, asking, calling, clock
from handlers.incident.known import Known, learn
from handlers.incident.words import choice
from handlers.markup import escape
from handlers.turn import Attachment, Choice, Reply
from handlers.visit import Visit
from rules.incident import Case, Phase

LONGEST_LINK = 1900
"""Characters of a link that every mail program takes; without room for the text it stays out."""


async def hand(visit: Visit, cases: Cases, *, said: str = "") -> list[Reply]:
    """Hand over the notice that is being prepared; without an action, ask for it first."""
    known = await learn(visit, cases)
    if not known.case.action:
        return [asking.ask(visit, known, "action", said)]
    letter = await cases.draft(known.case)
    files = tuple(await cases.by_hand(known.case))
    told = clock.told(visit, known.within, known.case)
    steps = [*_steps(visit, known.case, letter.to), *_link(visit, known.case, letter)]
    why = said or _why(visit, cases, known)
    parts = [why, told, "\n".join(steps), calling.block(visit, known.case)]
    text = "\n\n".join(part for part in parts if part)
    return [Reply(text, (), files), _copied(visit, letter, files)]


async def again(visit: Visit, cases: Cases, notice: Notice) -> list[Reply]:
    """Hand over a notice that was made, with every file, to be sent by hand."""
    back = choice(visit, "status", f"notice:{notice.id}")
    files = await drafted(cases, notice)
    bare = await cases.bare(notice.id) if notice.standing is Standing.BY_HAND else None
    files = (*files, bare) if bare is not None else files
    choices = (*sent_choice(visit, notice), back)
    return [Reply("\n\n".join(made(visit, notice)), choices, files)]


def sent_choice(visit: Visit, notice: Notice) -> tuple[Choice, ...]:
    """Return the choice to say that the letter was sent, where nobody but the person sends it."""
    if notice.standing is not Standing.BY_HAND or was_sent(notice):
        return ()
    return (choice(visit, "hand-sent", f"sent:{notice.id}"),)


def was_sent(notice: Notice) -> bool:
    """Whether the person said to have sent the letter."""
    return any(step.what == BY_PERSON for step in notice.steps)


async def drafted(cases: Cases, notice: Notice) -> tuple[Attachment, ...]:
    """Return a notice that was made as a draft for the person's own mail program."""
    letter = await cases.letter(notice.id, by_hand=True)
    files = (letter,) if letter is not None else await cases.by_hand(notice.case)
    return tuple(replace(file, wish=f"incident:letter:{notice.id}") for file in files)


def made(visit: Visit, notice: Notice) -> Sequence[str]:
    """Return how a made notice is sent by hand, and whom to call."""
    steps = _steps(visit, notice.case, notice.mailbox)
    return ["\n".join(steps), calling.block(visit, notice.case)]


def link(to: Sequence[str], subject: str, text: str) -> str:
    """Return a `mailto:` link with subject, and with the text where it has room."""
    named = ",".join(quote(one, safe="@") for one in to)
    head = f"mailto:{named}?subject={_quoted(subject)}"
    whole = f"{head}&body={_quoted(text)}"
    return whole if len(whole) <= LONGEST_LINK else head


def _quoted(text: str) -> str:
    return quote("\r\n".join(text.splitlines()), safe="")


def _why(visit: Visit, cases: Cases, known: Known) -> str:
    """Return why we do not send it ourselves, where that is so."""
    agency, sector = visit.desk.agency.short, known.case.sector
    if body := about.other_body(visit.desk, sector):
        name = visit.desk.facts.sectors[sector].in_language(visit.words.language)
        return visit.say("incident.elsewhere", sector=name, body=body, agency=agency)
    if known.phase is Phase.AFTER:
        return visit.say("incident.hand.late", agency=agency)
    return visit.say("incident.hand.nobody", agency=agency) if cases.mailbox is None else ""


def _steps(visit: Visit, case: Case, mailbox: str | None) -> list[str]:
    to = calling.addresses(visit, case, mailbox)
    body = about.other_body(visit.desk, case.sector)
    whom = visit.say("incident.hand.to", to=escape(", ".join(to)))
    if not to:
        named = body or visit.desk.agency.short
        whom = visit.say("incident.hand.to-body", body=named, page=calling.page(visit, body))
    ends = [visit.say(f"incident.hand.{name}") for name in ("send", "call", "keep")]
    return [visit.say("incident.hand.head"), visit.say("incident.hand.open"), whom, *ends]


def _link(visit: Visit, case: Case, letter: Draft) -> list[str]:
    to = calling.addresses(visit, case, letter.to)
    address = link(to, letter.subject, letter.text)
    if letter.mailto and to == letter.recipients:
        address = letter.mailto
    label = visit.say("incident.hand.link", to=escape(", ".join(to)))
    return [f"[{label}]({address})"] if to else []


def _copied(visit: Visit, letter: Draft, files: Sequence[Attachment]) -> Reply:
    """Return the text to be copied, in the words for sending it by hand where they are there."""
    texts = [file.content for file in files if file.media_type.startswith("text/plain")]
    subject = visit.say("incident.preview.subject", subject=letter.subject)
    text = texts[0].decode("utf-8", "replace") if texts else f"{subject}\n\n{letter.text}"
    choices = choice(visit, "board", "board"), choice(visit, "hand-sent", "leave")
    return Reply(escape(text), choices, takes_files=True)
