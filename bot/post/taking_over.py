"""Writing an operator's table into the books, a few hundred rows in a transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import bindparam, or_, update
from sqlmodel import col

from bot.post import consents, erasure
from bot.post.books import Books
from bot.post.calling_off import call_off
from bot.post.importing import Entry, Refused
from bot.post.links import new_id
from bot.post.subscribing import asking_for, plan
from bot.post.suppression import suppressed
from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from bot.store.tables import Contact as ContactRow
from bot.store.tables import Subscription as SubscriptionRow
from handlers.ledger import MAIL

AT_ONCE = 500


@dataclass
class Taken:
    """What came of a table: rows that are new, that were known, and that were refused."""

    added: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)


async def take_over(
    rows: Iterable[Entry | Refused],
    opened: Callable[[], AbstractAsyncContextManager[Books]],
) -> Taken:
    """Keep each row as a confirmed subscription and plan its reminders; `opened` opens the books.

    A row that is there already adds nothing, unless it waits for its owner's yes: the consent of
    the list is that. Whoever erased or ended everything here is not
    brought back by a list: the address is refused, and so is one that mail comes back from.
    """
    taken = Taken()
    for some in _batches(rows):
        taken.refused += [row for row in some if isinstance(row, Refused)]
        entries = [row for row in some if isinstance(row, Entry)]
        if entries:
            async with opened() as books:
                await _keep(books, entries, taken)
    return taken


def _batches(rows: Iterable[Entry | Refused]) -> Iterator[list[Entry | Refused]]:
    rest = iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        yield some


async def _keep(books: Books, entries: Sequence[Entry], taken: Taken) -> None:
    welcome = await _welcome(books, entries, taken)
    found = await contacts.keep(
        books.database, books.connection, [_contact(books, entry) for entry in welcome]
    )
    await contacts.lock(books.connection, [one.id for one in found.values()])
    given = await subscriptions.of_contacts(books.connection, [one.id for one in found.values()])
    there = {(row.contact, row.selection) for row in given if row.confirmed_at is not None}
    # Asked for on the page, which like a list has no conversation, and not answered yet.
    asked = {
        (row.contact, row.selection): row.id
        for row in given
        if row.confirmed_at is None and not row.conversation
    }
    new: dict[tuple[str, str], Subscription] = {}
    for entry in welcome:
        contact = found[MAIL, entry.address].id
        place = contact, entry.selection
        if place in there or place in new:
            taken.known += 1
        else:
            new[place] = _subscription(books, entry, contact)
    await _confirm_contacts(books, welcome, found)
    await _confirm(books, {asked[place]: one for place, one in new.items() if place in asked})
    await subscriptions.keep(books.database, books.connection, new.values())
    taken.added += len(new)
    if new:
        await plan(books, sorted({contact for contact, _ in new}))


async def _welcome(books: Books, entries: Sequence[Entry], taken: Taken) -> list[Entry]:
    """Return the entries that may be taken over; note the others as refused."""
    every = {entry.address for entry in entries}
    gone = await suppressed(books.connection, books.key, every)
    names = {
        make(books.key, MAIL, address): address
        for address in every
        for make in (erasure.who, erasure.withdrawn)
    }
    left = {names[name] for name in await erasure.noted(books.connection, list(names))}
    reasons = dict.fromkeys(left, "its owner ended everything here and can begin it again")
    reasons |= dict.fromkeys(gone, "mail to it came back")
    taken.refused += [
        Refused(entry.line, f"email: {reasons[entry.address]}")
        for entry in entries
        if entry.address in reasons
    ]
    return [entry for entry in entries if entry.address not in reasons]


def _contact(books: Books, entry: Entry) -> Contact:
    at = books.moment
    return Contact(new_id(), MAIL, entry.address, entry.language, entry.zone, at, at)


def _subscription(books: Books, entry: Entry, contact: str) -> Subscription:
    consent = consents.record(entry.consent, "taken over from a list", books.now, channel=MAIL)
    at = books.moment
    return Subscription(
        new_id(), contact, "", entry.selection, entry.leads, consent, at, confirmed_at=at
    )


async def _confirm_contacts(
    books: Books, entries: Sequence[Entry], found: Mapping[tuple[str, str], Contact]
) -> None:
    """Take the list's word for contacts that were asked here and have not answered yet."""
    rows = {
        found[MAIL, entry.address].id: {"new_language": entry.language, "new_zone": entry.zone}
        for entry in reversed(entries)
        if found[MAIL, entry.address].confirmed_at is None
    }
    if rows:
        values = [{"this": name, "at": books.moment, **row} for name, row in rows.items()]
        await books.connection.execute(_CONFIRM_CONTACT, values)


async def _confirm(books: Books, asked: Mapping[str, Subscription]) -> None:
    """Take the consent of a list for subscriptions, by id, that wait for their owner's yes."""
    values = [
        {
            "this": name,
            "new_leads": one.leads,
            "new_consent": one.consent,
            "at": books.moment,
        }
        for name, one in asked.items()
    ]
    if values:
        await books.connection.execute(_CONFIRM, values)
        ids = sorted({one.contact for one in asked.values()})
        answered = or_(*(asking_for(name) for name in asked))
        await call_off(books.connection, ids, books.now, answered)


_CONFIRM_CONTACT = (
    update(ContactRow)
    .where(col(ContactRow.id) == bindparam("this"))
    .values(
        language=bindparam("new_language"), zone=bindparam("new_zone"), confirmed_at=bindparam("at")
    )
)
_CONFIRM = (
    update(SubscriptionRow)
    .where(col(SubscriptionRow.id) == bindparam("this"))
    .values(
        leads=bindparam("new_leads"),
        consent=bindparam("new_consent"),
        made_at=bindparam("at"),
        confirmed_at=bindparam("at"),
    )
)
