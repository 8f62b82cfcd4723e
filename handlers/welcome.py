"""First contact: /start (with a topic, when a link led here), /help and /cancel."""

from handlers import steps
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit

DOORS = (
    *("steps:menu", "deadlines:show", "eligibility:menu", "incident:show", "reminders:show"),
    "language:menu",
)
"""The choices of the first greeting."""


async def start(visit: Visit, argument: str) -> list[Reply]:
    """Greet, or show the topic that a link led to."""
    if argument in visit.desk.facts.topics:
        return await steps.show(visit, argument)
    choices = (*steps.resume(visit), *doors(visit))
    return [Reply(visit.say("welcome.start", agency=visit.desk.agency.short), choices)]


async def help_(visit: Visit, _: str) -> list[Reply]:
    """Say what Noon can do and how to ask."""
    return [Reply(visit.say("welcome.help", agency=visit.desk.agency.short), doors(visit))]


async def cancel(visit: Visit, _: str) -> list[Reply]:
    """Leave the open questionnaire; its answers stay for another time."""
    was_open = visit.notes.open_form is not None
    visit.notes.open_form = None
    return [Reply(visit.say("welcome.cancelled" if was_open else "welcome.nothing-open"))]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Greet again."""
    return await start(visit, argument)


def doors(visit: Visit) -> tuple[Choice, ...]:
    """Return the ways into everything Noon does."""
    return tuple(
        Choice(door, visit.say(f"welcome.door.{door.partition(':')[0]}")) for door in DOORS
    )


CAPABILITY = Capability("welcome", choose, {"start": start, "help": help_, "cancel": cancel})
