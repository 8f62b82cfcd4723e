"""Picks who answers a turn: a command, a pressed choice, the open questionnaire, free text."""

from dataclasses import replace

from handlers import following, incident, offers, phrases, reporting, steps, welcome
from handlers.cases import Cases
from handlers.editors import Editors
from handlers.ledger import Ledger
from handlers.notebook import Notebook
from handlers.table import CAPABILITIES
from handlers.turn import Choice, Reply, Turn
from handlers.visit import Capability, Desk, Visit
from handlers.words import LANGUAGES, words
from rules.folding import fold

_OTHER = {"lv": "en", "en": "lv"}

LONGEST = 2000
"""A typed text longer than this many characters is not a question but a paste."""


async def respond(
    turn: Turn,
    notes: Notebook,
    desk: Desk,
    ledger: Ledger | None = None,
    cases: Cases | None = None,
    editors: Editors | None = None,
) -> list[Reply]:
    """Return what is said to `turn`; what is to be remembered is written into `notes`."""
    looked_at = turn.looked_at in desk.facts.topics
    if notes.language not in LANGUAGES or looked_at:
        notes.language = _first_language(turn, desk)
    notes.write("person", "seen", turn.now.date().isoformat())
    language = notes.language or desk.language
    visit = Visit(turn, notes, words(language), desk, ledger, cases, editors)
    if looked_at:
        offers.note(notes, await steps.show(visit, turn.looked_at))
    replies = reporting.added(visit, await _answer(visit))
    offers.note(notes, replies)
    return _rehearsed(visit, replies) if desk.rehearsed else replies


def _first_language(turn: Turn, desk: Desk) -> str:
    told = (turn.language or "").split("-")[0].lower()
    return told if told in LANGUAGES else (desk.language if not told else "en")


async def _answer(visit: Visit) -> list[Reply]:
    turn, wrong = visit.turn, reporting.taken(visit)
    if turn.choice is not None:
        return await _choice(visit, turn.choice)
    taken = await incident.take(visit)
    if taken is not None:
        return taken
    text = turn.text.strip()
    if len(text) > LONGEST:
        return [Reply(visit.say("router.too-long", longest=LONGEST))]
    if text.startswith("/"):
        return await _command(visit, text)
    said = await _small_talk(visit, text)
    if said is not None:
        return said
    label = _label(text)
    if label is not None:
        return await _typed(visit, label)
    pressed = offers.typed(visit.notes, text)
    if pressed is not None:
        return await _typed(visit, pressed)
    way_out = await _way_out(visit, text)
    if way_out is not None:
        return way_out
    if incident.heard(visit, text):
        return await _command(visit, "/incident")
    if wrong and text and not following.asks(visit, text, wrong.partition("/")[0]):
        return reporting.line(visit, wrong, text)
    open_capability = _open(visit)
    if open_capability is not None and open_capability.answer is not None and text:
        if not open_capability.reads(visit, text) and _breaks_in(visit, text):
            return await _breaking_in(visit, text)
        return await open_capability.answer(visit, text)
    if not text:
        return [Reply(visit.say("router.file" if turn.attachments else "router.empty"))]
    return await following.find(visit, text)


def _breaks_in(visit: Visit, text: str) -> bool:
    """Whether a text that is no answer asks for a guide, or goes on in the one shown last."""
    if following.heard(visit, text):
        return True
    topic = visit.desk.finder.find(text).topic
    guide = visit.desk.facts.guide(topic, visit.words.language) if topic else None
    return guide is not None


async def _breaking_in(visit: Visit, text: str) -> list[Reply]:
    """Answer a question asked in the middle of a questionnaire, and offer the way back."""
    action = (visit.notes.open_form or "").partition(".")[2]
    *others, last = await following.find(visit, text)
    back = Choice(f"eligibility:go:{action}", visit.say("router.back-to-form", action=action))
    return [*others, replace(last, choices=(*last.choices, back))]


async def _small_talk(visit: Visit, text: str) -> list[Reply] | None:
    """Return what is said to a greeting, to thanks or to a wish about reminders.

    Each may come in either language.
    """
    for name in ("greeting", "thanks"):
        if offers.is_heard(name, text):
            doors = (*steps.resume(visit), *welcome.doors(visit))
            return [Reply(visit.say(f"router.{name}.said"), doors)]
    return await _command(visit, "/reminders") if offers.is_heard("reminders", text) else None


async def _way_out(visit: Visit, text: str) -> list[Reply] | None:
    """Return the greeting, or the form left, where that is all that a few words ask for.

    None where they go on in the guide shown last, or the open form reads them.
    """
    form = _open(visit)
    if following.heard(visit, text) or (form is not None and form.reads(visit, text)):
        return None
    stops = phrases.is_heard("router.stop.heard", text)
    if stops and form is not None:
        return await welcome.cancel(visit, "")
    if stops or phrases.is_heard("router.menu.heard", text):
        return await welcome.start(visit, "")
    return None


def _label(text: str) -> str | None:
    """Return the choice whose label was typed instead of pressed."""
    typed = fold(text)
    for code in LANGUAGES:
        said = words(code)
        for door in welcome.DOORS:
            if typed == fold(said.say(f"welcome.door.{door.partition(':')[0]}")):
                return f"language:{_OTHER[code]}" if door.startswith("language") else door
    return None


async def _typed(visit: Visit, choice: str) -> list[Reply]:
    """Answer a choice whose label was typed, and say which it was."""
    return [replace(reply, chosen=choice) for reply in await _choice(visit, choice)]


async def _choice(visit: Visit, choice: str) -> list[Reply]:
    name, _, argument = choice.partition(":")
    for capability in CAPABILITIES:
        if capability.name == name:
            return await capability.choose(visit, argument)
    return gone(visit)


def gone(visit: Visit) -> list[Reply]:
    """Return the answer to a choice that leads nowhere any more."""
    return [Reply(visit.say("router.gone"))]


async def _command(visit: Visit, text: str) -> list[Reply]:
    head, _, argument = text[1:].partition(" ")
    name = head.partition("@")[0].lower()
    for capability in CAPABILITIES:
        if name in capability.commands:
            return await capability.commands[name](visit, argument.strip())
    return [Reply(visit.say("router.unknown-command"))]


def _open(visit: Visit) -> Capability | None:
    form = (visit.notes.open_form or "").partition(".")[0]
    return next((capability for capability in CAPABILITIES if capability.name == form), None)


def _rehearsed(visit: Visit, replies: list[Reply]) -> list[Reply]:
    if not replies:
        return replies
    local = visit.now.astimezone(visit.desk.zone)
    note = visit.say("router.rehearsal", day=visit.words.day(local), hour=visit.words.clock(local))
    first, *rest = replies
    return [replace(first, text=f"{note}\n\n{first.text}"), *rest]
