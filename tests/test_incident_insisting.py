"""A notice that one server refuses goes to the other, and is tried while there is time."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.incident import composing, progress, register, stopping, warning
from bot.incident.holding import release
from bot.store.database import Database
from bot.store.tables import Incident, OutboxMessage
from handlers.cases import Standing, Way
from tests.delivering import AGENCY, CLOSES, Desk, settings
from tests.smtp import ALWAYS, SmtpServer, drop, reply, silence

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOW = CLOSES + 5 * SECOND


@pytest.mark.parametrize("words", ["administrative prohibition", "5.1.1 nobody", "5.7.1 no"])
async def test_what_one_server_refuses_the_other_is_asked_at_once(
    words: str, database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        first.at("rcpt", reply(550, words), times=ALWAYS)
        desk = Desk(database, settings(tmp_path, first, second), NOW, 10.0)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
    notice = await desk.notice(row)
    assert notice.accepted_at is not None
    assert notice.accepted_at - notice.made <= 30 * SECOND
    assert [step.what for step in notice.steps] == ["confirmed", "attempt", "accepted"]
    told = await desk.told(row)
    assert (told[0], "stopped" in told) == ("failing", False)


async def test_what_all_refuse_is_tried_until_the_window_ends(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        rules = [
            smtp.at("rcpt", reply(550, "no"), times=ALWAYS, to=AGENCY) for smtp in (first, second)
        ]
        desk = Desk(database, settings(tmp_path, first, second), CLOSES + 113 * MINUTE, 60.0)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "stopped")
    assert all(rule.met >= 2 for rule in rules)
    notice = await desk.notice(row)
    assert notice.steps[-1].at >= notice.closes - 2 * MINUTE
    assert notice.steps[-1].words == "stopped"
    assert "incident-stopped" in await desk.alarms()


async def test_how_it_ended_is_what_the_operator_is_warned_of(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("dot", drop(), times=ALWAYS, to=AGENCY)
        desk = Desk(database, settings(tmp_path, smtp), NOW, 60.0)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "stopped")
    alarms = await desk.alarms()
    assert ("incident-unsure" in alarms, "incident-stopped" in alarms) == (True, False)


async def test_while_an_attempt_hangs_the_person_has_the_notice_in_hand(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warning, "UNTAKEN", 1.0)
    async with SmtpServer() as smtp:
        smtp.at("dot", silence(), times=ALWAYS, to=AGENCY)
        desk = Desk(database, settings(tmp_path, smtp), NOW)
        row = await desk.confirmed()

        async def told() -> bool:
            return "failing" in await desk.told(row)

        async with desk.open():
            await desk.until(told, 10)
            assert await desk.steps(row) == ["confirmed"]


async def test_who_was_told_not_to_wait_is_told_that_it_was_taken(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warning, "UNTAKEN", 0.5)
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(250, "2.1.5 ok", delay=4.0), to=AGENCY)
        desk = Desk(database, settings(tmp_path, smtp), NOW)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "accepted")
    assert await desk.told(row) == ["failing", "accepted"]


async def test_a_smaller_notice_remembers_that_the_one_before_may_have_arrived(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database, settings(tmp_path, 1), NOW)
    row = await desk.confirmed(files=1)
    async with database.write() as connection:
        lost = update(OutboxMessage).where(col(OutboxMessage.id) == row.message)
        await connection.execute(lost.values(silences=1, state="rejected", last_verdict="size"))
        assert await composing.replace(desk.noon.books(connection), row, "full")
    assert (await desk.post(row))[1].silences == 1
    assert (await desk.notice(row)).standing is Standing.UNHEARD


# The agency's wish to get no more.


@pytest.mark.parametrize("by", ["operator", "agency"])
@pytest.mark.parametrize("way", [Way.SENDING, Way.HELD])
async def test_what_is_on_its_way_is_called_off_and_handed_over(
    by: str, way: Way, database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        desk = Desk(database, settings(tmp_path, smtp), NOW)
        row, other = await desk.confirmed(), await desk.confirmed(number=2)
        async with database.write() as connection:
            change = update(Incident).where(col(Incident.id) == row.id)
            await connection.execute(change.values(way=way.value))
            books = desk.noon.books(connection)
            await (stopping.block(books) if by == "operator" else stopping.stop(books, row))
            assert await release(books, [row.id]) == []
        states = [(await desk.post(one))[0].state for one in (row, other)]
        assert states == ["cancelled", "cancelled" if by == "operator" else "planned"]
        async with desk.open():
            await desk.step(row, "stopped")
        assert not [one for one in smtp.messages if one.message_id == row.message_id]
    assert (await desk.told(row)) == ["blocked"]
    assert (await desk.notice(row)).steps[-1].words == "blocked"
    assert "incident-stopped" not in await desk.alarms()


async def test_what_is_being_sent_at_that_moment_is_not_tried_again(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer() as smtp:
        rule = smtp.at("mail", reply(450, "4.7.1 later", delay=1.5), times=ALWAYS)
        desk = Desk(database, settings(tmp_path, smtp), NOW)
        row = await desk.confirmed()
        async with desk.open():
            await rule.reached()
            async with database.write() as connection:
                await stopping.block(desk.noon.books(connection))
            await desk.step(row, "stopped")
    assert rule.met >= 1
    assert (await desk.notice(row)).steps[-1].words == "blocked"


# Telling.


async def test_of_two_tellings_at_one_moment_neither_is_lost(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database, settings(tmp_path), NOW)
    row = await desk.confirmed(chat=42)
    async with database.write() as connection:
        books = desk.noon.books(connection)
        await progress.tell(books, row, "moved", once="a")
        await progress.tell(books, row, "warned-60", once="b")
    mine = col(OutboxMessage.key).startswith(f"progress:{row.id}:standing")
    states = sorted(one.state for one in await desk.rows(OutboxMessage, mine))
    assert states == ["cancelled", "planned"]
    assert sorted(await desk.told(row)) == ["moved", "warned-60"]


async def test_who_was_erased_is_told_nothing(database: Database, tmp_path: Path) -> None:
    desk = Desk(database, settings(tmp_path), NOW)
    row = await desk.confirmed()
    async with database.write() as connection:
        erased = update(Incident).where(col(Incident.id) == row.id)
        await connection.execute(erased.values(address="", chat=None))
        kept = await register.by_id(connection, row.id)
        assert kept is not None
        await progress.tell(desk.noon.books(connection), kept, "warned-60", letter=True)
    assert await desk.told(row) == []
