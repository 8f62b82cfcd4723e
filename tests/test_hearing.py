"""Wishes of few words: one's data, the language, reminders; the way by number; a report back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.engine import URL

from bot.service import Noon
from handlers import numbering, offers, phrases, welcome
from handlers.router import LONGEST
from handlers.steps import way
from handlers.words import LANGUAGES, words
from rules.folding import fold
from tests import reminding, test_reporting
from tests.incident_talk import Panic, at
from tests.reminding import noon_on, said, subscribed
from tests.talk import WINTER, Talk, the_desk, the_facts, visit
from tests.test_house import HOUSE

HEARD = (
    *("privacy.delete.heard", "privacy.mine.heard", "privacy.about.heard"),
    *("language.lv.heard", "language.en.heard", "language.change.heard"),
    *("reminders.submitted.heard", "router.reminders.heard", "router.thanks.heard"),
    *("following.left.heard", "reporting.taken-back.heard"),
)
DELETE = ("delete my data", "izdzēs manus datus", "Dzēst manus datus!", "dzest manus datus")
MINE = ("what do you know about me?", "ko tu par mani zini", "Ko Jūs par mani zināt?")
ABOUT = ("GDPR", "kas notiek ar maniem datiem?", "what happens to my data")
ENGLISH = (
    *("in English please", "speak English", "English please", "angliski", "angliski lūdzu"),
    *("switch to English", "Angliski, lūdzu!"),
)
LATVIAN = ("switch to Latvian", "latviski", "latviski lūdzu", "Latviešu", "latviesu")
CHANGE = ("change language", "mainīt valodu")
BACK = (
    *("nē", "no", "ok", "atcelt", "cancel", "nekas", "nospiedu nejauši", "by mistake"),
    *("nē, viss kārtībā", "Nē!"),
)
REMINDERS = (
    *("pārtrauc atgādinājumus", "negribu vairs atgādinājumus", "atcelt atgādinājumu"),
    *("atcelt atgādinājumus", "delete reminder", "delete reminders"),
    *("kādi atgādinājumi man ir?", "what reminders do I have"),
)
SUBMITTED = (
    *("mēs jau iesniedzām pieteikumu", "I have already submitted", "we have submitted"),
    "Esam jau iesnieguši pieteikumu.",
)
TALK = (
    *("bye", "uz redzēšanos", "visu labu", "aha", "labi, sapratu"),
    "thank you so much, that's all",
)
MARK = "reminders:handed:2026-ka220-r1"


def asked() -> list[str]:
    """Return every phrasing of a topic other than none, folded."""
    files = (HOUSE / "rules" / "phrases").glob("*/*.txt")
    lines = (
        one for path in files if path.stem != "none" for one in path.read_text("utf-8").splitlines()
    )
    return [fold(line) for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("key", HEARD)
def test_no_question_is_taken_for_a_wish(key: str) -> None:
    assert sorted(set(phrases.every(key)) & set(asked())) == []


def test_no_wish_is_two_wishes() -> None:
    every = [one for key in HEARD[:-1] for one in set(phrases.every(key))]
    assert sorted({one for one in every if every.count(one) > 1}) == []


async def offered(text: str, language: str = "lv") -> list[str]:
    """Return the ids that are offered where `text` is typed first."""
    replies = await Talk(language).say(text)
    return [choice.id for reply in replies for choice in reply.choices]


@pytest.mark.parametrize("text", DELETE)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_erasing_is_asked_about_first(language: str, text: str) -> None:
    talk = Talk(language)
    (reply,) = await talk.say(text)
    assert reply.asks
    assert [choice.id for choice in reply.choices] == ["privacy:delete", "privacy:keep"]
    assert talk.notes.language == language


@pytest.mark.parametrize("text", MINE)
async def test_what_is_kept_is_shown(text: str) -> None:
    # Without a ledger nothing personal is shown, and it is said so.
    (reply,) = await Talk("lv").say(text)
    assert reply.text == words("lv").say("reminders.private")


@pytest.mark.parametrize("text", ABOUT)
async def test_how_data_are_kept_is_told(text: str) -> None:
    (reply,) = await Talk("en").say(text)
    agency = the_desk().agency.short
    assert reply.text == words("en").say("privacy.text", agency=agency)


@pytest.mark.parametrize(
    ("text", "language"),
    [*((text, "en") for text in ENGLISH), *((text, "lv") for text in LATVIAN)],
)
@pytest.mark.parametrize("before", LANGUAGES)
async def test_a_language_is_wished_for(before: str, text: str, language: str) -> None:
    talk = Talk(before)
    chosen, *_ = await talk.say(text)
    assert chosen.text == words(language).say("language.chosen")
    assert talk.notes.language == language


@pytest.mark.parametrize("text", CHANGE)
async def test_languages_are_offered(text: str) -> None:
    assert await offered(text) == ["language:lv", "language:en"]


@pytest.mark.parametrize("question", ["happened", "organisation"])
@pytest.mark.parametrize("text", ["English", "delete my data", "GDPR", "we have submitted"])
async def test_a_wish_is_no_answer_in_own_words(text: str, question: str) -> None:
    panic = Panic(at("12:20"), "lv")
    await panic.send("incident:new")
    await panic.send(f"incident:ask:{question}")
    await panic.say(text)
    assert panic.told[question] == text


async def test_a_language_is_wished_for_in_the_middle_of_a_notice() -> None:
    panic = Panic(at("12:20"), "lv")
    await panic.send("incident:new")
    await panic.say("in English please")
    assert panic.notes.language == "en"
    assert panic.offered == ["incident:go"]


@pytest.mark.parametrize("text", BACK)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_report_is_taken_back_and_the_word_is_no_line(language: str, text: str) -> None:
    anna = test_reporting.Person(language)
    await anna.press("steps:step:oid-register:2")
    await anna.press("reporting:oid-register/step-2")
    (reply,) = await anna.say(text)
    assert anna.told == []
    assert anna.notes.read("report") == {}
    assert reply.text == words(language).say("reporting.taken-back")
    assert reply.choices[0].id == "steps:step:oid-register:2"
    await anna.press(reply.choices[-1].id)
    assert [one.fact for one in anna.told] == ["oid-register/step-2"]


async def test_two_taps_are_one_report_and_taken_back_as_one() -> None:
    anna = test_reporting.Person("lv")
    await anna.press("reporting:deadlines")
    await anna.press("reporting:deadlines")
    await anna.say("x " * LONGEST)
    await anna.say("nospiedu nejauši")
    assert anna.told == []


async def test_only_the_last_tap_is_taken_back() -> None:
    anna = test_reporting.Person("lv")
    await anna.press("reporting:deadlines")
    await anna.say("Datums nav pareizs")
    await anna.press("reporting:deadlines")
    await anna.say("nē")
    assert [one.text for one in anna.told] == ["", "Datums nav pareizs"]


async def test_a_no_later_takes_nothing_back() -> None:
    anna = test_reporting.Person("lv")
    await anna.press("reporting:deadlines")
    anna.now = WINTER + timedelta(minutes=16)
    await anna.say("nē")
    assert [one.fact for one in anna.told] == ["deadlines"]


@pytest.mark.parametrize("text", REMINDERS)
async def test_a_wish_about_reminders_leads_to_them(text: str) -> None:
    (reply,) = await Talk("lv").say(text)
    assert reply.text == words("lv").say("reminders.private")


@pytest.fixture
async def noon(url: URL) -> AsyncIterator[Noon]:
    async with noon_on(url) as running:
        yield running


async def test_what_is_submitted_is_marked_where_it_is_reminded_of(noon: Noon) -> None:
    ben = reminding.Person([noon], "ben", 7_701_234_567)
    before = await ben.say(SUBMITTED[0])
    assert said("reminders.which-submitted") not in before
    await subscribed(ben, channel="telegram")
    for text in SUBMITTED:
        assert said("reminders.which-submitted") in await ben.say(text)
        assert ben.choices[0] == MARK
        assert "reminders:stop" in ben.choices
    assert "KA220" in await ben.press(MARK)
    assert "reminders:due:2026-ka220-r1" in ben.choices


async def test_a_mailbox_that_is_not_confirmed_is_not_reminded_yet(noon: Noon) -> None:
    anna = reminding.Person([noon])
    await subscribed(anna, "anna@example.org")
    assert said("reminders.which-submitted") not in await anna.say(SUBMITTED[0])


@pytest.mark.parametrize("text", SUBMITTED)
async def test_what_is_submitted_is_a_question_like_any_other_elsewhere(text: str) -> None:
    assert MARK not in await offered(text)


@pytest.mark.parametrize("text", ["4", "4.", "number 4", "Nr. 4", "ceturtais", "the fourth", "4th"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_line_of_the_way_is_opened_by_its_number(language: str, text: str) -> None:
    talk = Talk(language)
    await talk.press("steps:step:oid-register:2")
    await talk.press("steps:way")
    (reply,) = await talk.say(text)
    fourth = way.stages(the_facts())[3]
    assert f"steps:step:{fourth}:1" in [choice.id for choice in reply.choices]


async def test_a_number_is_a_line_only_right_after_the_way() -> None:
    talk = Talk("lv")
    await talk.say("Esmu skolotāja, ar ko sākt?")
    before = talk.notes.copied()
    for text in ("99", "0", "pirmais otrais"):
        talk.notes = before.copied()
        assert await talk.say(text) != await talk.press("steps:way")
    talk.notes = before.copied()
    await talk.say("/deadlines")
    (reply,) = await talk.say("4")
    fourth = way.stages(the_facts())[3]
    assert f"steps:step:{fourth}:1" not in [choice.id for choice in reply.choices]


def test_each_line_has_its_topic() -> None:
    every = way.stages(the_facts())
    asking = visit()
    assert [way.line(asking, n) for n in range(1, len(every) + 1)] == list(every)
    assert way.line(asking, 0) is way.line(asking, len(every) + 1) is None
    assert way.line(asking, numbering.LAST) == every[-1]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("pirmais solis", 1), ("first step", 1), ("otro soli", 2), ("step 3", 3)),
        *(("pēdējais solis", -1), ("the last step", -1), ("3. solis", 3)),
    ],
)
async def test_a_step_is_named_in_a_guide(text: str, number: int) -> None:
    talk = Talk("lv")
    await talk.press("steps:step:oid-register:2")
    await talk.say(text)
    total = len(the_facts().guide("oid-register", "lv").steps)
    assert talk.notes.read("following")["part"] == str(number if number > 0 else total)


@pytest.mark.parametrize(
    ("text", "language"), [("cik soļu vēl palicis?", "lv"), ("how many steps are left", "en")]
)
async def test_the_steps_that_are_left_are_counted(text: str, language: str) -> None:
    talk = Talk(language)
    total = len(the_facts().guide("oid-register", language).steps)
    speech = words(language)
    for number, told in (
        (2, speech.say("following.left", n=total - 2)),
        (total, speech.say("following.left-none")),
    ):
        await talk.press(f"steps:step:oid-register:{number}")
        (reply,) = await talk.say(text)
        assert told in reply.text
        assert talk.notes.read("following")["part"] == str(number)
    await talk.press("steps:all:oid-register")
    (reply,) = await talk.say(text)
    assert speech.say("steps.count", n=total) in reply.text


@pytest.mark.parametrize("text", TALK)
async def test_a_farewell_is_answered_like_thanks(text: str) -> None:
    (reply,) = await Talk("lv").say(text)
    assert reply.text == words("lv").say("router.thanks.said")
    assert [choice.id for choice in reply.choices] == list(welcome.DOORS)
    assert offers.is_heard("thanks", text)
