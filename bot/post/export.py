"""What is held of a person, for the person to see and take along."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import noticed
from bot.post import consents
from bot.post.books import Books
from bot.post.people import Person
from bot.post.suppression import suppressed
from bot.store import contacts
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from bot.store.tables import Answer, Exchange, OutboxMessage
from handlers.ledger import MAIL


async def held(
    books: Books, person: Person, mine: Sequence[Subscription], *, mailbox: str = ""
) -> dict[str, Any]:
    """Return everything that the tables hold of a person; `mine` are subscriptions besides.

    `mailbox` is one that is proved to be the person's: what was made with it elsewhere is told too.
    Moments are ISO 8601 in UTC.
    """
    rows = {row.id: row for row in (*person.subscriptions, *mine)}.values()
    others = {row.contact for row in rows} - person.contacts.keys()
    found = {**person.contacts, **await contacts.by_id(books.connection, others)}
    handed = await contacts.handed(books.connection, person.ids)
    gone = await suppressed(
        books.connection, books.key, [one.address for one in person.contacts.values()]
    )
    return {
        "contacts": [_contact(one, gone) for one in person.contacts.values()],
        "subscriptions": [_subscription(row, found[row.contact]) for row in rows],
        "handed": [
            {"contact": name, "deadline": deadline, "at": _told(at)}
            for name, each in handed.items()
            for deadline, at in each.items()
        ],
        "messages": await _messages(books.connection, person, mailbox),
        "conversations": await _conversations(books.connection, person.conversations),
        **await noticed.held(books.connection, person.conversations, mailbox),
    }


def _contact(one: Contact, gone: Collection[str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "address": one.address,
        "language": one.language,
        "zone": one.zone,
        "made": _told(one.made_at),
        "confirmed": _told(one.confirmed_at),
        "gets_mail": None if one.channel != MAIL else one.address not in gone,
    }


def _subscription(row: Subscription, contact: Contact) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": contact.channel,
        "address": contact.address,
        "selection": row.selection,
        "leads": row.leads,
        "consent": consents.read(row.consent),
        "made": _told(row.made_at),
        "confirmed": _told(row.confirmed_at),
    }


async def _messages(
    connection: AsyncConnection, person: Person, mailbox: str
) -> list[dict[str, Any]]:
    names = ("kind", "channel", "address", "deadline", "state")
    times = ("due_at", "first_at", "settled_at")
    row = OutboxMessage
    columns = [col(getattr(row, name)) for name in (*names, *times)]
    of_notices = await noticed.messages(connection, person.conversations, mailbox)
    mine = or_(col(row.contact).in_(person.ids), of_notices)
    query = select(*columns).where(mine).order_by(col(row.due_at), col(row.id))
    found: Iterable[Any] = (await connection.execute(query)).mappings()
    return [
        {name: each[name] for name in names}
        | {name.removesuffix("_at"): _told(each[name]) for name in times}
        for each in found
    ]


async def _conversations(
    connection: AsyncConnection, names: Collection[str]
) -> list[dict[str, Any]]:
    answers: dict[str, dict[str, dict[str, str]]] = {name: {} for name in names}
    query = select(
        col(Answer.conversation), col(Answer.form), col(Answer.question), col(Answer.value)
    )
    theirs = query.where(col(Answer.conversation).in_(list(names)))
    for name, form, question, value in await connection.execute(theirs):
        answers[name].setdefault(form, {})[question] = value
    last = select(col(Exchange.conversation), col(Exchange.said), col(Exchange.at))
    mine = last.where(col(Exchange.conversation).in_(list(names)))
    said = {row[0]: (row[1], row[2]) for row in await connection.execute(mine)}
    return [
        {
            "answers": answers[name],
            "said_last": said[name][0] if name in said else None,
            "said_at": _told(said[name][1]) if name in said else None,
        }
        for name in names
    ]


def _told(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
