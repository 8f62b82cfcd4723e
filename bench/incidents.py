"""Deadline day at its worst: everybody reports at once while everybody is reminded.

500 notices of 3 MB are confirmed within ten minutes, evenly, while the last reminders of 20,000
people leave at 25 a second. One `noon post` carries all of it to smtp-sink; the notices are made
here, as the faces make them. BENCH_MINUTES makes it shorter, which makes it harder.
"""

import asyncio
import os
import secrets
import tempfile
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlmodel import col

from bench.carrying import peak_mb
from bot.post.links import new_id
from bot.service import Caller, Noon, open_noon
from bot.settings import Settings
from bot.store.tables import IncidentStep, MailboxProof, OutboxMessage
from handlers.cases import Notice
from handlers.turn import Upload
from rules.incident import Case
from tests.post.running import BEFORE, environment, noon, stop, table
from tests.post.running import done as ended
from tests.postgres import migrate, serving, sqlite
from tests.smtp.sink import sink

MINUTES = float(os.environ.get("BENCH_MINUTES", "10"))
NOTICES = 500
PEOPLE = 20_000
RATE = "25"
MORNING = "2026-03-05T09:46:30+01:00"
"""When the run of the reminders two hours before begins at that rate."""

SCREENSHOT = 730_000
CASE = Case(
    deadline="2026-ka220-r1",
    action="KA220",
    sector="SCH",
    organisation="Rīgas 1. vidusskola",
    happened="504 Gateway Time-out",
)


async def measure() -> None:
    """Print how long notices take to be accepted, and the memory of both processes."""
    with tempfile.TemporaryDirectory() as name, serving(durable=True) as postgres:
        folder = Path(name)
        for kind in ("SQLite", "PostgreSQL"):
            url = sqlite(folder / "incidents.sqlite") if kind == "SQLite" else postgres.create()
            await _day(kind, url, folder)


async def _day(kind: str, url: URL, folder: Path) -> None:
    await migrate(url)
    file = table(folder, range(PEOPLE), leads="T-2h")
    given = {
        "NOON_MAIL_RATE": RATE,
        "NOON_INCIDENT_MAILBOX": "incidents@agency.example",
        "NOON_OPERATOR_EMAIL": "operator@noon.invalid",
    }
    early = environment(url, folder, BEFORE) | given
    await ended(await noon("subscribers", "import", str(file), **early))
    async with sink() as server:
        where = environment(url, folder, MORNING, NOON_SMTP_URL=server.url) | given
        post = await noon("post", **where)
        try:
            settings = Settings.model_validate(
                {k[5:].lower(): v for k, v in where.items() if k.startswith("NOON_")}
            )
            async with open_noon(settings, migrate=False) as service:
                waits = await _notices(service)
                reminded = await _reminded(service)
            memory = _peak_of(post.pid)
        finally:
            await stop(post)
    _tell(kind, waits, reminded, memory)


async def _notices(service: Noon) -> list[float]:
    """Confirm the notices evenly; return the seconds from each to its acceptance, sorted."""
    begun, made = time.monotonic(), {}
    for number in range(NOTICES):
        due = begun + number * MINUTES * 60 / NOTICES
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        made[await _confirmed(service, number)] = service.clock.now()
    async with asyncio.timeout(600):
        while len(accepted := await _accepted(service)) < NOTICES:
            await asyncio.sleep(0.5)
    return sorted(accepted[name] - at.timestamp() for name, at in made.items())


async def _confirmed(service: Noon, number: int) -> str:
    """Confirm one notice with three screenshots, each in a turn of its own; return its id."""
    caller = Caller(f"web-{number}")
    hour = timedelta(hours=1).total_seconds()
    async with service.database.write() as connection:
        at = service.clock.now().timestamp() - hour
        proof = {"id": new_id(), "conversation": caller.conversation, "asked_at": at, "tries": 0}
        mailbox = {"address": f"p{number}@example.org", "proved_at": at}
        await connection.execute(service.database.insert(MailboxProof), [proof | mailbox])
    for _ in range(3):
        async with service.database.write() as connection:
            await service.cases(connection, caller).add(_screenshot())
    async with service.database.write() as connection:
        notice = await service.cases(connection, caller).confirm(CASE)
    if not isinstance(notice, Notice):
        raise RuntimeError(f"a notice was not made: {notice}")
    return notice.id


def _screenshot() -> Upload:
    content = secrets.token_bytes(SCREENSHOT)
    name = sha256(content).hexdigest()
    return Upload("screenshot", "image/png", len(content), name, content, content[:200_000])


async def _accepted(service: Noon) -> dict[str, float]:
    query = select(col(IncidentStep.incident), col(IncidentStep.at))
    async with service.database.read() as connection:
        rows = await connection.execute(query.where(col(IncidentStep.what) == "accepted"))
        return {row.incident: row.at for row in rows}


async def _reminded(service: Noon) -> int:
    """Return how many reminders have left meanwhile."""
    mine = col(OutboxMessage.kind) == "two-hours"
    query = select(func.count()).where(mine, col(OutboxMessage.state) == "accepted")
    async with service.database.read() as connection:
        return int((await connection.execute(query)).scalar_one())


def _peak_of(pid: int) -> float:
    """Return the most memory that another process has held, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _tell(kind: str, waits: list[float], reminded: int, memory: float) -> None:
    p50, p99 = (waits[int((len(waits) - 1) * rank)] for rank in (0.5, 0.99))
    print(
        f"  {kind}: {NOTICES} notices of 3 MB in {MINUTES:g} minutes, {reminded} reminders beside"
    )
    print(f"    from confirmed to accepted: p50 {p50:.2f} s (wanted: 20), p99 {p99:.2f} s (300),")
    print(f"    the longest {waits[-1]:.2f} s; most memory: noon post {memory:.0f} MB,")
    print(f"    where they are made {peak_mb():.0f} MB (wanted: under 512)", flush=True)
