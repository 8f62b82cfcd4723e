"""What is pressed under a guide, and where topics lead."""

import re
from collections.abc import Callable

from handlers.steps import offering, placing, walking, way
from handlers.steps.showing import show
from handlers.turn import Reply
from handlers.visit import Capability, Visit
from rules.guides import Guide


async def menu(visit: Visit, _: str) -> list[Reply]:
    """List every topic that has a guide, after the way and the guide that was left."""
    topics = [topic for topic in visit.desk.facts.topics if offering.written(visit, topic)]
    offers = (offering.offer(visit, topic) for topic in topics)
    choices = (*walking.resume(visit), offering.to_way(visit), *offers)
    pressed = visit.turn.choice is not None
    return [Reply(visit.say("steps.menu"), choices, in_place=pressed)]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Answer a pressed choice: `<what>[:<topic>[:<number>]]`."""
    what, topic, number = [*argument.split(":"), "", ""][:3]
    if what == "menu":
        return await menu(visit, "")
    if what == "way":
        return [way.show(visit)]
    if what == "outside":
        return [placing.outside(visit)]
    guide = offering.written(visit, topic)
    if guide is None or what not in _VIEWS:
        return await show(visit, topic)
    return [_VIEWS[what](visit, guide, int(number) if _NUMBER.fullmatch(number) else 1)]


_NUMBER = re.compile(r"[0-9]{1,2}")

View = Callable[[Visit, Guide, int], Reply]

_VIEWS: dict[str, View] = {
    "step": walking.step,
    "all": lambda visit, guide, _: walking.all_of_it(visit, guide),
    "worked": lambda visit, guide, _: walking.worked(visit, guide),
    "helped": lambda visit, guide, _: walking.helped(visit, guide),
    "stuck": lambda visit, guide, _: walking.stuck(visit, guide),
    "ask": lambda visit, guide, _: walking.ask(visit, guide),
}

CAPABILITY = Capability("steps", choose, {"steps": menu, "soli": menu})
