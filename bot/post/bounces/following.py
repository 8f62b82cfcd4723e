"""What follows from a mail that came in: the message's state, the address, a warning."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.alarms import warn
from bot.post.bounces.reports import Fate, Mail, Report
from bot.post.bounces.verp import Forged, returned_to
from bot.post.kinds import Kind
from bot.post.settling import LONGEST_ANSWER
from bot.post.states import State, leading_to, may
from bot.post.suppression import returned
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import MAIL

REMEMBERED = timedelta(days=30)
"""For so long after it left, a report on a message is believed."""

_STATES = {
    Fate.DELIVERED: State.DELIVERED,
    Fate.DELAYED: State.DELAYED,
    Fate.FAILED: State.BOUNCED,
}
_WHOLE_ID = 32
_OUR_ID = re.compile(r"<[^<>@]*\.([0-9a-f]{32})@[^<>@]+>")


@dataclass(frozen=True)
class Heard:
    """What came back about an incident notice: a server's report, or None for any other mail.

    `names_agency`: the report names the agency's mailbox, so that it is believed of the notice.
    """

    message: str
    report: Report | None
    names_agency: bool = True


class Notices(Protocol):
    """What is known of incident notices, and told of them."""

    async def heard(self, connection: AsyncConnection, heard: Heard, now: datetime) -> None:
        """Take down what came back, in the transaction that notes it."""


Seen = Callable[[AsyncConnection, str, datetime], Awaitable[bool]]
"""Told the outbox id of a canary that arrived; returns whether it was waited for."""


@dataclass(frozen=True)
class _Sent:
    """What the outbox knows of a message that left."""

    id: str
    kind: str
    channel: str
    address: str
    state: str
    answer: str
    content: str
    first_at: float | None


class Follow(Enum):
    """How acting on a mail ended."""

    DONE = auto()
    """All that follows is noted: the mail may go."""
    LATER = auto()
    """Nothing may follow yet, because somebody is sending the message at this moment."""
    NOTHING = auto()
    """It is no business of ours."""


class Following:
    """Acts on mails in the caller's transaction. `seen` is told of each canary.

    `notices` is told what came back about an incident notice. Its copy went to its person, whose
    mailbox may forward it anywhere: only a report that names the agency's says anything of it.
    """

    def __init__(
        self,
        database: Database,
        key: bytes,
        settings: Settings,
        seen: Seen,
        notices: Notices | None = None,
    ) -> None:
        self._notices = notices
        self._database = database
        self._key = key
        self._settings = settings
        self._seen = seen

    async def act(self, connection: AsyncConnection, mail: Mail, now: datetime) -> Follow:
        """Act on `mail`; acting on it twice changes nothing more."""
        try:
            beginning = returned_to(self._settings.sender, self._key, mail.addressed)
        except Forged:
            return Follow.NOTHING
        if mail.report is None:
            await self._answered(connection, beginning, now)
            return await self._canary(connection, mail, now)
        message = await _found(connection, beginning, mail.report.original)
        if message is None or not _believed(message, now):
            return Follow.NOTHING
        if message.state == State.SENDING:
            return Follow.LATER
        report = _about(message, mail)
        if report is None:
            await self._heard(connection, Heard(message.id, mail.report, names_agency=False), now)
            return Follow.DONE
        changed = await _step(connection, message, report, now)
        if report.fate is Fate.FAILED:
            await self._failed(connection, message, report, now)
        if changed:
            await self._about_notice(connection, message, report, now)
        return Follow.DONE

    async def _about_notice(
        self, connection: AsyncConnection, message: _Sent, report: Report | None, now: datetime
    ) -> None:
        if message.kind == Kind.INCIDENT:
            await self._heard(connection, Heard(message.id, report), now)

    async def _heard(self, connection: AsyncConnection, heard: Heard, now: datetime) -> None:
        if self._notices is not None:
            await self._notices.heard(connection, heard, now)

    async def _answered(
        self, connection: AsyncConnection, beginning: str | None, now: datetime
    ) -> None:
        """Have the person told of a mail that came to a notice's own address; it is left there."""
        message = await _found(connection, beginning, "") if beginning is not None else None
        if message is not None:
            await self._about_notice(connection, message, None, now)

    async def _canary(self, connection: AsyncConnection, mail: Mail, now: datetime) -> Follow:
        message = await _by_name(connection, mail.message_id)
        if message is None or json.loads(message.content).get("what") != "canary":
            return Follow.NOTHING
        if message.state == State.SENDING:
            return Follow.LATER
        await self._seen(connection, message.id, now)
        return Follow.DONE

    async def _failed(
        self, connection: AsyncConnection, message: _Sent, report: Report, now: datetime
    ) -> None:
        database, settings = self._database, self._settings
        if message.channel == MAIL:
            await returned(database, connection, self._key, message.address, report.hard, now)
        if message.kind == Kind.INCIDENT:
            once = f"incident-bounced-{message.id}"
            await warn(database, connection, settings, now, "incident-bounced", once)


def _about(message: _Sent, mail: Mail) -> Report | None:
    """Return what is said of whom a message was for; None where a notice's report names others."""
    return mail.about(message.address) if message.kind == Kind.INCIDENT else mail.report


async def _found(connection: AsyncConnection, beginning: str | None, original: str) -> _Sent | None:
    """Return the message that a report is about: by its address, else by the mail it names."""
    if beginning is None:
        return await _by_name(connection, original)
    first, last = (beginning.ljust(_WHOLE_ID, digit) for digit in "0f")
    return await _one(connection, col(Row.id).between(first, last))


async def _by_name(connection: AsyncConnection, message_id: str) -> _Sent | None:
    match = _OUR_ID.fullmatch(message_id)
    if match is None:
        return None
    return await _one(connection, (col(Row.id) == match[1]) & (col(Row.message_id) == message_id))


async def _one(connection: AsyncConnection, which: ColumnElement[bool]) -> _Sent | None:
    """Return the one message that is meant; two are as good as none."""
    columns = (col(getattr(Row, field.name)) for field in fields(_Sent))
    found = (await connection.execute(select(*columns).where(which).limit(2))).all()
    return _Sent(*found[0]) if len(found) == 1 else None


def _believed(message: _Sent, now: datetime) -> bool:
    left = message.first_at
    return left is not None and now.timestamp() - left <= REMEMBERED.total_seconds()


async def _step(connection: AsyncConnection, message: _Sent, report: Report, now: datetime) -> bool:
    """Put the message where the report says, where that may follow; a last word stays.

    Returns whether it is anywhere else now.
    """
    target = _STATES[report.fate]
    before = set(leading_to(target))
    if may(State.UNKNOWN, State.ACCEPTED) and may(State.ACCEPTED, target):
        # The report proves that a server had it: through accepted to its word.
        before.add(State.UNKNOWN)
    told = f"{message.answer}\n{report.words}".strip()[-LONGEST_ANSWER:]
    change = update(Row).where(
        col(Row.id) == message.id, col(Row.state).in_([state.value for state in before])
    )
    done = await connection.execute(
        change.values(state=target.value, answer=told, settled_at=now.timestamp())
    )
    return done.rowcount > 0
