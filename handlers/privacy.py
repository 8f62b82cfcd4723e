"""Privacy: what is kept, what for, how long; showing all of it, and erasing it."""

from handlers import holdings
from handlers.reminders import private_only
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Visit


async def show(visit: Visit, _: str) -> list[Reply]:
    """Tell what Noon keeps of this conversation."""
    return [Reply(visit.say("privacy.text", agency=visit.desk.agency.short))]


async def my_data(visit: Visit, _: str) -> list[Reply]:
    """Show everything that is kept of the person, to read and as a file."""
    if visit.ledger is None:
        return [private_only(visit)]
    held = await visit.ledger.held()
    end = visit.say("privacy.held-file", name=holdings.FILE)
    text = "\n\n".join([visit.say("privacy.held"), holdings.told(visit, held), end])
    return [Reply(text, files=(holdings.exported(held),))]


async def ask_delete(visit: Visit, _: str) -> list[Reply]:
    """Ask before erasing: it cannot be undone."""
    choices = tuple(
        Choice(f"privacy:{what}", visit.say(f"privacy.choice.{what}"))
        for what in ("delete", "keep")
    )
    return [Reply(visit.say("privacy.ask-delete"), choices, asks=True)]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Erase everything of the conversation, or keep it."""
    if argument == "delete":
        if visit.ledger is not None:
            await visit.ledger.erase()
        visit.notes.erase()
        return [Reply(visit.say("privacy.deleted"), in_place=True)]
    if argument == "keep":
        return [Reply(visit.say("privacy.kept"), in_place=True)]
    return await show(visit, "")


CAPABILITY = Capability(
    "privacy",
    choose,
    {"privacy": show, "privatums": show, "mydata": my_data, "delete": ask_delete},
)
"""Erasing works in a group too, where it erases the group's own conversation."""
