"""What is typed and is no answer to the open question: nothing of it is noted wrongly, or lost."""

from dataclasses import replace
from datetime import date
from hashlib import blake2b

from handlers import phrases
from handlers.incident import draft, hours, reading
from handlers.incident.hearing import begins_to_tell, tells_failure
from handlers.incident.known import Known
from handlers.incident.unreadable import Unreadable
from handlers.incident.words import choice, field
from handlers.offers import is_heard
from handlers.turn import Choice, Reply
from handlers.visit import Visit

_STRAY = "stray"
"""What the draft calls a text of which is not known yet where it belongs."""

_ASKED_IN = 7
"""A question of so few words about writing is about the answer that is open."""

_STORY = 7
"""A text of so many words tells something; fewer may be a name."""

_OWN = ("organisation", "contact", "title")
"""What a text may be that tells no failure."""

_CASUAL = ("router.ok.heard", "incident.casual.heard", "incident.now.heard")


def is_casual(text: str) -> bool:
    """Whether `text` is a yes, a no, an OK or a shrug: no content of a notice."""
    if any(is_heard(word, text) for word in ("yes", "no")):
        return True
    return any(phrases.is_heard(key, text) for key in _CASUAL)


def asks_what_now(text: str) -> bool:
    """Whether `text` asks what to do now, or what is meant, and nothing more."""
    return phrases.is_heard("incident.what-now.heard", text)


def asks_what_to_write(text: str) -> bool:
    """Whether `text` asks what to write as the answer that is open."""
    few = len(text.split()) <= _ASKED_IN
    asks = few and phrases.begins("following.question.heard", text)
    return asks and phrases.holds("incident.writing.heard", text)


def is_no_answer(text: str) -> bool:
    """Whether `text` would be noted by mistake where own words are asked for."""
    return is_casual(text) or asks_what_to_write(text)


def is_question(text: str) -> bool:
    """Whether `text` asks something."""
    if "?" in text or not phrases.begins("following.question.heard", text):
        return "?" in text
    return not (begins_to_tell(text) and tells_failure(text))


def tells_what_happened(known: Known, text: str) -> bool:
    """Whether `text` may be kept as what happened, of which nothing was told yet."""
    if known.case.happened or is_question(text):
        return False
    return tells_failure(text) or (len(text.split()) >= _STORY and not _telephone(text))


def offer(visit: Visit, known: Known, name: str, text: str, reply: Reply) -> Reply:
    """Return `reply` with what a text may be that is no answer to `name`: it is held till then."""
    fits = [] if _is_empty(text) else _fits(visit, known, name, text)
    if not fits:
        return reply
    draft.note(visit.notes, _STRAY, text)
    offered = tuple(_offered(visit, known, one, text) for one in fits)
    said = visit.say("incident.stray")
    return replace(reply, text=f"{said}\n\n{reply.text}", choices=(*offered, *reply.choices))


def held(visit: Visit, argument: str) -> tuple[str, str]:
    """Return what the text that is held was said to be, and the text; raises `Unreadable`.

    A button of before, about a text that is held no more, does nothing.
    """
    name, _, mark = argument.partition(":")
    text = draft.told(visit.notes, _STRAY)
    if name not in ("happened", "phone", *draft.MOMENTS, *_OWN) or mark != _mark(text):
        raise Unreadable("incident.unreadable.stray")
    return name, text


def release(visit: Visit) -> None:
    """Hold the text no more: it is where it belongs."""
    draft.note(visit.notes, _STRAY, "")


def _is_empty(text: str) -> bool:
    """Whether `text` has nothing for a notice: a mere word, a cry for help or a question."""
    return is_casual(text) or is_question(text) or phrases.is_heard("router.menu.heard", text)


def _fits(visit: Visit, known: Known, name: str, text: str) -> list[str]:
    """Return what `text` may be: an hour within it, a telephone, or a thing not told yet."""
    today = visit.now.astimezone(visit.desk.zone).date()
    found = [name] if name in draft.MOMENTS and _has_hour(text, today) else []
    called, phone = reading.contact(text)[0], _telephone(text)
    if phone and name not in ("phone", "oid", *draft.MOMENTS):
        found += [] if known.case.phone else ["phone"]
        found += ["contact"] if called.istitle() and not known.case.contact else []
    elif any(sign.isalpha() for sign in text) and not tells_failure(text):
        found += [one for one in _OWN if _may_be(known, one, text)]
    return found if phone or not _adds(known, text) else [*found, "happened"]


def _telephone(text: str) -> str:
    """Return the telephone in `text`; digits with full stops are a date."""
    phone = reading.contact(text)[1]
    return phone if "." not in phone else ""


def _adds(known: Known, text: str) -> bool:
    """Whether there is something in `text` to add to what happened, and room for it."""
    letters = sum(sign.isalpha() for sign in text)
    room = reading.LONGEST["happened"] - len(known.case.happened) - 1
    return letters > 2 and len(text) <= room


def _may_be(known: Known, name: str, text: str) -> bool:
    """Whether `text` may be `name`; a name is taken for the organisation's before the project's."""
    if name == "title" and not known.case.organisation:
        return False
    return not known.has(name) and len(text) <= reading.LONGEST[name] and len(text.strip()) > 2


def _has_hour(text: str, today: date) -> bool:
    try:
        hours.read(text, today)
    except Unreadable:
        return False
    return True


def _offered(visit: Visit, known: Known, name: str, text: str) -> Choice:
    key = "stray-more" if name == "happened" and known.has(name) else "stray"
    return choice(visit, key, f"this:{name}:{_mark(text)}", name=field(visit, name))


def _mark(text: str) -> str:
    """Return a short mark of a text, so that a button is about that text alone."""
    return blake2b(text.encode(), digest_size=4).hexdigest()
