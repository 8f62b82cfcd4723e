"""What the post office keeps, and how long: each rule of /privacy as one statement or two.

Messages are emptied a few hundred at a time: what is to leave meanwhile need not wait for it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import (
    Announcement,
    Answer,
    Bounces,
    Contact,
    Edition,
    Evidence,
    EvidenceBytes,
    FrozenMessage,
    Incident,
    MailboxProof,
    OutboxMessage,
    SignUp,
    Subscription,
    Unanswered,
    WrongFact,
)
from rules.deadlines import Deadline
from rules.selection import Selection
from rules.selection import select as selected

DAY = 86_400.0
UNCONFIRMED_DAYS = 2
SENT_DAYS = 30
COUNTED_DAYS = 365
AFTER_DEADLINE_DAYS = 90
WAITING_DAYS = 400
"""A call comes once a year: who asked after the last one is kept until the next one is out."""

DRAFT_DAYS = 7
FILE_DAYS = 14
"""A notice's files and bytes, after the window that it was made in."""

UNSENT_DAYS = 1
"""Files that were sent for no notice, after the window that they came in."""

AHEAD_DAYS = 7
"""So long before a deadline files stay with a draft of a notice about it."""

NOTICE_DAYS = 90
UNANSWERED_DAYS = 90
"""A question that was not placed, after it was asked last."""

WRONG_FACT_DAYS = 365
SIGN_UP_DAYS = 2
BOUNCE_DAYS = 180
EDITION_DAYS = 180
AT_ONCE = 500

_SETTLED = col(OutboxMessage.state).not_in(["planned", "due", "deferred", "unknown", "sending"])
_WITHOUT = ~exists().where(col(Subscription.contact) == col(Contact.id))


async def empty(connection: AsyncConnection, *which: ColumnElement[bool], **more: object) -> None:
    """Take out of messages all that is about a person, and set the columns `more`."""
    theirs = select(col(OutboxMessage.id)).where(*which)
    await connection.execute(delete(FrozenMessage).where(col(FrozenMessage.message).in_(theirs)))
    await connection.execute(update(OutboxMessage).where(*which).values(**_nobody(), **more))


def _nobody() -> dict[str, Any]:
    texts = {"address": "", "answer": "", "message_id": "", "contact": "", "run": ""}
    key = literal("erased:").concat(col(OutboxMessage.id))
    return {**texts, "content": "{}", "spread": 0.0, "key": key}


async def sign_ups(connection: AsyncConnection, now: float) -> None:
    """Forget who asked for a subscription and did not confirm it in time."""
    before = now - UNCONFIRMED_DAYS * DAY
    waits = col(Subscription.confirmed_at).is_(None) & (col(Subscription.made_at) < before)
    await connection.execute(delete(Subscription).where(waits))
    strangers = and_(col(Contact.confirmed_at).is_(None), col(Contact.made_at) < before, _WITHOUT)
    theirs = col(OutboxMessage.contact).in_(select(col(Contact.id)).where(strangers))
    await empty(connection, theirs, ~_SETTLED, state="cancelled", settled_at=now)
    await empty(connection, theirs)
    await connection.execute(delete(Contact).where(strangers))
    old = col(SignUp.at) < now - SIGN_UP_DAYS * DAY
    await connection.execute(delete(SignUp).where(old))


async def drafts(connection: AsyncConnection, now: float) -> None:
    """Forget subscriptions and notices that were begun and left: an address may have been typed.

    Whole, once the newest answer is old: half of what was told would be a puzzle.
    """
    forms = col(Answer.form).in_(["reminders", "incident", "incident-advised", "report"])
    newer = aliased(Answer)
    before = now - DRAFT_DAYS * DAY
    goes_on = exists().where(
        col(newer.conversation) == col(Answer.conversation),
        col(newer.form) == col(Answer.form),
        col(newer.answered_at) >= before,
    )
    old = col(Answer.answered_at) < before
    await connection.execute(delete(Answer).where(forms, old, ~goes_on))


async def subscriptions(
    connection: AsyncConnection, deadlines: Sequence[Deadline], now: float
) -> None:
    """End subscriptions three months after their last deadline.

    One that was confirmed when no deadline was ahead waits for the dates of the next call.
    """
    if not deadlines:
        return
    names = (await connection.execute(select(col(Subscription.selection)).distinct())).scalars()
    for name in names.all():
        last = _last(name, deadlines)
        if last < now - AFTER_DEADLINE_DAYS * DAY:
            confirmed = col(Subscription.confirmed_at)
            waited = confirmed < now - WAITING_DAYS * DAY
            served = and_(confirmed <= last, confirmed < now - AFTER_DEADLINE_DAYS * DAY)
            over = and_(col(Subscription.selection) == name, or_(waited, served))
            await connection.execute(delete(Subscription).where(over))


def _last(selection: str, deadlines: Sequence[Deadline]) -> float:
    """Return when the last deadline of a selection closes, 0 where it has none."""
    mine = selected(Selection(tuple(selection.split("+"))), deadlines)
    return max((each.instant.timestamp() for each in mine), default=0.0)


async def contacts(connection: AsyncConnection, now: float) -> None:
    """Delete contacts without a subscription, once nothing that was sent to them is kept."""
    kept = exists().where(
        col(OutboxMessage.contact) == col(Contact.id), col(OutboxMessage.address) != ""
    )
    old = col(Contact.made_at) < now - UNCONFIRMED_DAYS * DAY
    await connection.execute(delete(Contact).where(_WITHOUT, ~kept, old))


async def records(connection: AsyncConnection, now: float) -> None:
    """Delete what came back long ago, and dates that nothing is planned from any more."""
    old = col(Bounces.last_at) < now - BOUNCE_DAYS * DAY
    await connection.execute(delete(Bounces).where(old))
    newest = select(col(Edition.id)).order_by(col(Edition.adopted_at).desc()).limit(1)
    unused = and_(
        col(Edition.adopted_at) < now - EDITION_DAYS * DAY,
        col(Edition.id).not_in(select(col(Subscription.edition))),
        col(Edition.id).not_in(newest.scalar_subquery()),
    )
    await connection.execute(delete(Edition).where(unused))


async def files(connection: AsyncConnection, deadlines: Sequence[Deadline], now: float) -> None:
    """Forget files: those of no notice a day after their window, a notice's after two weeks.

    A file that came in the week before a deadline stays until a day after it; any other for a day.
    Of a notice's file its hash stays with the notice.
    """
    unsent = and_(col(Evidence.incident).is_(None), col(Evidence.at) < now - UNSENT_DAYS * DAY)
    still = [
        col(Evidence.at) < one.instant.timestamp() - AHEAD_DAYS * DAY
        for one in deadlines
        if one.instant.timestamp() - AHEAD_DAYS * DAY
        <= now
        < one.instant.timestamp() + UNSENT_DAYS * DAY
    ]
    await connection.execute(delete(Evidence).where(unsent, *still))
    over = select(col(Incident.id)).where(col(Incident.closes_at) < now - FILE_DAYS * DAY)
    theirs = select(col(Evidence.id)).where(col(Evidence.incident).in_(over))
    row = EvidenceBytes
    kept = and_(col(row.evidence).in_(theirs), func.length(col(row.content)) > 0)
    await connection.execute(update(row).where(kept).values(content=b"", small=b""))
    carried = select(col(OutboxMessage.id)).where(
        col(OutboxMessage.kind) == "incident",
        _SETTLED,
        col(OutboxMessage.not_after) < now - FILE_DAYS * DAY,
    )
    await connection.execute(delete(FrozenMessage).where(col(FrozenMessage.message).in_(carried)))


async def notices(connection: AsyncConnection, now: float) -> None:
    """Delete notices with their records after three months, and mailboxes that were proved.

    An address that was asked for a code and never proved goes with the sign-ups.
    """
    row = MailboxProof
    old = col(Incident.closes_at) < now - NOTICE_DAYS * DAY
    await connection.execute(delete(Incident).where(old))
    waited = and_(col(row.proved_at).is_(None), col(row.asked_at) < now - UNCONFIRMED_DAYS * DAY)
    served = col(row.asked_at) < now - NOTICE_DAYS * DAY
    await connection.execute(delete(row).where(or_(waited, served)))
    told = col(Announcement.until) < now - NOTICE_DAYS * DAY
    await connection.execute(delete(Announcement).where(told))


async def editors_notes(connection: AsyncConnection, now: float) -> None:
    """Delete questions that were not placed, and reports of wrong facts."""
    silent = col(Unanswered.last_at) < now - UNANSWERED_DAYS * DAY
    await connection.execute(delete(Unanswered).where(silent))
    old = col(WrongFact.at) < now - WRONG_FACT_DAYS * DAY
    await connection.execute(delete(WrongFact).where(old))


async def messages(database: Database, now: float) -> None:
    """Empty what left or ended a month ago, and delete what did a year ago."""
    row = OutboxMessage
    old = and_(_SETTLED, col(row.settled_at) < now - SENT_DAYS * DAY)
    named = or_(col(row.address) != "", col(row.content) != "{}", col(row.contact) != "")
    while ids := await _some(database, and_(old, named)):
        async with database.write() as connection:
            await empty(connection, col(row.id).in_(ids))
    counted = and_(_SETTLED, col(row.settled_at) < now - COUNTED_DAYS * DAY)
    while ids := await _some(database, counted):
        async with database.write() as connection:
            await connection.execute(delete(row).where(col(row.id).in_(ids)))


async def _some(database: Database, condition: ColumnElement[bool]) -> list[str]:
    async with database.read() as connection:
        query = select(col(OutboxMessage.id)).where(condition).limit(AT_ONCE)
        return list((await connection.execute(query)).scalars())
