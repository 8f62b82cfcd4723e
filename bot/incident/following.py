"""What came of each attempt to send a notice becomes a line of its record, and is told.

All of it happens in the transaction that notes the attempt: what the outbox knows and what the
record says are in force together, or not at all.
"""

from sqlalchemy import and_, select, update
from sqlmodel import col

from bot.incident import progress, register
from bot.incident.progress import STANDING
from bot.post import content
from bot.post.books import Books
from bot.post.content import Progress
from bot.post.kinds import Kind
from bot.post.mail.capture import KEPT
from bot.post.outbox import Settled
from bot.post.outcomes import Verdict
from bot.post.states import State
from bot.post.telegram import message_number
from bot.store.tables import Incident
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import TELEGRAM

FAILED = ("attempt", "unheard", "rejected")
"""Steps after which the person is to have the notice in hand."""


async def noted(books: Books, settled: Settled) -> None:
    """Record and tell what came of a message, in the transaction that has just noted it.

    Nothing follows from a message that another worker has by now, nor from one that was only given
    back. Being told the same twice changes nothing.
    """
    claimed = settled.claimed
    if not settled.tried or claimed.kind not in (Kind.INCIDENT, Kind.PROGRESS):
        return
    if not await _still_ours(books, settled):
        return
    row = await register.by_id(books.connection, str(claimed.content.get("incident", "")))
    if row is None:
        return
    if claimed.kind is Kind.PROGRESS:
        await _told(books, row, settled)
    else:
        await _attempted(books, row, settled)


async def _still_ours(books: Books, settled: Settled) -> bool:
    claimed = settled.claimed
    mine = and_(col(Row.id) == claimed.id, col(Row.fence) == claimed.fence)
    return (await books.connection.execute(select(col(Row.id)).where(mine))).first() is not None


async def _attempted(books: Books, row: Incident, settled: Settled) -> None:
    what, words = _step(settled)
    failed_before = await _failed(books, row)
    in_hand = failed_before or await progress.is_handed(books, row)
    once = f"{settled.claimed.id}:{settled.claimed.fence}:{what}"
    await register.add_step(books.database, books.connection, row.id, once, books.now, what, words)
    if what == "captured":
        await progress.tell(books, row, "captured", letter=True, once="captured")
    elif what == "accepted":
        after_trouble = "accepted" if in_hand else STANDING
        await progress.tell(books, row, after_trouble, once=settled.claimed.id)
    elif failed_before:
        await progress.tell(books, row, STANDING)
    else:
        await progress.hand_over(books, row)


def _step(settled: Settled) -> tuple[str, str]:
    """Return what an attempt is called in the record, and the words that go with it."""
    if settled.verdict == Verdict.ACCEPTED.value:
        kept = settled.answer == KEPT.answer and not settled.by
        return ("captured", "") if kept else ("accepted", settled.answer)
    words = f"{settled.by or '-'}, {settled.verdict}: {settled.answer}"
    if settled.verdict == Verdict.UNKNOWN.value:
        return "unheard", words
    # What a smaller notice takes the place of is not left to a person.
    refused = {State.REJECTED, State.NEEDS_HUMAN} <= set(settled.through)
    return ("rejected" if refused else "attempt"), words


async def _failed(books: Books, row: Incident) -> bool:
    record = await register.steps(books.connection, row.id)
    return any(step.what in FAILED for step in record)


async def _told(books: Books, row: Incident, settled: Settled) -> None:
    """Keep the number of the chat's standing; hand on by mail what a chat does not take."""
    told = content.read(settled.claimed.content)
    if not isinstance(told, Progress) or settled.claimed.channel != TELEGRAM:
        return
    if settled.lost:
        await _keep(books, row, chat=None, shown=None)
        await progress.by_mail(books, row, told, settled.claimed.id)
        return
    if settled.verdict != Verdict.ACCEPTED.value:
        return
    number = message_number(settled.answer)
    if told.message == STANDING and number is not None:
        await _keep(books, row, shown=number)
    if told.letter:
        once = f"{settled.claimed.id}:handed-over"
        await register.add_step(
            books.database, books.connection, row.id, once, books.now, "handed-over"
        )


async def _keep(books: Books, row: Incident, **new: int | None) -> None:
    change = update(Incident).where(col(Incident.id) == row.id)
    await books.connection.execute(change.values(**new))
