"""What the links in mails do: confirm, unsubscribe, and the mail that opens what is held.

Each takes the `Books` of the caller's transaction and answers alike whether an address is known.
"""

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from bot.post import content, erasure, limits, outbox, planning
from bot.post.books import Books
from bot.post.calling_off import call_off
from bot.post.consents import confirmed
from bot.post.kinds import Kind
from bot.post.limits import Answer
from bot.post.outbox import Planned
from bot.post.suppression import suppressed
from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from bot.store.tables import OutboxMessage
from handlers.ledger import MAIL, Subscribed
from rules.addresses import Address

CONFIRM_HOURS = 48
"""How long the link in a confirmation mail works."""

ACCESS_FOR = timedelta(days=1)
"""How long the mail with the link to what is held is worth sending."""


async def waiting(books: Books, subscription: str) -> Subscribed | None:
    """Return the subscription that a confirmation link is for, for the page with the button.

    None where it is unknown or its 48 hours are over. Nothing is changed.
    """
    found = await _asked(books, subscription)
    return shown(*found) if found else None


async def confirm(books: Books, subscription: str) -> Subscribed | None:
    """Confirm a subscription and plan its reminders; return it, or None where that is over.

    A second press changes nothing and returns the subscription again.
    """
    found = await _asked(books, subscription)
    if found is None:
        return None
    await contacts.lock(books.connection, [found[1].id])
    # Whoever had it locked may have erased it.
    found = await _asked(books, subscription)
    if found is not None and found[0].confirmed_at is None:
        await _take_the_yes(books, *found)
        found = await _asked(books, subscription)
    return shown(*found) if found else None


async def _take_the_yes(books: Books, one: Subscription, contact: Contact) -> None:
    at = books.moment
    noted = await erasure.noted_at(books, contact, one.conversation)
    made = erasure.lasting(contact.made_at, noted, at)
    new = {"confirmed_at": contact.confirmed_at or at, "made_at": made}
    await contacts.change(books.connection, contact.id, new)
    change = {
        "leads": one.leads,
        "consent": confirmed(one.consent, "link in a mail", books.now),
        "made_at": erasure.lasting(one.made_at, noted, at),
        "confirmed_at": at,
    }
    await subscriptions.change(books.connection, [one.id], change)
    await call_off(books.connection, [contact.id], books.now, asking_for(one.id))
    await plan(books, [contact.id])


async def _asked(books: Books, subscription: str) -> tuple[Subscription, Contact] | None:
    """Return a subscription as its owner was last asked about it, or None where that is over.

    One in force that was asked for again with other lead times is unconfirmed with these.
    """
    rows = await subscriptions.by_id(books.connection, [subscription])
    found = await contacts.by_id(books.connection, [row.contact for row in rows])
    if not rows or rows[0].contact not in found:
        return None
    (one,) = rows
    if one.confirmed_at is None and one.made_at + CONFIRM_HOURS * 3600 <= books.moment:
        return None
    if one.confirmed_at is not None:
        leads = await _asked_since(books, one, one.confirmed_at)
        one = one if leads in (None, one.leads) else replace(one, leads=leads, confirmed_at=None)
    return one, found[one.contact]


async def _asked_since(books: Books, one: Subscription, confirmed: float) -> str | None:
    """Return the lead times in the newest mail that asks again for what was `confirmed`."""
    row = OutboxMessage
    since = max(confirmed, books.moment - CONFIRM_HOURS * 3600)
    mine = (col(row.contact) == one.contact) & asking_for(one.id) & (col(row.due_at) > since)
    newest = select(col(row.content)).where(mine).order_by(col(row.due_at).desc()).limit(1)
    made_of = (await books.connection.execute(newest)).scalar_one_or_none()
    return json.loads(made_of).get("leads") if made_of else None


def asking_for(subscription: str) -> ColumnElement[bool]:
    """Return the condition for the mails that ask for the confirmation of a subscription."""
    return col(OutboxMessage.key).startswith(f"confirmation:{subscription}:", autoescape=True)


def shown(one: Subscription, contact: Contact) -> Subscribed:
    """Return a subscription as handlers and pages see it."""
    return Subscribed(
        one.id,
        contact.channel,
        one.selection,
        one.leads,
        contact.language,
        contact.zone,
        one.confirmed_at is not None,
        contact.address if contact.channel == MAIL else "",
    )


async def plan(books: Books, ids: list[str]) -> None:
    """Bring what is planned for contacts in line with what they want now."""
    await planning.plan_contacts(
        books.database, books.connection, books.desk, ids, books.now, books.key
    )


async def unsubscribe(books: Books, contact: str) -> bool:
    """End every subscription of a contact and call off all that has not left.

    Return whether there was one; the page says the same either way.
    """
    await contacts.lock(books.connection, [contact])
    rows = await subscriptions.of_contacts(books.connection, [contact])
    await subscriptions.remove(books.connection, [row.id for row in rows])
    await contacts.forget_handed(books.connection, [contact])
    await call_off(books.connection, [contact], books.now)
    person = (await contacts.by_id(books.connection, [contact])).get(contact)
    if person is not None and rows:
        await erasure.note_withdrawn(books, person)
    return bool(rows)


async def ask_access(
    books: Books, address: Address, *, conversation: str, network: str = ""
) -> None:
    """Plan the mail with the link to all that is held of `address`, if anything is held of it.

    `conversation` and `network` (an IP address, or empty) say who asks, for the limits. Nothing is
    returned, because whoever asks is always told the same.
    """
    answer = await limits.ask(books, address, conversation=conversation, network=network)
    found = await contacts.at(books.connection, MAIL, str(address))
    gone = await suppressed(books.connection, books.key, {one.address for one in found})
    reached = [one for one in found if one.address not in gone]
    if answer is Answer.SEND:
        mails = [_access(books, one) for one in reached]
        await outbox.plan(books.database, books.connection, mails)


def _access(books: Books, contact: Contact) -> Planned:
    made = content.Access(language=contact.language, zone=contact.zone)
    return Planned(
        f"access:{contact.id}:{books.moment:.3f}",
        Kind.CONFIRMATION,
        MAIL,
        contact.address,
        made.model_dump(mode="json"),
        books.now,
        books.now + ACCESS_FOR,
        contact=contact.id,
    )
