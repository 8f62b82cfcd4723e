"""Where a person is: a step that worked, a guide left for another, a guide that became shorter."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.turn import Reply
from handlers.visit import Desk
from handlers.words import LANGUAGES
from tests.talk import Talk, the_desk, the_facts

OID = "oid-register"
SIDE = "Esmu aizmirsis EU Login paroli"
DONE = {"lv": ("izdarīju", "gatavs"), "en": ("done", "it worked")}


def ids(reply: Reply) -> list[str]:
    return [choice.id for choice in reply.choices]


def steps(topic: str) -> int:
    guide = the_facts().guide(topic, "lv")
    assert guide is not None
    return len(guide.steps)


async def at(place: str, language: str = "lv") -> Talk:
    talk = Talk(language)
    await talk.press(f"steps:{place}")
    return talk


async def helped(talk: Talk) -> Reply:
    """Return the reply to the remedies, of which the first button says that they helped."""
    (remedies,) = await talk.press(f"steps:stuck:{OID}")
    (reply,) = await talk.press(ids(remedies)[0])
    return reply


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [1, 2, steps(OID) - 1])
async def test_what_worked_at_a_step_leads_to_the_next(language: str, number: int) -> None:
    place = f"step:{OID}:{number}"
    assert (await helped(await at(place, language))).text.startswith(f"{number + 1}/")
    for said in DONE[language]:
        talk = await at(place, language)
        (reply,) = await talk.say(said)
        assert reply.text.startswith(f"{number + 1}/")
        (greeted,) = await talk.say("/start")
        assert ids(greeted)[0] == f"steps:step:{OID}:{number + 1}"


@pytest.mark.parametrize("place", [f"step:{OID}:{steps(OID)}", f"all:{OID}", f"show:{OID}"])
async def test_what_worked_at_the_end_or_as_a_whole_leads_to_what_follows(place: str) -> None:
    assert ids(await helped(await at(place)))[0] == "steps:show:form-open"
    (reply,) = await (await at(place)).say("izdarīju")
    assert ids(reply)[0] == "steps:show:form-open"


async def test_the_whole_view_after_a_step_is_the_whole() -> None:
    talk = await at(f"step:{OID}:2")
    await talk.press(f"steps:all:{OID}")
    assert ids(await helped(talk))[0] == "steps:show:form-open"


async def test_remedies_of_a_guide_left_before_another_lead_to_its_next_step() -> None:
    talk = await at(f"step:{OID}:2")
    await talk.press("steps:step:form-open:1")
    (reply,) = await talk.press(f"steps:helped:{OID}")
    assert reply.text.startswith(f"3/{steps(OID)}")


@pytest.mark.parametrize("word", ["turpināt", "kur es paliku?"])
async def test_a_side_question_does_not_lose_the_place(word: str) -> None:
    talk = await at(f"step:{OID}:5")
    await talk.say(SIDE)
    talk.now += timedelta(days=3)
    for said in ("/start", "Sveiki", "/soli"):
        (reply,) = await talk.say(said)
        assert ids(reply)[0] == f"steps:step:{OID}:5"
    (reply,) = await talk.say(word)
    assert reply.text.startswith(f"5/{steps(OID)}")


async def test_of_two_guides_begun_the_one_left_last_is_offered_until_it_worked() -> None:
    talk = await at("step:form-open:2")
    talk.now += timedelta(hours=1)
    await talk.press(f"steps:step:{OID}:4")
    (greeted,) = await talk.say("/start")
    assert ids(greeted)[0] == f"steps:step:{OID}:4"
    await talk.press(f"steps:worked:{OID}")
    (greeted,) = await talk.say("/start")
    assert ids(greeted)[0] == "steps:step:form-open:2"


async def test_who_begins_the_side_guide_goes_on_in_it() -> None:
    talk = await at(f"step:{OID}:5")
    await talk.say(SIDE)
    talk.now += timedelta(minutes=1)
    await talk.press("steps:step:eulogin-password:2")
    (reply,) = await talk.say("turpināt")
    assert reply.text.startswith(f"2/{steps('eulogin-password')}")


def shortened(topic: str, length: int) -> Desk:
    """Return a desk whose guide on `topic` has only its first steps."""
    desk = the_desk()
    made = {
        key: replace(guide, steps=guide.steps[:length])
        for key, guide in desk.facts.guides.items()
        if key[0] == topic
    }
    return replace(desk, facts=replace(desk.facts, guides={**desk.facts.guides, **made}))


@pytest.mark.parametrize("said", ["kāpēc?", "kur?", "/start", "nesanāk", "turpināt", "vēlreiz"])
async def test_a_guide_that_became_shorter_never_offers_a_step_it_has_not(said: str) -> None:
    talk = await at(f"step:{OID}:12")
    talk.desk = shortened(OID, 5)
    (reply,) = await talk.say(said)
    told = [each.rpartition(":")[2] for each in ids(reply) if each.startswith("steps:step:")]
    assert told
    assert all(1 <= int(number) <= 5 for number in told)
    assert f"12/{steps(OID)}" not in reply.text
    assert "12/5" not in reply.text


@pytest.mark.parametrize("number", ["9" * 5000, "٣", "²", "", "-1", "0"])
async def test_a_number_that_no_button_has_is_answered(number: str) -> None:
    (reply,) = await Talk("lv").press(f"steps:step:{OID}:{number}")
    assert reply.text.startswith("1/")


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        *(("prp-submit", "un kontakti?"), ("eulogin-create", "un logo?")),
        *(("oid-register", "un karogs?"), ("form-partners", "and annexes?")),
    ],
)
async def test_the_topic_that_the_words_are_most_like_keeps_a_place(topic: str, said: str) -> None:
    finder = the_desk().finder
    best = finder.find(said.rstrip("?").partition(" ")[2]).candidates[0].topic
    (reply,) = await (await at(f"step:{topic}:2")).say(said)
    title = the_facts().guides[best, "lv"].head.title
    assert f"steps:show:{best}" in ids(reply) or title in reply.text


@pytest.mark.parametrize("said", ["cik maksā?", "un kaķim?", "and for my cat?"])
async def test_few_words_that_name_nothing_get_what_the_guide_and_its_kin_tell(said: str) -> None:
    (reply,) = await (await at(f"step:{OID}:2")).say(said)
    offered = ids(reply)
    assert {f"steps:stuck:{OID}", f"steps:all:{OID}"} <= set(offered)
    assert f"steps:show:{OID}" not in offered
    assert offered[-1] == "steps:outside"
    (alone,) = await Talk("lv").say(said)
    assert "steps:outside" not in ids(alone)
