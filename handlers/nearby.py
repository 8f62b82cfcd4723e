"""A few words after a guide that name nothing for certain: what near the guide they may mean."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from handlers import phrases
from handlers.editors import Unplaced
from handlers.steps import offering, placing, showing
from handlers.steps.place import Place
from handlers.turn import Reply
from handlers.visit import Visit
from rules.folding import fold
from rules.guides import Guide
from rules.understanding import Finding

FEW = 5
"""Words of a follow-up that begins like one ("and …", "for …")."""

FEWEST = 2
"""Words of a text that is a follow-up because it says nothing by itself."""

MOST = 3
"""Topics that are offered."""

ASPECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "following.partners.heard": ("oid-find", "form-partners", "partner-search"),
        "following.when.heard": ("deadline", "form-confirmation", "report-submit"),
        "following.whom.heard": ("contacts", "late-submission"),
        "following.documents.heard": ("oid-documents", "form-annexes", "form-declaration"),
    }
)
"""What a few words ask about, whatever guide was shown, and the topics that answer it."""

_WHEN = "following.when.heard"

_APPLYING = ("first", "eulogin", "oid", "platform", "form", "late", "deadline")
"""Kinds of guides on the way to an application: "when?" after them is when the call closes."""

_DATED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bm": ("report-submit", "bm-changes", "deadline"),
        "report": ("report-submit", "prp-submit", "deadline"),
        "prp": ("prp-submit", "report-submit", "deadline"),
        "visibility": ("report-submit", "prp-submit", "deadline"),
        "language": ("language-label", "report-submit", "deadline"),
        "centralised": ("centralised-gone", "who-runs-what", "deadline"),
    }
)
"""Kinds of guides with dates of their own, and the topics that tell them, likeliest first."""


def goes_on(visit: Visit, text: str) -> bool:
    """Whether a text goes on about the guide that was shown last.

    It is short, and begins like a follow-up or asks what is asked of any guide; or it is two words
    that the finder knows nothing about. What says something by itself stands alone.
    """
    said, bare = fold(text), _bare(text)
    count = len(said.split())
    if _asked_about(bare) or (count <= FEW and bare != said):
        return True
    return count <= FEWEST and not visit.desk.finder.find(text).candidates


async def find(visit: Visit, at: Place, text: str) -> list[Reply]:
    """Answer a few words: the topic that they name, or what near the guide they may mean.

    Words that only ask when name no topic where the guide has other dates than the call.
    """
    named = visit.desk.finder.find(text)
    dated = _dated(visit, at.topic, _bare(text))
    if named.topic is not None and not dated:
        return await showing.answer(visit, named.topic)
    guide = offering.written(visit, at.topic)
    if guide is None:
        return await placing.find(visit, text)
    offered = dated or _likely(visit, guide, named, _bare(text))
    placing.count(visit, text, Unplaced.UNSURE if offered else Unplaced.OUTSIDE)
    if not offered:
        return [_nothing(visit, guide, _bare(text))]
    return [placing.offers(visit, visit.say("following.unsure", title=guide.head.title), offered)]


def _bare(text: str) -> str:
    """Return `text` without the words that a follow-up begins with, folded."""
    return phrases.without("following.lead.heard", text)


def _dated(visit: Visit, topic: str, bare: str) -> list[str]:
    """Return what may be meant by "when?" after a guide; empty where it is the call or not asked.

    The guide itself is offered too: what it tells first is its own date, or where that stands.
    """
    kind = topic.partition("-")[0]
    if kind in _APPLYING or not phrases.is_heard(_WHEN, bare):
        return []
    return [one for one in _DATED.get(kind, ASPECTS[_WHEN]) if one in visit.desk.facts.topics]


def _asked_about(bare: str) -> tuple[str, ...]:
    """Return the topics that a few words ask about after any guide; empty where they ask none."""
    heard = (topics for key, topics in ASPECTS.items() if phrases.is_heard(key, bare))
    return next(heard, ())


def _likely(visit: Visit, guide: Guide, named: Finding, bare: str) -> list[str]:
    """Return what a few words after a guide may mean, likeliest first; empty where nothing is.

    What is near the guide goes before what is only like the words, but the one that is most like
    them always keeps a place.
    """
    about = _asked_about(bare)
    alone = visit.desk.finder.find(bare)
    if not (about or named.candidates or alone.candidates):
        return []
    near = _near(visit, guide.head.topic)
    every = [*_topics(named), *_topics(alone), *_with_title(visit, guide, bare)]
    like = sorted(dict.fromkeys(every), key=lambda one: one not in near)
    known = [one for one in dict.fromkeys((*about, *like)) if one in visit.desk.facts.topics]
    offered = [one for one in known if one != guide.head.topic]
    best = [one for one in _topics(alone) if one != guide.head.topic][:1]
    return [*offered[: MOST - 1], *best] if best and best[0] in offered[MOST:] else offered


def _nothing(visit: Visit, guide: Guide, bare: str) -> Reply:
    """Return that a few words name nothing, and what the guide and those near it tell."""
    near = [one for one in _with_title(visit, guide, bare) if one != guide.head.topic]
    ways = (
        offering.act(visit, "stuck", guide, "stuck"),
        offering.act(visit, "all", guide, "all"),
        *(offering.asked(visit, topic) for topic in near[: MOST - 1]),
        placing.none(visit),
    )
    return Reply(visit.say("following.nothing", title=guide.head.title), ways)


def _with_title(visit: Visit, guide: Guide, bare: str) -> list[str]:
    """Return what the words may mean where they go on about the guide."""
    return list(_topics(visit.desk.finder.find(f"{guide.head.title} {bare}")))


def _topics(found: Finding) -> Iterator[str]:
    return (candidate.topic for candidate in found.candidates)


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
