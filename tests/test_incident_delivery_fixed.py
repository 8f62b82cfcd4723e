"""Messages that are planned with their bytes: once, unchanged, and never many of them in memory."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

from bot.post import claiming, fixed, outbox
from bot.post.freezing import fix
from bot.post.kinds import Kind, Lane
from bot.post.outbox import Claimed, Frozen, Planned
from bot.store.database import Database
from bot.store.tables import FrozenMessage, OutboxMessage
from tests.delivering import AGENCY, Desk, settings
from tests.smtp.process import SmtpProcess

NOW = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
MEGABYTES = 3
NOTICES = 25


def planned(key: str, due: datetime = NOW, identifier: str = "") -> Planned:
    return Planned(
        key, Kind.INCIDENT, "mail", AGENCY, {"what": "incident"}, due, NOW + timedelta(hours=2),
        id=identifier,
    )  # fmt: skip


async def claimed(database: Database, now: datetime = NOW) -> list[Claimed]:
    async with database.write() as connection:
        return await claiming.claim(
            connection, now=now, owner="one", seconds=30.0, limit=9, lane=Lane.INCIDENT,
            channel="mail",
        )  # fmt: skip


async def test_a_key_is_fixed_once_and_begins_at_its_first_claim(database: Database) -> None:
    first, second = Frozen(b"first", "<1@noon.example>"), Frozen(b"second", "<2@noon.example>")
    async with database.write() as connection:
        new = await fixed.plan(database, connection, [(planned("a", identifier="x"), first)])
        again = await fixed.plan(database, connection, [(planned("a"), second)])
    assert (new, again) == (["x"], [])
    (one,) = await claimed(database)
    assert (one.frozen, one.message_id, one.first_at) == (b"first", "<1@noon.example>", NOW)


async def test_fixed_bytes_are_sent_as_they_are(database: Database) -> None:
    async with database.write() as connection:
        frozen = Frozen(b"fixed", "<1@noon.example>")
        await fixed.plan(database, connection, [(planned("a"), frozen)])
    (one,) = await claimed(database)
    async with database.write() as connection:
        ready = await fix(connection, [one], lambda it: Frozen(it.frozen or b"", "<1@x>"), NOW)
        kept = (await connection.execute(select(func.count()).select_from(FrozenMessage))).scalar()
    assert [content for _, content in ready] == [b"fixed"]
    assert kept == 1


async def test_one_that_waits_for_the_operator_is_not_claimed(database: Database) -> None:
    closes = NOW + timedelta(hours=2)
    async with database.write() as connection:
        frozen = Frozen(b"fixed", "<1@noon.example>")
        await fixed.plan(database, connection, [(planned("a", closes), frozen)])
    assert await claimed(database, closes - timedelta(seconds=1)) == []
    assert await claimed(database, closes) == []
    async with database.write() as connection:
        await outbox.expire(connection, closes)
        states = (await connection.execute(select(col(OutboxMessage.state)))).scalars().all()
    assert states == ["expired"]


async def test_few_of_many_large_notices_are_in_memory(database: Database, tmp_path: Path) -> None:
    line = b"x" * 76 + b"\r\n"
    body = b"Subject: test\r\n\r\n" + line * (MEGABYTES * 1_000_000 // len(line))
    async with SmtpProcess("--headers-only") as smtp:
        desk = Desk(database, settings(tmp_path, smtp.port), NOW)
        for number in range(NOTICES):
            async with database.write() as connection:
                frozen = Frozen(body, f"<{number}@noon.example>")
                await fixed.plan(database, connection, [(planned(str(number)), frozen)])
        tracemalloc.start()
        try:
            async with desk.open():
                await desk.until(lambda: _all_accepted(desk), 60)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 9 * MEGABYTES * 1_000_000


async def _all_accepted(desk: Desk) -> bool:
    rows = await desk.rows(OutboxMessage, col(OutboxMessage.kind) == "incident")
    return {row.state for row in rows} == {"accepted"}
