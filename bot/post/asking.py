"""Asking for a subscription: in force at once in one's own chat, by a confirmed link for mail."""

from collections.abc import Sequence
from datetime import timedelta

from bot.post import consents, content, erasure, limits, outbox, people
from bot.post.books import Books
from bot.post.kinds import Kind
from bot.post.limits import Answer
from bot.post.links import new_id
from bot.post.outbox import Planned
from bot.post.subscribing import CONFIRM_HOURS, plan
from bot.post.suppression import suppressed
from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from handlers.ledger import MAIL, Taken, Wanted
from rules import addresses

MOST = 20
"""Subscriptions that a conversation, or a contact on its own page, may have."""


async def is_full(books: Books, selection: str, mine: Sequence[Subscription]) -> bool:
    """Whether one more subscription would be too many; one that is there may always change."""
    return len(mine) >= MOST and all(row.selection != selection for row in mine)


async def activate(
    books: Books,
    wanted: Wanted,
    place: tuple[str, str],
    conversation: str,
    how: str,
    *,
    owner: bool = True,
) -> None:
    """Keep a subscription at `place` (channel, address) as confirmed, and plan its reminders.

    Language and zone hold for all that comes to a contact: only its `owner` changes them.
    """
    at = books.moment
    contact = await _contact(books, wanted, place, at)
    await contacts.lock(books.connection, [contact.id])
    noted = await erasure.noted_at(books, contact, conversation)
    new: dict[str, object] = {"made_at": erasure.lasting(contact.made_at, noted, at)}
    if owner:
        new |= {"language": wanted.language, "zone": wanted.zone}
    confirmed = {"confirmed_at": contact.confirmed_at or at}
    await contacts.change(books.connection, contact.id, {**new, **confirmed})
    consent = consents.record(wanted.consent, how, books.now, channel=place[0])
    await _keep(books, wanted, contact, conversation, consent, at)
    await plan(books, [contact.id])


async def by_mail(books: Books, wanted: Wanted, conversation: str, network: str) -> Taken:
    """Keep a subscription by mail, and ask its mailbox unless this conversation has done so.

    Somebody who types another person's address learns nothing of what is held of it, and changes
    nothing of it.
    """
    address = addresses.parse(wanted.address)
    place = MAIL, str(address)
    proved = await _proved(books, place[1], wanted.selection, conversation)
    if proved is not None:
        person = await people.of_conversation(books.connection, conversation)
        how, owner = "in a conversation that proved it", proved in person.contacts
        await activate(books, wanted, place, conversation, how, owner=owner)
        return Taken.ACTIVE
    answer = await limits.ask(books, address, conversation=conversation, network=network)
    if answer is Answer.REFUSED:
        return Taken.TOO_MANY
    contact = await _contact(books, wanted, place, None)
    await contacts.lock(books.connection, [contact.id])
    if contact.confirmed_at is None:
        new = {"language": wanted.language, "zone": wanted.zone}
        await contacts.change(books.connection, contact.id, new)
    consent = consents.record(
        wanted.consent,
        "asked for",
        books.now,
        channel=MAIL,
        language=wanted.language,
        zone=wanted.zone,
    )
    kept = await _keep(books, wanted, contact, conversation, consent, None)
    reached = not await suppressed(books.connection, books.key, {contact.address})
    if answer is Answer.SEND and reached:
        mail = _confirmation(books, wanted, contact, kept)
        await outbox.plan(books.database, books.connection, [mail])
    return Taken.ASKED


async def _proved(books: Books, address: str, selection: str, conversation: str) -> str | None:
    """Return the contact of a mailbox that has confirmed this very subscription, or None."""
    rows = await subscriptions.of_conversations(books.connection, [conversation])
    same = [row for row in rows if row.selection == selection and row.confirmed_at is not None]
    found = await contacts.by_id(books.connection, {row.contact for row in same})
    mine = (one.id for one in found.values() if (one.channel, one.address) == (MAIL, address))
    return next(mine, None)


async def _contact(
    books: Books, wanted: Wanted, place: tuple[str, str], confirmed: float | None
) -> Contact:
    new = Contact(new_id(), *place, wanted.language, wanted.zone, books.moment, confirmed)
    return (await contacts.keep(books.database, books.connection, [new]))[place]


async def _keep(
    books: Books,
    wanted: Wanted,
    contact: Contact,
    conversation: str,
    consent: str,
    confirmed: float | None,
) -> Subscription:
    """Keep a subscription, or write the new leads and consent into the one that is there."""
    new = Subscription(
        new_id(),
        contact.id,
        conversation,
        wanted.selection,
        wanted.leads,
        consent,
        books.moment,
        confirmed,
    )
    await subscriptions.keep(books.database, books.connection, [new])
    rows = await subscriptions.of_contacts(books.connection, [contact.id])
    (kept,) = (
        row for row in rows if (row.selection, row.conversation) == (wanted.selection, conversation)
    )
    if confirmed is None and kept.confirmed_at is not None:
        # Whoever asks may be a stranger: what the owner has confirmed stays as it is.
        return kept
    change = {"leads": wanted.leads, "consent": consent, "made_at": books.moment}
    if confirmed is not None:
        noted = await erasure.noted_at(books, contact, conversation)
        change["made_at"] = erasure.lasting(kept.made_at, noted, confirmed)
        change["confirmed_at"] = confirmed
    if kept.confirmed_at is not None:
        # Other lead times are no new consent: the proof of the first one stays.
        change = {name: change[name] for name in ("leads", "made_at")}
    await subscriptions.change(books.connection, [kept.id], change)
    return kept


def _confirmation(books: Books, wanted: Wanted, contact: Contact, kept: Subscription) -> Planned:
    made = content.Confirmation(
        language=wanted.language,
        zone=wanted.zone,
        subscription=kept.id,
        selection=wanted.selection,
        leads=wanted.leads,
    )
    return Planned(
        f"confirmation:{kept.id}:{books.moment:.3f}",
        Kind.CONFIRMATION,
        MAIL,
        contact.address,
        made.model_dump(mode="json"),
        books.now,
        books.now + timedelta(hours=CONFIRM_HOURS),
        contact=contact.id,
    )
