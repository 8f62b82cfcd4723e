"""An outbox whose mails come back to a real mailbox, and the process that reads it."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, update
from sqlmodel import col

from bot.clock import Clock
from bot.post import mailboxes, outbox, suppression
from bot.post.bounces import Reader, envelope_sender
from bot.post.kinds import Kind
from bot.post.outbox import Claimed, Planned
from bot.post.states import State
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Bounces
from bot.store.tables import OutboxMessage as Row
from tests.imap.dovecot import Dovecot
from tests.imap.samples import Sample

NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
SENDER = "noon@noon.example"
KEY = b"key"

_folders = itertools.count(1)


class Post:
    """An outbox with sent messages, the mailbox that they come back to, and who reads it."""

    def __init__(self, database: Database, server: Dovecot, data: Path) -> None:
        self.database = database
        self.server = server
        self.folder = f"Returned {next(_folders)}"
        server.make(self.folder)
        self.settings = Settings(
            _env_file=None,
            data_dir=data,
            mail_from=SENDER,
            bounces=SecretStr(server.url(self.folder)),
            operator_email="operator@example.org",
        )
        self.seen: list[str] = []
        self.reader = self.new_reader()

    def new_reader(self) -> Reader:
        """Another process that reads the same mailbox."""
        assert self.settings.bounces is not None
        mailbox = mailboxes.parse(self.settings.bounces)
        return Reader(mailbox, self.database, KEY, self.settings, Clock(NOON), self._saw)

    async def _saw(self, connection: object, identifier: str, now: datetime) -> bool:
        self.seen.append(identifier)
        return True

    async def sent(self, key: str, kind: Kind = Kind.REMINDER, **values: Any) -> Claimed:
        """A message that left, as the outbox remembers it; `values` are columns of its own."""
        content = {"what": values.pop("what", "reminder")}
        message = Planned(key, kind, "mail", f"{key}@example.org", content, NOON)
        async with self.database.write() as connection:
            await outbox.plan(self.database, connection, [message])
            query = select(col(Row.id)).where(col(Row.key) == key)
            number = str((await connection.execute(query)).scalar_one())
            fixed = {
                "state": State.ACCEPTED.value,
                "first_at": NOON.timestamp(),
                "message_id": f"<{kind}.{number}@noon.example>",
                "answer": "250 queued as 4711",
            } | values
            await connection.execute(update(Row).where(col(Row.id) == number).values(fixed))
        return claimed_as(number)

    def about(self, message: Claimed, **said: str) -> Sample:
        """What a report on `message` says."""
        to = envelope_sender(self.settings, KEY, message)
        return Sample(to, f"<reminder.{message.id}@noon.example>", **said)

    def arrives(self, *mails: bytes) -> None:
        """Let mails arrive in the mailbox."""
        self.server.put(*mails, folder=self.folder)

    async def states(self) -> dict[str, str]:
        """The state of each message, alarms apart."""
        async with self.database.read() as connection:
            found = await connection.execute(select(col(Row.key), col(Row.state)))
            return {key: state for key, state in found if not key.startswith("alarm")}

    async def answer(self, message: Claimed) -> str:
        """What servers have said of a message."""
        async with self.database.read() as connection:
            query = select(col(Row.answer)).where(col(Row.id) == message.id)
            return str((await connection.execute(query)).scalar_one())

    async def alarms(self) -> list[str]:
        """The warnings that are planned for the operator."""
        async with self.database.read() as connection:
            query = select(col(Row.content)).where(col(Row.key).startswith("alarm:"))
            return [json.loads(text)["message"] for text in await connection.scalars(query)]

    async def scores(self, *keys: str) -> dict[str, tuple[float, bool]]:
        """What is counted against mailboxes, and whether they are suppressed."""
        names = {suppression.mailbox(KEY, f"{key}@example.org"): key for key in keys}
        async with self.database.read() as connection:
            query = select(col(Bounces.mailbox), col(Bounces.score), col(Bounces.suppressed_at))
            rows = await connection.execute(query)
            return {names[name]: (score, at is not None) for name, score, at in rows}

    @property
    def left(self) -> list[frozenset[str]]:
        """The flags of what is still in the mailbox."""
        return [kept.flags - {"\\Recent"} for kept in self.server.mails(self.folder)]


def claimed_as(number: str) -> Claimed:
    """A reminder with this outbox id, at the moment it leaves."""
    return Claimed(
        id=number,
        fence=1,
        kind=Kind.REMINDER,
        channel="mail",
        address="anna@example.org",
        content={},
        contact="",
        deadline="",
        due_at=NOON,
        not_after=NOON,
        attempts=0,
        repeats=0,
        silences=0,
        last_verdict="",
        provider=0,
        first_at=None,
        message_id="",
        frozen=None,
    )
