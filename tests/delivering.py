"""A whole post office inside a test, with a notice that was confirmed in a conversation."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr
from sqlalchemy import insert, select
from sqlmodel import SQLModel, col

from bot import almanac
from bot.clock import Clock
from bot.incident import register
from bot.incident.making import Making
from bot.post.office import Office
from bot.service import Noon
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import (
    Evidence,
    EvidenceBytes,
    Incident,
    IncidentStep,
    MailboxProof,
    OutboxMessage,
)
from handlers.cases import Notice
from rules.asking import finder
from rules.incident import Case
from rules.loader import load
from rules.understanding import Finder
from tests.smtp import SmtpServer
from tests.smtp.urls import smtp_url

KEY = b"a key of the test's own"
AGENCY, ANNA, OPERATOR = "incidents@agency.example", "anna@example.org", "operator@example.org"
CLOSES = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
"""The deadline of KA220: 12:00 in Brussels."""

PATIENCE = 30.0
CASE = Case(
    deadline="2026-ka220-r1",
    action="KA220",
    sector="SCH",
    organisation="Cēsu skola",
    form_id="KA220-SCH-0A1B2C3D",
    happened="Poga «Submit» nereaģē.",
    contact="Anna Bērziņa",
    phone="+371 20000000",
)


def settings(folder: Path, *servers: SmtpServer | int, **given: Any) -> Settings:
    """Return settings with these mail servers (or dead ports), the first one first."""
    names = ("smtp_url", "smtp_fallback_url")
    ports = [one if isinstance(one, int) else one.port for one in servers]
    urls = {
        name: SecretStr(smtp_url(port, "", "", "none"))
        for name, port in zip(names, ports, strict=False)
    }
    usual: dict[str, Any] = {
        "data_dir": folder,
        "mail_from": "noon@noon.example",
        "incident_mailbox": AGENCY,
        "operator_email": OPERATOR,
        "ops_port": 0,
        "telegram_rate": 0,
        "telegram_chat_rate": 0,
        "lease": 2.0,
    }
    return Settings(_env_file=None, **usual | urls | given)


class Desk:
    """A Noon at a moment of the test's own, and what its tables say."""

    def __init__(
        self, database: Database, made: Settings, now: datetime = CLOSES, rate: float = 1.0
    ) -> None:
        with patch.object(almanac, "finder", lambda facts: learned()):
            self.noon = Noon(made, KEY, database, Clock(now, rate))
        self.database = database

    async def confirmed(
        self, *, chat: int | None = None, number: int = 1, files: int = 0, case: Case = CASE
    ) -> Incident:
        """Return a notice that was confirmed now by somebody whose mailbox is proved."""
        conversation, address = f"talk-{number}", ANNA if number == 1 else f"p{number}@example.org"
        async with self.database.write() as connection:
            proof = {
                "id": f"proof-{number}", "conversation": conversation, "address": address,
                "asked_at": 1.0, "tries": 0, "proved_at": 2.0,
            }  # fmt: skip
            await connection.execute(insert(MailboxProof).values(proof))
            for place in range(files):
                row, content = _shot(conversation, place)
                await connection.execute(insert(Evidence).values(row))
                await connection.execute(insert(EvidenceBytes).values(content))
            making = Making(self.noon.books(connection), conversation, chat, "lv")
            made = await making.confirmed(case)
            assert isinstance(made, Incident)
        return made

    async def notice(self, row: Incident) -> Notice:
        """Return how a notice stands."""
        async with self.database.read() as connection:
            found = await register.by_id(connection, row.id)
            assert found is not None
            return await register.notice(self.noon.books(connection), found)

    async def steps(self, row: Incident) -> list[str]:
        """Return what the record of a notice says, in order."""
        return [step.what for step in (await self.notice(row)).steps]

    async def rows(self, table: type[SQLModel], *where: Any) -> list[Any]:
        """Return rows of a table."""
        columns = [col(getattr(table, name)) for name in table.model_fields]
        async with self.database.read() as connection:
            found = await connection.execute(select(*columns).where(*where))
            return list(found)

    async def post(self, row: Incident) -> list[Any]:
        """Return the outbox's messages that carry a notice, the first variant first."""
        mine = col(OutboxMessage.key).startswith(f"incident:{row.id}:")
        rows = await self.rows(OutboxMessage, mine)
        return sorted(rows, key=lambda one: ("full", "small", "bare").index(_variant(one)))

    async def told(self, row: Incident) -> list[str]:
        """Return what was planned to be told of a notice, standings apart."""
        mine = col(OutboxMessage.key).startswith(f"progress:{row.id}:")
        contents = [json.loads(one.content) for one in await self.rows(OutboxMessage, mine)]
        planned = sorted(contents, key=lambda one: one["at"])
        return [one["message"] for one in planned if one["message"] != "standing"]

    async def alarms(self) -> list[str]:
        """Return what the operator is warned of."""
        mine = col(OutboxMessage.key).startswith("alarm:")
        found = await self.rows(OutboxMessage, mine)
        return sorted(json.loads(one.content)["message"] for one in found)

    async def until(self, holds: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(patience):
            while not await holds():
                await asyncio.sleep(0.03)

    async def step(self, row: Incident, what: str, patience: float = PATIENCE) -> None:
        """Wait until the record of a notice says `what`."""

        async def there() -> bool:
            return what in await self.steps(row)

        await self.until(there, patience)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Let the whole post office work meanwhile."""
        running = asyncio.create_task(Office(self.noon).run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@cache
def learned() -> Finder:
    """Return the finder of topics, learned once: that takes most of a start."""
    return finder(load())


def _variant(row: Any) -> str:
    return str(json.loads(row.content)["variant"])


def _shot(conversation: str, place: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a screenshot of about the size that is attached, and its bytes."""
    content = b"\x89PNG\r\n\x1a\n" + bytes([place]) * 60_000
    row = {
        "id": f"{conversation}-{place}", "conversation": conversation, "incident": None,
        "kind": "screenshot", "media_type": "image/png", "size": 5_000_000,
        "sha256": f"{place:064x}", "problem": "", "at": 3.0 + place,
    }  # fmt: skip
    return row, {"evidence": row["id"], "content": content, "small": content[:20_000]}


async def record(desk: Desk) -> list[Any]:
    """Return all steps of all notices, in order."""
    found = await desk.rows(IncidentStep)
    return sorted(found, key=lambda step: step.number)
