"""A link to a topic on the web leads where it leads in Telegram; looking at it notes nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from tests.talk import the_facts
from tests.web.browser import browser, tab
from tests.web.serving import Person, Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST_OID = {language: the_facts().guides["oid-register", language] for language in LANGUAGES}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def anna(site: Site) -> AsyncIterator[Person]:
    """Somebody whose browser asks for Latvian."""
    async with site.client(**{"Accept-Language": "lv"}) as client:
        yield Person(client)


@pytest.mark.parametrize("read_before", ["", "/start prp-access"])
@pytest.mark.parametrize("said", ["un ko tad?", "tālāk", words("lv").say("steps.choice.begin")])
async def test_words_after_a_link_go_on_in_its_guide(
    anna: Person, read_before: str, said: str
) -> None:
    if read_before:
        await anna.open("/")
        await anna.ask(read_before)
    await anna.open("/?topic=oid-register")
    await anna.ask(said)
    assert f"1/{len(FIRST_OID['lv'].steps)}" in anna.replies
    await anna.ask("tālāk")
    assert f"2/{len(FIRST_OID['lv'].steps)}" in anna.replies


async def test_looking_at_a_link_notes_nothing(anna: Person, site: Site) -> None:
    await anna.open("/")
    await anna.ask("/start prp-access")
    before = await site.count("answer")
    await anna.open("/?topic=oid-register")
    assert await site.count("answer") == before
    await anna.open("/")
    await anna.ask("tālāk")
    assert the_facts().guides["prp-access", "lv"].head.title in anna.replies


async def test_a_link_in_a_language_is_read_and_answered_in_it(anna: Person) -> None:
    await anna.open("/")
    await anna.ask("Kas ir OID?")
    await anna.open("/guide/oid-register?lang=en")
    (there,) = [
        each.attributes["href"]
        for each in anna.page.all("a")
        if each.attributes["href"].startswith("/?topic=")
    ]
    await anna.open(there)
    assert FIRST_OID["en"].head.title in anna.replies
    await anna.press(words("en").say("steps.choice.begin"))
    assert FIRST_OID["en"].head.title in anna.replies
    await anna.ask("next")
    assert FIRST_OID["en"].head.title in anna.replies


async def test_a_link_without_a_language_is_in_the_conversation_s(anna: Person) -> None:
    await anna.open("/?lang=en")
    await anna.ask("What is an OID?")
    await anna.open("/?topic=oid-register")
    assert FIRST_OID["en"].head.title in anna.replies


@pytest.mark.parametrize("chosen", LANGUAGES)
async def test_a_guide_s_page_is_in_the_chosen_language_and_a_mistake_keeps_it(
    site: Site, chosen: str
) -> None:
    (other,) = {*LANGUAGES} - {chosen}
    async with site.client(**{"Accept-Language": other}) as client:
        anna = Person(client)
        await anna.open(f"/?lang={chosen}")
        await anna.ask("OID")
        await anna.open("/guide/oid-register")
        assert anna.page.one("h1").text == FIRST_OID[chosen].head.title
        await anna.press(words(chosen).say("reporting.choice"))
        assert words(chosen).say("reporting.noted").splitlines()[0] in anna.replies
        await anna.ask("/start oid-register")
        assert FIRST_OID[chosen].head.title in anna.replies


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_guide_s_page_speaks_to_a_stranger_as_the_browser_does(
    site: Site, language: str
) -> None:
    (other,) = {*LANGUAGES} - {language}
    async with site.client(**{"Accept-Language": language}) as client:
        anna = Person(client)
        await anna.open("/guide/oid-register")
        assert anna.page.one("h1").text == FIRST_OID[language].head.title
        await anna.open(f"/guide/oid-register?lang={other}")
        assert anna.page.one("h1").text == FIRST_OID[other].head.title


async def test_a_link_to_the_questionnaire_begins_it_in_its_language(anna: Person) -> None:
    answer = await anna.client.get("/guide/eligibility?lang=en")
    await anna.open(answer.headers["location"])
    assert anna.choices == [words("en").say(f"eligibility.action.{action}") for action in KA2]
    await anna.press(anna.choices[0])
    assert words("en").say("eligibility.ask.sector") in anna.replies


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_mistake_on_a_guide_s_page_is_told_at_one_tap(anna: Person, language: str) -> None:
    await anna.open(f"/guide/oid-register?lang={language}")
    await anna.press(words(language).say("reporting.choice"))
    assert words(language).say("reporting.noted").splitlines()[0] in anna.replies
    await anna.press(words(language).say("reporting.back"))
    assert FIRST_OID[language].head.title in anna.replies


@pytest.mark.parametrize("number", ["9" * 5000, "²"])
async def test_a_made_up_number_of_a_step_is_answered(anna: Person, number: str) -> None:
    await anna.client.post("/chat?lang=lv", data={"choice": f"steps:step:oid-register:{number}"})
    await anna.open("/")
    assert f"1/{len(FIRST_OID['lv'].steps)}" in anna.replies


async def test_with_scripts_too_a_link_is_said_once(site: Site) -> None:
    async with browser() as chromium, tab(chromium, site) as opened:
        await opened.page.goto(f"{site.address}/?topic=oid-register&lang=en")
        for number in (1, 2, 3):
            await opened.page.fill("#question", "next")
            await opened.page.keyboard.press("Enter")
            place = f"{number}/{len(FIRST_OID['en'].steps)}"
            await expect(opened.page.locator("#answer .reply")).to_contain_text(place)


async def test_the_button_for_mistakes_is_not_printed(site: Site) -> None:
    async with browser() as chromium, tab(chromium, site) as opened:
        await opened.page.goto(f"{site.address}/guide/oid-register?lang=en")
        assert await opened.page.locator("#mistake").is_visible()
        await opened.page.emulate_media(media="print")
        assert not await opened.page.locator("#mistake").is_visible()
