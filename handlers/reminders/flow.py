"""Takes what is pressed and typed about reminders to whatever answers it."""

from dataclasses import replace

from handlers import steps
from handlers.ledger import Ledger
from handlers.reminders import asking, building, changing, listing, reminder
from handlers.reminders.reading import Unreadable
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit
from rules import leads
from rules.folding import fold

_CHANGES = (changing.LEADS, changing.ZONE, changing.LANGUAGE)


def private_only(visit: Visit) -> Reply:
    """Return what is said where nothing personal is shown or kept: in a group."""
    return Reply(visit.say("reminders.private"))


async def show(visit: Visit, _: str) -> list[Reply]:
    """Show what is subscribed."""
    if visit.ledger is None:
        return [private_only(visit)]
    visit.notes.open_form = None
    return [await listing.show(visit, visit.ledger)]


async def submitted(visit: Visit) -> list[Reply] | None:
    """Ask which application is in, before what is subscribed; None where no reminder comes."""
    marks = await listing.marks(visit, visit.ledger) if visit.ledger else ()
    if not marks:
        return None
    (shown,) = await show(visit, "")
    text = f"{visit.say('reminders.which-submitted')}\n\n{shown.text}"
    return [replace(shown, text=text, choices=(*marks, *shown.choices))]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Answer a pressed choice: `<act>[:<what it is done to>]`."""
    if visit.ledger is None:
        return [private_only(visit)]
    act, _, rest = argument.partition(":")
    try:
        return [await _act(visit, visit.ledger, act, rest)]
    except Unreadable:
        return [await listing.show(visit, visit.ledger)]


async def _act(visit: Visit, ledger: Ledger, act: str, rest: str) -> Reply:
    if act in reminder.ACTS:
        return await _under_a_reminder(visit, ledger, act, rest)
    if act in _CHANGES:
        return await changing.change(visit, ledger, act, rest)
    if act == "one":
        return await changing.one(visit, ledger, rest)
    if act == "end":
        return await listing.stop_one(visit, ledger, rest)
    if act == "stop":
        return await listing.stop_all(visit, ledger)
    if act == "agree":
        return await building.agreed(visit, ledger)
    if act == "drop":
        return building.dropped(visit)
    if act == "go":
        return _gone_on(visit, ledger)
    return building.step(visit, ledger, act, rest)


async def _under_a_reminder(visit: Visit, ledger: Ledger, act: str, identifier: str) -> Reply:
    deadline = visit.desk.facts.newest.deadlines.get(identifier)
    if deadline is None:
        return await listing.show(visit, ledger)
    return await reminder.ACTS[act](visit, ledger, deadline)


def _gone_on(visit: Visit, ledger: Ledger) -> Reply:
    """Return the question that was left, open again."""
    return _open(visit, ledger) if _change(visit)[0] else building.proceed(visit, ledger)


def _open(visit: Visit, ledger: Ledger) -> Reply:
    """Return the question that is open: of a change, or of a new subscription."""
    what, subscription = _change(visit)
    if what:
        return changing.asked_again(visit, what, subscription)
    return building.asked(visit, ledger)


def _change(visit: Visit) -> tuple[str, str]:
    """Return which change is open, of which subscription; empty where none is."""
    _, what, subscription = [*(visit.notes.open_form or "").split(".", 2), "", ""][:3]
    return (what, subscription) if what in _CHANGES else ("", "")


async def answer(visit: Visit, text: str) -> list[Reply]:
    """Take typed text as the answer to what is open; the label of a choice is that choice."""
    if visit.ledger is None:
        return [private_only(visit)]
    pressed = _labelled(visit, visit.ledger, text)
    if pressed is not None:
        return await choose(visit, pressed.id.partition(":")[2])
    what, subscription = _change(visit)
    try:
        if what:
            return [await changing.typed(visit, visit.ledger, what, subscription, text)]
        return [building.typed(visit, visit.ledger, text)]
    except Unreadable as unreadable:
        return await _not_read(visit, visit.ledger, text, unreadable)


def reads(visit: Visit, text: str) -> bool:
    """Return whether `text` is meant for the question that is open, and is no other wish."""
    if visit.ledger is None:
        return False
    if _asks_for_leads(visit, visit.ledger) and leads.is_meant(text):
        return True
    return _labelled(visit, visit.ledger, text) is not None or _is_read(visit, visit.ledger, text)


def _is_read(visit: Visit, ledger: Ledger, text: str) -> bool:
    what, _ = _change(visit)
    try:
        if what:
            changing.read(what, text)
        else:
            building.read(visit, ledger, text)
    except Unreadable:
        return False
    return True


def _labelled(visit: Visit, ledger: Ledger, text: str) -> Choice | None:
    """Return the choice of the open question that `text` is the label of, or None."""
    offered = _open(visit, ledger).choices
    return next((one for one in offered if fold(one.label.removeprefix("✓ ")) == fold(text)), None)


async def _not_read(visit: Visit, ledger: Ledger, text: str, unreadable: Unreadable) -> list[Reply]:
    """Answer a question that breaks in, with the way back; else say how to write the answer.

    A number with a unit is an answer about lead times, right or wrong, and never a question.
    """
    if _asks_for_leads(visit, ledger) and leads.is_meant(text):
        return [asking.problem(_open(visit, ledger), visit.say(unreadable.problem))]
    topic = visit.desk.finder.find(text).topic
    if topic and visit.desk.facts.guide(topic, visit.words.language):
        *others, last = await steps.find(visit, text)
        back = choice(visit, "go-on", "go")
        return [*others, replace(last, choices=(*last.choices, back))]
    return [asking.problem(_open(visit, ledger), visit.say(unreadable.problem))]


def _asks_for_leads(visit: Visit, ledger: Ledger) -> bool:
    what, _ = _change(visit)
    if what:
        return what == changing.LEADS
    return building.open_question(visit, ledger)[1] == "leads"


CAPABILITY = Capability(
    "reminders", choose, {"reminders": show, "atgadinajumi": show}, answer, reads
)
