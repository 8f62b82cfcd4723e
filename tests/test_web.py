"""A conversation on the page by plain forms, as a browser without JavaScript has it.

Against a real server, on SQLite and on PostgreSQL.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.engine import URL

from handlers.words import words
from tests.web.serving import Person, Site, serving

QUESTION = "Kā iegūt OID?"
LATVIAN = words("lv")


@pytest.fixture
async def site(url: URL) -> AsyncIterator[Site]:
    async with serving(url) as running:
        yield running


@pytest.fixture
async def person(site: Site) -> AsyncIterator[Person]:
    async with site.client() as client:
        somebody = Person(client)
        await somebody.open()
        yield somebody


async def test_a_question_is_answered_and_still_there_after_a_reload(person: Person) -> None:
    await person.ask(QUESTION)
    assert person.said.endswith(QUESTION)
    assert LATVIAN.say("steps.choice.begin") in person.choices
    answer = person.replies
    await person.open()
    assert (person.replies, person.said.endswith(QUESTION)) == (answer, True)


async def test_a_sent_form_leads_to_the_answer_by_303(site: Site) -> None:
    async with site.client() as client:
        sent = await client.post("/chat", data={"text": QUESTION})
    assert (sent.status_code, sent.headers["location"]) == (303, "/#answer")


async def test_another_process_shows_the_same_conversation(site: Site, person: Person) -> None:
    await person.ask(QUESTION)
    settings = site.noon.settings.model_dump(exclude={"public_url"})
    async with serving(**settings) as other, other.client() as client:
        client.cookies = person.client.cookies
        elsewhere = Person(client)
        await elsewhere.open()
        assert elsewhere.replies == person.replies
        await elsewhere.press(LATVIAN.say("steps.choice.begin"))
        assert LATVIAN.say("steps.choice.next") in elsewhere.choices


async def test_steps_go_on_and_back_under_the_same_question(person: Person) -> None:
    await person.ask(QUESTION)
    seen = []
    for label in ("begin", "next", "next", "back"):
        await person.press(LATVIAN.say(f"steps.choice.{label}"))
        seen.append(person.replies)
        assert person.said.endswith(QUESTION)
    assert seen[1] == seen[3] != seen[2]


async def test_a_choice_that_begins_something_new_is_shown_as_said(person: Person) -> None:
    await person.ask(QUESTION)
    label = LATVIAN.say("steps.choice.stuck")
    await person.press(label)
    assert person.said.endswith(label)


async def test_a_command_in_a_text_is_a_button(person: Person) -> None:
    await person.ask("/help")
    await person.press("/deadlines")
    assert "KA240" in person.replies


async def test_two_people_have_two_conversations(site: Site, person: Person) -> None:
    await person.ask(QUESTION)
    async with site.client() as client:
        other = Person(client)
        await other.open()
        assert QUESTION not in other.said


async def test_twenty_turns_at_once_are_all_answered(site: Site, person: Person) -> None:
    await person.ask(QUESTION)
    sent = [person.client.post("/chat", data={"text": f"OID {n}?"}) for n in range(20)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {303}
    assert await site.count("exchange") == 1


async def test_erasing_is_told_once_and_leaves_nothing(site: Site, person: Person) -> None:
    await person.ask(QUESTION)
    await person.ask("/delete")
    await person.press(LATVIAN.say("privacy.choice.delete"))
    assert LATVIAN.say("privacy.deleted") in person.replies
    assert await site.count("answer") == await site.count("exchange") == 0
    assert not person.client.cookies
    await person.open()
    assert LATVIAN.say("privacy.deleted") not in person.replies


async def test_a_file_is_a_link_that_works_later_and_elsewhere(site: Site, person: Person) -> None:
    await person.ask("/deadlines")
    await person.press(LATVIAN.say("deadlines.get-file", name="KA220"))
    await person.open()
    link = person.page.one("div", id="log").one("a", class_="button").attributes["href"]
    settings = site.noon.settings.model_dump(exclude={"public_url"})
    async with serving(**settings) as other, other.client() as client:
        file = await client.get(link)
    assert file.status_code == 200
    assert file.headers["content-type"].startswith("text/calendar")
    assert file.headers["content-disposition"] == "attachment; filename*=utf-8''noon-KA220.ics"
    assert file.content.count(b"BEGIN:VEVENT") == 1


@pytest.mark.parametrize(
    "changed", [{"sign": "0" * 32}, {"for": "privacy:delete"}, {"lang": "en"}, {"name": "x"}]
)
async def test_an_address_of_a_file_that_we_did_not_make_is_not_followed(
    site: Site, person: Person, changed: dict[str, str]
) -> None:
    await person.ask("/deadlines")
    await person.press(LATVIAN.say("deadlines.get-file", name="KA220"))
    kept = await site.count("answer")
    link = person.page.one("div", id="log").one("a", class_="button").attributes["href"]
    address = httpx.URL(link).copy_merge_params(changed)
    assert (await person.client.get(address)).status_code == 404
    assert await site.count("answer") == kept
