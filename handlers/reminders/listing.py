"""What is subscribed, and stopping it."""

from handlers.ledger import TELEGRAM, Ledger, Subscribed
from handlers.reminders import telling
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Visit


async def show(visit: Visit, ledger: Ledger) -> Reply:
    """Show every subscription of the conversation, and what can be done with them."""
    found = await ledger.subscriptions()
    if not found:
        return Reply(_nothing(visit, ledger), (choice(visit, "add", "add"),))
    parts = [visit.say("reminders.head"), *(telling.kept(visit, each) for each in found)]
    if ledger.captured:
        parts.append(visit.say("reminders.captured"))
    return Reply("\n\n".join(parts), _choices(visit, found))


async def stop_one(visit: Visit, ledger: Ledger, subscription: str) -> Reply:
    """End one subscription, at once."""
    ended = await ledger.stop(subscription)
    return Reply(visit.say("reminders.stopped", n=ended), _after(visit))


async def stop_all(visit: Visit, ledger: Ledger) -> Reply:
    """End all subscriptions of the conversation, at once."""
    ended = await ledger.stop()
    return Reply(visit.say("reminders.stopped-all", n=ended), _after(visit))


def _nothing(visit: Visit, ledger: Ledger) -> str:
    here = TELEGRAM in ledger.channels
    text = visit.say("reminders.none-here" if here else "reminders.none")
    return f"{text}\n\n{visit.say('reminders.captured')}" if ledger.captured else text


def _choices(visit: Visit, found: list[Subscribed]) -> tuple[Choice, ...]:
    changes = tuple(
        choice(
            visit,
            "one",
            f"one:{each.id}",
            what=telling.what(visit, each.selection),
            where=telling.channel(visit, each.channel),
        )
        for each in found
    )
    return (*changes, choice(visit, "add", "add"), choice(visit, "stop-all", "stop"))


def _after(visit: Visit) -> tuple[Choice, ...]:
    return (choice(visit, "list", "show"), choice(visit, "add", "add"))
