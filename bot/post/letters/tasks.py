"""What is left to do before a deadline, by how long there is; the guide has it with its sources."""

from datetime import timedelta

from bot.post.letters import about, whom
from bot.post.letters.occasion import Occasion
from bot.post.letters.remaining import Unit, left
from rules.deadlines import Deadline

GUIDE = "form-submit"
"""The guide that every step of these stands in."""

FAILURE = "late-submission"
"""The topic under which the web page offers to tell the agency of a failure."""

_EARLY_UNTIL = 3
"""Days before a deadline up to which it still can be handed in early."""


def guided(occasion: Occasion, deadline: Deadline) -> bool:
    """Whether Noon knows how to apply for this action."""
    action = occasion.desk.facts.actions.get(deadline.action)
    return action is not None and action.noon and deadline.managed_by == "agency"


def hours_left(occasion: Occasion, deadline: Deadline) -> bool:
    """Whether only hours are left: it is too late for anything but submitting."""
    return left(deadline, occasion.now).unit is not Unit.DAYS


def can_report(occasion: Occasion, deadline: Deadline) -> bool:
    """Whether it is time to say that Noon can tell the agency of a failure."""
    mine = guided(occasion, deadline) and deadline.status == "confirmed"
    return mine and hours_left(occasion, deadline)


def tasks(occasion: Occasion, deadline: Deadline) -> tuple[str, ...]:
    """Return what is left to do, one line each."""
    if not guided(occasion, deadline):
        return (occasion.say("letter.todo.elsewhere"),)
    if hours_left(occasion, deadline):
        return _in_hours(occasion, deadline)
    remaining = left(deadline, occasion.now)
    return _in_days(occasion) if remaining.number >= _EARLY_UNTIL else _tomorrow(occasion)


def most_urgent(occasion: Occasion, deadline: Deadline) -> str:
    """Return the one line that a short message has room for."""
    if not guided(occasion, deadline):
        return occasion.say("letter.todo.elsewhere")
    if hours_left(occasion, deadline):
        return occasion.say("letter.todo.now")
    remaining = left(deadline, occasion.now)
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
    until = about.until(occasion, end, deadline.zone)
    contacts = whom.to_write_to(occasion, deadline)
    return (
        occasion.say("letter.todo.now"),
        occasion.say("letter.todo.status"),
        occasion.say("letter.todo.failure", agency=agency.short, contacts=contacts, until=until),
    )
