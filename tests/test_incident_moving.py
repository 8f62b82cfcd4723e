"""What happens to waiting notices when dates change, and what comes back about sent ones."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.incident import moving
from bot.incident.returning import Returning
from bot.post.bounces import reports
from bot.post.bounces.following import Follow, Following
from bot.post.bounces.verp import envelope_sender
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Incident, OutboxMessage
from handlers.cases import Standing
from tests.delivering import AGENCY, ANNA, CLOSES, KEY, Desk, settings
from tests.imap.post import claimed_as
from tests.imap.samples import ANNA as SAMPLED
from tests.imap.samples import Sample, person, postfix
from tests.smtp import ALWAYS, SmtpServer, reply

HOUR = timedelta(hours=1)
CHANGE = """
call = 2026
checked_on = 2026-03-05
[[change]]
id = "2026-ka220-r1"
recorded = 2026-03-05T11:30:00Z
source = "pg-2026:434"
{what}
"""
NOW = CLOSES + timedelta(minutes=30)


@pytest.mark.parametrize("held", [False, True])
async def test_a_window_that_moves_moves_what_waits(
    held: bool, database: Database, tmp_path: Path
) -> None:
    dates = tmp_path / "dates"
    dates.mkdir()
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(450, "4.7.1 later"), times=ALWAYS)
        desk = Desk(database, settings(tmp_path, smtp, calendar_dir=dates), NOW)
        row = await desk.confirmed()
        if held:
            await hold(database, row)
        (dates / "moved.toml").write_text(CHANGE.format(what="wall = 2026-03-05T15:00:00"))
        async with desk.open():
            assert desk.noon.almanac.refresh()
            await desk.step(row, "moved", 10)
    (post,) = await desk.post(row)
    closes = (CLOSES + 5 * HOUR).timestamp()
    assert post.not_after == closes
    assert (post.next_at == closes) is held
    assert (await desk.notice(row)).closes.timestamp() == closes
    assert "moved" in await desk.told(row)


async def test_the_window_of_what_was_taken_moves_too_and_nobody_is_troubled(
    database: Database, tmp_path: Path
) -> None:
    dates = tmp_path / "dates"
    dates.mkdir()
    async with SmtpServer() as smtp:
        desk = Desk(database, settings(tmp_path, smtp, calendar_dir=dates), NOW)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
            (dates / "moved.toml").write_text(CHANGE.format(what="wall = 2026-03-05T15:00:00"))
            assert desk.noon.almanac.refresh()
            await desk.step(row, "moved", 10)
    assert (await desk.notice(row)).closes == CLOSES + 5 * HOUR
    assert await desk.told(row) == []


@pytest.mark.parametrize("way", ["stopped", "by-hand"])
async def test_who_was_told_that_it_is_over_is_told_that_it_is_not(
    way: str, database: Database, tmp_path: Path
) -> None:
    dates = tmp_path / "dates"
    dates.mkdir()
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(450, "4.7.1 later"), times=ALWAYS)
        given = {} if way == "stopped" else {"incident_mailbox": None}
        made = settings(tmp_path, smtp, calendar_dir=dates, **given)
        desk = Desk(database, made, CLOSES + 2 * HOUR - timedelta(seconds=3))
        row = await desk.confirmed()
        async with desk.open():
            if way == "stopped":
                await desk.step(row, "stopped", 20)
            (dates / "moved.toml").write_text(CHANGE.format(what="wall = 2026-03-05T18:00:00"))
            assert desk.noon.almanac.refresh()
            await desk.step(row, "moved", 10)
    told = await desk.told(row)
    assert (told.count("reopened"), told.count("moved")) == (1, 0)
    contents = [json.loads(one.content) for one in await desk.rows(OutboxMessage)]
    assert [one["letter"] for one in contents if one.get("message") == "reopened"] == [True]
    assert (await desk.notice(row)).closes == CLOSES + 8 * HOUR


async def test_a_window_that_two_offices_see_move_is_told_once(
    database: Database, tmp_path: Path
) -> None:
    dates = tmp_path / "dates"
    dates.mkdir()
    desk = Desk(database, settings(tmp_path, 1, calendar_dir=dates), NOW)
    row = await desk.confirmed()
    (dates / "moved.toml").write_text(CHANGE.format(what="wall = 2026-03-05T15:00:00"))
    assert desk.noon.almanac.refresh()
    for _ in range(2):
        async with database.write() as connection:
            # Each has read the notice before the other wrote.
            await moving.move(desk.noon.books(connection), row.model_copy())
    assert (await desk.steps(row)).count("moved") == 1
    assert await desk.told(row) == ["moved"]


async def test_a_cancelled_deadline_calls_no_notice_off(database: Database, tmp_path: Path) -> None:
    dates = tmp_path / "dates"
    dates.mkdir()
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(450, "4.7.1 later"), times=2)
        desk = Desk(database, settings(tmp_path, smtp, calendar_dir=dates), NOW, 5.0)
        row = await desk.confirmed()
        (dates / "off.toml").write_text(CHANGE.format(what='state = "cancelled"'))
        async with desk.open():
            assert desk.noon.almanac.refresh()
            await desk.step(row, "moved", 10)
            await desk.step(row, "accepted")
    assert (await desk.told(row)).count("cancelled") == 1


@pytest.fixture
async def sent(database: Database, tmp_path: Path) -> tuple[Desk, Incident]:
    """A notice that a server has taken."""
    async with SmtpServer() as smtp:
        desk = Desk(database, settings(tmp_path, smtp), NOW)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
    return desk, row


@pytest.mark.parametrize(
    ("action", "status", "standing"),
    [
        ("delivered", "2.0.0", Standing.DELIVERED),
        ("delayed", "4.4.1", Standing.ACCEPTED),
        ("failed", "5.1.1", Standing.BOUNCED),
    ],
)
async def test_a_report_is_a_step_and_is_told(
    action: str, status: str, standing: Standing, sent: tuple[Desk, Incident]
) -> None:
    desk, row = sent
    assert await came(desk, row, action, status, AGENCY) is Follow.DONE
    assert await came(desk, row, action, status, AGENCY) is Follow.DONE
    name = {"failed": "bounced"}.get(action, action)
    assert (await desk.steps(row)).count(name) == 1
    assert (await desk.notice(row)).standing is standing
    assert (await desk.told(row)).count(name) == (0 if action == "delivered" else 1)


@pytest.mark.parametrize("action", ["delivered", "failed"])
async def test_a_report_on_where_the_copy_was_forwarded_to_says_nothing_of_the_notice(
    action: str, sent: tuple[Desk, Incident]
) -> None:
    desk, row = sent
    assert await came(desk, row, action, "5.2.1", "anna.private@mail.example") is Follow.DONE
    assert (await desk.notice(row)).standing is Standing.ACCEPTED
    assert "report" in await desk.steps(row)
    assert await desk.alarms() == []


async def test_a_report_on_the_mailbox_that_the_agencys_leads_to_is_believed(
    sent: tuple[Desk, Incident],
) -> None:
    desk, row = sent
    inner = f"Final-Recipient: rfc822; desk@inside.example\r\nOriginal-Recipient: rfc822;{AGENCY}"
    sample = Sample(await address(desk, row), row.message_id, "failed", "5.2.2", "as told")
    both = f"Final-Recipient: rfc822; {SAMPLED}\r\nOriginal-Recipient: rfc822;{SAMPLED}"
    raw = postfix(sample)
    assert both.encode() in raw
    await followed(desk, raw.replace(both.encode(), inner.encode()))
    assert (await desk.notice(row)).standing is Standing.BOUNCED


@pytest.mark.parametrize("action", ["delivered", "failed"])
async def test_a_report_on_the_copy_says_nothing_of_the_notice(
    action: str, sent: tuple[Desk, Incident]
) -> None:
    desk, row = sent
    assert await came(desk, row, action, "5.1.1", ANNA) is Follow.DONE
    assert await came(desk, row, action, "5.1.1", ANNA) is Follow.DONE
    assert await desk.steps(row) == ["confirmed", "accepted", "report"]
    assert (await desk.notice(row)).standing is Standing.ACCEPTED
    assert await desk.told(row) == []


async def test_any_other_mail_to_a_notices_own_address_is_mentioned_once(
    sent: tuple[Desk, Incident],
) -> None:
    desk, row = sent
    for number in range(2):
        mail = person("Out of office", await address(desk, row), message_id=f"<{number}@x.example>")
        assert await followed(desk, mail) is Follow.NOTHING
    assert (await desk.told(row)).count("answered") == 1


async def address(desk: Desk, row: Incident) -> str:
    """Return the address that reports on a notice come to."""
    return envelope_sender(with_bounces(desk), KEY, claimed_as(row.message))


async def came(desk: Desk, row: Incident, action: str, status: str, about: str) -> Follow:
    """Let a report come about one recipient."""
    sample = Sample(await address(desk, row), row.message_id, action, status, "as told")
    return await followed(desk, postfix(sample).replace(SAMPLED.encode(), about.encode()))


async def followed(desk: Desk, raw: bytes) -> Follow:
    noon = desk.noon
    notices = Returning(noon.books)

    async def seen(*_: object) -> bool:
        return False

    following = Following(desk.database, KEY, with_bounces(desk), seen, notices)
    async with desk.database.write() as connection:
        return await following.act(connection, reports.read(raw), noon.clock.now())


def with_bounces(desk: Desk) -> Settings:
    url = SecretStr("imap://noon:secret@127.0.0.1/Returned?tls=none")
    return desk.noon.settings.model_copy(update={"bounces": url})


async def hold(database: Database, row: Incident) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql(
            f"UPDATE outbox SET next_at = not_after WHERE id = '{row.message}'"
        )
        await connection.exec_driver_sql(f"UPDATE incident SET way = 'held' WHERE id = '{row.id}'")
