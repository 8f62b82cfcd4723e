"""Ending subscriptions: what was planned for them is called off, and what is left of them goes."""

from collections.abc import Sequence

from bot.post import erasure
from bot.post.books import Books
from bot.post.calling_off import call_off
from bot.post.subscribing import asking_for, plan
from bot.store import contacts, subscriptions
from bot.store.subscriptions import Subscription
from handlers.ledger import MAIL


async def end(books: Books, rows: Sequence[Subscription]) -> None:
    """End subscriptions; what other subscriptions of the same contacts ask for stays planned."""
    ids = sorted({row.contact for row in rows})
    await contacts.lock(books.connection, ids)
    await subscriptions.remove(books.connection, [row.id for row in rows])
    for row in rows:
        await call_off(books.connection, [row.contact], books.now, asking_for(row.id))
    left = await subscriptions.of_contacts(books.connection, ids)
    without = set(ids) - {row.contact for row in left}
    await _without(books, without)
    if set(ids) - without:
        await plan(books, sorted(set(ids) - without))


async def _without(books: Books, ids: set[str]) -> None:
    """Call off all of contacts that have no subscription left; who never confirmed is forgotten."""
    await call_off(books.connection, ids, books.now)
    found = (await contacts.by_id(books.connection, ids)).values()
    strangers = [one.id for one in found if one.confirmed_at is None]
    await erasure.remove(books.connection, strangers, books.now, books.settings)
    for one in found:
        if one.channel == MAIL and one.confirmed_at is not None:
            await erasure.note_withdrawn(books, one)
