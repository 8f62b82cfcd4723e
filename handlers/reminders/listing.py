"""What is subscribed, and stopping it."""

from handlers.ledger import TELEGRAM, Ledger, Subscribed
from handlers.reminders import draft, selecting, telling
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.deadlines import Deadline

_MARKS = 6
"""Deadlines that may be marked at once: nobody is about to have submitted for a later one."""


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


async def marks(visit: Visit, ledger: Ledger) -> tuple[Choice, ...]:
    """Return the choices that mark an application as submitted, the nearest deadlines first."""
    found = [one for one in await ledger.subscriptions() if one.confirmed]
    every = (
        each for one in found for each in selecting.ahead(visit.desk, one.selection, visit.now)
    )
    ahead = sorted({each.id: each for each in every}.values(), key=lambda each: each.instant)
    return tuple(_mark(visit, each) for each in ahead[:_MARKS])


def _mark(visit: Visit, one: Deadline) -> Choice:
    sectors = f" ({', '.join(one.sectors)})" if one.sectors else ""
    what, day = f"{one.action}{sectors}", visit.words.day(one.wall)
    return choice(visit, "handed-one", f"handed:{one.id}", what=what, day=day)


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
