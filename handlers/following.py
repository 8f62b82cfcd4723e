"""Follow-ups: what a few words mean after a guide was shown.

"And then?" goes on where the person is, "why?" and "where?" are about the step that is shown. A
few words that name another topic go there; few words that may mean several are offered up to three
near the guide that was shown.
"""

from collections.abc import Callable
from datetime import timedelta

from handlers import nearby, numbering, phrases, reporting
from handlers.moments import source_line
from handlers.steps import offering, place, placing, telling, walking, way
from handlers.steps.place import Place
from handlers.turn import Reply
from handlers.visit import Capability, Visit
from rules.folding import fold
from rules.guides import Guide
from rules.understanding import Finding

FRESH = timedelta(days=7)
"""How long a few words are taken to be about the guide that was shown last."""


async def find(visit: Visit, text: str) -> list[Reply]:
    """Answer free text, in the light of the guide that was shown last."""
    if _begins(visit, text):
        return [way.show(visit)]
    at = place.last(visit)
    guide = offering.written(visit, at.topic) if at else None
    act = _act(visit, at, text)
    if act is not None and at is not None and guide is not None:
        return [act(visit, guide, at)]
    if at is not None and _fresh(visit, at) and nearby.goes_on(visit, text):
        return await nearby.find(visit, at, text)
    return await placing.find(visit, text)


def heard(visit: Visit, text: str) -> bool:
    """Whether `text` goes on in the guide that was shown last."""
    return _act(visit, place.last(visit), text) is not None


def asks(visit: Visit, text: str, topic: str) -> bool:
    """Whether `text` asks something and is no remark about `topic`.

    It ends in a question mark or goes on in the guide; or it does not say that something is wrong,
    and begins like a question or tells of a need that another topic answers. In doubt it is a
    remark: what is kept can be called a question afterwards, what is answered is lost to editors.
    """
    if text.rstrip().endswith("?") or heard(visit, text):
        return True
    if phrases.holds("following.remark.heard", text):
        return False
    if phrases.begins("following.question.heard", text) or _begins(visit, text):
        return True
    needs = phrases.holds("following.need.heard", text)
    return needs and visit.desk.finder.find(text).topic not in (None, topic)


async def choose(visit: Visit, _: str) -> list[Reply]:
    """Answer as a question what was just kept as a line about a wrong fact, and is no longer."""
    text = reporting.taken_back(visit)
    return await find(visit, text) if text else [Reply(visit.say("router.gone"))]


Act = Callable[[Visit, Guide, Place], Reply]


def _act(visit: Visit, at: Place | None, text: str) -> Act | None:
    """Return what a follow-up does; None for what is none, or has nothing to follow."""
    if at is None:
        return None
    if phrases.is_heard("following.resume.heard", text):
        return _resumed
    if not _fresh(visit, at):
        return None
    number = numbering.step(text)
    if number:
        return lambda visit, guide, _: walking.step(visit, guide, number)
    return next((act for key, act in _ACTS.items() if phrases.is_heard(key, text)), None)


def _fresh(visit: Visit, at: Place) -> bool:
    return visit.now - at.at <= FRESH


def _onward(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return the next step; after the last one, or the whole guide, what follows the guide."""
    if at.part in (place.WHOLE, place.DONE) or at.step >= len(guide.steps):
        return walking.onward(visit, at.topic)
    return walking.step(visit, guide, at.step + 1)


def _back(visit: Visit, guide: Guide, at: Place) -> Reply:
    return walking.step(visit, guide, at.step - 1) if at.step > 1 else walking.first(visit, guide)


def _resumed(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return the place where the person is, or what follows once the guide worked."""
    if at.part == place.DONE:
        return walking.onward(visit, at.topic)
    return walking.resumed(visit, guide)


def _again(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return what was shown last once more."""
    if at.part == place.DONE:
        return walking.onward(visit, at.topic)
    if at.part == place.WHOLE:
        return walking.all_of_it(visit, guide)
    return walking.step(visit, guide, at.step) if at.step else walking.first(visit, guide)


def _worked(visit: Visit, guide: Guide, _: Place) -> Reply:
    return walking.helped(visit, guide)


def _left(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return how many steps come after the one that is shown."""
    if at.part == place.DONE:
        return walking.onward(visit, at.topic)
    total = f"**{guide.head.title}** · {visit.say('steps.count', n=len(guide.steps))}"
    if not at.step:
        return _about(visit, guide, at, [total])
    left = len(guide.steps) - at.step
    said = visit.say("following.left", n=left) if left else visit.say("following.left-none")
    return _about(visit, guide, at, [total, said])


def _why(visit: Visit, guide: Guide, at: Place) -> Reply:
    """Return what the step rests on, with what the guide asks to note."""
    step = guide.steps[at.step - 1] if at.step else None
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
        step = guide.steps[at.step - 1]
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
    "following.restart.heard": lambda visit, guide, _: walking.step(visit, guide, 1),
    "following.stuck.heard": lambda visit, guide, _: walking.stuck(visit, guide),
    "following.worked.heard": _worked,
    "following.left.heard": _left,
}


def _begins(visit: Visit, text: str) -> bool:
    """Whether somebody asks where to begin, and names nothing to begin with."""
    said = f" {fold(text)} "
    begun = (one for one in phrases.every("following.begin.heard") if f" {one} " in said)
    phrase = next(begun, None)
    if phrase is None:
        return False
    rest = visit.desk.finder.find(said.replace(f" {phrase} ", " ", 1).strip())
    whole = visit.desk.finder.find(text)
    if whole.topic == way.ABOUT:
        return rest.topic in (None, way.ABOUT)
    # A topic that is only likely is named too: "the final report" is never the way to apply.
    return {_likeliest(rest), _likeliest(whole)} <= {None, way.ABOUT}


def _likeliest(found: Finding) -> str | None:
    return found.candidates[0].topic if found.candidates else None


CAPABILITY = Capability("following", choose)
