"""Persons: whose contacts a conversation, or the link in a mail, may show and change as a whole.

A mailbox that confirms what a conversation asked for says yes to that one subscription. It says
nothing of who sits at the other end: only the mailed link proves the whole of a mailbox.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from handlers.ledger import MAIL, TELEGRAM


@dataclass(frozen=True)
class Person:
    """Contacts of one person, their subscriptions, and the conversations that are theirs alone."""

    contacts: dict[str, Contact]
    subscriptions: list[Subscription]
    conversations: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of the contacts."""
        return list(self.contacts)


async def of_conversation(
    connection: AsyncConnection, conversation: str, chat: int | None = None
) -> Person:
    """Return whoever has this conversation: what is its own alone.

    That is the private `chat` it is held in, and each contact that confirmed a subscription here
    and has none from elsewhere. An address that was typed here and never confirmed, or that is
    reminded for somebody else's asking too, is not this person's, for all we know.
    """
    asked = await subscriptions.of_conversations(connection, [conversation])
    ids = _confirmed(asked)
    every = await subscriptions.of_contacts(connection, ids)
    elsewhere = _confirmed(row for row in every if row.conversation != conversation)
    mine = await contacts.by_id(connection, ids - elsewhere)
    if chat is not None:
        mine |= {one.id: one for one in await contacts.at(connection, TELEGRAM, str(chat))}
    rows = [row for row in asked if row.contact in mine]
    return Person(mine, rows, (conversation,))


async def of_contact(connection: AsyncConnection, contact: str) -> Person:
    """Return whoever has this contact, with the other contacts of the same conversations.

    A conversation in which several mailboxes were confirmed says nothing about whose it is: the
    owner of one mailbox is not shown the others.
    """
    mine = await subscriptions.of_contacts(connection, [contact])
    named = {one.conversation for one in mine if one.confirmed_at is not None}
    asked = await subscriptions.of_conversations(connection, named)
    people = await contacts.by_id(connection, _confirmed(asked))
    shared = {
        name
        for name in named - {""}
        if _mailboxes([one for one in asked if one.conversation == name], people) <= 1
    }
    ids = _confirmed(one for one in asked if one.conversation in shared)
    return await _person(connection, {contact, *ids}, sorted(shared))


async def _person(
    connection: AsyncConnection, ids: Collection[str], conversations: Iterable[str]
) -> Person:
    found = await contacts.by_id(connection, ids)
    given = await subscriptions.of_contacts(connection, list(found))
    return Person(found, given, tuple(conversations))


def _confirmed(rows: Iterable[Subscription]) -> set[str]:
    return {row.contact for row in rows if row.confirmed_at is not None}


def _mailboxes(rows: Iterable[Subscription], people: dict[str, Contact]) -> int:
    ids = _confirmed(rows)
    return sum(1 for one in ids if one in people and people[one].channel == MAIL)
