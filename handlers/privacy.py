"""Privacy: what is kept, what for, how long; and erasing it."""

from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit


async def show(visit: Visit, _: str) -> list[Reply]:
    """Tell what Noon keeps of this conversation."""
    return [Reply(visit.say("privacy.text", agency=visit.desk.agency.short))]


async def ask_delete(visit: Visit, _: str) -> list[Reply]:
    """Ask before erasing: it cannot be undone."""
    choices = tuple(
        Choice(f"privacy:{what}", visit.say(f"privacy.choice.{what}"))
        for what in ("delete", "keep")
    )
    return [Reply(visit.say("privacy.ask-delete"), choices)]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Erase everything of the conversation, or keep it."""
    if argument == "delete":
        visit.notes.erase()
        return [Reply(visit.say("privacy.deleted"), in_place=True)]
    if argument == "keep":
        return [Reply(visit.say("privacy.kept"), in_place=True)]
    return await show(visit, "")


CAPABILITY = Capability(
    "privacy", choose, {"privacy": show, "privatums": show, "delete": ask_delete}
)
