"""A whole guide on a page of its own: every line, every source with its day, and how it prints."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.markup import plain
from handlers.words import LANGUAGES
from tests.talk import the_facts
from tests.web.browser import browser, tab
from tests.web.document import Element, read
from tests.web.serving import Person, Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
GUIDED = sorted({topic for topic, _ in the_facts().guides})
DEADLINE_DAY = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


async def page(site: Site, address: str, status: int = 200) -> Element:
    async with site.client() as client:
        answer = await client.get(address)
        assert answer.status_code == status
        return read(answer.text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_guide_is_there_with_every_line_and_source(site: Site, language: str) -> None:
    for topic in GUIDED:
        shown = await page(site, f"/guide/{topic}?lang={language}")
        guide = the_facts().guide(topic, language)
        assert guide is not None
        assert shown.one("h1").text == guide.head.title
        told = " ".join(shown.words.split())
        lines = [item.text for item in (*guide.before, *guide.steps, *guide.notes)]
        for line in [*lines, *(trouble.fix for trouble in guide.trouble)]:
            words = " ".join(plain(line).split())
            assert words in told or "(http" in words, (topic, words)
        cited = {the_facts().library.cite(one).document for one in guide.sources}
        assert len(shown.one("ol", class_="sources").all("li")) == len(cited)
        ids = {each.attributes["id"] for each in shown if "id" in each.attributes}
        leads = [each.attributes["href"] for each in shown.all("a")]
        assert {each[1:] for each in leads if each.startswith("#")} <= ids
        # A command in the text is asked in the chat, and a mistake is told; no more.
        pressed = {each.attributes["form"] for each in shown.all("button")}
        assert pressed - {"command"} == {"mistake"}
        assert pressed <= ids


async def test_an_unknown_topic_is_not_found_and_a_questionnaire_leads_to_the_chat(
    site: Site,
) -> None:
    await page(site, "/guide/nothing", 404)
    async with site.client() as client:
        answer = await client.get("/guide/eligibility")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?topic=eligibility")


async def test_the_link_in_a_guide_leads_to_it_and_to_its_page(site: Site) -> None:
    async with site.client(**{"Accept-Language": "en"}) as client:
        person = Person(client)
        await person.open("/?topic=oid-what&lang=en")
        leads = [each.attributes["href"] for each in person.page.all("a")]
        guide = the_facts().guide("oid-what", "en")
        assert guide is not None
        for part in ("/?topic=oid-what", "/guide/oid-what?lang=en"):
            (address,) = [each for each in leads if each.startswith(site.address) and part in each]
            await person.open(address)
            assert guide.head.title in person.page.words


async def test_on_the_last_day_the_printed_guide_begins_with_the_clock(tmp_path: Path) -> None:
    async with serving(data_dir=tmp_path, now=DEADLINE_DAY, now_rate=0.001) as site:
        shown = await page(site, "/guide/form-submit?lang=en")
        assert "10:00" in shown.one("div", class_="clock").words


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_a_phone_and_can_be_read_in_either_light(
    site: Site, scheme: str
) -> None:
    phone = {"width": 390, "height": 844}
    async with (
        browser() as chromium,
        tab(chromium, site, viewport=phone, color_scheme=scheme) as opened,
    ):
        for address in ("/guide/oid-register?lang=lv", "/?topic=oid-register&lang=en"):
            await opened.page.goto(site.address + address)
            assert await opened.overflow() == 0
            assert await opened.faint() == []
        await opened.page.emulate_media(media="print")
        await opened.page.goto(f"{site.address}/guide/oid-register?lang=lv")
        for hidden in (".screen", ".languages", ".tagline"):
            assert not await opened.page.locator(hidden).first.is_visible()
        assert await opened.page.locator(".sources .address").first.is_visible()


async def test_many_sources_are_opened_at_a_tap_and_are_printed(site: Site) -> None:
    phone = {"width": 390, "height": 844}
    given = {"viewport": phone, "java_script_enabled": False}
    async with browser() as chromium, tab(chromium, site, **given) as opened:
        await opened.page.goto(f"{site.address}/?topic=oid-register&lang=lv")
        folded = opened.page.locator("details.source")
        one = folded.locator("li").first
        assert not await one.is_visible()
        await folded.locator("summary").click()
        assert await one.is_visible()
        await folded.locator("summary").click()
        await opened.page.emulate_media(media="print")
        assert await one.is_visible()
        for hidden in (".ask", "#calendar", "#reminders", "main button:not(.command)"):
            assert not await opened.page.locator(hidden).first.is_visible()


async def test_on_a_phone_the_head_is_one_row_and_a_citation_can_be_tapped(site: Site) -> None:
    phone = {"width": 390, "height": 844}
    async with browser() as chromium, tab(chromium, site, viewport=phone) as opened:
        boxes = [
            await opened.page.locator(one).first.bounding_box()
            for one in (".brand", ".top .languages", ".jumps", ".jumps a:last-child")
        ]
        brand, languages, jumps, last = (each for each in boxes if each)
        assert abs(brand["y"] - languages["y"]) < 12 < languages["x"] - brand["x"]
        assert jumps["y"] >= languages["y"] + languages["height"]
        assert last["y"] == jumps["y"]
        await opened.page.goto(f"{site.address}/guide/oid-register?lang=lv")
        citation = await opened.page.locator(".refs a").first.bounding_box()
        assert citation
        assert min(citation["width"], citation["height"]) >= 24
