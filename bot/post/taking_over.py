"""Writing an operator's table into the books, a few hundred rows in a transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import update
from sqlmodel import col

from bot.post import consents, erasure
from bot.post.books import Books
from bot.post.importing import Entry, Refused
from bot.post.links import new_id
from bot.post.subscribing import plan
from bot.post.suppression import suppressed
from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from bot.store.tables import Contact as ContactRow
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

    A row that is there already adds nothing. Whoever erased or ended everything here is not
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
    new: dict[tuple[str, str], Subscription] = {}
    for entry in welcome:
        contact = found[MAIL, entry.address].id
        place = contact, entry.selection
        if place in there or place in new:
            taken.known += 1
        else:
            new[place] = _subscription(books, entry, contact)
    await _confirm(books, [one for one in found.values() if one.confirmed_at is None])
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


async def _confirm(books: Books, asked: Sequence[Contact]) -> None:
    """Take the consent of a list for contacts that were asked here and have not answered yet."""
    mine = col(ContactRow.id).in_([one.id for one in asked])
    await books.connection.execute(update(ContactRow).where(mine).values(confirmed_at=books.moment))
