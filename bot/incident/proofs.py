"""Proving a mailbox: by a code that is typed in, or by a subscription confirmed in the same place.

Nobody learns here which mailboxes Noon knows, or which of them had too many mails: an answer says
something about the asker alone. A mailbox that nothing was sent to gets a row whose code no digits
match, so that what is typed is answered alike.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import holding
from bot.incident.codes import LIFE, code
from bot.post import content, limits, outbox, people
from bot.post.books import Books
from bot.post.kinds import Kind
from bot.post.limits import Answer
from bot.post.outbox import Planned
from bot.post.suppression import suppressed
from bot.store import contacts
from bot.store.tables import MailboxProof as Row
from handlers.cases import Asked, Given
from handlers.ledger import MAIL
from rules import addresses

TRIES = 5
"""How often one may be typed."""

CODES = "codes"
"""What codes are counted under, apart from all other mails that anybody can ask for."""

UNSENT = "~"
"""Begins the id of a row that no mail was sent for."""


@dataclass(frozen=True)
class Asker:
    """Who asks: a conversation, its language and zone, the network it comes from if known."""

    conversation: str
    language: str
    zone: str
    network: str = ""


@dataclass(frozen=True)
class Proved:
    """A mailbox that was confirmed in a conversation, and when."""

    address: str = field(repr=False)
    at: datetime


async def proved(books: Books, conversation: str) -> Proved | None:
    """Return the mailbox that was confirmed in this conversation last, or None."""
    return max(await _every(books, conversation), key=lambda one: one.at, default=None)


async def asked(books: Books, conversation: str) -> str:
    """Return the mailbox that was typed here last, confirmed or not; empty: none was."""
    mine = select(col(Row.address)).where(col(Row.conversation) == conversation)
    query = mine.order_by(col(Row.asked_at).desc(), col(Row.id)).limit(1)
    return str((await books.connection.execute(query)).scalar() or "")


async def _every(books: Books, conversation: str) -> list[Proved]:
    mine = and_(col(Row.conversation) == conversation, col(Row.proved_at).is_not(None))
    query = select(col(Row.address), col(Row.proved_at)).where(mine)
    by_code = [(row.address, row.proved_at) for row in await books.connection.execute(query)]
    by_link = await _subscribed(books, conversation)
    return [Proved(address, _moment(at)) for address, at in (*by_code, *by_link)]


async def _subscribed(books: Books, conversation: str) -> list[tuple[str, float]]:
    """Return this person's mailboxes by the subscriptions that were confirmed here, and when."""
    person = await people.of_conversation(books.connection, conversation)
    mailboxes = {key: one.address for key, one in person.contacts.items() if one.channel == MAIL}
    return [
        (mailboxes[row.contact], row.confirmed_at)
        for row in person.subscriptions
        if row.confirmed_at is not None and row.contact in mailboxes
    ]


async def since(books: Books, address: str) -> datetime | None:
    """Return since when a mailbox is known to be somebody's, wherever it was confirmed."""
    query = select(col(Row.proved_at)).where(col(Row.address) == address)
    at = [moment for moment in (await books.connection.execute(query)).scalars() if moment]
    at += [
        one.confirmed_at
        for one in await contacts.at(books.connection, MAIL, address)
        if one.confirmed_at is not None
    ]
    return _moment(min(at)) if at else None


async def ask(books: Books, asker: Asker, written: str) -> Asked:
    """Send a code to a mailbox, unless it was confirmed here or too many were asked for.

    Raises `rules.addresses.BadAddress` for what is not one.
    """
    address = addresses.parse(written)
    if await _is_proved(books, asker.conversation, str(address)):
        return Asked.PROVED
    answer = await limits.ask(
        books, address, conversation=asker.conversation, network=asker.network, of=CODES
    )
    if answer is Answer.REFUSED:
        await holding.watch_codes(books)
        return Asked.REFUSED
    reached = not await suppressed(books.connection, books.key, {str(address)})
    sent = answer is Answer.SEND and reached
    identifier = await _keep(books, asker.conversation, str(address), sent=sent)
    if sent:
        mail = _mail(books, asker, str(address), identifier)
        await outbox.plan(books.database, books.connection, [mail])
    await holding.watch_codes(books)
    return Asked.SENT


async def _is_proved(books: Books, conversation: str, address: str) -> bool:
    """Whether a mailbox was confirmed here; if so, it is the last one from now on."""
    every = await _every(books, conversation)
    if all(one.address != address for one in every):
        return False
    if max(every, key=lambda one: one.at).address != address:
        await _keep(books, conversation, address, sent=False, proved_at=books.moment)
    return True


async def _keep(
    books: Books,
    conversation: str,
    address: str,
    *,
    sent: bool,
    proved_at: float | None = None,
) -> str:
    row = {
        "id": ("" if sent else UNSENT) + uuid4().hex,
        "conversation": conversation,
        "address": address,
        "asked_at": books.moment,
        "tries": 0,
        "proved_at": proved_at,
    }
    await books.connection.execute(books.database.insert(Row), [row])
    return str(row["id"])


def _mail(books: Books, asker: Asker, address: str, proof: str) -> Planned:
    made = content.Code(language=asker.language, zone=asker.zone, proof=proof)
    return Planned(
        f"code:{proof}",
        Kind.CODE,
        MAIL,
        address,
        made.model_dump(mode="json"),
        books.now,
        books.now + LIFE,
    )


async def give(books: Books, conversation: str, typed: str) -> Given:
    """Try a code for the mailbox that was asked last; each of its codes that still works may do."""
    rows = await _asked_last(books, conversation)
    if any(row.proved_at is not None and _fits(books.key, row.id, typed) for row in rows):
        return Given.RIGHT
    open_rows = [row for row in rows if _works(row, books.moment)]
    for row in open_rows:
        if _fits(books.key, row.id, typed):
            await _write(books.connection, col(Row.id) == row.id, proved_at=books.moment)
            return Given.RIGHT
    tried = col(Row.id).in_([row.id for row in open_rows])
    await _write(books.connection, tried, tries=col(Row.tries) + 1)
    return Given.WRONG if any(row.tries + 1 < TRIES for row in open_rows) else Given.OVER


async def _asked_last(books: Books, conversation: str) -> list[Row]:
    """Return the rows of the mailbox that was asked last, newest first, locked."""
    mine = col(Row.conversation) == conversation
    columns = [col(getattr(Row, name)) for name in Row.model_fields]
    query = select(*columns).where(mine).order_by(col(Row.asked_at).desc(), col(Row.id))
    found = (await books.connection.execute(query.with_for_update())).mappings()
    rows = [Row(**dict(row)) for row in found]
    return [row for row in rows if row.address == rows[0].address]


def _works(row: Row, now: float) -> bool:
    young = row.asked_at + LIFE.total_seconds() > now
    return row.proved_at is None and row.tries < TRIES and young


def _fits(key: bytes, proof: str, typed: str) -> bool:
    digits = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())
    return not proof.startswith(UNSENT) and compare_digest(code(key, proof), digits)


async def _write(connection: AsyncConnection, which: ColumnElement[bool], **new: object) -> None:
    await connection.execute(update(Row).where(which).values(**new))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
