"""What typed words press: a label that is offered, and yes or no only where that was asked."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy.engine import URL

from bot.service import Noon
from handlers import offers, welcome
from handlers.notebook import Notebook
from handlers.turn import Choice, Reply
from handlers.words import LANGUAGES, words
from tests.incident_talk import Panic, at
from tests.reminding import Person, everything, noon_on, subscribed
from tests.talk import WINTER, Talk

KA220 = "2026-ka220-r1"
CHAT = 7_701_234_567
YES = {"lv": ("jā", "Jā, lūdzu", "yes"), "en": ("yes", "Yes, please!", "jā")}
NO = {"lv": ("nē", "Nē, paldies", "no"), "en": ("no", "No, thanks", "nē")}
DOORS = list(welcome.DOORS)
OK = {"lv": ("labi", "okei", "ok"), "en": ("ok", "Okay.", "got it")}


def spoken(*every: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(language, text) for one in every for language in LANGUAGES for text in one[language]]


def label(key: str, language: str) -> str:
    return words(language).say(key)


@pytest.fixture
async def noon(url: URL) -> AsyncIterator[Noon]:
    async with noon_on(url) as running:
        yield running


PAIR = (Choice("a:1", "First"), Choice("a:2", "Second"), Choice("a:3", "Yes"))


@pytest.mark.parametrize(
    ("asks", "text", "after", "pressed"),
    [
        (True, "jā", 0, "a:1"),
        (True, "No, thanks", 59, "a:2"),
        (True, "ok", 0, None),
        (True, "jā", 61, None),
        (True, "second", 61, "a:2"),
        (True, "YES!", 0, "a:3"),
        (False, "jā", 0, None),
        (False, "nē", 0, None),
        (False, "First", 0, "a:1"),
        (False, "", 0, None),
        (False, "?!", 0, None),
    ],
)
def test_what_a_typed_text_presses(asks: bool, text: str, after: int, pressed: str | None) -> None:
    notes = Notebook({"person": {"language": "lv"}})
    offers.note(notes, [Reply("text"), Reply("text", PAIR, asks=asks)], WINTER)
    assert offers.typed(notes, text, WINTER + timedelta(minutes=after)) == pressed
    assert offers.again(notes) == PAIR


@pytest.mark.parametrize("before", ["", "[]", '[["a:1", "First"]]', '{"at": "x"}', "null", "{"])
def test_what_was_noted_otherwise_presses_nothing(before: str) -> None:
    notes = Notebook({"person": {"language": "lv", offers.OFFERED: before}})
    assert offers.typed(notes, "First", WINTER) is None
    assert offers.again(notes) == ()


@pytest.mark.parametrize(("language", "text"), spoken(YES, NO, OK))
@pytest.mark.parametrize("act", ["snooze", "due"])
async def test_a_yes_to_a_reminder_that_asks_nothing_hands_nothing_in(
    noon: Noon, act: str, language: str, text: str
) -> None:
    ben = Person([noon], "ben", CHAT, language)
    await subscribed(ben, channel="telegram")
    await ben.send(f"reminders:{act}:{KA220}")
    offered = ben.choices
    assert offered[0] == f"reminders:handed:{KA220}"
    before = await everything(noon.database)
    assert label("router.nothing-asked", language) in await ben.say(text)
    after = await everything(noon.database)
    assert (after["outbox"], after["handed"]) == (before["outbox"], [])
    assert ben.choices == offered


@pytest.mark.parametrize(("language", "text"), spoken(YES, NO, OK))
@pytest.mark.parametrize("after", ["are we eligible", "Vai drīkstam pieteikties?", "/language", ""])
async def test_a_yes_or_a_no_to_what_asks_something_else_changes_nothing(
    after: str, language: str, text: str
) -> None:
    talk = Talk(language)
    offered = [each for reply in await talk.say(after) for each in reply.choices]
    (reply,) = await talk.say(text)
    assert reply.text == label("router.nothing-asked", language)
    assert [each.id for each in reply.choices] == ([each.id for each in offered] or DOORS)
    assert talk.notes.language == language
    assert talk.notes.open_form is None


@pytest.mark.parametrize(("language", "text"), spoken(YES, NO))
async def test_a_yes_where_files_are_awaited_does_not_say_that_there_are_none(
    language: str, text: str
) -> None:
    panic = Panic(at("12:10"), language)
    await panic.send("incident:go")
    await panic.send("incident:ask:files")
    told = panic.told
    await panic.say(text)
    assert panic.told == told
    assert "incident:skip:files" in panic.offered


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("agreed", [True, False])
async def test_asking_to_strike_a_notice_takes_yes_and_no(language: str, agreed: bool) -> None:
    for text in (YES if agreed else NO)[language]:
        panic = Panic(at("12:10"), language)
        await panic.minimum()
        await panic.send("incident:board")
        await panic.press("incident:drop")
        await panic.say(text)
        assert (panic.told == {}) is agreed


@pytest.mark.parametrize(("language", "text"), spoken(YES))
async def test_an_odd_form_id_is_kept_by_a_typed_yes(language: str, text: str) -> None:
    panic = Panic(at("12:10"), language)
    await panic.send("incident:go")
    await panic.send("incident:ask:form_id")
    await panic.say("12345")
    assert "incident:odd:keep" in panic.offered
    await panic.say(text)
    assert panic.told["form_id"] == "12345"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("agreed", [True, False])
async def test_asking_to_erase_takes_yes_and_no(language: str, agreed: bool) -> None:
    for text in (YES if agreed else NO)[language]:
        talk = Talk(language)
        await talk.say("/delete")
        (reply,) = await talk.say(text)
        assert reply.text == label("privacy.deleted" if agreed else "privacy.kept", language)


async def test_a_yes_that_comes_long_after_the_question_erases_nothing() -> None:
    talk = Talk("en")
    (asked,) = await talk.say("/delete")
    talk.now += offers.FRESH + timedelta(minutes=1)
    (reply,) = await talk.say("yes")
    assert reply.text == label("router.nothing-asked", "en")
    assert reply.choices == asked.choices
    assert talk.notes.language == "en"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_button_that_leads_nowhere_leaves_what_was_offered(language: str) -> None:
    talk = Talk(language)
    (start,) = await talk.say("/eligibility")
    await talk.press("nowhere")
    (reply,) = await talk.say(start.choices[1].label)
    assert reply.choices[0].id.startswith("eligibility:answer:KA220:")


@pytest.mark.parametrize(("language", "text"), spoken(YES, NO))
async def test_the_questionnaire_takes_yes_and_no_where_it_asks_so(
    language: str, text: str
) -> None:
    talk = Talk(language)
    await talk.say("/eligibility KA220")
    answers = {"sector": "VET", "country": "LV", "kind": "higher_education_institution"}
    for question, value in answers.items():
        await talk.press(f"eligibility:answer:KA220:{question}:{value}")
    await talk.say(text)
    given = talk.notes.read("eligibility.KA220")
    assert given == {**answers, "eche": "yes" if text in YES[language] else "no"}


async def begun_again(language: str) -> Talk:
    """Return a talk in which it is asked whether to go on with the answers or start afresh."""
    talk = Talk(language)
    await talk.say("/eligibility KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (asked,) = await talk.press("eligibility:begin:KA220")
    assert [each.id for each in asked.choices] == [
        "eligibility:go:KA220",
        "eligibility:fresh:KA220",
    ]
    return talk


@pytest.mark.parametrize(("language", "text"), spoken(YES, NO))
async def test_no_is_not_norway_where_it_is_asked_to_go_on_or_start_afresh(
    language: str, text: str
) -> None:
    talk = await begun_again(language)
    (reply,) = await talk.say(text)
    assert reply.text == label("router.nothing-asked", language)
    assert talk.notes.read("eligibility.KA220") == {"sector": "VET"}
    assert talk.notes.open_form is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("key", "given"), [("go-on", {"sector": "VET"}), ("fresh", {})])
async def test_to_go_on_or_start_afresh_may_be_typed(
    key: str, given: dict[str, str], language: str
) -> None:
    talk = await begun_again(language)
    (reply,) = await talk.say(label(f"eligibility.choice.{key}", language))
    assert reply.choices[0].id.startswith("eligibility:answer:KA220:")
    assert talk.notes.read("eligibility.KA220") == given
    assert talk.notes.open_form == "eligibility.KA220"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_label_is_taken_while_the_questionnaire_is_open(language: str) -> None:
    talk = Talk(language)
    await talk.say("/eligibility KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (reply,) = await talk.say(label("eligibility.choice.review", language))
    assert reply.text == label("eligibility.review", language)
    (reply,) = await talk.say(reply.choices[0].label)
    assert reply.choices[0].id.startswith("eligibility:answer:KA220:sector:")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", ["happened", "title", "organisation"])
@pytest.mark.parametrize("door", ["incident", "deadlines", "reminders"])
async def test_a_label_that_is_not_offered_is_an_answer_where_own_words_are_asked_for(
    door: str, question: str, language: str
) -> None:
    panic = Panic(at("12:10"), language)
    await panic.send("incident:go")
    await panic.send(f"incident:ask:{question}")
    text = label(f"welcome.door.{door}", language)
    await panic.say(text)
    assert panic.told[question] == text
    assert panic.notes.open_form == "incident"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_label_that_is_offered_with_the_question_is_pressed(language: str) -> None:
    panic = Panic(at("12:10"), language)
    await panic.send("incident:go")
    await panic.send("incident:ask:happened")
    await panic.say(label("incident.choice.board", language))
    assert "happened" not in panic.told
    assert "incident:leave" in panic.offered


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("nevaru iesniegt", True),
        ("Nevaru iesniegt: kļūda 500", True),
        ("nevaru", False),
        ("nevaru iesniegtos dokumentus atrast", False),
    ],
)
def test_phrases_that_begin_a_text_are_whole_words(text: str, heard: bool) -> None:
    assert offers.is_heard("incident", text) is heard
