"""A made notice written again from its row and its files: smaller, or to be sent by hand."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from sqlalchemy import Integer, LargeBinary, and_, bindparam, func, select, update
from sqlmodel import col

from bot.incident import evidence, letter, preparing, progress, register
from bot.incident.notifying import Notifying, Variant
from bot.incident.progress import STANDING
from bot.logs import places
from bot.post import content, fixed
from bot.post.books import Books
from bot.post.kinds import Kind
from bot.post.outbox import Frozen, Planned
from bot.post.outcomes import Verdict
from bot.post.states import State
from bot.store.database import TROUBLE
from bot.store.tables import FrozenMessage, Incident
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL
from handlers.turn import Attachment

SMALLER: dict[str, Variant] = {"full": "small", "small": "bare"}
"""Each variant and the one that takes its place where it was too large."""

_FIRST = func.substr(
    col(FrozenMessage.content), 1, bindparam("most", type_=Integer), type_=LargeBinary
)
Writing = Callable[[], Attachment | None]
"""Writes a file from what was read; for a thread, with no transaction open any more."""

log = logging.getLogger(__name__)


def replaceable(state: State, verdict: str, variant: str) -> bool:
    """Whether a smaller notice is to take the place of one that ended so."""
    return state is State.REJECTED and verdict == Verdict.SIZE.value and variant in SMALLER


async def replace(books: Books, row: Incident, variant: str) -> bool:
    """Plan the next smaller variant in the place of `variant`; False where it cannot be written.

    It is a message of its own with a Message-ID of its own, because its bytes are others.
    """
    smaller = SMALLER[variant]
    identifier = uuid4().hex
    name = f"<incident.{identifier}@{books.settings.sender.rpartition('@')[2]}>"
    whole = await _written(books, row, name, smaller)
    if whole is None:
        return False
    planned = _planned(books, row, smaller, identifier)
    new = await fixed.plan(books.database, books.connection, [(planned, Frozen(whole, name))])
    if new:
        await _inherit(books, row.message, identifier)
        change = update(Incident).where(col(Incident.id) == row.id)
        await books.connection.execute(change.values(message=identifier, message_id=name))
        once = f"{row.id}:smaller:{smaller}"
        await register.add_step(
            books.database, books.connection, row.id, once, books.now, "smaller", smaller
        )
        await progress.tell(books, row, STANDING)
    return True


async def _inherit(books: Books, before: str, after: str) -> None:
    """Let the smaller notice remember that the one before it may have arrived unheard."""
    silences = select(col(Row.silences)).where(col(Row.id) == before)
    number = (await books.connection.execute(silences)).scalar() or 0
    change = update(Row).where(col(Row.id) == after)
    await books.connection.execute(change.values(silences=number))


async def give_up(books: Books, message: str) -> None:
    """Leave to a person what was too large and cannot be made smaller."""
    mine = and_(col(Row.id) == message, col(Row.state) == State.REJECTED.value)
    await books.connection.execute(
        update(Row).where(mine).values(state=State.NEEDS_HUMAN.value, settled_at=books.moment)
    )


async def draft(books: Books, row: Incident) -> Attachment | None:
    """Return the notice as a draft that a mail program opens, every file in it.

    Where it cannot be written, the mail as it was fixed; None where that is not kept either.
    """
    write = await drafting(books, row)
    return await asyncio.to_thread(write) if write is not None else None


async def drafting(books: Books, row: Incident) -> Writing | None:
    """Read what `draft` is written from; None where nothing of it is kept."""
    told, whole = await _told(books, row), await mail(books, row)
    if told is None:
        return None if whole is None else lambda: whole
    return partial(_draft, told, whole)


async def mail(books: Books, row: Incident) -> Attachment | None:
    """Return the mail exactly as it was fixed; None where it was not, or is not kept any more."""
    query = select(col(FrozenMessage.content)).where(col(FrozenMessage.message) == row.message)
    whole = (await books.connection.execute(query)).scalar()
    if whole is None:
        return None
    return Attachment(preparing.file_name(row), bytes(whole), "message/rfc822")


async def _told(books: Books, row: Incident) -> Notifying | None:
    try:
        return await preparing.again(books, row, await evidence.of(books.connection, row.id))
    except TROUBLE:
        raise
    except Exception as error:
        log.error("what a notice is written from cannot be read: %s", places(error))
        return None


def _draft(told: Notifying, whole: Attachment | None) -> Attachment | None:
    try:
        return letter.draft(told)
    except Exception as error:
        log.error("the draft of a notice could not be written: %s", places(error))
        return whole


async def head(books: Books, message: str, most: int) -> bytes:
    """Return the first bytes of a fixed message: its text stands before its files."""
    start = select(_FIRST).where(col(FrozenMessage.message) == message)
    found = (await books.connection.execute(start, {"most": most})).scalar()
    return bytes(found or b"")


async def _written(books: Books, row: Incident, name: str, variant: Variant) -> bytes | None:
    n = await preparing.again(books, row, await evidence.of(books.connection, row.id))
    return None if n is None else await asyncio.to_thread(letter.compose, n, name, variant)


def _planned(books: Books, row: Incident, variant: Variant, identifier: str) -> Planned:
    made = content.Incident(
        language=books.desk.agency.languages[0],
        zone=row.zone,
        incident=row.id,
        variant=variant,
    )
    return Planned(
        f"incident:{row.id}:{variant}",
        Kind.INCIDENT,
        MAIL,
        row.mailbox,
        made.model_dump(mode="json"),
        books.now,
        progress.moment(row.closes_at),
        id=identifier,
    )
