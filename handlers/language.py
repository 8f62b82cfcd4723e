"""Language: /language, and the choice of one."""

from dataclasses import replace

from handlers import welcome
from handlers.incident import draft
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit
from handlers.words import LANGUAGES, words


async def menu(visit: Visit, argument: str) -> list[Reply]:
    """Offer the languages, or take the one that was named."""
    if argument.lower() in LANGUAGES:
        return await choose(visit, argument.lower())
    offers = tuple(
        Choice(f"language:{code}", words(code).say("language.own-name")) for code in LANGUAGES
    )
    return [Reply(visit.say("language.choose"), offers)]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Take the chosen language and say so in it."""
    if argument not in LANGUAGES:
        return await menu(visit, "")
    visit.notes.language = argument
    chosen = replace(visit, words=words(argument))
    if draft.begun(visit.notes) and visit.cases is not None:
        back = Choice("incident:go", chosen.say("incident.choice.go-on"))
        return [Reply(chosen.say("language.chosen"), (back,))]
    greeting = await welcome.start(chosen, "")
    return [Reply(chosen.say("language.chosen")), *greeting]


CAPABILITY = Capability("language", choose, {"language": menu, "valoda": menu})
