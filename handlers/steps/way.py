"""The way from the first account to a submitted application, and what follows each guide.

`next` in rules/topics.toml says what follows a topic on the way; a guide's own `next` says what
else is near it.
"""

from handlers import numbering, reporting
from handlers.steps import offering, place
from handlers.turn import Reply
from handlers.visit import Visit
from rules.loader import Facts

ABOUT = "first-steps"
"""The guide that tells of the whole way, told first where there is one."""

FIRST = "eulogin-create"
"""Where somebody begins who has nothing yet."""

MOST = 4
"""Topics that are offered at the end of a guide."""


def stages(facts: Facts) -> tuple[str, ...]:
    """Return the topics of the way in their order."""
    found = [ABOUT] if ABOUT in facts.topics else []
    topic = FIRST
    while topic in facts.topics and topic not in found:
        found.append(topic)
        topic = next(iter(facts.topics[topic].next), "")
    return tuple(found)


def after(visit: Visit, topic: str) -> list[str]:
    """Return the topics that follow `topic`: on the way first, then near it."""
    guide = offering.written(visit, topic)
    near = guide.head.next if guide else ()
    facts = visit.desk.facts
    every = stages(facts)
    stage = every[every.index(topic) + 1 :][:1] if topic in every else ()
    onward = dict.fromkeys((*stage, *facts.topics[topic].next, *near))
    return [one for one in onward if one in facts.topics][:MOST]


def ahead(visit: Visit) -> str | None:
    """Return the first topic of the way that the person has not said to have worked."""
    behind = place.done(visit)
    return next((one for one in stages(visit.desk.facts) if one not in behind), None)


def line(visit: Visit, number: int) -> str | None:
    """Return the topic of a line of the way as `show` numbers it; None where there is none."""
    every = stages(visit.desk.facts)
    if number == numbering.LAST:
        return every[-1] if every else None
    return every[number - 1] if 0 < number <= len(every) else None


def show(visit: Visit) -> Reply:
    """Show the whole way, with what is behind the person ticked."""
    behind = place.done(visit)
    every = stages(visit.desk.facts)
    lines = [
        f"{number}. {'✓ ' if topic in behind else ''}{offering.title(visit, topic)}"
        for number, topic in enumerate(every, start=1)
    ]
    following = ahead(visit)
    text = visit.say("steps.way" if following else "steps.way.done", agency=visit.desk.agency.short)
    offers = [offering.offer(visit, topic) for topic in every]
    first = [one for one in offers if following and one.id.endswith(f":{following}")]
    rest = [one for one in offers if one not in first]
    may_we = offering.offer(visit, "eligibility")
    mistake = reporting.choice(visit, reporting.WAY)
    choices = (*first, *rest, may_we, offering.to_all(visit), mistake)
    return Reply("\n".join([text, *lines]), choices, in_place=visit.turn.choice is not None)
