"""Topics shown: a guide from its opening, another capability, or whom to ask."""

from handlers import contacts, eligibility, reporting
from handlers.steps import offering, walking
from handlers.turn import Choice, Reply
from handlers.visit import Handler, Visit

LEADS: dict[str, Handler] = {"eligibility": eligibility.menu}
"""Topics that are no guides but lead to another capability."""


COMPARED = "actions-compare"
"""The guide that has the figures which eligibility depends on, side by side."""


async def show(visit: Visit, topic: str) -> list[Reply]:
    """Show the opening of a guide; a topic that has none yet says whom to ask."""
    if topic in LEADS:
        return await LEADS[topic](visit, "")
    guide = offering.written(visit, topic)
    return [walking.first(visit, guide) if guide else unwritten(visit, topic)]


async def answer(visit: Visit, topic: str) -> list[Reply]:
    """Show what a question asks for; a questionnaire is offered first, beside the figures."""
    if topic != "eligibility" or COMPARED not in visit.desk.facts.topics:
        return await show(visit, topic)
    choices = (
        Choice(f"{topic}:menu", visit.say("steps.choice.questionnaire")),
        Choice(f"steps:show:{COMPARED}", visit.say("steps.choice.figures")),
    )
    return [Reply(visit.say("steps.may-we"), choices)]


def unwritten(visit: Visit, topic: str) -> Reply:
    """Return what is said of a topic that has no guide yet: whom to ask."""
    if topic not in visit.desk.facts.topics:
        return Reply(visit.say("router.gone"), (offering.to_all(visit),))
    contact = contacts.of(visit, visit.desk.facts.topics[topic].asks)
    text = visit.say("steps.unwritten", title=offering.title(visit, topic), contact=contact)
    return Reply(text, (offering.to_all(visit), reporting.choice(visit, topic)))
