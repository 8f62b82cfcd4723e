"""What a typed text is taken for: a failure, a cry for help, a wish about reminders, a question."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from handlers import phrases, welcome
from handlers.words import LANGUAGES, words
from tests.incident_talk import Panic, at
from tests.talk import WINTER, Talk

FAILURES = (
    "Nesūtījās pieteikums, poga nereaģē",
    "nesutijas pieteikums",
    "Nesūtījās veidlapa: spiedu Submit 11:55, parādījās kļūda 500",
    "nesūtīja formu, kļūda",
    "vairs nesūtās pieteikums",
    "Beidz sūtīt kļūdu",
    "Stop sending me this error, the form fails",
)
CRIES = {
    "lv": ("Palīgā!", "palīdziet", "Lūdzu, palīdziet!", "vajag palīdzību"),
    "en": ("help me", "help", "I need help", "Please help!"),
}
MENU = {"lv": ("izvēlne", "kas tu esi", "sākums"), "en": ("menu", "what can you do", "home")}
STOP = {"lv": ("beigt", "pietiek"), "en": ("stop", "enough")}
WISHES = {
    "lv": ("nesūtiet atgādinājumus", "beidz sūtīt", "atgādini", "Vairs nesūtiet atgādinājumus!"),
    "en": ("Stop reminders", "stop sending", "remind me", "don't send reminders"),
}
BEGINNINGS = {
    "lv": ("Atgādini man par termiņu!", "Atgādiniet nedēļu iepriekš", "nesūtiet man neko vairs"),
    "en": (
        "remind me of KA220",
        "Remind me when the deadline is",
        "Please remind me of the deadline",
        "Stop sending me emails",
    ),
}
QUESTIONS = (
    ("Nesūtīja EU Login aktivizācijas e-pastu", "eulogin-no-email"),
    ("Remind me how to get an OID", "oid-register"),
    ("Atgādini, kā iegūt OID", "oid-register"),
    ("atgādināt paroli EU Login", "eulogin-password"),
)


def each(every: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(language, text) for language in LANGUAGES for text in every[language]]


async def answered(text: str, now: datetime, language: str) -> Panic:
    panic = Panic(now, language)
    await panic.say(text)
    return panic


def greets(panic: Panic) -> bool:
    return panic.offered == list(welcome.DOORS)


def leads_to_reminders(panic: Panic) -> bool:
    return panic.replies[0].text == words(panic.language).say("reminders.private")


@pytest.mark.parametrize("text", FAILURES)
@pytest.mark.parametrize("now", ["11:40", "12:20", "14:10"])
async def test_a_failure_is_no_wish_about_reminders_near_a_deadline(text: str, now: str) -> None:
    assert (await answered(text, at(now), "lv")).offered[0] == "incident:go"


@pytest.mark.parametrize("text", FAILURES[:5])
async def test_a_failure_is_no_wish_about_reminders_on_any_day(text: str) -> None:
    assert not leads_to_reminders(await answered(text, WINTER, "lv"))


@pytest.mark.parametrize("question", ["happened", "title", "organisation"])
@pytest.mark.parametrize("text", [*FAILURES, *WISHES["lv"], *WISHES["en"], *BEGINNINGS["en"]])
async def test_what_is_told_of_a_failure_is_kept_as_it_was_typed(text: str, question: str) -> None:
    panic = Panic(at("12:20"), "lv")
    await panic.send("incident:new")
    await panic.send(f"incident:ask:{question}")
    await panic.say(text)
    assert panic.told[question] == text
    assert panic.notes.open_form == "incident"


@pytest.mark.parametrize(("language", "text"), each(CRIES))
@pytest.mark.parametrize("now", ["11:40", "12:20"])
async def test_a_cry_near_a_deadline_gets_help_and_no_greeting(
    now: str, language: str, text: str
) -> None:
    assert (await answered(text, at(now), language)).offered[0] == "incident:go"


@pytest.mark.parametrize(("language", "text"), each(CRIES))
async def test_a_cry_at_a_quiet_hour_or_in_a_group_is_greeted(language: str, text: str) -> None:
    assert greets(await answered(text, WINTER, language))
    group = Panic(at("11:40"), language, group=True)
    await group.say(text)
    assert greets(group)


@pytest.mark.parametrize(("language", "text"), [*each(CRIES)])
async def test_a_cry_in_the_middle_of_a_questionnaire_gets_help(language: str, text: str) -> None:
    panic = Panic(at("11:40"), language)
    await panic.say("/eligibility KA220")
    await panic.send("eligibility:answer:KA220:sector:VET")
    await panic.say(text)
    assert panic.offered[0] == "incident:go"


@pytest.mark.parametrize(("language", "text"), [*each(MENU), *each(STOP)])
async def test_what_is_no_cry_is_greeted_near_a_deadline_too(language: str, text: str) -> None:
    assert greets(await answered(text, at("11:40"), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_that_stops_is_also_a_cry_or_a_wish(language: str) -> None:
    stops = set(phrases.every("router.stop.heard"))
    others = ("router.menu.heard", "router.ok.heard", "router.reminders.heard")
    assert not any(stops & set(phrases.every(key)) for key in others)
    assert set(STOP[language]) <= stops


@pytest.mark.parametrize(("language", "text"), each(WISHES))
@pytest.mark.parametrize("now", [WINTER, at("11:40")])
async def test_a_wish_about_reminders_is_heard_at_any_hour(
    now: datetime, language: str, text: str
) -> None:
    assert leads_to_reminders(await answered(text, now, language))


@pytest.mark.parametrize(("language", "text"), each(BEGINNINGS))
async def test_a_text_that_begins_like_a_wish_is_one(language: str, text: str) -> None:
    assert leads_to_reminders(await answered(text, WINTER, language))


@pytest.mark.parametrize(("text", "topic"), QUESTIONS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_that_a_guide_answers_is_no_wish(
    language: str, text: str, topic: str
) -> None:
    (reply,) = await Talk(language).say(text)
    assert reply.choices[0].id == f"steps:step:{topic}:1"


async def test_what_is_not_plainly_a_question_is_asked_again_in_the_questionnaire() -> None:
    talk = Talk("en")
    await talk.say("/eligibility KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (reply,) = await talk.say(QUESTIONS[0][0])
    assert reply.choices[0].id == "eligibility:answer:KA220:country:LV"


@pytest.mark.parametrize(("text", "topic"), QUESTIONS[1:])
async def test_such_a_question_breaks_into_the_questionnaire_and_leads_back(
    text: str, topic: str
) -> None:
    talk = Talk("en")
    await talk.say("/eligibility KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (reply,) = await talk.say(text)
    assert reply.choices[0].id == f"steps:step:{topic}:1"
    assert reply.choices[-1].id == "eligibility:go:KA220"
    assert talk.notes.open_form == "eligibility.KA220"
