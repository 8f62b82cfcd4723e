"""The page in a real browser: by the keyboard alone, without scripts, on a phone, in the dark."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from icalendar import Calendar
from playwright.async_api import Browser, Route, expect

from handlers.words import words
from tests.ics.lint import lint
from tests.web.browser import DESKTOP, PHONE, Tab, browser, tab
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Kā iegūt OID?"
LATVIAN, ENGLISH = words("lv"), words("en")
BEGIN, NEXT, BACK = (LATVIAN.say(f"steps.choice.{each}") for each in ("begin", "next", "back"))
ASK = LATVIAN.say("web.send")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site; every tab is somebody new."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium: Browser, site: Site) -> AsyncIterator[Tab]:
    async with tab(chromium, site) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def plain(chromium: Browser, site: Site) -> AsyncIterator[Tab]:
    async with tab(chromium, site, java_script_enabled=False) as opened:
        yield opened


async def step(opened: Tab, number: int) -> None:
    """Wait for a step of the guide, in one exchange, under the question."""
    place = LATVIAN.say("steps.place", number=number, total=14)
    await expect(opened.page.locator("#answer .reply")).to_contain_text(place)
    await expect(opened.page.locator("#answer .said")).to_contain_text(QUESTION)


async def test_a_guide_is_walked_by_the_keyboard_alone(page: Tab) -> None:
    await page.page.keyboard.press("Tab")
    assert await page.focused == LATVIAN.say("web.skip")
    await page.page.keyboard.press("Enter")
    await page.page.keyboard.type(QUESTION)
    await page.page.keyboard.press("Enter")
    await expect(page.page.locator("#answer h2")).to_be_visible()
    assert await page.focused == "question"
    await expect(page.page.locator("#question")).to_have_value("")
    exchanges = await page.page.locator(".exchange").count()
    await page.press(BEGIN, backwards=True)
    await step(page, 1)
    await page.press(NEXT)
    await step(page, 2)
    for number in (3, 4):  # the focus stays on the button
        await page.page.keyboard.press("Enter")
        await step(page, number)
    await page.press(BACK, backwards=True)
    await step(page, 3)
    assert await page.page.locator(".exchange").count() == exchanges
    await page.page.reload()
    await step(page, 3)


async def test_the_language_is_switched_by_the_keyboard(page: Tab) -> None:
    await page.press(ENGLISH.say("language.own-name"))
    await expect(page.page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.page.locator("#answer")).to_contain_text(ENGLISH.say("language.chosen"))
    await page.tab_to(LATVIAN.say("language.own-name"))


async def test_a_language_chosen_in_the_chat_changes_the_whole_page(page: Tab) -> None:
    await page.page.fill("#question", "/language en")
    await page.page.keyboard.press("Enter")
    await expect(page.page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.page.locator("#answer")).to_contain_text(ENGLISH.say("language.chosen"))


async def downloaded(opened: Tab, tmp_path: Path, selection: str) -> bytes:
    """Ask for the deadlines and fetch the file of `selection`, by the keyboard alone."""
    await opened.page.locator("#question").focus()
    await opened.press(LATVIAN.say("welcome.door.deadlines"), backwards=True)
    await expect(opened.page.locator("#answer")).to_contain_text("KA240")
    await opened.press(LATVIAN.say("deadlines.get-file", name=selection))
    name = f"noon-{selection}.ics"
    link = LATVIAN.say("web.file", name=name)
    await expect(opened.page.get_by_role("link", name=link)).to_be_visible()
    await opened.tab_to(link)
    async with opened.page.expect_download() as waiting:
        await opened.page.keyboard.press("Enter")
    file = await waiting.value
    assert file.suggested_filename == name
    await file.save_as(tmp_path / name)
    return (tmp_path / name).read_bytes()


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_file_of_deadlines_is_fetched_and_can_be_read(
    chromium: Browser, site: Site, tmp_path: Path, scripts: bool
) -> None:
    async with tab(chromium, site, java_script_enabled=scripts) as opened:
        content = await downloaded(opened, tmp_path, "KA220")
    assert lint(content, feed=False) == []
    (event,) = Calendar.from_ical(content).events
    assert event.start == datetime(2026, 3, 5, 11, tzinfo=UTC)


async def test_without_scripts_the_same_guide_is_walked_by_plain_forms(plain: Tab) -> None:
    await plain.page.locator("#question").focus()
    await plain.page.keyboard.type(QUESTION)
    await plain.press(ASK)
    await expect(plain.page.locator("#answer h2")).to_be_visible()
    assert plain.page.url.endswith("/#answer")
    for number, label in enumerate((BEGIN, NEXT, NEXT, NEXT), start=1):
        await plain.press(label)
        await step(plain, number)
    await plain.press(BACK)
    await step(plain, 3)
    await plain.page.reload()
    await step(plain, 3)
    await plain.press(ENGLISH.say("language.own-name"))
    await expect(plain.page.locator("html")).to_have_attribute("lang", "en")


async def test_shift_enter_makes_a_line_and_an_empty_question_is_not_sent(page: Tab) -> None:
    await page.page.locator("#question").focus()
    await page.page.keyboard.press("Enter")
    await page.page.keyboard.type("OID")
    await page.page.keyboard.press("Shift+Enter")
    await page.page.keyboard.type("?")
    await expect(page.page.locator("#question")).to_have_value("OID\n?")
    assert not [url for url in page.requests if "/chat" in url]


async def test_an_answer_is_announced_politely(page: Tab) -> None:
    log = page.page.locator("#log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await page.page.fill("#question", QUESTION)
    await page.page.keyboard.press("Enter")
    await expect(log.locator(".exchange")).to_have_count(2)
    await expect(page.page.locator("#waiting")).to_be_empty()


async def test_what_is_typed_stays_when_the_connection_is_gone(page: Tab) -> None:
    await page.page.context.set_offline(True)
    await page.page.fill("#question", QUESTION)
    await page.page.keyboard.press("Enter")
    await expect(page.page.get_by_role("alert")).to_have_text(LATVIAN.say("web.trouble"))
    await expect(page.page.locator("#question")).to_have_value(QUESTION)
    await page.page.context.set_offline(False)
    await page.page.keyboard.press("Enter")
    await expect(page.page.locator("#answer h2")).to_be_visible()
    await expect(page.page.get_by_role("alert")).to_be_hidden()
    assert [each for each in page.complaints if "ERR_INTERNET_DISCONNECTED" not in each] == []
    page.complaints.clear()


@asynccontextmanager
async def held(opened: Tab, *, broken: bool = False) -> AsyncIterator[asyncio.Event]:
    """Let no message of the chat through until the event is set; `broken`: the first one never."""
    go, first = asyncio.Event(), asyncio.Event()

    async def later(route: Route) -> None:
        lost = broken and not first.is_set()
        first.set()
        await go.wait()
        await (route.abort() if lost else route.continue_())

    await opened.page.route("**/chat*", later)
    yield go
    go.set()
    await opened.page.unroute("**/chat*")


async def test_all_that_is_pressed_while_an_answer_is_on_its_way_is_answered(page: Tab) -> None:
    doors = page.page.locator(".exchange .choices button")
    async with held(page) as go:
        labels = [await doors.nth(number).inner_text() for number in range(3)]
        for number in range(3):
            await doors.nth(number).click()
        go.set()
        await expect(page.page.locator("#answer .said")).to_contain_text(labels[-1])
    await expect(page.page.locator(".exchange .said")).to_contain_text(labels)


async def test_a_question_that_waits_is_sent_as_it_was(page: Tab) -> None:
    async with held(page) as go:
        await page.page.fill("#question", QUESTION)
        await page.page.keyboard.press("Enter")
        await page.page.fill("#question", "/privacy")
        await page.page.keyboard.press("Enter")
        await page.page.keyboard.type(" un kas")
        go.set()
        await expect(page.page.locator("#answer .said")).to_contain_text("/privacy")
    await expect(page.page.locator("#answer .said")).not_to_contain_text("un kas")
    await expect(page.page.locator("#question")).to_have_value("/privacy un kas")


async def test_after_a_failure_nothing_more_is_sent_and_all_that_was_typed_is_there(
    page: Tab,
) -> None:
    async with held(page, broken=True) as go:
        await page.page.fill("#question", QUESTION)
        await page.page.keyboard.press("Enter")
        await page.page.fill("#question", "/privacy")
        await page.page.keyboard.press("Enter")
        go.set()
        await expect(page.page.get_by_role("alert")).to_have_text(LATVIAN.say("web.trouble"))
    await expect(page.page.locator("#question")).to_have_value(f"{QUESTION}\n/privacy")
    await expect(page.page.locator(".exchange .said")).to_have_count(0)
    page.complaints[:] = [each for each in page.complaints if "ERR_FAILED" not in each]


async def test_a_question_after_a_change_of_the_language_is_on_the_new_page(page: Tab) -> None:
    async with held(page) as go:
        await page.page.fill("#question", "/language en")
        await page.page.keyboard.press("Enter")
        await page.page.fill("#question", QUESTION)
        await page.page.keyboard.press("Enter")
        go.set()
        await expect(page.page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.page.locator("#answer .said")).to_contain_text(QUESTION)


async def test_what_is_asked_while_an_answer_is_on_its_way_is_answered_next(page: Tab) -> None:
    async with held(page) as go:
        await page.page.fill("#question", QUESTION)
        await page.page.keyboard.press("Enter")
        await page.page.fill("#question", "/privacy")
        await page.page.keyboard.press("Enter")
        go.set()
        await expect(page.page.locator("#answer .said")).to_contain_text("/privacy")
    said = page.page.locator(".exchange .said")
    await expect(said).to_contain_text([QUESTION, "/privacy"])
    await expect(page.page.locator("#question")).to_have_value("")


async def test_what_is_sent_twice_is_answered_once_and_a_draft_stays(page: Tab) -> None:
    async with held(page) as go:
        await page.page.fill("#question", QUESTION)
        await page.page.keyboard.press("Enter")
        await page.page.keyboard.press("Enter")
        go.set()
        await expect(page.page.locator("#answer .said")).to_contain_text(QUESTION)
    async with held(page) as go:
        begin = page.page.get_by_role("button", name=BEGIN, exact=True)
        await begin.click()
        await begin.click()
        await page.page.fill("#question", "Un kas")
        go.set()
        await step(page, 1)
    await expect(page.page.locator(".exchange .said")).to_have_count(1)
    await expect(page.page.locator("#question")).to_have_value("Un kas")


async def test_after_erasing_nothing_of_the_conversation_is_left_on_the_page(page: Tab) -> None:
    for asked in (QUESTION, "/delete"):
        await page.page.fill("#question", asked)
        await page.page.keyboard.press("Enter")
        await expect(page.page.locator("#answer .said")).to_contain_text(asked)
    await page.page.get_by_role("button", name=LATVIAN.say("privacy.choice.delete")).click()
    await expect(page.page.locator("#log")).to_contain_text(LATVIAN.say("privacy.deleted"))
    await expect(page.page.locator(".exchange")).to_have_count(1)
    assert await page.page.context.cookies() == []


async def test_an_address_is_copied_by_its_button(page: Tab) -> None:
    await page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.press(LATVIAN.say("web.calendar.copy"))
    copied = await page.page.evaluate("navigator.clipboard.readText()")
    assert copied == await page.page.locator("#calendar input").first.input_value()


async def test_everything_that_takes_the_focus_shows_it(page: Tab) -> None:
    seen = set()
    for _ in range(80):
        await page.page.keyboard.press("Tab")
        name = await page.focused
        if not name:
            break  # past the last one
        seen.add(name)
        assert await page.outline() >= 2, name
    assert {ASK, "question", LATVIAN.say("web.calendar.copy")} <= seen


LOOKS: list[dict[str, Any]] = [
    {"viewport": size, "color_scheme": scheme}
    for size in (PHONE, {"width": 768, "height": 1024}, DESKTOP)
    for scheme in ("light", "dark")
]


@pytest.mark.parametrize("look", LOOKS)
async def test_the_page_fits_and_can_be_read(
    chromium: Browser, site: Site, look: dict[str, Any]
) -> None:
    async with tab(chromium, site, **look) as opened:
        await opened.page.locator("footer summary").click()
        for asked in ("/steps", QUESTION, "/deadlines", "x" * 300, "/eligibility"):
            await opened.page.fill("#question", asked)
            await opened.page.keyboard.press("Enter")
            await expect(opened.page.locator("#answer .said")).to_contain_text(asked)
            assert await opened.overflow() == 0, asked
        assert await opened.faint() == []
        for button in await opened.page.locator("button:visible:not(.command)").all():
            box = await button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 38


async def test_the_watch_over_the_page_is_awake(page: Tab) -> None:
    style = "Object.assign(document.createElement('style'), {textContent: 'p {color: red}'})"
    await page.page.evaluate(f"document.head.append({style})")
    await page.page.wait_for_timeout(200)
    assert "violation of style-src" in " ".join(page.complaints)
    page.complaints.clear()
