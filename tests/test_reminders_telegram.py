"""Reminders in Telegram: subscribing in a private chat, the buttons under a reminder, groups."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.faces.telegram import buttons, face
from bot.post.outcomes import Verdict
from bot.post.telegram import TelegramCarrier
from bot.service import Noon
from handlers.words import words
from tests.botapi import BotApi, Message, User
from tests.reminding import FEBRUARY, everything, said, traces
from tests.telegram.service import PATIENCE, served, settings
from tests.telegram.store import refusing, rows
from tests.telegram.talking import label, pressed, said_in
from tests.telegram.talking import said as sent
from tests.test_post_telegram import claimed

pytest_plugins = ("tests.telegram.fixtures",)

ADDRESS = "anna.ozola@example.org"
KA220 = "2026-ka220-r1"
CHAT = 7_701_234_567


@pytest.fixture
async def noon(api: BotApi, folder: Path) -> AsyncIterator[Noon]:
    async with served(settings(api, folder, now=FEBRUARY)) as running:
        yield running


@pytest.fixture
def anna(api: BotApi) -> User:
    return api.user(CHAT, "en")


async def subscribed(person: User) -> None:
    """Subscribe the chat itself to KA220, by the buttons."""
    shown = await sent(person, "/reminders")
    for key in (
        "reminders.choice.add",
        "eligibility.action.KA220",
        "reminders.choice.every-sector",
    ):
        shown = await pressed(person, shown, label(key, "en"))
    shown = await pressed(person, shown, label("reminders.choice.telegram", "en"))
    shown = await pressed(person, shown, shown.labels[0])
    shown = await pressed(person, shown, label("reminders.choice.agree", "en"))
    assert said("reminders.active") in shown.text


def planned(folder: Path) -> int:
    (row,) = rows(folder, "SELECT count(*) FROM outbox WHERE state = 'planned'")
    return int(row[0])


async def reminded(noon: Noon, person: User) -> Message:
    """Carry a reminder to the chat as the post office does, and return it as it arrives."""
    acts = {"Submitted": f"handed:{KA220}", "Later": f"snooze:{KA220}", "Stop": "stop"}
    rows = [
        [[name, buttons.sealed(noon.key, CHAT, f"reminders:{act}")]] for name, act in acts.items()
    ]
    carrier = TelegramCarrier(face.make_bot(noon), noon.clock)
    message = json.dumps({"text": "KA220 in 7 days", "keyboard": rows}).encode()
    closes = noon.clock.now() + timedelta(days=1)
    assert (await carrier.carry(claimed(CHAT, closes), message)).outcome.verdict is Verdict.ACCEPTED
    await carrier.close()
    return person.messages[-1]


async def test_the_buttons_of_a_reminder_work_and_leave_it_to_be_read(
    noon: Noon, anna: User, folder: Path
) -> None:
    await subscribed(anna)
    reminder = await reminded(noon, anna)
    later = await pressed(anna, reminder, "Later")
    assert "Next reminder: " in later.text
    handed = await pressed(anna, reminder, "Submitted")
    assert planned(folder) == 0
    back = await pressed(anna, handed, label("reminders.choice.due", "en"))
    assert "3 February 2026" in back.text
    assert planned(folder) == 6
    stopped = await pressed(anna, reminder, "Stop")
    assert said("reminders.stopped-all", n=1) in stopped.text
    assert "KA220" in stopped.text
    assert planned(folder) == 0
    assert (reminder.text, reminder.labels) == ("KA220 in 7 days", ["Submitted", "Later", "Stop"])


async def test_a_button_of_somebody_elses_reminder_does_nothing(
    api: BotApi, noon: Noon, anna: User, folder: Path
) -> None:
    await subscribed(anna)
    reminder = await reminded(noon, anna)
    ben = api.user(5, "en")
    shown = await sent(ben, "/reminders")
    data = next(each["callback_data"] for each in reminder.buttons)
    count = len(ben.messages)
    api.network.press(ben.face, shown.raw, data)
    answer = (await ben.wait_for(count + 1, PATIENCE))[-1]
    assert answer.text.endswith(said("router.gone"))
    assert planned(folder) == 6


async def test_a_private_chat_subscribes_itself_and_is_asked_for_no_address(
    noon: Noon, anna: User, folder: Path
) -> None:
    await subscribed(anna)
    assert planned(folder) == 6
    assert rows(folder, "SELECT channel, address FROM contact") == [("telegram", str(CHAT))]


async def test_in_a_group_nothing_personal_is_shown_or_kept(
    api: BotApi, noon: Noon, anna: User, folder: Path
) -> None:
    await subscribed(anna)
    group = api.group("Project", by=anna)
    for asked in ("/reminders", "/mydata", "/atgadinajumi"):
        answer = await said_in(group, anna, asked)
        assert answer.text.endswith(said("reminders.private"))
        assert str(CHAT) not in answer.text
    door = await said_in(group, anna, "/start")
    answer = await pressed(anna, door, label("welcome.door.reminders", "en"), group)
    assert answer.text.endswith(said("reminders.private"))
    assert rows(folder, "SELECT count(*) FROM contact") == [(1,)]


async def test_a_turn_that_fails_keeps_nothing_and_others_in_its_batch_all(
    api: BotApi, noon: Noon, anna: User, folder: Path
) -> None:
    await subscribed(anna)
    before = await everything(noon.database)
    ben = api.user(5, "en")
    async with refusing(folder, "erasure"):
        asked = await sent(anna, "/delete")
        ben.say("/help")
        answer = await pressed(anna, asked, label("privacy.choice.delete", "en"))
        page = noon.almanac.desk.agency.contacts_page
        assert answer.text.endswith(said("router.failed", page=page))
        await ben.wait_for(1, PATIENCE)
    after = await everything(noon.database)
    for table in ("contact", "subscription", "outbox"):
        assert after[table] == before[table]


async def test_deleting_in_the_chat_leaves_no_trace_of_it(
    noon: Noon, anna: User, folder: Path
) -> None:
    await subscribed(anna)
    shown = await sent(anna, "/mydata")
    assert shown.text or shown.document
    document = await anna.wait_for(lambda message: message.document is not None, PATIENCE)
    assert document
    asked = await sent(anna, "/delete")
    await pressed(anna, asked, label("privacy.choice.delete", "en"))
    left = await traces(noon.database, str(CHAT))
    assert [row for row in left if not row.startswith(("telegram_update", "send_slot"))] == []


def test_the_menu_has_reminders_and_ones_own_data() -> None:
    for language in ("lv", "en"):
        assert words(language).has("menu.reminders")
        assert words(language).has("menu.mydata")
