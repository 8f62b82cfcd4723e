"""The questions before a subscription, each with its choices, and the summary at the end."""

from zoneinfo import ZoneInfo

from handlers.ledger import MAIL, TELEGRAM, Ledger
from handlers.reminders import selecting, telling, zones
from handlers.reminders.draft import BOTH, Draft
from handlers.reminders.telling import choice
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules import leads

SHORT = "T-7d T-1d T-2h"
"""Lead times that are offered besides the default."""


def what(visit: Visit) -> Reply:
    """Ask for the action."""
    actions = tuple(
        Choice(f"reminders:what:{each}", _action(visit, each)) for each in selecting.ACTIONS
    )
    return Reply(visit.say("reminders.ask.what"), (*actions, _leave(visit)), in_place=True)


def sectors(visit: Visit, draft: Draft) -> Reply:
    """Ask for one, several or all sectors; those that are chosen have a tick."""
    picked = draft.picked.split(",")
    named = tuple(_sector(visit, each, each in picked) for each in _sectors(visit, draft))
    ends = [choice(visit, "every-sector", "sectors:*")]
    if draft.picked:
        ends.insert(0, choice(visit, "sectors-done", "sectors:done", n=len(picked)))
    return Reply(visit.say("reminders.ask.sectors"), (*named, *ends, _leave(visit)), in_place=True)


def where(visit: Visit) -> Reply:
    """Ask for the channel: only where there is more than one."""
    choices = tuple(choice(visit, each, f"where:{each}") for each in (MAIL, TELEGRAM, BOTH))
    return Reply(visit.say("reminders.ask.where"), (*choices, _leave(visit)), in_place=True)


def address(visit: Visit, ledger: Ledger) -> Reply:
    """Ask for the e-mail address, which is typed."""
    text = visit.say("reminders.ask.address")
    return Reply(_honest(visit, text, ledger), (_leave(visit),), in_place=True)


def lead_times(visit: Visit, act: str = "leads", back: str = "drop") -> Reply:
    """Ask for lead times, by a choice or typed; `act` is what the choices begin with.

    `back` is what leaving the question does.
    """
    offered = (leads.DEFAULT, SHORT)
    choices = tuple(
        Choice(f"reminders:{act}:{each.replace(' ', '_')}", telling.when(visit.words, each))
        for each in offered
    )
    return Reply(visit.say("reminders.ask.leads"), (*choices, _leave(visit, back)), in_place=True)


def zone(visit: Visit, act: str = "zone", back: str = "drop") -> Reply:
    """Ask for the time zone, by a choice or typed."""
    offered = zones.offered(visit.desk)
    choices = tuple(
        Choice(f"reminders:{act}:{each}", telling.zone(visit.words, each)) for each in offered
    )
    return Reply(visit.say("reminders.ask.zone"), (*choices, _leave(visit, back)), in_place=True)


def _leave(visit: Visit, back: str = "drop") -> Choice:
    return choice(visit, "leave", back)


def summary(visit: Visit, draft: Draft, ledger: Ledger) -> Reply:
    """Show what was chosen with the words of consent; one choice agrees."""
    zone = draft.zone or str(visit.desk.zone)
    places = [telling.where(visit, channel, draft.address) for channel in draft.channels]
    selection = draft.selection(visit.desk)
    text = visit.say(
        "reminders.summary",
        what=telling.what(visit, selection),
        where=visit.words.listed(places),
        when=telling.when(visit.words, draft.leads),
        zone=telling.zone(visit.words, zone),
    )
    parts = [text, telling.ahead(visit, selection, ZoneInfo(zone)), visit.say("reminders.consent")]
    choices = (
        choice(visit, "agree", "agree"),
        choice(visit, "leads", "redo:leads"),
        choice(visit, "zone", "redo:zone"),
        choice(visit, "again", "redo:what"),
        _leave(visit),
    )
    said = "\n\n".join(parts)
    is_mail = MAIL in draft.channels
    return Reply(_honest(visit, said, ledger) if is_mail else said, choices, in_place=True)


def problem(reply: Reply, text: str) -> Reply:
    """Return a question asked again, after what was wrong with the answer."""
    return Reply(f"{text}\n\n{reply.text}", reply.choices)


def _honest(visit: Visit, text: str, ledger: Ledger) -> str:
    return f"{text}\n\n{visit.say('reminders.captured')}" if ledger.captured else text


def _action(visit: Visit, action: str) -> str:
    if action == selecting.ALL:
        return visit.say("reminders.what.all")
    return visit.say(f"eligibility.action.{action}")


def _sectors(visit: Visit, draft: Draft) -> list[str]:
    return selecting.sectors(visit.desk, draft.what)


def _sector(visit: Visit, code: str, is_picked: bool) -> Choice:
    name = visit.desk.facts.sectors[code].in_language(visit.words.language)
    label = f"{code} {name}"
    return Choice(f"reminders:pick:{code}", f"✓ {label}" if is_picked else label)
