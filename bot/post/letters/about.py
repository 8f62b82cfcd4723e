"""What letters and chat messages say alike of a deadline: how it stands, its name, its moment."""

import re
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.post.content import Moved, Reminder
from bot.post.letters.occasion import Occasion
from bot.post.letters.remaining import left
from handlers.ics import action_line, clean
from handlers.moments import action_name, both_times, moment, zone_name
from rules.deadlines import Deadline

LONGEST_SUBJECT = 120

_CODE = re.compile(r"KA\d+")
_UNTIL = (
    "letter.until.january",
    "letter.until.february",
    "letter.until.march",
    "letter.until.april",
    "letter.until.may",
    "letter.until.june",
    "letter.until.july",
    "letter.until.august",
    "letter.until.september",
    "letter.until.october",
    "letter.until.november",
    "letter.until.december",
)


class News(StrEnum):
    """What is to be told of a deadline."""

    REMINDER = "reminder"
    PERHAPS = "perhaps"
    """A reminder of a deadline that is not confirmed."""
    MOVED = "moved"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    RESTORED = "restored"
    """It is at the moment at which it was, and certain again."""


_SUBJECTS = {
    News.REMINDER: "letter.subject.reminder",
    News.PERHAPS: "letter.subject.perhaps",
    News.MOVED: "letter.subject.moved",
    News.CANCELLED: "letter.subject.cancelled",
    News.UNCONFIRMED: "letter.subject.unconfirmed",
    News.RESTORED: "letter.subject.restored",
}
_TITLES = {
    News.REMINDER: "letter.title.reminder",
    News.PERHAPS: "letter.title.perhaps",
    News.MOVED: "letter.title.moved",
    News.CANCELLED: "letter.title.cancelled",
    News.UNCONFIRMED: "letter.title.unconfirmed",
    News.RESTORED: "letter.title.restored",
}


def news(content: Reminder | Moved, deadline: Deadline) -> News:
    """Return what `content` tells of `deadline` as it stands now."""
    if isinstance(content, Reminder):
        return News.PERHAPS if deadline.status == "conditional" else News.REMINDER
    if deadline.status == "cancelled":
        return News.CANCELLED
    if deadline.status == "conditional":
        return News.UNCONFIRMED
    return News.RESTORED if content.before == deadline.instant else News.MOVED


def subject(occasion: Occasion, content: Reminder | Moved, deadline: Deadline) -> str:
    """Return what and when in at most 120 characters; a long name of an action is cut."""
    found = news(content, deadline)
    gone = isinstance(content, Moved) and found in (News.CANCELLED, News.UNCONFIRMED)
    instant = content.before if isinstance(content, Moved) and gone else deadline.instant
    there = instant.astimezone(ZoneInfo(deadline.zone))
    name = short_name(occasion, deadline)
    values = {
        "until": occasion.say(_UNTIL[there.month - 1], day=there.day),
        "day": occasion.words.day(there),
        "hour": occasion.words.clock(there),
        "zone": zone_name(occasion.words, deadline.zone),
        "left": left(deadline, occasion.now).told(occasion.words),
    }
    whole = headed(occasion, occasion.say(_SUBJECTS[found], action=name, **values))
    excess = len(whole) - LONGEST_SUBJECT
    if excess <= 0:
        return whole
    cut = name[: -excess - 1].rstrip() + "…"
    return headed(occasion, occasion.say(_SUBJECTS[found], action=cut, **values))


def until(occasion: Occasion, instant: datetime, zone: str) -> str:
    """Return the day and hour up to which something may be done, in `zone` and the reader's."""
    there, here = instant.astimezone(ZoneInfo(zone)), instant.astimezone(occasion.zone)
    own, other = _up_to(occasion, there), _up_to(occasion, here)
    if here.utcoffset() == there.utcoffset():
        return own
    if here.date() != there.date():
        return occasion.say("moment.both-days", own=own, local=other)
    return occasion.say(
        "moment.both",
        own=own,
        hour=occasion.words.clock(here),
        zone=zone_name(occasion.words, str(occasion.zone)),
    )


def _up_to(occasion: Occasion, moment: datetime) -> str:
    return occasion.say(
        "letter.until",
        day=occasion.say(_UNTIL[moment.month - 1], day=moment.day),
        hour=occasion.words.clock(moment),
        zone=zone_name(occasion.words, str(moment.tzinfo)),
    )


def headed(occasion: Occasion, subject: str) -> str:
    """Return a subject on one line that says when all this is only rehearsed."""
    line = " ".join(clean(subject).split())
    if not occasion.desk.rehearsed:
        return line
    return occasion.say("letter.subject.rehearsal", subject=line)


def title(occasion: Occasion, content: Reminder | Moved, deadline: Deadline) -> str:
    """Return the heading."""
    remaining = left(deadline, occasion.now).told(occasion.words)
    return occasion.say(
        _TITLES[news(content, deadline)], action=short_name(occasion, deadline), left=remaining
    )


def short_name(occasion: Occasion, deadline: Deadline) -> str:
    """Return the code that people know an action by, else its name."""
    if _CODE.fullmatch(deadline.action):
        return deadline.action
    return clean(action_name(occasion.desk, deadline.action, occasion.words.language))


def long_name(occasion: Occasion, deadline: Deadline) -> str:
    """Return the action's code and official name."""
    return clean(action_line(occasion.desk, deadline, occasion.words))


def when(occasion: Occasion, deadline: Deadline) -> str:
    """Return the deadline's day and hour, in its own zone and the reader's."""
    return both_times(occasion.words, deadline, occasion.zone)


def at(occasion: Occasion, instant: datetime, zone: str) -> str:
    """Return the day and hour of `instant` in `zone` and the reader's."""
    return moment(occasion.words, instant, ZoneInfo(zone), occasion.zone)
