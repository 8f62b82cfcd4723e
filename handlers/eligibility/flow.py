"""The questionnaire: one question at a time, any answer can be changed, then the verdict."""

from dataclasses import replace
from datetime import date

from handlers import offers
from handlers.eligibility import hearing
from handlers.eligibility.answers import assembled
from handlers.eligibility.parsing import NOT_KNOWN, Unreadable
from handlers.eligibility.questions import Question, questions
from handlers.eligibility.telling import asked, short, shown
from handlers.eligibility.verdict import told
from handlers.markup import escape
from handlers.moments import BRUSSELS
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from rules.eligibility import assess
from rules.folding import fold

_ANSWERS = ("no-such-day", "which-day", "too-many")
"""What is wrong with an answer that is one all the same, and no question."""


async def menu(visit: Visit, argument: str) -> list[Reply]:
    """Offer the three actions, or go straight to the one named."""
    if argument.upper() in KA2:
        return [_begin(visit, argument.upper())]
    choices = tuple(
        Choice(f"eligibility:begin:{action}", visit.say(f"eligibility.action.{action}"))
        for action in KA2
    )
    return [Reply(visit.say("eligibility.menu"), choices, in_place=visit.turn.choice is not None)]


async def named(visit: Visit, text: str) -> list[Reply] | None:
    """Begin with the action that `text` names where one is asked for, or asks if we may apply."""
    action = hearing.action(text)
    if not action:
        return None
    offered = [choice.id for choice in offers.again(visit.notes)]
    if f"eligibility:begin:{action}" in offered and hearing.is_action(text):
        return [_begin(visit, action)]
    # "May we apply late?" is another question than whether we may apply.
    found = visit.desk.finder.find(text).topic
    asked = hearing.may_we(text) and found in (None, "eligibility")
    return [_begin(visit, action)] if asked else None


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Answer a pressed choice: `<what>:<action>[:<question>[:<value>]]`."""
    what, action, question, value = [*argument.split(":", 3), "", "", ""][:4]
    if action not in KA2:
        return await menu(visit, "")
    if what == "answer":
        return [_answered(visit, action, question, value)]
    if what == "change":
        visit.notes.forget(_form(action), question)
        return [_next(visit, action)]
    if what == "fresh":
        visit.notes.forget(_form(action))
        return [_next(visit, action)]
    views = {"begin": _begin, "review": _review, "go": _next}
    return [views[what](visit, action)] if what in views else await menu(visit, "")


async def answer(visit: Visit, text: str) -> list[Reply]:
    """Take typed text as the answer to the question that is open."""
    action = (visit.notes.open_form or "").partition(".")[2]
    question = _open_question(visit, action)
    if question is None:
        visit.notes.open_form = None
        return await menu(visit, "")
    if hearing.is_back(text):
        return [_before(visit, action, question)]
    try:
        value = _read(visit, question, text)
    except Unreadable as unreadable:
        typed = {name: escape(str(value)) for name, value in unreadable.values.items()}
        problem = visit.say(f"eligibility.unreadable.{unreadable.problem}", **typed)
        again = _ask(visit, action, question)
        text = f"{problem}\n{visit.say('eligibility.leave')}\n\n{again.text}"
        return [replace(again, text=text)]
    _note(visit, action, question.id, value)
    return [_next(visit, action)]


def _before(visit: Visit, action: str, question: Question) -> Reply:
    """Ask what was asked before; where something else was shown since, the question itself."""
    pressed = [choice.id for choice in offers.again(visit.notes)]
    if any(each.startswith(f"eligibility:answer:{action}:{question.id}:") for each in pressed):
        known = [one.id for one in _asked_for(visit, action)]
        earlier = known[: known.index(question.id)]
        if earlier:
            visit.notes.forget(_form(action), earlier[-1])
    return _next(visit, action)


def _form(action: str) -> str:
    return f"eligibility.{action}"


def _note(visit: Visit, action: str, question: str, value: str) -> None:
    """Note an answer; other partners make void what was said of the partners before."""
    form = _form(action)
    if question == "partners":
        for known in visit.notes.read(form):
            if known.startswith("partner-"):
                visit.notes.forget(form, known)
    visit.notes.write(form, question, value)


def _given(visit: Visit, action: str) -> dict[str, str]:
    return visit.notes.read(_form(action))


def _asked_for(visit: Visit, action: str) -> list[Question]:
    return list(questions(action, _given(visit, action), visit.desk.facts.newest, _today(visit)))


def _today(visit: Visit) -> date:
    return visit.now.astimezone(BRUSSELS).date()


def _open_question(visit: Visit, action: str) -> Question | None:
    if action not in KA2:
        return None
    given = _given(visit, action)
    return next((one for one in _asked_for(visit, action) if one.id not in given), None)


def _begin(visit: Visit, action: str) -> Reply:
    if not _given(visit, action):
        return _next(visit, action)
    choices = (
        Choice(f"eligibility:go:{action}", visit.say("eligibility.choice.go-on")),
        Choice(f"eligibility:fresh:{action}", visit.say("eligibility.choice.fresh")),
    )
    # While this is asked nothing else is: a typed "no" must not become the country.
    visit.notes.open_form = None
    return Reply(visit.say("eligibility.was-begun", action=action), choices)


def _next(visit: Visit, action: str) -> Reply:
    question = _open_question(visit, action)
    if question is not None:
        visit.notes.open_form = _form(action)
        return _ask(visit, action, question)
    visit.notes.open_form = None
    return _verdict(visit, action)


def _ask(visit: Visit, action: str, question: Question) -> Reply:
    given = _given(visit, action)
    place = visit.say(
        "eligibility.place",
        action=action,
        number=sum(one.id in given for one in _asked_for(visit, action)) + 1,
        total=len(_asked_for(visit, action)),
    )
    options = tuple(
        Choice(f"eligibility:answer:{action}:{question.id}:{value}", shown(visit, question, value))
        for value in _values(question)
    )
    review = Choice(f"eligibility:review:{action}", visit.say("eligibility.choice.review"))
    choices = (*options, review) if given else options
    return Reply(
        f"{place}\n\n{asked(visit, question)}",
        choices,
        in_place=True,
        typed_number=question.takes_number,
        asks=question.asks,
    )


def _values(question: Question) -> list[str]:
    return [*(option.value for option in question.options), NOT_KNOWN]


def _answered(visit: Visit, action: str, question: str, value: str) -> Reply:
    known = {one.id: one for one in _asked_for(visit, action)}
    if question not in known or value not in _values(known[question]):
        return _next(visit, action)
    _note(visit, action, question, value)
    return _next(visit, action)


def _read(visit: Visit, question: Question, text: str) -> str:
    if text.strip() == NOT_KNOWN or hearing.is_not_known(text):
        return NOT_KNOWN
    chosen = _labels(visit, question).get(fold(text)) or hearing.chosen(question, text)
    if chosen is not None:
        return chosen
    if question.read is None:
        raise Unreadable("choose")
    return question.read(text)


def _labels(visit: Visit, question: Question) -> dict[str, str]:
    """Return the values offered by what their labels may be typed as, in either language."""
    return {
        name: value
        for code in LANGUAGES
        for value in _values(question)
        for name in hearing.names(shown(replace(visit, words=words(code)), question, value))
    }


def _review(visit: Visit, action: str) -> Reply:
    given = _given(visit, action)
    choices = tuple(
        Choice(
            f"eligibility:change:{action}:{one.id}",
            visit.say(
                "eligibility.choice.change",
                what=_capital(short(visit, one)),
                answer=shown(visit, one, given[one.id]),
            ),
        )
        for one in _asked_for(visit, action)
        if one.id in given
    )
    go_on = Choice(f"eligibility:go:{action}", visit.say("eligibility.choice.go-on"))
    return Reply(visit.say("eligibility.review"), (*choices, go_on))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _verdict(visit: Visit, action: str) -> Reply:
    given = _given(visit, action)
    assessment = assess(assembled(action, given, visit.now), visit.desk.facts.newest)
    text = told(visit, assessment, given.get("established", ""))
    choices = (
        Choice(f"eligibility:review:{action}", visit.say("eligibility.choice.change-any")),
        Choice(f"eligibility:fresh:{action}", visit.say("eligibility.choice.fresh")),
    )
    return Reply(text, choices)


def reads(visit: Visit, text: str) -> bool:
    """Return whether `text` answers the question that is open, or asks for the one before."""
    question = _open_question(visit, (visit.notes.open_form or "").partition(".")[2])
    if question is None or hearing.is_back(text):
        return question is not None
    try:
        _read(visit, question, text)
    except Unreadable as unreadable:
        return unreadable.problem in _ANSWERS
    return True


CAPABILITY = Capability(
    "eligibility", choose, {"eligibility": menu, "atbilstiba": menu}, answer, reads
)
