"""The finder of topics, and what it learns from: phrasings, titles, and the guides' sentences."""

import re
from collections.abc import Iterator

from rules.folding import fold
from rules.guides import Guide
from rules.loader import Facts, said
from rules.topics import OUTSIDE
from rules.understanding import Finder
from rules.understanding.written import read

_SENTENCE_ENDS = re.compile(r"(?<=[.!?]) ")
_ADDRESS = re.compile(r"\(https?:[^)]*\)")
SHORTEST = 3
"""A sentence of a guide with fewer words teaches nothing."""


def finder(facts: Facts) -> Finder:
    """Return a finder that knows every topic, those without a guide and the outside included.

    It reads what was learned before; a topic that `facts` do not have is never named.
    """
    return Finder(read(), {*facts.topics, OUTSIDE}, several(facts))


def several(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Return the topics that a few bare words may mean, by the words as they are compared."""
    return {fold(said): one.topics for one in facts.several for said in one.said}


def phrasings(facts: Facts) -> dict[str, list[str]]:
    """Return what is learned from in full: example phrasings and titles by topic."""
    spoken = said().values()
    told = {
        topic: [phrase for by_topic in spoken for phrase in by_topic.get(topic, ())]
        for topic in [*facts.topics, OUTSIDE]
    }
    return told | {name: [*told[name], topic.lv, topic.en] for name, topic in facts.topics.items()}


def sentences(facts: Facts) -> dict[str, list[str]]:
    """Return what the guides say by topic, a sentence each."""
    told: dict[str, list[str]] = {}
    for (topic, _), guide in sorted(facts.guides.items()):
        texts = [_ADDRESS.sub("", text) for text in _texts(guide)]
        parts = [part for text in texts for part in _SENTENCE_ENDS.split(text)]
        told.setdefault(topic, []).extend(one for one in parts if len(one.split()) >= SHORTEST)
    return told


def _texts(guide: Guide) -> Iterator[str]:
    yield guide.head.title
    yield guide.head.summary
    yield from (item.text for item in (*guide.before, *guide.steps, *guide.notes))
    for trouble in guide.trouble:
        yield trouble.sign
        yield trouble.fix
