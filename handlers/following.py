"""Follow-ups: what a few words mean after a guide was shown.

"And then?" goes on where the person is, "why?" and "where?" are about the step that is shown. A
few words that name another topic go there; few words that may mean several are offered up to three
near the guide that was shown.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from handlers.editors import Unplaced
from handlers.moments import source_line
from handlers.steps import offering, place, placing, showing, telling, walking, way
from handlers.steps.place import Place
from handlers.turn import Reply
from handlers.visit import Visit
from handlers.words import LANGUAGES, words
from rules.folding import fold
from rules.guides import Guide
from rules.understanding import Finding

FRESH = timedelta(days=7)
"""How long a few words are taken to be about the guide that was shown last."""

FEW = 5
"""Words of a follow-up that begins like one ("and …", "for …")."""

ASPECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "following.partners.heard": ("oid-find", "form-partners", "partner-search"),
        "following.when.heard": ("deadline", "form-confirmation", "report-submit"),
        "following.whom.heard": ("contacts", "late-submission"),
        "following.documents.heard": ("oid-documents", "form-annexes", "form-declaration"),
    }
)
"""What a few words ask about, whatever guide was shown, and the topics that answer it."""

_STEP = re.compile(
    r"(?:solis|soli|solim|step) (?P<after>\d{1,2})|(?P<before>\d{1,2}) (?:solis|soli|step)"
)


async def find(visit: Visit, text: str) -> list[Reply]:
    """Answer free text, in the light of the guide that was shown last."""
    if _begins(visit, text):
        return [way.show(visit)]
    at = place.last(visit)
    guide = offering.written(visit, at.topic) if at else None
    act = _act(visit, at, text)
    if act is not None and at is not None and guide is not None:
        return [act(visit, guide, at)]
    if at is not None and _fresh(visit, at) and _is_elliptic(text):
        return await _elliptic(visit, at, text)
    return await placing.find(visit, text)


def heard(visit: Visit, text: str) -> bool:
    """Whether `text` goes on in the guide that was shown last."""
    return _act(visit, place.last(visit), text) is not None


Act = Callable[[Visit, Guide, Place], Reply]


def _act(visit: Visit, at: Place | None, text: str) -> Act | None:
    """Return what a follow-up does; None for what is none, or has nothing to follow."""
    if at is None:
        return None
    if _is("following.resume.heard", text):
        return _again
    if not _fresh(visit, at):
        return None
    if _number(text):
        return lambda visit, guide, _: walking.step(visit, guide, _number(text))
    return next((act for key, act in _ACTS.items() if _is(key, text)), None)


def _fresh(visit: Visit, at: Place) -> bool:
    return visit.now - at.at <= FRESH


def _number(text: str) -> int:
    match = _STEP.fullmatch(fold(text))
    return int(match["after"] or match["before"]) if match else 0


def _onward(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return the next step; after the last one, or the whole guide, what follows the guide."""
    if at.part in (place.WHOLE, place.DONE) or at.step >= len(guide.steps):
        return walking.onward(visit, at.topic)
    return walking.step(visit, guide, at.step + 1)


def _back(visit: Visit, guide: Guide, at: Place) -> Reply:
    return walking.step(visit, guide, at.step - 1) if at.step > 1 else walking.first(visit, guide)


def _again(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return what was shown last once more: the place at which a guide was left."""
    number = at.step or place.left(visit, at.topic)
    if at.part == place.DONE:
        return walking.onward(visit, at.topic)
    return walking.step(visit, guide, number) if number else walking.first(visit, guide)


def _why(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return what the step rests on, with what the guide asks to note."""
    step = guide.steps[min(at.step, len(guide.steps)) - 1] if at.step else None
    cited = list(step.sources if step and step.sources else guide.sources)
    parts = [f"**{guide.head.title}**\n{guide.head.summary}"]
    if step is not None and not step.live:
        parts.append(f"{_place(visit, guide, at)}: {step.text}")
    if guide.notes:
        notes = [f"• {note.text}" for note in guide.notes]
        parts.append(telling.section(visit.say("steps.notes"), notes))
    parts.append(source_line(visit.desk, cited, visit.words))
    return _about(visit, guide, at, [visit.say("following.why"), *parts])


def _where(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return the official pages of the guide, with the step that says what to press there."""
    parts = [telling.links(guide) or walking.ask(visit, guide).text]
    if at.step:
        step = guide.steps[min(at.step, len(guide.steps)) - 1]
        parts.append(f"{_place(visit, guide, at)}: {telling.told(visit, step)}")
        parts.append(source_line(visit.desk, list(step.sources), visit.words))
    said = visit.say("following.where", title=guide.head.title)
    return _about(visit, guide, at, [said, *filter(None, parts)])


def _about(visit: Visit, guide: Guide, at: Place, parts: list[str]) -> Reply:
    """Return what was asked about a step, with the ways on from it."""
    shown = walking.choices(visit, guide, at.step)
    return Reply("\n\n".join(parts), shown)


def _place(visit: Visit, guide: Guide, at: Place) -> str:
    return visit.say("steps.place", number=at.step, total=len(guide.steps))


_ACTS: dict[str, Act] = {
    "following.next.heard": _onward,
    "following.back.heard": _back,
    "following.again.heard": _again,
    "following.why.heard": _why,
    "following.where.heard": _where,
    "following.stuck.heard": lambda visit, guide, _: walking.stuck(visit, guide),
    "following.worked.heard": lambda visit, guide, _: walking.worked(visit, guide),
}


async def _elliptic(visit: Visit, at: Place, text: str) -> list[Reply]:
    """Answer a few words: the topic that they name, or up to three near the one shown."""
    finder = visit.desk.finder
    bare = _without_lead(text)
    named = finder.find(text)
    if named.topic is not None:
        return await showing.show(visit, named.topic)
    offered = _likely(visit, at.topic, named, bare)
    if not offered:
        return await placing.find(visit, text)
    placing.count(visit, text, Unplaced.UNSURE)
    title = offering.title(visit, at.topic)
    return [placing.offers(visit, visit.say("following.unsure", title=title), offered)]


def _likely(visit: Visit, topic: str, named: Finding, bare: str) -> list[str]:
    """Return what a few words after `topic` may mean, likeliest first; empty where nothing is.

    What is near the guide that was shown goes before what is only like the words.
    """
    about = next((topics for key, topics in ASPECTS.items() if _is(key, bare)), ())
    alone = visit.desk.finder.find(bare)
    if not (about or named.candidates or alone.candidates):
        return []
    with_title = visit.desk.finder.find(f"{offering.title(visit, topic)} {bare}")
    near = _near(visit, topic)
    every = (one.topic for found in (named, alone, with_title) for one in found.candidates)
    like = sorted(dict.fromkeys(every), key=lambda one: one not in near)
    known = visit.desk.facts.topics
    return [one for one in dict.fromkeys((*about, *like)) if one != topic and one in known]


def _near(visit: Visit, topic: str) -> set[str]:
    """Return the topics that follow `topic`, that it follows, and those of its own kind."""
    facts = visit.desk.facts
    before = {
        one for one in facts.topics if topic in facts.topics[one].next or topic in _next(visit, one)
    }
    kin = {one for one in facts.topics if one.partition("-")[0] == topic.partition("-")[0]}
    return {*facts.topics[topic].next, *_next(visit, topic), *before, *kin}


def _next(visit: Visit, topic: str) -> tuple[str, ...]:
    guide = offering.written(visit, topic)
    return guide.head.next if guide else ()


def _is_elliptic(text: str) -> bool:
    """Whether a text is too short to stand alone: two words, or few that begin like a follow-up."""
    count = len(fold(text).split())
    return count <= 2 or (count <= FEW and _without_lead(text) != fold(text))


def _without_lead(text: str) -> str:
    """Return `text` without the words that a follow-up begins with, folded."""
    said = fold(text)
    leads = sorted(_every("following.lead.heard"), key=len, reverse=True)
    lead = next((one for one in leads if said.startswith(f"{one} ")), "")
    return said.removeprefix(lead).strip()


def _begins(visit: Visit, text: str) -> bool:
    """Whether somebody asks where to begin, and names nothing to begin with."""
    said = f" {fold(text)} "
    for phrase in _every("following.begin.heard"):
        if f" {phrase} " in said:
            rest = said.replace(f" {phrase} ", " ", 1).strip()
            named = {visit.desk.finder.find(one).topic for one in (rest, text) if one}
            return len(named) > 1 or named <= {None, way.ABOUT}
    return False


def _is(key: str, text: str) -> bool:
    return fold(text) in _every(key)


def _every(key: str) -> list[str]:
    """Return the phrases of a message in all languages, folded."""
    return [fold(one) for code in LANGUAGES for one in words(code).say(key).split(";")]
