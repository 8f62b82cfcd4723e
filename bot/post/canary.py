"""The canary: a message to a mailbox of ours that goes the way of reminders, once a day.

With `NOON_BOUNCES` set it goes to the sender's mailbox, tagged, and must be seen there; else to
the operator's, and counts as arrived when the server has taken it. All that is known of it stands
in its row of the outbox, so a restart forgets nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import content, outbox
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.post.states import State
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL

TAG = "canary"
HOUR = 6
"""The hour of the agency's day at which the canary leaves."""

PATIENCE = timedelta(minutes=30)
FIRST_AFTER = timedelta(minutes=1)
"""How long after a start the first one leaves: a start has enough to do."""

REMEMBERED_DAYS = 35
NEWS_DAYS = 2
"""For so long a lost canary is worth a warning."""

KEYS = "canary:"
"""How the key of each canary begins; its day follows."""

_SEEN = (State.DELIVERED,)
_TAKEN = (State.ACCEPTED, State.DELAYED, State.DELIVERED)
_LOST = (State.REJECTED, State.NEEDS_HUMAN, State.EXPIRED, State.BOUNCED)


@dataclass(frozen=True)
class Canary:
    """The newest canary: when it arrived last (None: never), and whether the newest is lost."""

    arrived_at: datetime | None
    lost: bool


def mailbox(settings: Settings) -> str | None:
    """Return where the canary goes; None where mail is only captured or nobody is set."""
    if not settings.mail_providers:
        return None
    if settings.bounces is not None:
        local, _, domain = settings.sender.rpartition("@")
        return f"{local}+{TAG}@{domain}"
    return settings.operator_email


async def plan(
    database: Database, connection: AsyncConnection, settings: Settings, now: datetime, zone: str
) -> None:
    """Plan the day's canary, unless there is one; the day begins at `HOUR` in `zone`."""
    address = mailbox(settings)
    # A faster clock is a rehearsal, and no server is fast enough for its half hours.
    if address is None or settings.now_rate != 1:
        return
    day = (now.astimezone(ZoneInfo(zone)) - timedelta(hours=HOUR)).date()
    told = content.Canary(language=settings.lang, zone=zone, at=now)
    # It goes before a long run of reminders: waiting behind one is no sign of a closed way.
    kind = Kind.CONFIRMATION
    message = Planned(
        f"{KEYS}{day}", kind, MAIL, address, told.model_dump(mode="json"), now, now + PATIENCE
    )
    await outbox.plan(database, connection, [message])


async def seen(connection: AsyncConnection, identifier: str, now: datetime) -> bool:
    """Note that the canary with this outbox id has arrived; False where none was waited for."""
    waited_for = (State.ACCEPTED.value, State.DELAYED.value, State.UNKNOWN.value)
    mine = and_(col(Row.id) == identifier, _ours(now), col(Row.state).in_(waited_for))
    change = (
        update(Row)
        .where(mine)
        .values(state=State.DELIVERED.value, settled_at=now.timestamp())
        .returning(col(Row.id))
    )
    return (await connection.execute(change)).first() is not None


async def look(connection: AsyncConnection, settings: Settings, now: datetime) -> Canary:
    """Return what is known of the canary."""
    query = select(func.max(col(Row.settled_at))).where(_ours(now), _among(_arrived(settings)))
    at = (await connection.execute(query)).scalar_one()
    newest = select(col(Row.key)).where(_ours(now)).order_by(col(Row.due_at).desc()).limit(1)
    last = (await connection.execute(newest)).scalar_one_or_none()
    missed = last is not None and last in await lost(connection, settings, now)
    return Canary(None if at is None else datetime.fromtimestamp(at, UTC), missed)


async def lost(connection: AsyncConnection, settings: Settings, now: datetime) -> list[str]:
    """Return the keys of the canaries of the last days that have not arrived in time."""
    arrived = (*_arrived(settings), State.CANCELLED)
    late = and_(col(Row.due_at) <= (now - PATIENCE).timestamp(), ~_among(arrived))
    query = select(col(Row.key)).where(_ours(now, NEWS_DAYS), or_(late, _among(_LOST)))
    return list((await connection.execute(query)).scalars())


def _arrived(settings: Settings) -> tuple[State, ...]:
    """Return the states in which a canary has arrived: where nobody can see it, it was taken."""
    return _TAKEN if settings.bounces is None else _SEEN


def _ours(now: datetime, within: int = REMEMBERED_DAYS) -> ColumnElement[bool]:
    # By whole keys: a beginning would be looked for in every row.
    days = (now.date() - timedelta(days=back) for back in range(-1, within))
    return col(Row.key).in_([f"{KEYS}{day}" for day in days])


def _among(states: tuple[State, ...]) -> ColumnElement[bool]:
    return col(Row.state).in_([state.value for state in states])
