"""Erasing a person's notices: all that is theirs goes, and what has not left is called off.

Of a notice that has left one thing stays until its 90 days are over, as evidence for whoever claims
that it never did: that it was made, when, what the server answered, its Message-ID and keyed hash.
Nothing in it says whose it was (GDPR, articles 17(3)(e) and 5(1)(c)).
"""

import asyncio
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import register
from bot.post import calling_off
from bot.post.states import State
from bot.settings import Settings
from bot.store.tables import Evidence, Incident, IncidentStep, MailboxProof, OutboxMessage

NOTICES = "notices"
"""What a mailbox is written down under whose notices were erased, wherever they were made."""

GONE = "…"
"""What stands for a mailbox in a server's words."""

_LEFT = (State.ACCEPTED, State.DELAYED, State.DELIVERED, State.BOUNCED, State.SENDING)
_NOBODY = {"conversation": "", "chat": None, "shown": None, "address": "", "told": "{}"}


async def of_conversation(
    connection: AsyncConnection,
    conversation: str,
    until: datetime,
    now: datetime,
    settings: Settings,
) -> int:
    """Erase what a conversation made up to a moment; return how many notices and files it was."""
    made = and_(
        col(Incident.conversation) == conversation, col(Incident.made_at) <= until.timestamp()
    )
    asked = and_(
        col(MailboxProof.conversation) == conversation,
        col(MailboxProof.asked_at) <= until.timestamp(),
    )
    count = await _erase(connection, made, asked, now, settings)
    draft = and_(
        col(Evidence.conversation) == conversation,
        col(Evidence.incident).is_(None),
        col(Evidence.at) <= until.timestamp(),
    )
    return count + (await connection.execute(delete(Evidence).where(draft))).rowcount


async def of_mailbox(
    connection: AsyncConnection, address: str, until: datetime, now: datetime, settings: Settings
) -> int:
    """Erase what was made with a mailbox, wherever that was; return how many notices it was."""
    made = and_(col(Incident.address) == address, col(Incident.made_at) <= until.timestamp())
    asked = and_(
        col(MailboxProof.address) == address, col(MailboxProof.asked_at) <= until.timestamp()
    )
    return await _erase(connection, made, asked, now, settings)


async def _erase(
    connection: AsyncConnection,
    made: ColumnElement[bool],
    asked: ColumnElement[bool],
    now: datetime,
    settings: Settings,
) -> int:
    rows = await register.where(connection, made)
    for row in rows:
        await _erase_one(connection, row, now, settings)
    proofs = (await connection.execute(select(col(MailboxProof.id)).where(asked))).scalars().all()
    codes = col(OutboxMessage.key).in_([f"code:{proof}" for proof in proofs])
    await _empty(connection, codes, now, settings)
    gone = await connection.execute(delete(MailboxProof).where(asked))
    return len(rows) + gone.rowcount


async def _erase_one(
    connection: AsyncConnection, row: Incident, now: datetime, settings: Settings
) -> None:
    left = await _has_left(connection, row)
    await _empty(connection, carrying(row.id), now, settings)
    mine = col(Incident.id) == row.id
    if not left:
        await connection.execute(delete(Incident).where(mine))
        return
    await connection.execute(update(Incident).where(mine).values(**_NOBODY))
    await connection.execute(delete(Evidence).where(col(Evidence.incident) == row.id))
    await _scrub(connection, row)


def carrying(incident: str) -> ColumnElement[bool]:
    """Return the condition for the messages of a notice: to the agency and to its person."""
    key = col(OutboxMessage.key)
    names = (f"{kind}:{incident}:" for kind in ("incident", "progress"))
    return or_(*(key.startswith(name, autoescape=True) for name in names))


async def _has_left(connection: AsyncConnection, row: Incident) -> bool:
    """Whether a notice has left, or may have; one that was kept on this machine has not."""
    message = OutboxMessage
    mine = and_(carrying(row.id), col(message.kind) == "incident")
    left = or_(col(message.state).in_([state.value for state in _LEFT]), col(message.silences) > 0)
    found = await connection.execute(select(col(message.id)).where(mine, left).limit(1))
    steps = await register.steps(connection, row.id)
    return found.first() is not None and all(step.what != "captured" for step in steps)


async def _scrub(connection: AsyncConnection, row: Incident) -> None:
    """Take a person's mailbox out of what servers said."""
    parts = (row.address, row.address.partition("@")[0])
    mailbox = re.compile("|".join(re.escape(part) for part in parts if part), re.IGNORECASE)
    step = IncidentStep
    mine = and_(col(step.incident) == row.id, col(step.words) != "")
    found = await connection.execute(select(col(step.number), col(step.words)).where(mine))
    for number, words in found.all():
        change = update(step).where(col(step.number) == number)
        await connection.execute(change.values(words=mailbox.sub(GONE, words)))


async def _empty(
    connection: AsyncConnection, which: ColumnElement[bool], now: datetime, settings: Settings
) -> None:
    """Call off and empty messages, and delete those that were kept as files."""
    query = select(col(OutboxMessage.id)).where(which)
    ids: Sequence[str] = (await connection.execute(query)).scalars().all()
    if ids:
        await asyncio.to_thread(_delete_captured, settings.data_dir / "mail", set(ids))
        await calling_off.empty_where(connection, col(OutboxMessage.id).in_(ids), now)


def _delete_captured(folder: Path, ids: Collection[str]) -> None:
    for path in folder.glob("*.eml"):
        if path.stem.rpartition("-")[2] in ids:
            path.unlink(missing_ok=True)
