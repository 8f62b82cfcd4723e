"""Telling a person how a notice stands: planned in the transaction in which it changes.

In a chat one message always tells the latest and is edited in place; what the person has to act on
comes as a message of its own besides, because nobody is told of an edit. Without a chat what has to
be acted on goes by mail; the page shows everything in any case.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from bot.post import content, outbox
from bot.post.books import Books
from bot.post.kinds import Kind
from bot.post.outbox import LIVE, Planned
from bot.store.tables import Incident
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL, TELEGRAM

STANDING = "standing"
"""The message that tells how a notice stands; in a chat it takes the place of the one before."""

FAILING = "failing"
"""The message that a notice has met trouble, or was not even tried yet."""

TEXT = "text"
"""The notice's own text, to be copied from a chat."""

_FIRST = "first"

KNOWN_FOR = timedelta(hours=6)
"""So long it is worth being told."""


async def tell(
    books: Books, row: Incident, message: str, *, letter: bool = False, once: str = ""
) -> None:
    """Plan to tell the person of a notice `message`, with the notice as a file if `letter`.

    In a chat the standing is told anew with it. What was planned under the same `once` is not
    planned again; empty: it is told each time. Who was erased is told nothing.
    """
    if row.chat is None and not row.address:
        return
    place = f"{books.moment:.6f}-{await _told(books, row)}"
    planned = list(_planned(books, row, message, letter, once or place, place))
    if row.chat is not None:
        await _supersede(books, row)
    await outbox.plan(books.database, books.connection, planned)


async def hand_over(books: Books, row: Incident) -> None:
    """Plan to put a notice into its person's hands at the first trouble: file, text and numbers."""
    await tell(books, row, FAILING, letter=True, once=_FIRST)


def handed(row: Incident) -> str:
    """Return the outbox key by which it is known that `hand_over` was called."""
    channel = MAIL if row.chat is None else TELEGRAM
    return key(row, FAILING, f"{_FIRST}:{channel}")


async def is_handed(books: Books, row: Incident) -> bool:
    """Whether `hand_over` was called, so that its person does not wait any more."""
    query = select(col(Row.id)).where(col(Row.key) == handed(row))
    return (await books.connection.execute(query)).first() is not None


def moment(seconds: float) -> datetime:
    """Return the moment that the tables keep as seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def key(row: Incident, message: str, once: str) -> str:
    """Return the outbox key of what is told of a notice."""
    return f"progress:{row.id}:{message}:{once}"


async def by_mail(books: Books, row: Incident, told: content.Progress, once: str) -> None:
    """Plan to tell by mail what could not be told in a chat."""
    once = _FIRST if told.message == FAILING else once
    if row.address and told.message not in (STANDING, TEXT):
        to = {"channel": MAIL, "address": row.address}
        one = _one(books, row, told.message, once, told.letter, **to)
        await outbox.plan(books.database, books.connection, [one])


async def _told(books: Books, row: Incident) -> int:
    """Return how much was planned to be told: two tellings at one moment are two."""
    mine = col(Row.key).startswith(key(row, "", "").removesuffix(":"), autoescape=True)
    query = select(func.count()).select_from(Row).where(mine)
    return int((await books.connection.execute(query)).scalar_one())


def _planned(
    books: Books, row: Incident, message: str, letter: bool, name: str, place: str
) -> Iterator[Planned]:
    if row.chat is None:
        if message != STANDING:
            yield _one(books, row, message, name, letter, channel=MAIL, address=row.address)
        return
    chat = str(row.chat)
    yield _one(books, row, STANDING, place, channel=TELEGRAM, address=chat)
    if message != STANDING:
        yield _one(books, row, message, name, letter, channel=TELEGRAM, address=chat)
    if letter:
        yield _one(books, row, TEXT, name, channel=TELEGRAM, address=chat)


def _one(
    books: Books,
    row: Incident,
    message: str,
    once: str,
    letter: bool = False,
    *,
    channel: str,
    address: str,
) -> Planned:
    told = content.Progress(
        language=row.language,
        zone=row.zone,
        incident=row.id,
        message=message,
        letter=letter,
        at=books.now,
    )
    return Planned(
        key(row, message, f"{once}:{channel}"),
        Kind.PROGRESS,
        channel,
        address,
        told.model_dump(mode="json"),
        books.now,
        books.now + KNOWN_FOR,
    )


async def _supersede(books: Books, row: Incident) -> None:
    """Call off standings that wait: what they would tell is not the latest any more."""
    standing = col(Row.key).startswith(key(row, STANDING, ""), autoescape=True)
    query = select(col(Row.key)).where(standing, LIVE)
    keys = list((await books.connection.execute(query)).scalars())
    if keys:
        await outbox.cancel(books.connection, keys, books.now)
