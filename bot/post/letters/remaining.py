"""How long it is until a deadline, as it is told: days, then hours, then minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from handlers.words import Words
from rules.deadlines import Deadline


class Unit(StrEnum):
    """What the time left is counted in; the value is its message."""

    DAYS = "letter.left.days"
    HOURS = "letter.left.hours"
    MINUTES = "letter.left.minutes"


@dataclass(frozen=True)
class Left:
    """The time left, rounded as it is told."""

    unit: Unit
    number: int

    def told(self, words: Words) -> str:
        """Return it in words, as in `7 days left`."""
        return words.say(self.unit.value, n=self.number)


_DAYS_FROM = timedelta(hours=18)
_HOURS_FROM = timedelta(minutes=90)
_HOUR, _STEP = timedelta(hours=1), timedelta(minutes=5)


def left(deadline: Deadline, now: datetime) -> Left:
    """Return how long after `now` the deadline is.

    Days are those of the calendar where the deadline is, and never none, as hours then are told.
    """
    remaining = deadline.instant - now
    if remaining >= _DAYS_FROM:
        today = now.astimezone(ZoneInfo(deadline.zone)).date()
        return Left(Unit.DAYS, max(1, (deadline.wall.date() - today).days))
    if remaining >= _HOURS_FROM:
        return Left(Unit.HOURS, round(remaining / _HOUR))
    return Left(Unit.MINUTES, max(1, remaining // _STEP) * 5)
