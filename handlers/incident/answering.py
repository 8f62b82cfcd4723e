"""Takes what is typed or pressed as an answer, and says what was noted."""

from dataclasses import replace

from handlers import steps
from handlers.cases import Cases
from handlers.incident import about, asking, attempts, board, draft, proving, reading, straying
from handlers.incident.hearing import tells_failure
from handlers.incident.known import Known, learn
from handlers.incident.reading import Recognised
from handlers.incident.unreadable import Unreadable
from handlers.incident.words import choice, field, shown
from handlers.offers import is_heard
from handlers.turn import Reply
from handlers.visit import Visit
from rules.deadlines import KA2

_OWN_WORDS = ("organisation", "title", "happened")
"""Answered in a person's own words: whatever is typed is an answer."""

_WORDED = (*_OWN_WORDS, "contact", "form_id")
"""Where a mere yes or OK would be noted for an answer."""

_TRY = 3


async def typed(visit: Visit, cases: Cases, text: str) -> Reply:
    """Take a typed text: a code, what is recognised by its form, or the answer to what is open."""
    known = await learn(visit, cases)
    name = draft.told(visit.notes, "asked")
    code = reading.code(text)
    if code and (known.awaiting or name in ("", "mailbox")):
        return await proving.given(visit, cases, known, code)
    found = reading.recognise(text)
    alone = found.alone and not (name == "contact" and found.address)
    if alone or (name not in (*_OWN_WORDS, "contact") and (found.form_id or found.oid)):
        said = await recognised(visit, cases, found)
        return asking.after(visit, await learn(visit, cases), name, said)
    if straying.asks_what_now(text) or (name in _WORDED and straying.is_no_answer(text)):
        return asking.again(visit, known, visit.say("incident.unreadable.not-noted"))
    if name not in ("", "happened") and text.rstrip().endswith("?"):
        broken_in = await _question(visit, text)
        if broken_in is not None:
            return broken_in
    try:
        return await _answered(visit, cases, known, name, text)
    except Unreadable as unreadable:
        return await _not_read(visit, cases, known, name, text, unreadable)


async def recognised(visit: Visit, cases: Cases, found: Recognised) -> str:
    """Note what was recognised and return what is said of it."""
    said = []
    if found.form_id:
        said.append(_form_id(visit, found.form_id))
    if found.oid:
        said.append(_noted(visit, "oid", found.oid))
    if found.address:
        try:
            said.append(await proving.ask(visit, cases, reading.address(found.address)))
        except Unreadable as unreadable:
            said.append(visit.say(unreadable.problem))
    return "\n".join(said)


async def _answered(visit: Visit, cases: Cases, known: Known, name: str, text: str) -> Reply:
    """Take `text` as the answer to `name`; raises `Unreadable`."""
    if name in ("attempt", "first_failure"):
        return await attempts.typed(visit, cases, known, name, text)
    if name == "mailbox":
        said = await proving.ask(visit, cases, reading.address(text))
    elif name in ("action", "sector"):
        language = visit.words.language
        code = reading.choice(visit.desk, name, text, known.case.action, language)
        said = set_choice(visit, name, code)
    elif name == "unchanged":
        said = set_choice(visit, name, _yes_or_no(text))
    elif name == "form_id":
        draft.note(visit.notes, "odd", reading.answer(name, text))
        return asking.odd(visit, draft.told(visit.notes, "odd"))
    elif name == "contact":
        said = _contact(visit, text)
    elif name in ("", "files"):
        raise Unreadable(f"incident.unreadable.{name or 'nothing-open'}")
    else:
        said = _noted(visit, name, reading.answer(name, text))
        said = "\n".join([said, *_beside(visit, known, text)])
    return asking.proceed(visit, await learn(visit, cases), said)


async def _not_read(
    visit: Visit, cases: Cases, known: Known, name: str, text: str, unreadable: Unreadable
) -> Reply:
    """Keep what tells the failure, answer a question that breaks in; else say how to write it.

    A text that is none of these is held, and offered for what it may be.
    """
    own = name in _OWN_WORDS
    # Who tells the failure is helped by the notice already: no guide comes between.
    fails = tells_failure(text) and not straying.is_question(text)
    broken_in = None if own or fails or not _is_question(text) else await _question(visit, text)
    if broken_in is not None:
        return straying.offer(visit, known, name, text, broken_in)
    if not own and straying.tells_what_happened(known, text):
        return await _happened(visit, cases, name, text)
    said = visit.say(unreadable.problem, longest=reading.LONGEST.get(name, 0))
    asked = board.show(visit, known, said) if not name else asking.again(visit, known, said)
    return asked if own else straying.offer(visit, known, name, text, asked)


async def _happened(visit: Visit, cases: Cases, name: str, text: str) -> Reply:
    """Keep a text that came while `name` was asked as what happened, and ask that again."""
    try:
        told = reading.answer("happened", text)
    except Unreadable as unreadable:
        said = visit.say(unreadable.problem, longest=reading.LONGEST["happened"])
        return asking.again(visit, await learn(visit, cases), said)
    said = _noted(visit, "happened", told)
    kept = visit.say("incident.noted.as-happened")
    beside = _beside(visit, await learn(visit, cases), text)
    said = "\n".join([said, kept, *beside])
    return asking.after(visit, await learn(visit, cases), name, said)


async def settle(visit: Visit, cases: Cases, argument: str) -> Reply:
    """Take the text that is held for what it was said to be; raises `Unreadable`."""
    name, text = straying.held(visit, argument)
    known = await learn(visit, cases)
    if name in draft.MOMENTS:
        reply = await attempts.told(visit, cases, known, name, text)
    else:
        before = known.case.happened if name == "happened" else ""
        reply = await _answered(visit, cases, known, name, f"{before}\n{text}".strip())
    straying.release(visit)
    return reply


async def _question(visit: Visit, text: str) -> Reply | None:
    """Answer a question that breaks in, with the way back; None where it is not understood."""
    topic = visit.desk.finder.find(text).topic
    if topic is None or visit.desk.facts.guide(topic, visit.words.language) is None:
        return None
    *_, last = await steps.show(visit, topic)
    return replace(last, choices=(*last.choices, choice(visit, "go-on", "go")))


def _yes_or_no(text: str) -> str:
    said = next((word for word in ("yes", "no") if is_heard(word, text)), "")
    if not said:
        raise Unreadable("incident.unreadable.unchanged")
    return said


def _is_question(text: str) -> bool:
    """Whether `text` may be a question; in a hurry a word or two are a try at an answer."""
    return "?" in text or len(text.split()) > _TRY


def set_choice(visit: Visit, name: str, code: str) -> str:
    """Note an answer that is one of a few; raises `Unreadable` for one that is none of them."""
    notes, desk = visit.notes, visit.desk
    known = {
        "action": list(KA2),
        "sector": about.sectors(desk, draft.told(notes, "action")),
        "unchanged": ["yes", "no"],
    }
    if code not in known.get(name, ()):
        raise Unreadable("incident.unreadable.choose")
    draft.note(notes, name, code)
    if name == "action":
        _settle(visit)
    if name == "unchanged":
        return visit.say(f"incident.noted.unchanged-{code}", agency=desk.agency.short)
    return "\n".join([_said(visit, name, code), *_elsewhere(visit)])


def _settle(visit: Visit) -> None:
    """Let sector and deadline fit the action."""
    notes, desk = visit.notes, visit.desk
    action = draft.told(notes, "action")
    sectors = about.sectors(desk, action)
    sector = draft.told(notes, "sector")
    draft.note(notes, "sector", sectors[0] if len(sectors) == 1 else sector * (sector in sectors))
    found = about.deadline(desk, visit.now, action, draft.told(notes, "sector"))
    draft.note(notes, "deadline", found.id if found else "")


def _elsewhere(visit: Visit) -> list[str]:
    """Say where the sector's applications do not go to this agency."""
    sector = draft.told(visit.notes, "sector")
    body = about.other_body(visit.desk, sector)
    known = visit.desk.facts.sectors.get(sector)
    name = known.in_language(visit.words.language) if known else sector
    values = {"sector": name, "body": body, "agency": visit.desk.agency.short}
    return [visit.say("incident.elsewhere", **values)] if body else []


def _form_id(visit: Visit, form_id: str) -> str:
    """Note a Form ID, and the action and sector that it names."""
    action, sector = reading.parts(visit.desk, form_id)
    said = _noted(visit, "form_id", form_id)
    if not action:
        return f"{said}\n{visit.say('incident.noted.form-id-strange')}"
    before = "-".join(filter(None, (draft.told(visit.notes, n) for n in ("action", "sector"))))
    draft.note(visit.notes, "action", action)
    draft.note(visit.notes, "sector", sector)
    _settle(visit)
    taken = visit.say("incident.noted.from-form-id", action=action, sector=sector)
    now = f"{action}-{sector}"
    other = [visit.say("incident.noted.other-form", before=before, now=now)]
    contradicted = other if before and not now.startswith(before) else []
    return "\n".join([said, taken, *contradicted, *_elsewhere(visit)])


def keep_odd(visit: Visit) -> str:
    """Note the odd Form ID as it was typed."""
    written = draft.told(visit.notes, "odd")
    draft.note(visit.notes, "odd", "")
    return _noted(visit, "form_id", written) if written else ""


def _contact(visit: Visit, text: str) -> str:
    """Note a name, a telephone, or both; raises `Unreadable`."""
    name, phone = reading.contact(text)
    if len(name) > reading.LONGEST["contact"]:
        raise Unreadable("incident.unreadable.long")
    if not name and not phone:
        raise Unreadable("incident.unreadable.empty")
    said = [_noted(visit, "contact", name)] if name else []
    if phone:
        said.append(_noted(visit, "phone", reading.answer("phone", phone)))
    return "\n".join(said)


def _beside(visit: Visit, known: Known, text: str) -> list[str]:
    """Note a Form ID or an OID that stands in a longer answer, where none was told yet."""
    found = reading.recognise(text)
    said = []
    if found.form_id and not known.case.form_id:
        said.append(_form_id(visit, found.form_id))
    if found.oid and not known.case.oid:
        said.append(_noted(visit, "oid", found.oid))
    return said


def _noted(visit: Visit, name: str, value: str) -> str:
    draft.note(visit.notes, name, value)
    return _said(visit, name, value)


def _said(visit: Visit, name: str, value: str) -> str:
    return visit.say("incident.noted", name=field(visit, name), value=shown(value, 120))
