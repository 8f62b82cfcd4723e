"""What is typed to a notice and is no answer: never noted for a fact, and never lost."""

import pytest

from handlers.incident import hours
from handlers.words import LANGUAGES
from tests.incident_talk import Panic, at, said

FAILURES = (
    *("Spiedu Submit, bija kļūda 500", "the form hangs", "Kad spiedu Submit, veidlapa karājas"),
    *("When I press Submit, the page hangs", "can't submit, error 500", "rāda kļūdu 500"),
)
WHAT_NOW = (
    *("what now?", "What now", "and now?", "ko man tagad darīt?", "un ko tagad?", "ko tagad"),
    *("tagad?", "now?", "What do I do now?", "un tagad"),
)
NO_TIME = (
    *("the deadline is 12:00", "termiņš ir 12:00", "not at 11:58", "I will try at 11:58"),
    *("vai 11:58 ir laikā?", "11:58?", "submit now", "sistēma tikko nobruka", "before 11:58"),
    *("viss tagad karājas", "nothing works now", "pēc 11:58", "līdz 11:58"),
)
TIMES = (
    *("now", "just now", "Tagad!", "tikko", "tikko nospiedu", "12:52", "plkst. 12.52", "1252"),
    *("at 12:52 today", "pirms 5 minūtēm", "5 min ago", "šodien ap 12:52 pēc Rīgas laika"),
    *("2026-03-05T11:58", "5. martā plkst. 11.58", "Thursday, 5 March 2026, 11:58 am Brussels"),
    *("spiedu Submit plkst. 12:20", "I last pressed Submit at 11:58", "pēdējo reizi 11:58"),
)
CASUAL = ("jā", "Yes", "ok", "OK.", "labi", "nē", "no", "nezinu", "I don't know", "sapratu")
WHAT_TO_WRITE = (
    *("Kas man te jāraksta?", "What should I write here?", "ko te rakstīt", "Ko man atbildēt?"),
    *("what do I type here", "What now?", "ko tas nozīmē?"),
)
STORY = "Veidlapa karājas, spiedu Submit plkst. 12:20, bija balta lapa"


async def asked(name: str, now: str = "12:30", language: str = "lv") -> Panic:
    """Return somebody who is asked for `name` and told nothing before."""
    panic = Panic(at(now), language)
    await panic.send("incident:new")
    if name == "sector":
        await panic.send("incident:set:action:KA220")
    await panic.send(f"incident:ask:{name}")
    return panic


@pytest.mark.parametrize("name", ["attempt", "first_failure"])
@pytest.mark.parametrize("text", [*WHAT_NOW, *NO_TIME])
async def test_a_cry_or_a_sentence_is_no_time(text: str, name: str) -> None:
    panic = await asked(name)
    await panic.say(text)
    assert name not in panic.told
    assert "pending" not in panic.told


@pytest.mark.parametrize("text", WHAT_NOW)
@pytest.mark.parametrize("name", ["attempt", "first_failure", "action", "organisation", "happened"])
async def test_who_asks_what_now_is_asked_again_with_what_is_meant(text: str, name: str) -> None:
    panic = await asked(name)
    question = (await panic.send(f"incident:ask:{name}")).rpartition("\n\n")[2]
    assert question in await panic.say(text)
    assert name not in panic.told
    assert panic.told["asked"] == name


@pytest.mark.parametrize("text", TIMES)
def test_a_time_and_little_else_is_a_time(text: str) -> None:
    assert hours.is_alone(text)
    assert hours.read(text, at("12:30").date())


@pytest.mark.parametrize("text", NO_TIME)
def test_a_sentence_that_holds_a_time_is_none(text: str) -> None:
    assert not hours.is_alone(text)


@pytest.mark.parametrize("text", [*CASUAL, *WHAT_TO_WRITE])
@pytest.mark.parametrize("name", ["organisation", "happened", "title", "contact", "form_id"])
async def test_what_is_no_content_is_not_noted(text: str, name: str) -> None:
    panic = await asked(name)
    answer = await panic.say(text)
    assert said("incident.unreadable.not-noted", "lv") in answer
    assert name not in panic.told
    assert "odd" not in panic.told
    assert panic.told["asked"] == name


@pytest.mark.parametrize("text", ["stop", "beidz", "Enough", "pietiek"])
@pytest.mark.parametrize("name", ["organisation", "happened", "attempt", "files", "mailbox"])
async def test_stop_leaves_the_notice_as_it_is(text: str, name: str) -> None:
    panic = await asked(name)
    before = panic.told
    assert said("incident.left", "lv") in await panic.say(text)
    assert panic.told == before
    assert panic.notes.open_form is None


@pytest.mark.parametrize("text", [STORY, *FAILURES])
@pytest.mark.parametrize("name", ["mailbox", "action", "sector", "attempt", "oid", "phone"])
async def test_what_tells_the_failure_is_kept_as_what_happened(text: str, name: str) -> None:
    panic = await asked(name)
    answer = await panic.say(text)
    assert panic.told["happened"] == text
    assert said("incident.noted.as-happened", "lv") in answer
    assert panic.told["asked"] == name
    assert name not in panic.told


@pytest.mark.parametrize("name", ["", "files"])
async def test_a_story_told_where_nothing_is_asked_is_kept(name: str) -> None:
    panic = await asked(name or "files")
    if not name:
        await panic.send("incident:board")
    await panic.say(STORY)
    assert panic.told["happened"] == STORY


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["action", "sector", "mailbox", "attempt", "files"])
async def test_a_name_typed_elsewhere_is_held_and_offered(name: str, language: str) -> None:
    panic = await asked(name, language=language)
    answer = await panic.say("Rīgas 99. vidusskola")
    assert said("incident.stray", language) in answer
    assert "organisation" not in panic.told
    await panic.press("incident:this:organisation")
    assert panic.told["organisation"] == "Rīgas 99. vidusskola"
    assert "stray" not in panic.told


@pytest.mark.parametrize("name", ["action", "sector"])
async def test_a_telephone_typed_elsewhere_is_offered_as_one(name: str) -> None:
    panic = await asked(name)
    await panic.say("my phone is 29123456")
    assert not [one for one in panic.offered if one.startswith("incident:this:contact")]
    await panic.press("incident:this:phone")
    assert panic.told["phone"] == "29123456"


async def test_a_name_with_a_telephone_is_offered_as_whom_to_call() -> None:
    panic = await asked("action")
    await panic.say("Anna Bērziņa, 29123456")
    await panic.press("incident:this:contact")
    assert (panic.told["contact"], panic.told["phone"]) == ("Anna Bērziņa", "29123456")


async def test_an_hour_within_a_sentence_can_be_taken_by_a_button() -> None:
    panic = await asked("attempt")
    await panic.say("Anna spieda 11:58 Briselē")
    assert "attempt" not in panic.told
    await panic.press("incident:this:attempt")
    assert panic.told["attempt"] == at("11:58").isoformat()


async def test_what_happened_is_added_to_and_not_replaced() -> None:
    panic = await asked("happened")
    await panic.say("Kļūda 500")
    await panic.send("incident:ask:attempt")
    await panic.say("Tad veidlapa karājas un viss")
    assert panic.told["happened"] == "Kļūda 500"
    await panic.press("incident:this:happened")
    assert panic.told["happened"] == "Kļūda 500\nTad veidlapa karājas un viss"


async def test_what_tells_the_failure_again_is_no_question_for_a_guide() -> None:
    panic = await asked("happened")
    await panic.say("Kļūda 500")
    await panic.send("incident:ask:attempt")
    await panic.say("Spiedu Submit, bija kļūda 500")
    assert panic.told["asked"] == "attempt"
    offered = [one.split(":")[2] for one in panic.offered if one.startswith("incident:this")]
    assert offered == ["happened"]
    assert not [one for one in panic.offered if one.startswith("steps:")]


@pytest.mark.parametrize("made_up", ["incident:this:organisation:00000000", "incident:this:files:"])
async def test_a_button_about_another_text_notes_nothing(made_up: str) -> None:
    panic = await asked("action")
    await panic.say("Rīgas 99. vidusskola")
    answer = await panic.send(made_up)
    assert said("incident.unreadable.stray", "lv") in answer
    assert "organisation" not in panic.told
    await panic.send("incident:new")
    assert panic.offered


@pytest.mark.parametrize("text", ["ok", "help", "Vai tas ir labi?", "12", "kad ir jūsu svētki"])
async def test_what_tells_nothing_is_not_offered(text: str) -> None:
    panic = await asked("sector")
    await panic.say(text)
    assert not [one for one in panic.offered if one.startswith("incident:this")]
