"""Who answers a turn, in which language, and what is said to what nobody expects."""

from dataclasses import replace

import pytest

from handlers import router, steps, welcome
from handlers.markup import plain
from handlers.table import CAPABILITIES
from handlers.turn import Attachment, Reply
from handlers.words import LANGUAGES, words
from tests.talk import Talk, the_desk, the_facts

MADE_UP = (
    *("", ":", ":nothing", ":step", ":step:oid-what:99", ":step:oid-what:x", ":show:nothing"),
    *(":answer:KA220:sector:XXX", ":answer:KA220", ":begin:KA999", ":file:KA999", "::::", ":²"),
)
PICTURE = Attachment("screen.png", b"\x89PNG", "image/png")


def said(key: str, language: str = "en", **values: object) -> str:
    return words(language).say(key, **values)


@pytest.mark.parametrize(
    ("told_by_the_face", "language"),
    [
        (None, "lv"),
        ("", "lv"),
        ("lv", "lv"),
        ("lv-LV", "lv"),
        ("LV", "lv"),
        ("en", "en"),
        ("en-GB", "en"),
        ("de", "en"),
        ("ru", "en"),
        ("zz-nonsense", "en"),
    ],
)
async def test_the_language_of_first_contact(told_by_the_face: str | None, language: str) -> None:
    talk = Talk(told_by_the_face)
    (reply,) = await talk.say("/help")
    assert reply.text == said("welcome.help", language, agency="VIAA")
    assert talk.notes.language == language


async def test_a_chosen_language_stays_whatever_the_face_says() -> None:
    talk = Talk("en")
    chosen, _ = await talk.press("language:lv")
    assert chosen.text == said("language.chosen", "lv")
    (reply,) = await talk.say("/cancel")
    assert reply.text == said("welcome.nothing-open", "lv")


async def test_nobody_knows_a_language_we_do_not_speak() -> None:
    talk = Talk("en")
    (reply,) = await talk.press("language:xx")
    assert [choice.id for choice in reply.choices] == ["language:lv", "language:en"]
    assert talk.notes.language == "en"


@pytest.mark.parametrize("command", ["/LANGUAGE LV", "/language lv", "/valoda@noonbot lv"])
async def test_commands_are_read_in_any_case_and_with_a_bots_name(command: str) -> None:
    talk = Talk("en")
    await talk.say(command)
    assert talk.notes.language == "lv"


async def begun() -> Talk:
    """Return a talk in which the questionnaire waits for the country."""
    talk = Talk("en")
    await talk.say("/eligibility KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    assert talk.notes.open_form == "eligibility.KA220"
    return talk


def asks_for(reply: Reply, question: str) -> bool:
    return said(f"eligibility.ask.{question}") in reply.text


async def test_free_text_goes_to_the_open_questionnaire() -> None:
    talk = await begun()
    (reply,) = await talk.say("Atlantis")
    assert asks_for(reply, "country")
    (reply,) = await talk.say("Latvia")
    assert asks_for(reply, "kind")


async def test_a_question_breaks_into_the_questionnaire_and_leads_back() -> None:
    talk = await begun()
    (reply,) = await talk.say("How do I register for an OID?")
    back = reply.choices[-1].id
    assert reply.text.startswith("**")
    (reply,) = await talk.press(back)
    assert asks_for(reply, "country")


@pytest.mark.parametrize("text", ["Labdien!", "hello", "Paldies", "Thank you"])
async def test_a_greeting_and_thanks_are_answered_in_kind(text: str) -> None:
    (reply,) = await Talk("lv").say(text)
    assert [choice.id for choice in reply.choices] == list(welcome.DOORS)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_label_may_be_typed_instead_of_pressed(language: str) -> None:
    (start,) = await Talk(language).say("/start")
    for choice in start.choices:
        (typed, *_) = await Talk(language).say(choice.label)
        (pressed, *_) = await Talk(language).press(choice.id)
        assert typed.text == pressed.text or choice.id.startswith("language")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("number", "topic"), [(1, "oid-register"), (2, "deadline"), (3, "late-submission")]
)
def test_the_examples_on_the_page_are_understood(language: str, number: int, topic: str) -> None:
    example = words(language).say(f"web.example.{number}")
    assert the_desk().finder.find(example).topic == topic


async def test_a_command_and_a_button_go_before_the_open_questionnaire() -> None:
    talk = await begun()
    (reply,) = await talk.say("/help")
    assert reply.text == said("welcome.help", agency="VIAA")
    (reply,) = await talk.press("steps:show:oid-register")
    assert reply.text.startswith("**")
    (reply,) = await talk.say("Latvia")
    assert asks_for(reply, "kind")


async def test_cancelling_keeps_the_answers_and_frees_the_text() -> None:
    talk = await begun()
    (reply,) = await talk.say("/cancel")
    assert reply.text == said("welcome.cancelled")
    (reply,) = await talk.say("How do I register for an OID?")
    assert reply.choices[0].id == "steps:step:oid-register:1"
    (reply,) = await talk.say("/eligibility KA220")
    (reply,) = await talk.press(reply.choices[0].id)
    assert asks_for(reply, "country")


@pytest.mark.parametrize("command", ["/nothing", "/", "//", "/start2", "/стоп", "/../etc/passwd"])
async def test_an_unknown_command_is_said_to_be_one(command: str) -> None:
    (reply,) = await Talk("en").say(command)
    assert reply.text == said("router.unknown-command")


@pytest.mark.parametrize("choice", ["gone", "", ":", "nonsense:x", "Steps:menu", "router:gone"])
async def test_an_unknown_button_is_said_to_be_one(choice: str) -> None:
    (reply,) = await Talk("en").press(choice)
    assert reply.text == said("router.gone")


@pytest.mark.parametrize("name", [capability.name for capability in CAPABILITIES])
@pytest.mark.parametrize("rest", MADE_UP)
async def test_a_button_cut_short_or_made_up_leads_somewhere_safe(name: str, rest: str) -> None:
    replies = await Talk("en").press(name + rest)
    assert replies
    assert all(reply.text for reply in replies)


@pytest.mark.parametrize("opened", [False, True])
async def test_a_paste_is_not_taken_for_a_question(opened: bool) -> None:
    talk = await begun() if opened else Talk("en")
    (reply,) = await talk.say("a" * (router.LONGEST + 1))
    assert reply.text == said("router.too-long", longest=router.LONGEST)
    (reply,) = await talk.say(" " * 50 + "a" * router.LONGEST)
    assert reply.text != said("router.too-long", longest=router.LONGEST)


async def test_files_are_not_read_and_nothing_said_is_asked_about() -> None:
    talk = Talk("en")
    assert [reply.text for reply in await talk.say("", PICTURE)] == [said("router.file")]
    assert [reply.text for reply in await talk.say(" \n ")] == [said("router.empty")]
    (reply,) = await talk.say("How do I register for an OID?", PICTURE)
    assert reply.choices[0].id == "steps:step:oid-register:1"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", sorted(set(the_facts().topics) - set(steps.LEADS)))
async def test_a_link_leads_to_each_topic(topic: str, language: str) -> None:
    (by_link,) = await Talk(language).say(f"/start {topic}")
    (by_button,) = await Talk(language).press(f"steps:show:{topic}")
    assert by_link.text == by_button.text
    assert by_link.choices == by_button.choices
    guide = the_facts().guide(topic, language)
    title = guide.head.title if guide else the_facts().topics[topic].title(language)
    assert title in plain(by_link.text)


@pytest.mark.parametrize("argument", ["", "nothing", "none", "oid-what oid-find", "../x", "🙂"])
async def test_a_link_to_nowhere_greets(argument: str) -> None:
    (reply,) = await Talk("en").say(f"/start {argument}")
    assert reply.text == said("welcome.start", agency="VIAA")
    assert reply.choices


async def test_a_rehearsal_is_said_on_the_first_reply_of_every_turn() -> None:
    talk = Talk("en", desk=replace(the_desk(), rehearsed=True))
    note = said("router.rehearsal", day="1 February 2026", hour="11:00")
    for replies in (await talk.say("/start"), await talk.press("language:en"), await talk.say("x")):
        assert replies[0].text.startswith(f"{note}\n\n")
        assert all(note not in reply.text for reply in replies[1:])


async def test_asking_to_be_forgotten_is_asked_back_and_then_done() -> None:
    talk = await begun()
    (reply,) = await talk.say("/delete")
    delete, keep = (choice.id for choice in reply.choices)
    await talk.press(keep)
    assert talk.notes.read("eligibility.KA220") == {"sector": "VET"}
    (reply,) = await talk.press(delete)
    assert reply.text == said("privacy.deleted")
    assert talk.notes.written == {}
    assert talk.notes.copied().written == {}
