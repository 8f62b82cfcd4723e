"""Choices that lead to guides, and how topics are named on them."""

from handlers import reporting
from handlers.turn import Choice
from handlers.visit import Visit
from rules.guides import Guide


def written(visit: Visit, topic: str) -> Guide | None:
    """Return the guide on `topic` in the person's language, or None where there is none."""
    return visit.desk.facts.guide(topic, visit.words.language)


def title(visit: Visit, topic: str) -> str:
    """Return how a topic is offered: its guide's title, or the topic's own."""
    guide = written(visit, topic)
    if guide is not None:
        return guide.head.title
    return visit.desk.facts.topics[topic].title(visit.words.language)


def offer(visit: Visit, topic: str) -> Choice:
    """Return the choice that shows a topic."""
    return Choice(f"steps:show:{topic}", title(visit, topic))


def asked(visit: Visit, topic: str) -> Choice:
    """Return the choice that shows a topic, named in the words that people ask in."""
    return Choice(f"steps:show:{topic}", visit.desk.facts.topics[topic].title(visit.words.language))


def act(visit: Visit, what: str, guide: Guide, label: str, number: int | None = None) -> Choice:
    """Return the choice that does `what` with a guide, at one of its steps or as a whole."""
    tail = "" if number is None else f":{number}"
    return Choice(f"steps:{what}:{guide.head.topic}{tail}", visit.say(f"steps.choice.{label}"))


def to_all(visit: Visit) -> Choice:
    """Return the choice that lists all topics."""
    return Choice("steps:menu", visit.say("steps.choice.menu"))


def to_way(visit: Visit) -> Choice:
    """Return the choice that shows the way to a submitted application."""
    return Choice("steps:way", visit.say("steps.choice.way"))


def mistake(visit: Visit, guide: Guide, part: str = "") -> Choice:
    """Return the choice that reports a wrong fact in a guide or in a part of it."""
    return reporting.choice(visit, "/".join(filter(None, [guide.head.topic, part])))
