"""What is subscribed, and stopping it."""

from handlers.ledger import TELEGRAM, Ledger, Subscribed
from handlers.reminders import draft, telling
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Visit


async def show(visit: Visit, ledger: Ledger) -> Reply:
    """Show every subscription of the conversation, and what can be done with them."""
    found = await ledger.subscriptions()
    begun = (choice(visit, "continue", "go"),) if draft.begun(visit.notes) else ()
    if not found:
        return Reply(_nothing(visit, ledger), (*begun, choice(visit, "add", "add")))
    parts = [visit.say("reminders.head"), *(telling.kept(visit, each) for each in found)]
    if ledger.captured:
        parts.append(visit.say("reminders.captured"))
    return Reply("\n\n".join(parts), (*begun, *_choices(visit, found)))


async def stop_one(visit: Visit, ledger: Ledger, subscription: str) -> Reply:
    """End one subscription, at once."""
    found = [each for each in await ledger.subscriptions() if each.id == subscription]
    if not found or not await ledger.stop(subscription):
        return await show(visit, ledger)
    return Reply(visit.say("reminders.stopped", what=_named(visit, found[0])), _after(visit))


async def stop_all(visit: Visit, ledger: Ledger) -> Reply:
    """End all subscriptions of the conversation, at once."""
    found = await ledger.subscriptions()
    ended = await ledger.stop()
    named = (f"• {_named(visit, each)}" for each in found)
    text = "\n".join([visit.say("reminders.stopped-all", n=ended), *named])
    return Reply(text, _after(visit))


def _named(visit: Visit, one: Subscribed) -> str:
    where = telling.where(visit, one.channel, one.address)
    return f"{telling.what(visit, one.selection)} – {where}"


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
