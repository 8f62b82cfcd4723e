"""What is left to do before a deadline, by how long there is; the guide has it with its sources."""

from datetime import timedelta

from bot.post.letters import about
from bot.post.letters.occasion import Occasion
from bot.post.letters.remaining import Unit, left
from rules.deadlines import Deadline

GUIDE = "form-submit"
"""The guide that every step of these stands in."""

_EARLY_UNTIL = 3
"""Days before a deadline up to which it still can be handed in early."""


def guided(occasion: Occasion, deadline: Deadline) -> bool:
    """Whether Noon knows how to apply for this action."""
    action = occasion.desk.facts.actions.get(deadline.action)
    return action is not None and action.noon and deadline.managed_by == "agency"


def tasks(occasion: Occasion, deadline: Deadline) -> tuple[str, ...]:
    """Return what is left to do, one line each."""
    if not guided(occasion, deadline):
        return (occasion.say("letter.todo.elsewhere"),)
    remaining = left(deadline, occasion.now)
    if remaining.unit is not Unit.DAYS:
        return _in_hours(occasion, deadline)
    return _in_days(occasion) if remaining.number >= _EARLY_UNTIL else _tomorrow(occasion)


def most_urgent(occasion: Occasion, deadline: Deadline) -> str:
    """Return the one line that a short message has room for."""
    if not guided(occasion, deadline):
        return occasion.say("letter.todo.elsewhere")
    remaining = left(deadline, occasion.now)
    if remaining.unit is not Unit.DAYS:
        return occasion.say("letter.todo.now")
    early = remaining.number >= _EARLY_UNTIL
    return occasion.say("letter.todo.early") if early else occasion.say("letter.todo.today")


def _in_days(occasion: Occasion) -> tuple[str, ...]:
    return (
        occasion.say("letter.todo.sections"),
        occasion.say("letter.todo.annexes"),
        occasion.say("letter.todo.partners"),
        occasion.say("letter.todo.early"),
    )


def _tomorrow(occasion: Occasion) -> tuple[str, ...]:
    return (
        occasion.say("letter.todo.today"),
        occasion.say("letter.todo.status"),
        occasion.say("letter.todo.keep"),
    )


def _in_hours(occasion: Occasion, deadline: Deadline) -> tuple[str, ...]:
    agency = occasion.desk.agency
    end = deadline.instant + timedelta(hours=agency.incident_window.hours)
    until = about.at(occasion, end, deadline.zone)
    return (
        occasion.say("letter.todo.now"),
        occasion.say("letter.todo.status"),
        occasion.say("letter.todo.failure", agency=agency.short, until=until),
    )
