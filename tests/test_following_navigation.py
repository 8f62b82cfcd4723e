"""Words that steer the conversation are taken as such, and never for a topic."""

from datetime import timedelta

import pytest

from handlers import following, welcome
from handlers.turn import Reply
from handlers.words import words
from tests.talk import Talk, the_desk, the_facts

OID = "oid-register"
MENU = (
    *("izvēlne", "Menu", "main menu", "sākums", "help", "palīgā!", "palīdzi", "Palīdziet"),
    *("kas tu esi?", "who are you?", "ko tu māki", "What can you do?"),
    *("stop", "beigt", "pietiek", "enough"),
)
LOST = (
    *("atgriezties", "return", "back", "kur es biju?", "where was I", "sākt no jauna"),
    *("start over", "neko nesaprotu", "I don't understand anything"),
)
NUMBERS = (
    *("cik partneru vajag", "how many partners", "cik mēnešus var ilgt projekts"),
    "cik pieteikumus viena skola drīkst iesniegt",
)


def ids(reply: Reply) -> list[str]:
    return [choice.id for choice in reply.choices]


async def at(place: str) -> Talk:
    talk = Talk("lv")
    await talk.press(f"steps:{place}:{OID}" + (":4" if place == "step" else ""))
    return talk


@pytest.mark.parametrize("said", MENU + LOST)
async def test_who_is_lost_without_a_guide_is_greeted_with_every_way(said: str) -> None:
    left = await at("show")
    left.now += following.FRESH + timedelta(hours=1)
    asked_later = () if said in ("kur es biju?", "where was I") else (left,)
    for talk in (Talk("lv"), *asked_later):
        (reply,) = await talk.say(said)
        assert ids(reply) == list(welcome.DOORS)


@pytest.mark.parametrize("said", MENU)
async def test_the_menu_asked_for_in_a_guide_keeps_the_way_back(said: str) -> None:
    (reply,) = await (await at("step")).say(said)
    assert ids(reply) == [f"steps:step:{OID}:4", *welcome.DOORS]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        *(("atgriezties", 3), ("return", 3), ("Back", 3)),
        *(("ko tas nozīmē?", 4), ("What does that mean?", 4)),
        *(("kur es biju?", 4), ("where was I", 4), ("sākt no jauna", 1), ("Start over", 1)),
    ],
)
async def test_words_about_the_place_are_heard_in_a_guide(said: str, place: int) -> None:
    (reply,) = await (await at("step")).say(said)
    assert reply.text.startswith(f"{place}/")
    assert f"steps:stuck:{OID}" in ids(reply)


@pytest.mark.parametrize("said", ["kur te jāspiež?", "Where do I click", "kur man spiest"])
async def test_where_to_press_is_told_with_the_step(said: str) -> None:
    guide = the_facts().guide(OID, "lv")
    assert guide is not None
    (reply,) = await (await at("step")).say(said)
    assert guide.steps[3].text in reply.text
    assert f"steps:stuck:{OID}" in ids(reply)


@pytest.mark.parametrize(
    "said", ["nē, nesanāca", "No, it failed", "neko nesaprotu", "no, it didn't work"]
)
async def test_what_failed_gets_the_remedies(said: str) -> None:
    (reply,) = await (await at("step")).say(said)
    assert f"steps:helped:{OID}" in ids(reply)


@pytest.mark.parametrize("said", ["stop", "pietiek"])
async def test_stop_leaves_a_questionnaire(said: str) -> None:
    talk = Talk("lv")
    await talk.press("eligibility:begin:KA220")
    (reply,) = await talk.say(said)
    assert reply.text == words("lv").say("welcome.cancelled")
    assert talk.notes.open_form is None


@pytest.mark.parametrize("topic", ["eulogin-password", "eulogin-no-email", "form-share"])
@pytest.mark.parametrize("said", ["interim report?", "netieku iekšā"])
async def test_a_short_question_of_its_own_is_not_bent_to_the_guide(said: str, topic: str) -> None:
    assert the_desk().finder.find(said).candidates
    talk = Talk("lv")
    await talk.press(f"steps:show:{topic}")
    (reply,) = await talk.say(said)
    (alone,) = await Talk("lv").say(said)
    assert (reply.text, ids(reply)) == (alone.text, ids(alone))


@pytest.mark.parametrize("said", NUMBERS)
@pytest.mark.parametrize("before", [None, "steps:show:eulogin-password"])
async def test_a_number_asked_for_offers_the_figures_beside_the_form(
    said: str, before: str | None
) -> None:
    talk = Talk("lv")
    if before:
        await talk.press(before)
    (reply,) = await talk.say(said)
    assert ids(reply) == ["eligibility:menu", "steps:show:actions-compare"]
    (form,) = await talk.press(ids(reply)[0])
    assert "eligibility:begin:KA220" in ids(form)


async def test_a_button_and_a_command_open_the_questionnaire_at_once() -> None:
    for reply in (
        *await Talk("lv").press("steps:show:eligibility"),
        *await Talk("lv").say("/eligibility"),
    ):
        assert "eligibility:begin:KA220" in ids(reply)
