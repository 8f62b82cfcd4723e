"""Follow-ups: a few words after a guide, in both languages, and what they never do."""

from datetime import timedelta

import pytest

from handlers import following
from handlers.editors import Unplaced
from handlers.steps import way
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from rules.folding import fold
from tests.talk import Talk, the_desk, the_facts
from tests.test_reporting import Person

ONWARD = ("un ko tad?", "Un tālāk?", "nakamais", "Nākamais solis", "and then", "What next?", "next")
WHY = ("kāpēc?", "kadel", "why?", "Bet kāpēc?")
WHERE = ("kur?", "Kur to atrast?", "where?", "Where do I click?")
STUCK = ("nesanāk", "it doesn't work", "Es nesaprotu")
HEARD = (
    *("next", "resume", "back", "again", "why", "where", "stuck", "worked", "lead", "begin"),
    *("restart", "partners", "when", "whom", "documents"),
)


def ids(reply: Reply) -> list[str]:
    return [choice.id for choice in reply.choices]


async def at_step(number: int, language: str = "lv") -> Talk:
    talk = Talk(language)
    await talk.press("steps:show:oid-register")
    if number:
        await talk.press(f"steps:step:oid-register:{number}")
    return talk


@pytest.mark.parametrize("text", ONWARD)
@pytest.mark.parametrize("number", [0, 1, 7])
async def test_and_then_goes_one_step_on(text: str, number: int) -> None:
    (reply,) = await (await at_step(number)).say(text)
    assert reply.text.startswith(f"{number + 1}/")


@pytest.mark.parametrize("text", ONWARD)
async def test_and_then_at_the_end_leads_to_what_follows(text: str) -> None:
    guide = the_facts().guide("oid-register", "lv")
    assert guide is not None
    for talk in (await at_step(len(guide.steps)), await at_step(0), await at_step(3)):
        if talk.notes.read("steps").get("oid-register") != str(len(guide.steps)):
            await talk.press("steps:all:oid-register")
        (reply,) = await talk.say(text)
        assert ids(reply)[0] == "steps:show:form-open"


@pytest.mark.parametrize("text", WHY)
async def test_why_tells_the_source_of_the_step_and_leads_on(text: str) -> None:
    talk = await at_step(6)
    guide = the_facts().guide("oid-register", "lv")
    assert guide is not None
    (reply,) = await talk.say(text)
    assert guide.steps[5].text in reply.text
    assert words("lv").say("source.line", sources="\0", day="").partition("\0")[0] in reply.text
    assert "steps:step:oid-register:7" in ids(reply)


@pytest.mark.parametrize("text", WHERE)
async def test_where_tells_the_official_page(text: str) -> None:
    (reply,) = await (await at_step(2)).say(text)
    assert "https://webgate.ec.europa.eu/erasmus-esc/" in reply.text
    assert "steps:step:oid-register:3" in ids(reply)


@pytest.mark.parametrize("text", STUCK)
async def test_stuck_in_few_words_gets_the_remedies(text: str) -> None:
    (reply,) = await (await at_step(2)).say(text)
    assert "steps:ask:oid-register" in ids(reply)


@pytest.mark.parametrize(
    ("text", "place"), [("3. solis", "3/"), ("step 5", "5/"), ("atpakaļ", "3/"), ("repeat", "4/")]
)
async def test_a_step_is_named_by_number_or_by_its_place(text: str, place: str) -> None:
    (reply,) = await (await at_step(4)).say(text)
    assert reply.text.startswith(place)


@pytest.mark.parametrize("text", ["Esmu aizmirsis EU Login paroli", "un ja aizmirsu paroli?"])
async def test_a_question_that_names_another_topic_goes_there(text: str) -> None:
    (reply,) = await (await at_step(4)).say(text)
    guide = the_facts().guide("eulogin-password", "lv")
    assert guide is not None
    assert guide.head.title in reply.text
    (then,) = await (await at_step(0)).say(text)
    assert guide.head.title in then.text


@pytest.mark.parametrize(("text", "language"), [("for partners?", "en"), ("un partneriem?", "lv")])
async def test_for_partners_after_the_oid_is_about_partners(text: str, language: str) -> None:
    (reply,) = await (await at_step(0, language)).say(text)
    about = the_facts().guide("form-partners", language)
    assert about is not None
    assert about.head.title in reply.text or "steps:show:form-partners" in ids(reply)
    assert len([each for each in ids(reply) if each.startswith("steps:show:")]) <= 3


@pytest.mark.parametrize("text", ["un ko tad?", "kāpēc?", "where?", "nesanāk"])
async def test_without_a_guide_before_it_a_follow_up_is_a_question_like_any(text: str) -> None:
    for talk in (Talk("lv"), await old()):
        (reply,) = await talk.say(text)
        assert not reply.text[:2].rstrip("/").isdecimal()


async def old() -> Talk:
    """Return a talk in which a guide was shown long ago."""
    talk = await at_step(4)
    talk.now += following.FRESH + timedelta(hours=1)
    return talk


@pytest.mark.parametrize(
    "text",
    [
        *("Esmu skolotāja, ar ko sākt?", "ar ko sakt", "I am a teacher, where do I start?"),
        *("Where to begin", "Gribu pieteikties, bet nezinu, ar ko sākt"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_where_to_begin_shows_the_way(text: str, language: str) -> None:
    (reply,) = await Talk(language).say(text)
    every = way.stages(the_facts())
    assert ids(reply)[0] == f"steps:show:{every[0]}"
    assert {f"steps:show:{topic}" for topic in every} <= set(ids(reply))


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("how to start the final report", {"report-content", "report-submit"}),
        ("How do I start the report?", {"report-content", "report-submit"}),
        ("kā sākt starpatskaiti", {"report-content", "report-submit"}),
        ("nezinu, ar ko sākt atskaiti", {"report-content", "report-submit"}),
        ("how do I start the interim report", {"report-content", "report-submit"}),
        ("where do I start with 2FA", {"eulogin-2fa"}),
        ("how do I start a partner search", {"partner-search"}),
        ("kur sākt, ja nav OID", {"oid-register"}),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_where_to_begin_with_something_named_is_about_that_and_not_about_the_way(
    text: str, topics: set[str], language: str
) -> None:
    anna = Person(language)
    (reply,) = await anna.say(text)
    assert not {f"steps:show:{topic}" for topic in way.stages(the_facts())} <= set(ids(reply))
    certain = the_facts().guide(the_desk().finder.find(text).topic or "", language)
    if certain is not None:
        assert certain.head.topic in topics
        return
    assert reply.text == words(language).say("steps.unsure")
    assert topics & {one.removeprefix("steps:show:") for one in ids(reply)}
    assert [why for _, _, why in anna.asked] == [Unplaced.UNSURE]


@pytest.mark.parametrize("text", ["kā sākt pieteikumu", "How do I start a new application?"])
async def test_where_to_begin_with_what_is_certain_goes_there(text: str) -> None:
    (reply,) = await Talk("en").say(text)
    guide = the_facts().guide("form-open", "en")
    assert guide is not None
    assert guide.head.title in reply.text


async def test_a_follow_up_breaks_into_a_questionnaire_and_leads_back() -> None:
    talk = await at_step(2, "en")
    await talk.say("/eligibility KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (reply,) = await talk.say("what next?")
    assert reply.text.startswith("3/")
    assert ids(reply)[-1] == "eligibility:go:KA220"


@pytest.mark.parametrize("name", HEARD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_heard_as_two_things(name: str, language: str) -> None:
    own = phrases(name, language)
    assert all(own)
    others = [each for other in HEARD if other != name for each in phrases(other, language)]
    assert set(own) & set(others) == set()


def phrases(name: str, language: str) -> list[str]:
    return [fold(each) for each in words(language).say(f"following.{name}.heard").split(";")]
