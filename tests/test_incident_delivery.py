"""The notice on its way: who gets it, by which server, as which bytes, and what is recorded."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.database import Database
from handlers.cases import Standing
from tests.delivering import AGENCY, ANNA, Desk, settings
from tests.smtp import ALWAYS, Message, Policy, SmtpServer, accept_and_drop, drop, reply
from tests.smtp.script import Command

MINUTE = timedelta(minutes=1)


async def test_agency_and_person_get_it_in_one_transaction(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        desk = Desk(database, settings(tmp_path, smtp))
        row = await desk.confirmed(files=2)
        async with desk.open():
            await desk.step(row, "accepted")
        (message,) = smtp.messages
        answer = (await desk.notice(row)).answer
        assert _to(message) == [AGENCY, ANNA]
        assert message.message_id == row.message_id
        assert message.queue_id in answer
    (sent,) = await desk.post(row)
    assert (sent.state, sent.first_at is not None) == ("accepted", True)
    assert await desk.steps(row) == ["confirmed", "accepted"]


async def test_a_copy_that_is_refused_does_not_stop_the_notice(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(550, "5.1.1 nobody here"), times=ALWAYS, to=ANNA)
        desk = Desk(database, settings(tmp_path, smtp))
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
        assert [_to(one) for one in smtp.messages] == [[AGENCY]]
    assert "5.1.1 nobody here" in (await desk.notice(row)).answer


async def test_a_server_that_hangs_up_on_the_copy_does_not_stop_the_notice(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", drop(), times=ALWAYS, to=ANNA)
        desk = Desk(database, settings(tmp_path, smtp), rate=20.0)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
        assert smtp.copies()[row.message_id] == 1


async def test_the_second_provider_takes_it_when_the_first_is_dead(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        first.refuse_connections()
        desk = Desk(database, settings(tmp_path, first, second), rate=10.0)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
        assert len(second.messages) >= 1
    notice = await desk.notice(row)
    assert notice.accepted_at is not None
    assert notice.accepted_at - notice.made <= 90 * MINUTE / 60
    # The mail that tells of the first failure may find out before the notice that it is dead.
    what = [step.what for step in notice.steps]
    assert what[:2] + what[-1:] == ["confirmed", "attempt", "accepted"]
    assert what.count("attempt") <= 2
    assert str(first.port) in notice.steps[1].words


async def test_a_server_that_says_later_for_five_minutes_gets_it_then(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer(Policy(greylist=5.0)) as smtp:
        desk = Desk(database, settings(tmp_path, smtp), rate=60.0)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
        assert smtp.copies()[row.message_id] == 1
    notice = await desk.notice(row)
    assert notice.accepted_at is not None
    assert notice.accepted_at - notice.made <= 8 * MINUTE
    assert "450" in notice.steps[1].words


@pytest.mark.parametrize("command", ["mail", "rcpt", "dot"])
async def test_what_is_too_large_is_sent_smaller(
    command: Command, database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        smtp.at(command, reply(552, "5.3.4 too big"))
        desk = Desk(database, settings(tmp_path, smtp))
        row = await desk.confirmed(files=2)
        async with desk.open():
            await desk.step(row, "accepted")
        (message,) = [one for one in smtp.messages if AGENCY in _to(one)]
    full, small = await desk.post(row)
    assert (full.state, small.state) == ("rejected", "accepted")
    assert message.message_id == small.message_id
    assert len(message.raw) < 100_000
    assert await desk.steps(row) == ["confirmed", "attempt", "smaller", "accepted"]


async def test_a_server_that_announces_less_gets_the_bare_notice(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer(Policy(size=30_000)) as smtp:
        desk = Desk(database, settings(tmp_path, smtp))
        row = await desk.confirmed(files=3)
        async with desk.open():
            await desk.step(row, "accepted")
        (message,) = [one for one in smtp.messages if AGENCY in _to(one)]
    assert b"Content-Disposition: attachment" not in message.raw
    assert [one.state for one in await desk.post(row)] == ["rejected", "rejected", "accepted"]


async def test_what_no_server_takes_in_any_size_goes_by_hand(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(552, "5.3.4 too big"), times=ALWAYS, to=AGENCY)
        desk = Desk(database, settings(tmp_path, smtp))
        row = await desk.confirmed(files=1)
        async with desk.open():
            await desk.step(row, "stopped")
    assert await desk.steps(row) == [
        "confirmed", "attempt", "smaller", "attempt", "smaller", "rejected", "stopped",
    ]  # fmt: skip
    assert "refused" in await desk.told(row)
    assert "incident-refused" in await desk.alarms()
    assert (await desk.notice(row)).standing is Standing.STOPPED


async def test_a_lost_answer_brings_the_same_bytes_again(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("dot", accept_and_drop(), to=AGENCY)
        desk = Desk(database, settings(tmp_path, smtp), rate=60.0)
        row = await desk.confirmed(files=1)
        async with desk.open():
            await desk.step(row, "unheard")
            assert (await desk.notice(row)).standing is Standing.UNHEARD
            await desk.step(row, "accepted")
        same = [one for one in smtp.messages if AGENCY in _to(one)]
    assert len(same) == 2
    assert len({(one.raw, one.message_id) for one in same}) == 1


async def test_captured_mail_is_called_captured(database: Database, tmp_path: Path) -> None:
    desk = Desk(database, settings(tmp_path))
    row = await desk.confirmed()
    async with desk.open():
        await desk.step(row, "captured")
    notice = await desk.notice(row)
    assert (notice.standing, notice.accepted_at) == (Standing.CAPTURED, None)


async def test_announced_limit_is_kept_with_six_screenshots(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer(Policy(size=10_240_000)) as smtp:
        desk = Desk(database, settings(tmp_path, smtp))
        row = await desk.confirmed(files=6)
        async with desk.open():
            await desk.step(row, "accepted")
        (message,) = smtp.messages
    assert message.raw.count(b"Content-Disposition: attachment") == 6
    assert len(message.raw) < 10_240_000


def _to(message: Message) -> list[str]:
    return [one.address for one in message.envelope.recipients]
