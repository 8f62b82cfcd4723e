"""The finder of topics, taught from titles, example phrasings and the guides' own words."""

from rules.loader import Facts
from rules.topics import OUTSIDE
from rules.understanding import Finder


def finder(facts: Facts) -> Finder:
    """Return a finder that knows every topic, those without a guide and the outside included."""
    topics = [*facts.topics, OUTSIDE]
    return Finder({topic: _phrasings(facts, topic) for topic in topics})


def _phrasings(facts: Facts, topic: str) -> list[str]:
    said = [phrase for phrases in facts.phrases.values() for phrase in phrases.of(topic)]
    known = facts.topics.get(topic)
    titles = [known.lv, known.en] if known else []
    guides = [guide for (name, _), guide in facts.guides.items() if name == topic]
    signs = [trouble.sign for guide in guides for trouble in guide.trouble]
    return [*said, *titles, *(guide.head.title for guide in guides), *signs]
