"""Chats of all kinds: people who went away, groups with and without topics, files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.service import Noon
from bot.store.tables import Button
from tests.botapi import BotApi
from tests.telegram.service import PATIENCE, served, settings
from tests.telegram.store import all_done, answers, until
from tests.telegram.talking import label, pressed, said, said_in

pytest_plugins = ("tests.telegram.fixtures",)

SUPERGROUP = -1_001_000_000_777


@pytest.mark.parametrize("gone", ["blocked", "deleted", "removed"])
async def test_who_went_away_is_tried_once_and_others_go_on(
    api: BotApi, folder: Path, gone: str
) -> None:
    anna, ben = api.user(1, "en"), api.user(2, "en")
    group = api.group("Project", by=anna)
    anna.say("/help")
    anna.say("/deadlines", to=group)
    anna.say("/steps")
    leave: dict[str, Callable[[], None]] = {
        "blocked": anna.block,
        "deleted": anna.delete_account,
        "removed": lambda: group.remove_bot(by=anna),
    }
    leave[gone]()
    ben.say("/help")
    async with served(settings(api, folder)):
        await ben.wait_for(1, PATIENCE)
        await api.settled(PATIENCE)
        await all_done(folder, api.network.feed.emitted)
    refused = [call for call in api.calls if call.outcome == 403]
    assert len(refused) == (1 if gone == "removed" else 2)
    assert len(group.messages) == (0 if gone == "removed" else 1)


async def test_who_comes_back_is_answered(api: BotApi, noon: Noon) -> None:
    anna = api.user(1, "en")
    await said(anna, "/help")
    anna.block()
    anna.unblock()
    assert (await said(anna, "/start")).buttons


async def test_in_a_group_only_what_is_meant_for_the_bot_is_answered(
    api: BotApi, noon: Noon
) -> None:
    api.network.reads_groups = True
    anna, ben = api.user(1, "en"), api.user(2, "lv")
    group = api.supergroup("Project", by=anna)
    first = anna.say("Hello all, how do I get an OID?", to=group)
    for ignored in ("/help@other_bot", "see /help", "@noon_test_bot hello"):
        anna.say(ignored, to=group)
    ben.say("I know", to=group, reply_to=first)
    for meant in ("/help", "/help@noon_test_bot", "/HELP@NOON_TEST_BOT"):
        answer = await said_in(group, anna, meant)
        assert answer.raw["reply_to_message"]["text"] == meant
    answer = await said_in(group, ben, "How do I get an OID?", reply_to=answer)
    assert answer.raw["reply_to_message"]["from"]["id"] == ben.id
    assert len(group.messages) == 4


async def test_answers_stay_in_the_topic(api: BotApi, noon: Noon) -> None:
    anna, ben = api.user(1, "en"), api.user(2, "en")
    group = api.supergroup("Project", by=anna, forum=True)
    budget, other = group.topic("Budget", by=anna), group.topic("Other", by=anna)
    answer = await said_in(group, anna, "/start oid-register", topic=budget)
    assert answer.topic == budget
    step = await pressed(ben, answer, label("steps.choice.begin", "en"), group)
    assert (step.id, step.topic) == (answer.id, budget)
    stuck = await pressed(ben, answer, label("steps.choice.stuck", "en"), group)
    assert stuck.topic == budget
    files = await said_in(group, anna, "/deadlines", topic=other)
    ben.press(files, label("deadlines.get-file", "en", name="KA2"))
    file = await group.wait_for(lambda message: message.document is not None, PATIENCE)
    assert file.topic == other
    assert (await said_in(group, ben, "/help")).topic is None


async def test_two_topics_are_two_conversations(api: BotApi, noon: Noon) -> None:
    anna = api.user(1, "en")
    group = api.supergroup("Project", by=anna, forum=True)
    one, two = group.topic("One", by=anna), group.topic("Two", by=anna)
    await said_in(group, anna, "/eligibility KA210", topic=one)
    asked = await said_in(group, anna, "/eligibility KA220", topic=two)
    again = await said_in(group, anna, "?", topic=one, reply_to=asked)
    assert "KA210" in again.text


async def test_a_group_that_becomes_a_supergroup_keeps_language_and_answers(
    api: BotApi, folder: Path, noon: Noon
) -> None:
    anna = api.user(1, "lv")
    group = api.group("Project", by=anna)
    english = label("language.own-name", "en")
    await pressed(anna, await said_in(group, anna, "/language"), english, group)
    await said_in(group, anna, "/eligibility KA210")
    await said_in(group, anna, "?", reply_to=group.messages[-1])
    asked = "eligibility.KA210/sector"
    await until(lambda: any(asked in kept for kept in answers(folder).values()))
    ((group_before, before),) = answers(folder).items()
    moved = group.migrate(anna, SUPERGROUP)

    def has_moved() -> bool:
        kept = answers(folder)
        return group_before not in kept and list(kept.values()) == [before]

    await until(has_moved, lambda: answers(folder))
    await said_in(moved, anna, "/eligibility KA210")
    begun = label("eligibility.was-begun", "en", action="KA210")
    await moved.wait_for(lambda message: message.text == begun, PATIENCE)


async def test_an_answer_on_its_way_follows_the_group(
    api: BotApi, folder: Path, noon: Noon
) -> None:
    anna = api.user(1, "en")
    group = api.group("Project", by=anna)
    await said_in(group, anna, "/help")
    api.hold(0.4)
    anna.say("/deadlines", to=group)
    moved = group.migrate(anna, SUPERGROUP)
    (answer,) = await moved.wait_for(1, PATIENCE)
    await all_done(folder, api.network.feed.emitted)
    anna.press(answer, label("deadlines.get-file", "en", name="KA2"))
    await moved.wait_for(lambda message: message.document is not None, PATIENCE)


async def test_files_get_a_friendly_answer(api: BotApi, noon: Noon) -> None:
    anna = api.user(1, "en")
    friendly = label("router.file", "en")
    anna.send_photo(b"\xff\xd8\xff")
    anna.send_document(b"%PDF-", "<b>plan</b>.pdf", "application/pdf")
    assert [m.text for m in await anna.wait_for(2, PATIENCE)] == [friendly, friendly]
    anna.send_document(b"x", "plan.pdf", caption="/deadlines")
    assert (await anna.wait_for(3, PATIENCE))[-1].buttons


async def test_messages_of_the_chat_itself_are_not_answered(api: BotApi, noon: Noon) -> None:
    anna = api.user(1, "en")
    hello = await said(anna, "/start")
    timer = {"message_auto_delete_time": 86_400}
    for fields in ({"pinned_message": hello.raw}, {"message_auto_delete_timer_changed": timer}):
        api.network.emit("message", api.network.post(anna.chat, anna.face, fields), anna.id)
    assert (await said(anna, "/help")).text == label("welcome.help", "en", agency="VIAA")
    assert len(anna.messages) == 2


async def test_deleting_takes_the_buttons_too(api: BotApi, noon: Noon) -> None:
    anna = api.user(1, "en")
    await said(anna, "/start")
    asked = await said(anna, "/delete")
    await pressed(anna, asked, label("privacy.choice.delete", "en"))
    async with noon.database.read() as connection:
        left = await connection.execute(select(func.count()).select_from(Button))
        assert left.scalar_one() == 0
