"""Looks after the post office: what waits longer than promised, what needs a person, what fails.

The promises are those of the documentation: an incident in two minutes, the last two hours and a
moved deadline in a quarter of an hour, other reminders in six hours.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.clock import Clock
from bot.logs import places
from bot.post import canary
from bot.post.alarms import warn
from bot.post.kinds import CARRIAGE, Kind, Lane
from bot.post.outbox import LIVE
from bot.post.outcomes import Command, Verdict
from bot.post.providers import Provider
from bot.post.states import State
from bot.post.stranded import left_to_a_person, warning_key
from bot.settings import Settings
from bot.store.database import TROUBLE, Database
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL, TELEGRAM
from handlers.words import words

LOOK_EVERY = 30.0
"""Real seconds between looks."""

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_STEPS = frozenset(command.value for command in Command)
PROMISES: Mapping[Kind, timedelta] = MappingProxyType(
    {
        Kind.INCIDENT: 2 * _MINUTE,
        Kind.CODE: 2 * _MINUTE,
        Kind.MOVED: 15 * _MINUTE,
        Kind.TWO_HOURS: 15 * _MINUTE,
        Kind.CONFIRMATION: 10 * _MINUTE,
        Kind.REMINDER: 360 * _MINUTE,
    }
)
"""How late a message of a kind may be. Warnings are left out: nobody could be told by them."""

NOTED = timedelta(seconds=5)
"""What came of a message is noted well within this."""

LONGEST_WORDS = 300
"""So much of a server's words goes into a warning, in characters."""

REFUSED_BY_MANY = 10
"""So many late messages that servers put off are no longer a matter of a few mailboxes."""

_LONGEST_WAIT = 75 * _MINUTE
"""Above the longest pause between two attempts: who waits longer has not come due."""

_PUT_OFF = (Verdict.TRANSIENT.value, Verdict.UNKNOWN.value)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Late:
    """How late the oldest late message of a kind is, and whether that is a fault of the way."""

    kind: Kind
    by: timedelta
    stuck: bool


@dataclass(frozen=True)
class Trouble:
    """A provider, and how far a session with it comes: two lanes that stop there have one trouble.

    `step` is empty where it is not known.
    """

    provider: str
    step: str


class Watcher:
    """Looks every half minute until it is cancelled; `trouble` may be called from any carrier."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, zone: str) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._zone = zone
        self._begun = clock.now()
        self._troubles: dict[Trouble, str] = {}
        self._troubles_told: dict[Trouble, datetime] = {}
        self._warned: set[str] = set()
        self._holding: set[str] = set()

    def trouble(self, provider: Provider | str, what: str) -> None:
        """Note that a mail provider refuses us and with which words; the operator is told soon."""
        step = what.partition(":")[0]
        trouble = Trouble(str(provider), step if step in _STEPS else "")
        self._troubles[trouble] = what[:LONGEST_WORDS]

    async def run(self) -> None:
        """Look until cancelled; a look that fails is made up for by the next one."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except TROUBLE as error:
                log.error("the post office could not be looked after: %s", places(error))
            except Exception:
                log.exception("looking after the post office failed")

    async def look(self) -> None:
        """Look once: plan the day's canary and the warnings that are due."""
        now = self._clock.now()
        troubles = dict(self._troubles)
        self._holding = set()
        async with self._database.write() as connection:
            await self._canary(connection, now)
            await self._warn_of_late(connection, now)
            await self._warn_of_stopped(connection, now)
            await self._warn_of_stranded(connection, now)
            new = {one: what for one, what in troubles.items() if self._is_new(one, now)}
            for trouble, what in new.items():
                once = f"provider-{trouble.provider}-{trouble.step}-{_hour(now)}"
                values = {"provider": trouble.provider, "what": what}
                await self._warn(connection, now, "provider-trouble", once, values)
        self._troubles_told |= dict.fromkeys(new, now)
        self._troubles = dict(self._troubles.items() - troubles.items())
        # What still holds is not said again at every look, in the log either.
        self._warned = self._holding

    def _is_new(self, trouble: Trouble, now: datetime) -> bool:
        """Whether it was not told within the hour before, which may be another one by the clock."""
        told = self._troubles_told.get(trouble)
        return told is None or now - told >= _HOUR

    async def _canary(self, connection: AsyncConnection, now: datetime) -> None:
        if now - self._begun >= canary.FIRST_AFTER:
            await canary.plan(self._database, connection, self._settings, now, self._zone)
        for key in await canary.lost(connection, self._settings, now):
            await self._warn(connection, now, "canary-lost", f"lost-{key}", {})

    async def _warn_of_late(self, connection: AsyncConnection, now: datetime) -> None:
        # A minute of real time is never late, however fast a rehearsal's clock runs.
        least = _MINUTE * self._settings.now_rate
        for kind, promise in PROMISES.items():
            late = await lateness(connection, kind, now, max(promise, least))
            if late is not None and late.stuck:
                named = words(self._settings.lang).say(f"alarm.kind.{kind}")
                values = {"kind": named, "minutes": str(int(late.by / _MINUTE))}
                await self._warn(
                    connection, now, "queue-stuck", f"stuck-{kind}-{_hour(now)}", values
                )

    async def _warn_of_stopped(self, connection: AsyncConnection, now: datetime) -> None:
        for identifier in await needing_a_person(connection, now):
            once = f"needs-person-{identifier}"
            await self._warn(connection, now, "incident-needs-person", once, {})

    async def _warn_of_stranded(self, connection: AsyncConnection, now: datetime) -> None:
        kinds = PROMISES.keys() - {Kind.INCIDENT}
        noted = NOTED * self._settings.now_rate
        for kind, number in (await left_to_a_person(connection, kinds, now, noted)).items():
            named = words(self._settings.lang).say(f"alarm.kind.{kind}")
            values = {"kind": named, "number": str(number), "name": kind.value}
            await self._warn(connection, now, "needs-person", warning_key(kind, now), values)

    async def _warn(
        self,
        connection: AsyncConnection,
        now: datetime,
        message: str,
        once: str,
        values: Mapping[str, str],
    ) -> None:
        self._holding.add(once)
        if once not in self._warned:
            await warn(self._database, connection, self._settings, now, message, once, values)


async def lateness(
    connection: AsyncConnection, kind: Kind, now: datetime, promise: timedelta
) -> Late | None:
    """Return how late `kind` is where a message is later than `promise`, else None.

    A few messages that their receivers' servers put off are late without a fault of the way; for
    an incident that makes no difference.
    """
    moment = now.timestamp()
    put_off = case((col(Row.last_verdict).in_(_PUT_OFF), 1), else_=0)
    query = select(func.min(col(Row.due_at)), func.count(), func.sum(put_off)).where(
        LIVE,
        col(Row.lane) == CARRIAGE[kind].lane.value,
        col(Row.channel).in_((MAIL, TELEGRAM)),
        col(Row.priority) == CARRIAGE[kind].priority,
        col(Row.next_at) <= (now + _LONGEST_WAIT).timestamp(),
        col(Row.due_at) < (now - promise).timestamp(),
        col(Row.not_after) > moment,
        # A lost canary has a warning of its own.
        ~col(Row.key).startswith(canary.KEYS),
    )
    oldest, number, refused = (await connection.execute(query)).one()
    if oldest is None:
        return None
    few = refused == number < REFUSED_BY_MANY and CARRIAGE[kind].lane is Lane.ORDINARY
    return Late(kind, now - datetime.fromtimestamp(oldest, UTC), stuck=not few)


async def needing_a_person(connection: AsyncConnection, now: datetime) -> list[str]:
    """Return the ids of incident notices that were left to a person within the last day."""
    since = (now - timedelta(days=1)).timestamp()
    stopped = and_(
        col(Row.settled_at) >= since,
        col(Row.state).in_((State.NEEDS_HUMAN.value, State.REJECTED.value, State.EXPIRED.value)),
        col(Row.kind) == Kind.INCIDENT.value,
    )
    return list((await connection.execute(select(col(Row.id)).where(stopped))).scalars())


def _hour(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%dT%H}"
