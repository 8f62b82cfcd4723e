"""Free text: the guide it asks for, up to three that it may ask for, or that it is outside."""

from handlers import contacts, reporting
from handlers.editors import Unplaced
from handlers.steps import offering, showing
from handlers.turn import Choice, Reply
from handlers.visit import Visit


async def find(visit: Visit, question: str) -> list[Reply]:
    """Answer free text: a guide, up to three offers, or that it is outside."""
    finding = visit.desk.finder.find(question)
    if finding.topic is not None:
        return await showing.answer(visit, finding.topic)
    why = Unplaced.UNSURE if finding.candidates else Unplaced.OUTSIDE
    count(visit, question, why)
    return [unplaced(visit, question)]


def unplaced(visit: Visit, question: str) -> Reply:
    """Return the offers for a question that is not certain, or say that it is outside."""
    candidates = visit.desk.finder.find(question).candidates
    if not candidates:
        return outside(visit)
    topics = [candidate.topic for candidate in candidates]
    return offers(visit, visit.say("steps.unsure"), topics)


def offers(visit: Visit, text: str, topics: list[str]) -> Reply:
    """Return up to three topics to choose from, in the words of people who ask."""
    choices = tuple(offering.asked(visit, topic) for topic in topics[:3])
    return Reply(text, (*choices, none(visit)))


def none(visit: Visit) -> Choice:
    """Return the choice that none of the offers is meant."""
    return Choice("steps:outside", visit.say("steps.choice.none"))


def outside(visit: Visit) -> Reply:
    """Say that there is no verified answer, and whom to ask."""
    text = visit.say("steps.outside", contact=contacts.general(visit))
    mistake = reporting.choice(visit, reporting.OUTSIDE)
    choices = (offering.to_way(visit), offering.to_all(visit), mistake)
    return Reply(text, choices, in_place=visit.turn.choice is not None)


def count(visit: Visit, question: str, why: Unplaced) -> None:
    """Count a question that could not be placed, masked; what cannot be masked is not counted."""
    masked = reporting.masked(visit, question)
    if visit.editors is not None and masked:
        visit.editors.unplaced(masked, visit.words.language, why)
