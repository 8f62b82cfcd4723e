"""Inline buttons: those of this chat do what they say, also later; all others do nothing."""

import random
import string
from pathlib import Path

from sqlalchemy.engine import URL

from bot.service import Noon
from bot.store import notebooks
from tests.botapi import BotApi, Dropped, Refused, Served, User
from tests.telegram.service import PATIENCE, served, settings
from tests.telegram.talking import label, pressed, said

pytest_plugins = ("tests.telegram.fixtures",)

letters = random.Random(11)


def random_bytes(count: int) -> str:
    return "".join(letters.choices(string.printable.strip(), k=count))


FORGED = [
    "0" * 32,
    "",
    "\x00",
    "\x00" * 64,
    "steps:menu",
    "privacy:delete",
    "gone",
    "' OR 1=1 --",
    "ā" * 32,
    "🕛" * 16,
    *[random_bytes(64) for _ in range(5)],
]
"""What a changed client could send; Telegram lets 64 bytes pass."""


async def notebook(noon: Noon, person: User) -> dict[tuple[str, str], str]:
    """What is remembered of a person, without the day they were seen."""
    conversation = noon.conversation("telegram", person.id, 0)
    async with noon.database.read() as connection:
        notes = (await notebooks.load(connection, {conversation}))[conversation]
    return {at: value for at, value in notes.copied().written.items() if at[1] != "seen"}


async def test_forged_and_foreign_buttons_are_refused_and_change_nothing(
    api: BotApi, url: URL, tmp_path: Path
) -> None:
    anna, eve = api.user(1, "en"), api.user(2, "en")
    address = url.render_as_string(hide_password=False)
    async with served(settings(api, tmp_path, database_url=address)) as noon:
        hers = await pressed(anna, await said(anna, "/eligibility KA210"), 0)
        mine = await said(eve, "/eligibility KA220")
        remembered = await notebook(noon, anna), await notebook(noon, eve)
        foreign = [button["callback_data"] for button in hers.buttons]
        refusals = len(eve.messages)
        for data in [*foreign, *FORGED]:
            query = api.network.press(eve.face, mine.raw, data)
            refusals += 1
            shown = (await eve.wait_for(refusals, PATIENCE))[-1]
            assert query.answered
            assert (shown.text, shown.labels) == (label("router.gone", "en"), [])
        assert (await notebook(noon, anna), await notebook(noon, eve)) == remembered
        assert not mine.edited


async def test_buttons_work_after_a_restart(api: BotApi, folder: Path) -> None:
    anna = api.user(1, "en")
    async with served(settings(api, folder)):
        opening = await said(anna, "/start oid-register")
    async with served(settings(api, folder)):
        step = await pressed(anna, opening, label("steps.choice.begin", "en"))
    assert (step.id, step.edited) == (opening.id, True)


async def test_a_button_pressed_twice_is_answered_twice_and_shown_once(
    api: BotApi, noon: Noon
) -> None:
    anna = api.user(1, "en")
    opening = await said(anna, "/start oid-register")
    button = label("steps.choice.begin", "en")
    twice = [anna.press(opening, button), anna.press(opening, button)]
    for press in twice:
        await press.answer(PATIENCE)
    await said(anna, "/help")
    assert len(anna.messages) == 2
    assert opening.edited


async def test_an_answer_whose_confirmation_was_lost_is_edited_once(
    api: BotApi, noon: Noon
) -> None:
    anna = api.user(1, "en")
    opening = await said(anna, "/start oid-register")
    api.script("editMessageText", Dropped(after=True), Served())
    await pressed(anna, opening, label("steps.choice.begin", "en"))
    await said(anna, "/help")
    assert len(anna.messages) == 2


async def test_where_the_message_is_gone_the_answer_comes_as_a_new_one(
    api: BotApi, noon: Noon
) -> None:
    anna = api.user(1, "en")
    opening = await said(anna, "/start oid-register")
    anna.press(opening, label("steps.choice.begin", "en"))
    del anna.chat.messages[opening.id]
    (step,) = await anna.wait_for(1, PATIENCE)
    assert step.id != opening.id
    assert label("steps.choice.next", "en") in step.labels


async def test_where_the_message_cannot_be_edited_the_answer_comes_as_a_new_one(
    api: BotApi, noon: Noon
) -> None:
    anna = api.user(1, "en")
    opening = await said(anna, "/start oid-register")
    api.script("editMessageText", Refused(400, "MESSAGE_ID_INVALID"))
    step = await pressed(anna, opening, label("steps.choice.begin", "en"))
    assert (step.id, opening.edited) == (opening.id + 1, False)


async def test_a_press_that_cannot_be_answered_any_more_still_does_its_work(
    api: BotApi, noon: Noon
) -> None:
    api.network.query_lifetime = -1.0
    anna = api.user(1, "en")
    opening = await said(anna, "/start oid-register")
    anna.press(opening, label("steps.choice.begin", "en"))
    assert (await anna.wait_for(lambda message: message.edited, PATIENCE)).id == opening.id


async def test_what_a_button_says_on_the_wire_tells_nothing(api: BotApi, noon: Noon) -> None:
    for command in ("/start", "/steps", "/deadlines", "/eligibility", "/delete"):
        shown = await said(api.user(1, "en"), command)
        data = [button["callback_data"] for button in shown.buttons]
        assert len(data) == len(set(data)) > 0
        assert all(len(each) == 32 and set(each) <= set(string.hexdigits) for each in data)
