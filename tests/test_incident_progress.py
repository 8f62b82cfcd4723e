"""What a person is told of a notice: at once, in one place, and never more than is known."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.incident import warning
from bot.post.retries import LAST
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Incident
from handlers.cases import Standing
from tests.botapi import BotApi
from tests.delivering import ANNA, CLOSES, Desk, settings
from tests.smtp import ALWAYS, Policy, SmtpServer, drop, reply

CHAT = 1001
HOUR = timedelta(hours=1)
WINDOW = 2 * HOUR
FAST = 600.0
"""A rate of the clock: ten minutes take a second."""


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        api.user(CHAT)
        yield api


def in_chat(folder: Path, api: BotApi, *servers: SmtpServer, **given: Any) -> Settings:
    token: dict[str, Any] = {"telegram_token": SecretStr(api.token), "telegram_api": api.url}
    return settings(folder, *servers, **token, **given)


def shown(api: BotApi) -> list[str]:
    """Return what stands in the chat; a file is told by its name."""
    found = api.user(CHAT).messages
    return [message.raw.get("text") or message.raw["document"]["file_name"] for message in found]


async def test_at_the_first_failure_file_text_and_numbers_are_in_hand(
    database: Database, tmp_path: Path, api: BotApi
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("mail", reply(450, "4.7.1 later, please"), times=ALWAYS)
        desk = Desk(database, in_chat(tmp_path, api, smtp))
        row = await desk.confirmed(chat=CHAT, files=2)
        async with desk.open():
            await desk.step(row, "handed-over")
            failed, handed = [
                step.at
                for step in (await desk.notice(row)).steps
                if step.what in ("attempt", "handed-over")
            ][:2]
            await api.user(CHAT).wait_for(3)
    assert handed - failed <= timedelta(seconds=30)
    file = next(one for one in api.user(CHAT).messages if "document" in one.raw)
    content = api.network.files.by_id(file.raw["document"]["file_id"]).content
    draft = message_from_bytes(content, policy=default)
    assert file.raw["document"]["file_name"].endswith(".eml")
    assert len(list(draft.iter_attachments())) == 2
    assert "+371 67359074" in file.raw["caption"]
    assert "4.7.1 later, please" in file.raw["caption"]
    assert any("Cēsu skola" in text for text in shown(api))


async def test_one_message_tells_the_latest_and_is_edited_in_place(
    database: Database, tmp_path: Path, api: BotApi
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("mail", reply(450, "4.7.1 later"), times=3)
        desk = Desk(database, in_chat(tmp_path, api, smtp), rate=20.0)
        row = await desk.confirmed(chat=CHAT)
        async with desk.open():
            await desk.step(row, "accepted")
            answer = (await desk.notice(row)).answer
            queued = answer.split()[-1].strip(";")
            chat = api.user(CHAT)
            await chat.wait_for(lambda one: "edit_date" in one.raw and "pieņēma" in one.text)
            await chat.wait_for(lambda one: queued in one.text)
    standings = [text for text in shown(api) if "KA220-SCH-0A1B2C3D" in text and "<" not in text]
    assert len([text for text in standings if "/incident/" in text]) == 1
    assert len(api.network.calls.of("editMessageText")) >= 1


async def test_a_standing_that_was_deleted_is_told_anew(
    database: Database, tmp_path: Path, api: BotApi
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("mail", reply(450, "4.7.1 later"), times=ALWAYS)
        desk = Desk(database, in_chat(tmp_path, api, smtp), rate=20.0)
        row = await desk.confirmed(chat=CHAT)
        async with desk.open():
            chat = api.user(CHAT)
            first = await chat.wait_for(lambda one: "/incident/" in one.text)
            del api.user(CHAT).chat.messages[first.raw["message_id"]]
            again = await chat.wait_for(lambda one: "/incident/" in one.text, timeout=20)
    assert again.raw["message_id"] != first.raw["message_id"]
    assert row.id


async def test_who_has_blocked_the_bot_is_told_by_mail(
    database: Database, tmp_path: Path, api: BotApi
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(450, "4.7.1 later"), times=ALWAYS, to="*@agency.example")
        desk = Desk(database, in_chat(tmp_path, api, smtp))
        api.block(CHAT)
        await desk.confirmed(chat=CHAT)
        async with desk.open():
            (mail,) = await smtp.received(1, timeout=30)
    assert [one.address for one in mail.envelope.recipients] == [ANNA]
    assert b"+371 67359074" in mail.raw


async def test_both_servers_dead_for_the_whole_window(
    database: Database, tmp_path: Path, api: BotApi
) -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        first.refuse_connections()
        second.refuse_connections()
        made = in_chat(tmp_path, api, first, second)
        desk = Desk(database, made, CLOSES + timedelta(minutes=1), FAST)
        row = await desk.confirmed(chat=CHAT)
        async with desk.open():
            await desk.step(row, "stopped")
            await api.user(CHAT).wait_for(lambda one: "NAV nosūtīts" in one.text)
    notice = await desk.notice(row)
    steps = [step.what for step in notice.steps if step.what not in ("attempt", "handed-over")]
    assert steps == ["confirmed", "warned-60", "warned-90", "warned-105", "stopped"]
    assert (notice.standing, notice.accepted_at) == (Standing.STOPPED, None)
    alarms = await desk.alarms()
    assert (alarms.count("incident-unsent"), alarms.count("incident-stopped")) == (3, 1)
    ended = next(step for step in notice.steps if step.what == "stopped")
    # Which the last attempt may end a moment before the window does.
    assert -LAST <= ended.at - (CLOSES + WINDOW) <= timedelta(minutes=15)
    assert not [text for text in shown(api) if "pieņēma:" in text]


async def test_what_may_have_arrived_is_neither_called_sent_nor_unsent(
    database: Database, tmp_path: Path, api: BotApi
) -> None:
    async with SmtpServer() as smtp:
        smtp.at("dot", drop(), times=ALWAYS)
        desk = Desk(database, in_chat(tmp_path, api, smtp), CLOSES + HOUR, 60.0)
        row = await desk.confirmed(chat=CHAT)
        async with desk.open():
            await desk.step(row, "stopped")
            last = await api.user(CHAT).wait_for(lambda one: "jautājiet aģentūrai" in one.text)
    assert "NAV nosūtīts" not in last.text
    assert (await desk.notice(row)).standing is Standing.UNHEARD
    assert "unheard" in await desk.steps(row)
    assert "unsure" in await desk.told(row)


async def test_without_a_chat_it_is_told_by_mail_where_mail_works(
    database: Database, tmp_path: Path
) -> None:
    async with SmtpServer(Policy()) as smtp:
        smtp.at("rcpt", reply(450, "4.7.1 later"), times=ALWAYS, to="*@agency.example")
        desk = Desk(database, settings(tmp_path, smtp), CLOSES + timedelta(minutes=30), FAST)
        row = await desk.confirmed()
        async with desk.open():
            await desk.step(row, "stopped")
            await smtp.received(9, timeout=20)
        mails = [one for one in smtp.messages if one.envelope.recipients[0].address == ANNA]
    assert await desk.told(row) == ["failing", "warned-60", "warned-90", "warned-105", "stopped"]
    assert len({one.message_id for one in mails}) == 5
    assert "Cēsu skola" in _text(mails[0].raw)


async def test_a_notice_that_nobody_tries_is_handed_over_too(
    database: Database, tmp_path: Path, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warning, "UNTAKEN", 1.0)
    async with SmtpServer() as smtp:
        desk = Desk(database, in_chat(tmp_path, api, smtp))
        row = await desk.confirmed(chat=CHAT)
        post = (await desk.post(row))[0]
        async with database.write() as connection:
            await connection.exec_driver_sql(
                f"UPDATE outbox SET next_at = next_at + 7000 WHERE id = '{post.id}'"
            )
        async with desk.open():
            await desk.until(lambda: _handed(desk, row), 40)
    assert sorted(await desk.told(row)) == ["failing", "text"]
    assert (await desk.notice(row)).standing is Standing.WAITING


async def _handed(desk: Desk, row: Incident) -> bool:
    return "handed-over" in await desk.steps(row)


def _text(raw: bytes) -> str:
    part = message_from_bytes(raw, policy=default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())
