"""What is held of a person's notices, for the person: their records, the hashes of their files."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import register
from bot.incident.erasing import carrying
from bot.store.tables import Evidence, Incident, MailboxProof, OutboxMessage


async def held(
    connection: AsyncConnection, conversations: Collection[str], mailbox: str
) -> dict[str, Any]:
    """Return the notices, the files of drafts and the mailboxes that were asked for a code.

    Those of conversations, and of a mailbox wherever it was used; empty: of none. Moments are
    ISO 8601 in UTC.
    """
    rows = await register.where(connection, _made(conversations, mailbox))
    draft = and_(
        col(Evidence.conversation).in_(list(conversations)), col(Evidence.incident).is_(None)
    )
    return {
        "incidents": [await _notice(connection, row) for row in rows],
        "files": await _files(connection, draft),
        "mailboxes": await _mailboxes(connection, conversations, mailbox),
    }


async def messages(
    connection: AsyncConnection, conversations: Collection[str], mailbox: str
) -> ColumnElement[bool]:
    """Return the condition for the messages that notices and codes were sent by."""
    rows = await register.where(connection, _made(conversations, mailbox))
    asked = _asked(conversations, mailbox)
    proofs = (await connection.execute(select(col(MailboxProof.id)).where(asked))).scalars()
    codes = col(OutboxMessage.key).in_([f"code:{proof}" for proof in proofs])
    return or_(false(), codes, *(carrying(row.id) for row in rows))


def _made(conversations: Collection[str], mailbox: str) -> ColumnElement[bool]:
    mine = col(Incident.conversation).in_([name for name in conversations if name])
    return or_(mine, and_(col(Incident.address) == mailbox, col(Incident.address) != ""))


def _asked(conversations: Collection[str], mailbox: str) -> ColumnElement[bool]:
    mine = col(MailboxProof.conversation).in_([name for name in conversations if name])
    return or_(mine, and_(col(MailboxProof.address) == mailbox, col(MailboxProof.address) != ""))


async def _notice(connection: AsyncConnection, row: Incident) -> dict[str, Any]:
    names = ("id", "deadline", "number", "address", "mailbox", "way", "message_id", "language")
    steps = await register.steps(connection, row.id)
    return {
        **{name: getattr(row, name) for name in names},
        "told": json.loads(row.told),
        "made": _told(row.made_at),
        "closes": _told(row.closes_at),
        "steps": [
            {"at": step.at.isoformat(timespec="seconds"), "what": step.what, "words": step.words}
            for step in steps
        ],
        "files": await _files(connection, col(Evidence.incident) == row.id),
    }


async def _files(connection: AsyncConnection, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    names = ("kind", "media_type", "size", "sha256", "problem", "at")
    query = select(*(col(getattr(Evidence, name)) for name in names)).where(which)
    rows = (await connection.execute(query.order_by(col(Evidence.at)))).mappings()
    return [{**dict(row), "at": _told(row["at"])} for row in rows]


async def _mailboxes(
    connection: AsyncConnection, conversations: Collection[str], mailbox: str
) -> list[dict[str, Any]]:
    row = MailboxProof
    query = select(col(row.address), col(row.asked_at), col(row.proved_at), col(row.tries))
    mine = query.where(_asked(conversations, mailbox)).order_by(col(row.asked_at))
    return [
        {
            "address": found.address,
            "asked": _told(found.asked_at),
            "proved": None if found.proved_at is None else _told(found.proved_at),
            "tries": found.tries,
        }
        for found in await connection.execute(mine)
    ]


def _told(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
