"""What is done on a page with buttons, each with what it brings; in chat it is done in steps."""

from collections.abc import Mapping

from handlers.ledger import Ledger, Taken
from handlers.reminders import changing, listing, reminder
from handlers.visit import Visit


async def act(visit: Visit, ledger: Ledger, name: str, what: str, wishes: Mapping[str, str]) -> str:
    """Do what a button says and return what was done, in the markup of replies.

    `what` is a deadline or a subscription, `wishes` the new lead times, language and zone. A
    button that is not known does nothing and says nothing. Raises `Unreadable` for wishes that
    cannot be read; then nothing is changed.
    """
    if name == "stop":
        return (await listing.stop_all(visit, ledger)).text
    if name == "end":
        return (await listing.stop_one(visit, ledger, what)).text
    if name == "change":
        return await _changed(visit, ledger, what, wishes)
    deadline = visit.desk.facts.newest.deadlines.get(what)
    if deadline is None or name not in reminder.ACTS:
        return ""
    return (await reminder.ACTS[name](visit, ledger, deadline)).text


async def _changed(
    visit: Visit, ledger: Ledger, subscription: str, wishes: Mapping[str, str]
) -> str:
    found = await changing.find(ledger, subscription)
    if found is None or found.channel not in ledger.channels:
        return ""
    changed = changing.changed(found, wishes)
    taken = await ledger.subscribe(changing.wanted(visit, changed))
    return visit.say("reminders.too-many" if taken is Taken.TOO_MANY else "reminders.changed")
