"""The notice before it leaves: shown in full in both languages, then confirmed."""

from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

from handlers.cases import Cases, Draft, Kept, Refused
from handlers.incident import asking, calling, clock, draft, handing, standing
from handlers.incident.evidence import problem
from handlers.incident.known import Known, learn
from handlers.incident.words import choice, dated, shown, size
from handlers.markup import escape
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.incident import Phase

FILES_AHEAD = timedelta(days=7)
"""So long before a deadline files for it are kept until a day after it (as /privacy says)."""


async def preview(visit: Visit, cases: Cases, said: str = "") -> list[Reply]:
    """Show the notice as it would leave; without what it needs, ask for that.

    Without a draft the one that was shown was made: how it stands is told, with its letter.
    """
    if not draft.begun(visit.notes) and (made := await standing.recent(visit, cases)):
        return [standing.show(visit, made), *await standing.handed(visit, cases, made)]
    known = await learn(visit, cases)
    if known.by_hand or (known.nowhere and not known.proved):
        return await handing.hand(visit, cases)
    if known.lacking:
        return [asking.ask(visit, known, known.lacking[0], said)]
    shown_ = await cases.draft(known.case)
    choices = (
        *_confirms(visit, known, shown_),
        choice(visit, "change", "board"),
        choice(visit, "hand", "hand"),
    )
    texts = [_head(visit, cases, known, shown_, said), _letter(visit, shown_)]
    if shown_.own != shown_.text:
        texts.append(f"{visit.say('incident.preview.own')}\n\n{escape(shown_.own)}")
    files = tuple(await cases.by_hand(known.case)) if shown_.left_out or known.nowhere else ()
    head, *letters = [Reply(text) for text in texts]
    ends = replace(letters.pop(), choices=choices, takes_files=True)
    return [replace(head, files=files), *letters, ends]


async def confirm(visit: Visit, cases: Cases, seal: str) -> list[Reply]:
    """Make the notice that was shown; where something changed since, show it again.

    Without a draft the notice was made already: how it stands is told again, never made twice.
    """
    if not draft.begun(visit.notes):
        made = await cases.notices()
        rest = await standing.handed(visit, cases, made[-1]) if made else []
        return [*await standing.latest(visit, cases), *rest]
    known = await learn(visit, cases)
    if known.by_hand:
        return await handing.hand(visit, cases)
    if known.lacking or seal != _seal(known):
        return await preview(visit, cases, visit.say("incident.changed"))
    outcome = await cases.confirm(known.case)
    if isinstance(outcome, Refused):
        return await _refused(visit, cases, known, outcome)
    draft.forget(visit.notes)
    told = standing.told_first(visit, cases, outcome)
    return [told, *await standing.handed(visit, cases, outcome)]


async def _refused(visit: Visit, cases: Cases, known: Known, why: Refused) -> list[Reply]:
    """Say why nothing was sent and lead on: to what is missing, or by hand."""
    said = visit.say(f"incident.refused.{why}", agency=visit.desk.agency.short)
    if why is Refused.INCOMPLETE:
        return [asking.proceed(visit, known, said)]
    if why is Refused.NO_MAILBOX:
        return [asking.ask(visit, known, "mailbox", said)]
    if why is Refused.EARLY:
        return [Reply(said, (choice(visit, "board", "board"), choice(visit, "hand", "hand")))]
    return await handing.hand(visit, cases, said=said)


def _confirms(visit: Visit, known: Known, letter: Draft) -> tuple[Choice, ...]:
    if known.phase is Phase.EARLY:
        return ()
    key = "confirm" if letter.to is not None and not letter.by_hand else "confirm-hand"
    return (choice(visit, key, f"confirm:{_seal(known)}", agency=visit.desk.agency.short),)


def _seal(known: Known) -> str:
    """Return a short mark of all that the notice would tell and carry, and of whose it is."""
    files = [one.id for one in known.files]
    told = repr((vars(known.case), known.proved, files)).encode()
    return blake2b(told, digest_size=6).hexdigest()


def _head(visit: Visit, cases: Cases, known: Known, letter: Draft, said: str) -> str:
    """Return whom it goes to, with what, and what it is not."""
    agency = visit.desk.agency.short
    early = known.phase is Phase.EARLY
    lines = [
        visit.say("incident.preview.head-early" if early else "incident.preview.head"),
        _whom(visit, known, letter),
        visit.say("incident.preview.copy", copy=escape(letter.copy)),
        _attached(visit, letter.kept),
        *(_left_out(visit, one) for one in letter.left_out),
    ]
    ends = [visit.say("incident.preview.not-application", agency=agency)]
    if known.form is None:
        ends.insert(0, visit.say("incident.preview.no-form"))
    if cases.captured and letter.to:
        ends.insert(0, visit.say("incident.captured"))
    if early and known.within is not None:
        opens = dated(visit, known.within.opens)
        near = known.now >= known.within.deadline - FILES_AHEAD
        key = "incident.preview.early" if near else "incident.preview.early-far"
        ends.insert(0, visit.say(key, opens=opens))
    told = clock.told(visit, known.within, known.case)
    return "\n\n".join(part for part in (said, told, "\n".join(lines), *ends) if part)


def _whom(visit: Visit, known: Known, letter: Draft) -> str:
    """Return whom it goes to, and where only the person sends it, that it is so."""
    if letter.to and not letter.by_hand:
        return visit.say("incident.preview.to", to=escape(letter.to))
    to = letter.recipients or calling.addresses(visit, known.case, letter.to)
    key = "incident.preview.hand" if letter.to else "incident.preview.nobody"
    return visit.say(key, to=escape(", ".join(to)), agency=visit.desk.agency.short)


def _letter(visit: Visit, letter: Draft) -> str:
    subject = visit.say("incident.preview.subject", subject=escape(letter.subject))
    return f"{visit.say('incident.preview.text')}\n\n{subject}\n\n{escape(letter.text)}"


def _attached(visit: Visit, files: tuple[Kept, ...]) -> str:
    if not files:
        return visit.say("incident.preview.no-files")
    names = [f"{shown(one.name)} ({size(one.size)})" for one in files]
    return visit.say("incident.preview.files", files=visit.words.listed(names))


def _left_out(visit: Visit, one: Kept) -> str:
    why = problem(visit, one.problem) if one.problem else visit.say("incident.problem.room")
    return visit.say("incident.preview.left-out", name=shown(one.name), why=why)
