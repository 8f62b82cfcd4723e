"""Notices: who was planned for a moment that does not hold any more is told once, at once."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.post import content
from bot.post.editions import Date, Edition
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.post.standing import Standing
from bot.post.timetable import Reminder, Timetable
from rules.deadlines import Deadline

if TYPE_CHECKING:
    from bot.post.planning import Person

CANCELLED_FOR = timedelta(days=7)
"""How long it is worth saying that a deadline was called off."""

_KNOWN = ("confirmed", "cancelled")
"""A conditional round is nobody's date yet: nobody was told of it."""


def notices(
    person: "Person", timetable: Timetable, before: Mapping[str, Edition], edition: Edition
) -> Iterator[Planned]:
    """Yield one notice for each deadline that moved or was called off since it was planned."""
    for name, date in edition.dates.items() if before else ():
        if name in person.handed:
            continue
        deadline = timetable.deadlines[name]
        old = _old(person, deadline, timetable, before)
        if old is None or not _matters(old, date, timetable.now):
            continue
        told = _last_told(person, name, old)
        if told != date.moment or date.status == "cancelled" or old.status == "cancelled":
            yield _notice(person, deadline, told, timetable.now)


def still_true(
    person: "Person", wanted: Mapping[str, list[Reminder]], timetable: Timetable
) -> set[str]:
    """Return the keys of notices that wait and still say what holds."""
    asked = any(person.subscriptions)
    return {
        row.key
        for row in person.standing
        if row.kind == Kind.MOVED.value
        and row.deadline in timetable.deadlines
        and row.sequence == timetable.deadlines[row.deadline].sequence
        and (row.deadline in wanted or timetable.deadlines[row.deadline].status == "cancelled")
        and asked
    }


def _old(
    person: "Person", deadline: Deadline, timetable: Timetable, before: Mapping[str, Edition]
) -> Date | None:
    """Return how a deadline stood when the contact was last planned for it, or None: never."""
    dates = [
        old
        for one in person.subscriptions
        if one.edition in before
        and (old := before[one.edition].dates.get(deadline.id)) is not None
        and old.sequence != deadline.sequence
        and timetable.chose(one.selection, deadline, old)
    ]
    return max(dates, key=lambda date: date.sequence, default=None)


def _matters(old: Date, new: Date, now: datetime) -> bool:
    """Whether somebody who knows `old` has to be told of `new`."""
    if old.status not in _KNOWN or new.status not in _KNOWN:
        return False
    if new.status == "cancelled":
        return old.status == "confirmed" and old.moment > now
    other = old.moment != new.moment or old.status == "cancelled"
    return other and new.moment > now


def _last_told(person: "Person", name: str, old: Date) -> datetime:
    """Return the moment the person knows: that before a notice which has not left, if one waits."""
    waiting = [
        row
        for row in person.standing
        if row.kind == Kind.MOVED.value and row.deadline == name and row.waits and not row.begun
    ]
    return _before(waiting[0]) if waiting else old.moment


def _before(row: Standing) -> datetime:
    return datetime.fromisoformat(str(row.made_of["before"])).astimezone(UTC)


def _notice(person: "Person", deadline: Deadline, before: datetime, now: datetime) -> Planned:
    contact = person.contact
    made = content.Moved(
        language=contact.language,
        zone=contact.zone,
        deadline=deadline.id,
        sequence=deadline.sequence,
        before=before,
    )
    cancelled = deadline.status == "cancelled"
    return Planned(
        f"moved:{contact.id}:{deadline.id}:{deadline.sequence}",
        Kind.MOVED,
        contact.channel,
        contact.address,
        made.model_dump(mode="json"),
        now,
        now + CANCELLED_FOR if cancelled else deadline.instant,
        contact=contact.id,
        deadline=deadline.id,
    )
