"""The guide gone through: place, resuming after days, what comes next, links to pass on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.markup import plain
from handlers.steps import way
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from tests.talk import Talk, the_desk, the_facts

GUIDED = sorted({topic for topic, _ in the_facts().guides})
DAYS = timedelta(days=20)


def ids(reply: Reply) -> list[str]:
    return [choice.id for choice in reply.choices]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_step_says_its_place_and_the_last_leads_on(language: str) -> None:
    talk = Talk(language)
    await talk.press("steps:show:oid-register")
    guide = the_facts().guide("oid-register", language)
    assert guide is not None
    for number in range(1, len(guide.steps) + 1):
        (shown,) = await talk.press(f"steps:step:oid-register:{number}")
        assert shown.text.startswith(f"{number}/{len(guide.steps)} ")
        assert guide.steps[number - 1].text in shown.text
    assert "steps:worked:oid-register" in ids(shown)
    (next_,) = await talk.press("steps:worked:oid-register")
    assert ids(next_)[0] == "steps:show:form-open"


async def test_a_guide_is_taken_up_again_after_days_wherever_one_comes_in() -> None:
    talk = Talk("en")
    await talk.press("steps:step:oid-register:7")
    talk.now += DAYS
    there = "steps:step:oid-register:7"
    (greeted,) = await talk.say("Hello")
    (listed,) = await talk.say("/steps")
    (guide,) = await talk.press("steps:show:oid-register")
    (typed,) = await talk.say("continue")
    assert ids(greeted)[0] == ids(listed)[0] == there
    assert there in ids(guide)
    assert typed.text.startswith("7/")


async def test_a_finished_guide_is_not_offered_to_be_taken_up() -> None:
    talk = Talk("en")
    await talk.press("steps:step:oid-register:7")
    await talk.press("steps:worked:oid-register")
    (greeted,) = await talk.say("Hello")
    assert not [each for each in ids(greeted) if each.startswith("steps:step:")]


@pytest.mark.parametrize("topic", GUIDED)
async def test_every_guide_ends_with_somewhere_to_go(topic: str) -> None:
    (next_,) = await Talk("lv").press(f"steps:worked:{topic}")
    led = [each.removeprefix("steps:show:") for each in ids(next_) if "show" in each]
    assert 1 <= len(led) <= way.MOST
    assert topic not in led


def test_the_way_goes_from_the_account_over_the_oid_to_the_submitted_form() -> None:
    every = way.stages(the_facts())
    landmarks = ("eulogin-create", "oid-find", "oid-register", "form-open", "form-submit")
    assert [topic for topic in every if topic in landmarks] == list(landmarks)
    assert every[-1] == "form-confirmation"
    assert len(set(every)) == len(every)


def test_what_follows_a_topic_exists() -> None:
    topics = the_facts().topics
    assert {name for topic in topics.values() for name in topic.next} <= set(topics)


async def test_the_way_ticks_what_worked_and_offers_the_next_first() -> None:
    talk = Talk("en")
    every = way.stages(the_facts())
    for topic in every[:3]:
        await talk.press(f"steps:worked:{topic}")
    (shown,) = await talk.press("steps:way")
    assert shown.text.count("✓") == 3
    assert ids(shown)[0] == f"steps:show:{every[3]}"
    assert {f"steps:show:{topic}" for topic in every} <= set(ids(shown))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_guide_has_links_to_pass_on_and_to_print(language: str) -> None:
    desk = replace(the_desk(), telegram="noon_bot")
    (shown,) = await Talk(language, desk=desk).press("steps:show:oid-what")
    told = plain(shown.text)
    assert "https://noon.example/?topic=oid-what" in told
    assert f"https://noon.example/guide/oid-what?lang={language}" in told
    assert "https://t.me/noon_bot?start=oid-what" in told
    (led,) = await Talk(language, desk=desk).say("/start oid-what")
    assert led.text == shown.text


async def test_a_page_that_only_this_machine_reaches_is_not_passed_on_in_telegram() -> None:
    here = replace(the_desk(), public_url="http://127.0.0.1:8000")
    (alone,) = await Talk("en", desk=here).press("steps:show:oid-what")
    assert "http://127.0.0.1:8000/?topic=oid-what" in plain(alone.text)
    (shared,) = await Talk("en", desk=replace(here, telegram="noon_bot")).press(
        "steps:show:oid-what"
    )
    assert "127.0.0.1" not in plain(shared.text)
    assert "t.me/noon_bot" in plain(shared.text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_stuck_leads_back_to_the_step(language: str) -> None:
    talk = Talk(language)
    await talk.press("steps:step:oid-register:5")
    (stuck,) = await talk.press("steps:stuck:oid-register")
    assert "steps:step:oid-register:5" in ids(stuck)
    label = words(language).say("steps.choice.to-step", number=5)
    assert label in [choice.label for choice in stuck.choices]
