"""A few words after a guide that only ask when: no date of the call after a guide on a report."""

import pytest

from handlers.steps import way
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from tests.talk import Talk, the_desk, the_facts

BARE = (
    *("kāds ir termiņš", "termiņš?", "Kad ir termiņš?", "līdz kuram datumam", "kad jāiesniedz?"),
    *("deadline", "What is the deadline?", "when is it due?", "by which date", "when?"),
)
LED = ("and the deadline?", "un termiņš?", "un kāds ir termiņš?", "But when do we have to submit?")
RUNNING = sorted(
    topic
    for topic, _ in the_facts().guides
    if topic.partition("-")[0] in ("report", "prp", "bm", "language", "visibility")
)
APPLYING = ("form-submit", "form-annexes", "eulogin-2fa", "oid-find", way.ABOUT)


def offered(reply: Reply) -> list[str]:
    """Return the topics that a reply offers."""
    ids = [choice.id for choice in reply.choices]
    return [each.removeprefix("steps:show:") for each in ids if each.startswith("steps:show:")]


async def after(topic: str, text: str, language: str = "lv") -> Reply:
    """Return what is said to `text` after the second step of a guide."""
    talk = Talk(language)
    await talk.press(f"steps:step:{topic}:2")
    (reply,) = await talk.say(text)
    return reply


@pytest.mark.parametrize("text", BARE + LED)
@pytest.mark.parametrize(
    ("topic", "first"),
    [
        *(("report-submit", "report-submit"), ("report-content", "report-submit")),
        *(
            ("prp-submit", "prp-submit"),
            ("prp-access", "prp-submit"),
            ("bm-access", "report-submit"),
        ),
        *(("centralised-gone", "centralised-gone"), ("language-label", "language-label")),
    ],
)
async def test_when_is_about_the_guide_that_has_dates_of_its_own(
    topic: str, first: str, text: str
) -> None:
    reply = await after(topic, text)
    assert offered(reply)[0] == first
    assert "deadline" in offered(reply)[1:]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", RUNNING)
async def test_no_guide_of_a_running_project_leads_to_the_date_of_the_call(
    topic: str, language: str
) -> None:
    guide = the_facts().guide(topic, language)
    assert guide is not None
    for text in BARE + LED:
        reply = await after(topic, text, language)
        assert reply.text == words(language).say("following.unsure", title=guide.head.title)
        assert offered(reply)[0] != "deadline"


@pytest.mark.parametrize("text", ["kāds ir termiņš", "termiņš?", "deadline", "līdz kuram datumam"])
@pytest.mark.parametrize("topic", APPLYING)
async def test_on_the_way_to_an_application_the_date_of_the_call_is_told(
    topic: str, text: str
) -> None:
    assert the_desk().finder.find(text).topic == "deadline"
    guide = the_facts().guide("deadline", "lv")
    assert guide is not None
    assert guide.head.title in (await after(topic, text)).text


@pytest.mark.parametrize("text", ["termiņš?", "deadline"])
async def test_after_what_is_about_neither_the_date_of_the_call_is_offered_first(text: str) -> None:
    assert offered(await after("contacts", text))[0] == "deadline"
