"""Picks who answers a turn: a command, a pressed choice, the open questionnaire, free text."""

from dataclasses import replace

from handlers import (
    eligibility,
    following,
    hearing,
    incident,
    offers,
    phrases,
    reporting,
    steps,
    welcome,
)
from handlers.cases import Cases
from handlers.editors import Editors
from handlers.incident import draft
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

_REMINDED = "deadline"
"""The topic that reminders are about: a wish to be reminded of it is no question."""


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
        offers.note(notes, await steps.show(visit, turn.looked_at), turn.now)
    replies = reporting.added(visit, await _answer(visit))
    # A button that leads nowhere changes nothing, nor what was offered before it.
    if replies != gone(visit):
        offers.note(notes, replies, turn.now)
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
    return await _typed_text(visit, text, wrong)


async def _typed_text(visit: Visit, text: str, wrong: str) -> list[Reply]:
    """Answer what was typed; `wrong` is the fact that a line may be written about, if any."""
    if wrong and reporting.is_taken_back(text):
        return reporting.back(visit, wrong)
    said = await hearing.first(
        visit, text, (_small_talk, _pressed, _stop, _own_wish, _distress, _menu)
    )
    if said is not None:
        return said
    if wrong and text and not following.asks(visit, text, wrong.partition("/")[0]):
        return reporting.line(visit, wrong, text)
    text = _asked(visit, text)
    said = await hearing.first(visit, text, (_wish, _form, _nothing_typed, _nothing_asked))
    return said if said is not None else await following.find(visit, text)


async def _small_talk(visit: Visit, text: str) -> list[Reply] | None:
    """Return what is said to a greeting, to thanks or to no more than a wish about reminders.

    Each may come in either language.
    """
    for name in ("greeting", "thanks"):
        if offers.is_heard(name, text):
            doors = (*steps.resume(visit), *welcome.doors(visit))
            return [Reply(visit.say(f"router.{name}.said"), doors)]
    if offers.is_heard("reminders", text) and not hearing.in_own_words(visit):
        return await _command(visit, "/reminders")
    return None


async def _pressed(visit: Visit, text: str) -> list[Reply] | None:
    """Answer a choice whose label was typed instead of pressed."""
    choice = offers.typed(visit.notes, text, visit.now) or _label(visit, text)
    return None if choice is None else await _typed(visit, choice)


async def _stop(visit: Visit, text: str) -> list[Reply] | None:
    """Leave the form that is open, or greet, where somebody has had enough."""
    if not phrases.is_heard("router.stop.heard", text) or _goes_on(visit, text):
        return None
    return await (welcome.start if _open(visit) is None else welcome.cancel)(visit, "")


async def _own_wish(visit: Visit, text: str) -> list[Reply] | None:
    """Do what is wished for in few words, unless they answer what is asked."""
    in_notice = visit.notes.open_form == draft.FORM
    answers = hearing.in_own_words(visit) if in_notice else _answers(visit, text)
    return None if answers else await hearing.wish(visit, text)


async def _distress(visit: Visit, text: str) -> list[Reply] | None:
    """Help at once where the form fails near a deadline: that goes before a greeting."""
    return await _command(visit, "/incident") if incident.heard(visit, text) else None


async def _menu(visit: Visit, text: str) -> list[Reply] | None:
    """Greet where a few words ask what can be done here."""
    if not phrases.is_heard("router.menu.heard", text) or _goes_on(visit, text):
        return None
    return await welcome.start(visit, "")


def _goes_on(visit: Visit, text: str) -> bool:
    """Whether `text` goes on in the guide shown last, or the open form reads it."""
    return following.heard(visit, text) or _answers(visit, text)


def _answers(visit: Visit, text: str) -> bool:
    """Whether the form that is open takes `text` for an answer."""
    form = _open(visit)
    return form is not None and form.reads(visit, text)


def _asked(visit: Visit, text: str) -> str:
    """Return the question in "remind me how …", where a guide answers it; else `text`."""
    asked = phrases.without("router.reminders.begins", text)
    if not _begins_a_wish(visit, text):
        return text
    is_question = phrases.begins("following.question.heard", asked)
    return asked if is_question and _guided(visit, asked, _REMINDED) else text


async def _wish(visit: Visit, text: str) -> list[Reply] | None:
    """Lead to the reminders, where a text begins like a wish about them and is nothing else."""
    return await _command(visit, "/reminders") if _begins_a_wish(visit, text) else None


def _begins_a_wish(visit: Visit, text: str) -> bool:
    """Whether `text` begins like a wish, is no answer and asks for no guide."""
    if not phrases.begins("router.reminders.begins", text) or _answers(visit, text):
        return False
    return not _guided(visit, text, _REMINDED)


async def _form(visit: Visit, text: str) -> list[Reply] | None:
    """Take `text` to the form that is open, or answer a question that breaks in."""
    form = _open(visit)
    if form is None:
        return await eligibility.named(visit, text)
    if form.answer is None or not text:
        return None
    # The others answer what breaks in by themselves.
    if form is eligibility.CAPABILITY and not form.reads(visit, text) and _breaks_in(visit, text):
        return await _breaking_in(visit, text)
    return await form.answer(visit, text)


def _breaks_in(visit: Visit, text: str) -> bool:
    """Whether a text is plainly a question, and a guide or the one shown last answers it."""
    if not eligibility.is_question(text):
        return False
    return following.heard(visit, text) or _guided(visit, text)


def _guided(visit: Visit, text: str, but: str = "") -> bool:
    """Whether a guide answers `text` for certain, and not the one about `but`."""
    topic = visit.desk.finder.find(text).topic
    if topic is None or topic == but:
        return False
    return visit.desk.facts.guide(topic, visit.words.language) is not None


async def _breaking_in(visit: Visit, text: str) -> list[Reply]:
    """Answer a question asked in the middle of a questionnaire, and offer the way back."""
    action = (visit.notes.open_form or "").partition(".")[2]
    *others, last = await following.find(visit, text)
    back = Choice(f"eligibility:go:{action}", visit.say("router.back-to-form", action=action))
    return [*others, replace(last, choices=(*last.choices, back))]


async def _nothing_typed(visit: Visit, text: str) -> list[Reply] | None:
    if text:
        return None
    return [Reply(visit.say("router.file" if visit.turn.attachments else "router.empty"))]


async def _nothing_asked(visit: Visit, text: str) -> list[Reply] | None:
    """Answer a yes, a no or an OK to what asked nothing: it changes nothing."""
    is_word = any(offers.is_heard(word, text) for word in ("yes", "no"))
    if following.heard(visit, text) or not (is_word or phrases.is_heard("router.ok.heard", text)):
        return None
    choices = offers.again(visit.notes) or welcome.doors(visit)
    return [Reply(visit.say("router.nothing-asked"), choices)]


def _label(visit: Visit, text: str) -> str | None:
    """Return the door whose label was typed; none where own words are asked for."""
    if hearing.in_own_words(visit):
        return None
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
