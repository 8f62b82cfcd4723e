"""Changes of one subscription: its lead times, its language, its time zone."""

from collections.abc import Mapping
from dataclasses import replace

from handlers.ledger import Ledger, Subscribed, Taken, Wanted
from handlers.reminders import asking, listing, reading, telling
from handlers.reminders.draft import CONSENT
from handlers.reminders.reading import Unreadable
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from handlers.words import LANGUAGES

LEADS = "leads-of"
ZONE = "zone-of"
LANGUAGE = "language-of"

_FIELDS = {LEADS: "leads", ZONE: "zone", LANGUAGE: "language"}


async def one(visit: Visit, ledger: Ledger, subscription: str) -> Reply:
    """Show one subscription with everything that can be changed in it."""
    found = await find(ledger, subscription)
    visit.notes.open_form = None
    if found is None:
        return await listing.show(visit, ledger)
    choices = (
        choice(visit, "leads", f"{LEADS}:{found.id}"),
        choice(visit, "language", f"{LANGUAGE}:{found.id}"),
        choice(visit, "zone", f"{ZONE}:{found.id}"),
        choice(visit, "stop", f"end:{found.id}"),
        choice(visit, "list", "show"),
    )
    return Reply(telling.kept(visit, found), choices, in_place=True)


async def change(visit: Visit, ledger: Ledger, what: str, argument: str) -> Reply:
    """Ask for the new value, or take the one that was pressed: `<subscription>[:<value>]`."""
    subscription, _, value = argument.partition(":")
    found = await find(ledger, subscription)
    if found is None:
        return await listing.show(visit, ledger)
    if not value:
        return _ask(visit, what, found)
    return await _take(
        visit, ledger, what, found, value.replace("_", " ") if what == LEADS else value
    )


async def typed(visit: Visit, ledger: Ledger, what: str, subscription: str, text: str) -> Reply:
    """Take a typed value; raises `Unreadable`."""
    found = await find(ledger, subscription)
    if found is None:
        visit.notes.open_form = None
        return await listing.show(visit, ledger)
    return await _take(visit, ledger, what, found, text)


def asked_again(visit: Visit, what: str, subscription: str) -> Reply:
    """Return the question of a change that is open, to be asked again."""
    act = f"{what}:{subscription}"
    ask = asking.zone if what == ZONE else asking.lead_times
    return ask(visit, act, f"one:{subscription}")


def _ask(visit: Visit, what: str, found: Subscribed) -> Reply:
    if what == LANGUAGE:
        offers = tuple(
            Choice(f"reminders:{LANGUAGE}:{found.id}:{code}", visit.say(f"language.name.{code}"))
            for code in LANGUAGES
        )
        back = choice(visit, "leave", f"one:{found.id}")
        return Reply(visit.say("reminders.ask.language"), (*offers, back), in_place=True)
    visit.notes.open_form = f"reminders.{what}.{found.id}"
    return asked_again(visit, what, found.id)


async def _take(visit: Visit, ledger: Ledger, what: str, found: Subscribed, value: str) -> Reply:
    new = changed(found, {_FIELDS[what]: value})
    visit.notes.open_form = None
    taken = await ledger.subscribe(wanted(visit, new))
    if taken is Taken.TOO_MANY:
        return Reply(visit.say("reminders.too-many"), (choice(visit, "list", "show"),))
    shown = await one(visit, ledger, found.id)
    return replace(shown, text=f"{visit.say('reminders.changed')}\n\n{shown.text}")


def changed(found: Subscribed, new: Mapping[str, str]) -> Subscribed:
    """Return a subscription with new `leads`, `language` or `zone`; raises `Unreadable`."""
    if new.get("language", found.language) not in LANGUAGES:
        raise Unreadable("reminders.unreadable.choose")
    return replace(
        found,
        leads=reading.lead_times(new.get("leads", found.leads)),
        language=new.get("language", found.language),
        zone=reading.zone(new.get("zone", found.zone)),
    )


def read(what: str, text: str) -> str:
    """Return a typed value of what is changed, in its one writing; raises `Unreadable`."""
    return reading.zone(text) if what == ZONE else reading.lead_times(text)


def wanted(visit: Visit, found: Subscribed) -> Wanted:
    """Return a subscription as it is asked for again, with what was changed in it."""
    return Wanted(
        channel=found.channel,
        selection=found.selection,
        leads=found.leads,
        language=found.language,
        zone=found.zone,
        consent=f"{CONSENT}/{visit.words.language}",
        address=found.address,
    )


async def find(ledger: Ledger, subscription: str) -> Subscribed | None:
    """Return a subscription of this ledger, or None where it has none of that id."""
    found = await ledger.subscriptions()
    return next((each for each in found if each.id == subscription), None)
