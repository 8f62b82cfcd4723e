"""Planning: the outbox is brought in line with what people subscribed to and with the dates.

One pass does everything for a few hundred contacts in the caller's transaction: what is missing is
planned, what is not wanted any more is called off, and who was planned for another moment is told.
Done twice it changes nothing the second time, so a process that dies in the middle loses nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import editions, noticing, outbox, standing
from bot.post.calling_off import REMINDERS, make_room
from bot.post.editions import Edition, OlderDates
from bot.post.outbox import Planned
from bot.post.standing import Standing
from bot.post.suppression import suppressed
from bot.post.timetable import Reminder, Timetable
from bot.store import contacts as people
from bot.store import subscriptions as store
from bot.store.contacts import Contact
from bot.store.database import Database
from bot.store.subscriptions import Subscription
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL
from handlers.visit import Desk

AT_ONCE = 1000
"""Rows that one statement names: databases take so many values and not many times more."""


@dataclass(frozen=True)
class Person:
    """A contact as planning sees it: what it wants, and what is in the outbox for it."""

    contact: Contact
    subscriptions: list[Subscription]
    handed: frozenset[str]
    standing: list[Standing]


@dataclass
class Change:
    """What is to be written for a few hundred contacts."""

    new: list[Planned] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    corrected: list[Planned] = field(default_factory=list)


async def plan_for(
    database: Database,
    connection: AsyncConnection,
    desk: Desk,
    subscriptions: Collection[str],
    now: datetime,
    key: bytes = b"",
) -> None:
    """Plan the reminders of confirmed `subscriptions` (ids) in the caller's transaction.

    Where this process's dates are older than those in force, that is left to the planner. `key` is
    what mailboxes are hashed with: without it, none is known to be suppressed.
    """
    rows = await store.by_id(connection, subscriptions)
    ids = {row.contact for row in rows}
    await plan_contacts(database, connection, desk, ids, now, key)


async def plan_contacts(
    database: Database,
    connection: AsyncConnection,
    desk: Desk,
    ids: Collection[str],
    now: datetime,
    key: bytes,
) -> None:
    """Bring the outbox in line with all that the contacts of `ids` want; see `plan_for`."""
    edition = editions.present(desk)
    timetable = Timetable(desk.facts.newest.deadlines.values(), now)
    try:
        await editions.adopt(database, connection, edition, now)
    except OlderDates:
        await _leave_to_others(connection, ids)
        return
    await bring_in_line(database, connection, timetable, edition, ids, key)


async def _leave_to_others(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Note that a process with newer dates has to look at the subscriptions of `ids`."""
    force = await editions.adopted(connection)
    rows = await store.of_contacts(connection, ids)
    seen = [row.id for row in rows if force is not None and row.edition == force.id]
    await store.change(connection, seen, {"edition": ""})


async def bring_in_line(
    database: Database,
    connection: AsyncConnection,
    timetable: Timetable,
    edition: Edition,
    ids: Collection[str],
    key: bytes,
) -> None:
    """Write what the contacts of `ids` need, and that they are planned from `edition`."""
    found = await _people(connection, ids, key)
    old = {one.edition for person in found for one in person.subscriptions}
    before = await editions.named(connection, old - {"", edition.id})
    change = Change()
    for person in found:
        _compare(person, timetable, change)
        change.new += noticing.notices(person, timetable, before, edition)
    await _write(database, connection, change, [person.contact.id for person in found], timetable)
    await store.planned_from(connection, ids, edition.id)


async def _people(connection: AsyncConnection, ids: Collection[str], key: bytes) -> list[Person]:
    """Return the contacts of `ids` with everything of theirs; they are locked until the end."""
    await people.lock(connection, ids)
    found = await people.by_id(connection, ids)
    handed = await people.handed(connection, ids)
    given: dict[str, list[Subscription]] = {}
    for one in await store.of_contacts(connection, ids):
        if one.confirmed_at is not None:
            given.setdefault(one.contact, []).append(one)
    mailboxes = {one.address for one in found.values() if one.channel == MAIL}
    gone = await suppressed(connection, key, mailboxes)
    rows = await standing.of(connection, ids)
    return [
        Person(
            contact,
            [] if contact.channel == MAIL and contact.address in gone else given.get(name, []),
            frozenset(handed.get(name, ())),
            rows.get(name, []),
        )
        for name, contact in found.items()
    ]


def _compare(person: Person, timetable: Timetable, change: Change) -> None:
    """Note in `change` what a contact's outbox lacks and what it has too much."""
    contact, now = person.contact, timetable.now
    by_key = {row.key: row for row in person.standing}
    keep: set[str] = set()
    wanted = timetable.reminders(contact.zone, person.subscriptions, person.handed)
    for reminders in wanted.values():
        for planned in _schedule(contact, reminders, by_key):
            row = by_key.get(planned.key)
            keep.add(planned.key)
            if row is not None and not row.cancelled:
                change.corrected += [planned] if row.differs_from(planned) else []
            elif standing.allows(planned, person.standing, now):
                change.new.append(planned)
    keep |= noticing.still_true(person, wanted, timetable)
    change.off += [row.key for row in person.standing if row.goes_on and row.key not in keep]


def _schedule(
    contact: Contact, reminders: list[Reminder], by_key: Mapping[str, Standing]
) -> Iterable[Planned]:
    """Yield the reminders of one deadline, each until the next one leaves.

    So only the newest missed one is sent after a downtime: the others have run out by then.
    """
    moments = [_leaves(contact, reminder, by_key) for reminder in reminders]
    order = sorted(range(len(reminders)), key=lambda place: moments[place])
    ends = [*(moments[place] for place in order[1:]), reminders[0].deadline.instant]
    for place, end in zip(order, ends, strict=True):
        if moments[place] < end:
            yield reminders[place].planned(contact, moments[place], end)


def _leaves(contact: Contact, reminder: Reminder, by_key: Mapping[str, Standing]) -> datetime:
    """Return when a reminder leaves: as it stands, if its run was widened meanwhile."""
    row = by_key.get(reminder.key(contact.id))
    target = reminder.due.target.timestamp()
    if row is None or row.cancelled or row.target_at != target:
        return reminder.leaves(contact.id)
    return datetime.fromtimestamp(row.due_at, UTC)


async def _write(
    database: Database,
    connection: AsyncConnection,
    change: Change,
    ids: Collection[str],
    timetable: Timetable,
) -> None:
    for start in range(0, len(change.off), AT_ONCE):
        await outbox.cancel(connection, change.off[start : start + AT_ONCE], timetable.now)
    if change.corrected:
        await connection.execute(_CORRECT, [_corrected(one) for one in change.corrected])
    await make_room(connection, ids)
    for start in range(0, len(change.new), AT_ONCE):
        await outbox.plan(database, connection, change.new[start : start + AT_ONCE])


_NEW = ("content", "due_at", "next_at", "not_after", "target_at", "room")
_CORRECT = (
    update(Row)
    .where(
        col(Row.key) == bindparam("this"),
        outbox.WAITING,
        col(Row.first_at).is_(None),
        # Written apart: a list cannot stand in a statement that is executed many times.
        or_(*(col(Row.kind) == kind for kind in REMINDERS)),
    )
    .values(**{name: bindparam(f"new_{name}") for name in _NEW})
)


def _corrected(planned: Planned) -> dict[str, object]:
    due = planned.due_at.timestamp()
    run = planned.run
    return {
        "this": planned.key,
        "new_content": standing.written(planned),
        "new_due_at": due,
        "new_next_at": due,
        "new_not_after": planned.not_after.timestamp() if planned.not_after else outbox.LATEST,
        "new_target_at": run.target_at.timestamp() if run else None,
        "new_room": run.room if run else 0.0,
    }
