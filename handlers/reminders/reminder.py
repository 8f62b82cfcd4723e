"""The choices under a reminder: handed in, later, stop; each acts at once and can be taken back."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from handlers.ledger import Ledger
from handlers.reminders import telling
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.deadlines import Deadline


async def handed(visit: Visit, ledger: Ledger, deadline: Deadline) -> Reply:
    """Remind of the deadline no more: the application is in."""
    named = telling.named(visit, deadline, await _zone(visit, ledger))
    if not await ledger.handed_in(deadline.id):
        return Reply(visit.say("reminders.nothing-due", deadline=named), (_list(visit),))
    back = choice(visit, "due", f"due:{deadline.id}")
    return Reply(visit.say("reminders.handed", deadline=named), (back, _list(visit)))


async def due(visit: Visit, ledger: Ledger, deadline: Deadline) -> Reply:
    """Take it back that the application is in."""
    await ledger.still_due(deadline.id)
    found = await ledger.subscriptions()
    named = telling.named(visit, deadline, telling.zone_of(visit, found))
    again = choice(visit, "handed", f"handed:{deadline.id}")
    coming = telling.coming(visit, deadline, found)
    text = f"{visit.say('reminders.due', deadline=named)}\n{coming}"
    return Reply(text, (again, _list(visit)))


async def snooze(visit: Visit, ledger: Ledger, deadline: Deadline) -> Reply:
    """Leave it until the next reminder, and say when that comes."""
    coming = await ledger.snooze(deadline.id)
    zone = await _zone(visit, ledger)
    named = telling.named(visit, deadline, zone)
    if coming is None:
        text = visit.say("reminders.snoozed-last", deadline=named)
    else:
        when = telling.at(visit, coming, zone)
        text = visit.say("reminders.snoozed", deadline=named, when=when)
    handed = choice(visit, "handed", f"handed:{deadline.id}")
    return Reply(text, (handed, _list(visit)))


ACTS: Mapping[str, Callable[[Visit, Ledger, Deadline], Awaitable[Reply]]] = MappingProxyType(
    {"handed": handed, "due": due, "snooze": snooze}
)
"""The acts by the names that choices have for them."""


async def _zone(visit: Visit, ledger: Ledger) -> ZoneInfo:
    return telling.zone_of(visit, await ledger.subscriptions())


def _list(visit: Visit) -> Choice:
    return choice(visit, "list", "show")
