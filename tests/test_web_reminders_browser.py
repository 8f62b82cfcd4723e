"""Reminders in a real browser: signed up and confirmed by the keyboard, without scripts too."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.post.links import Purpose
from handlers.words import words
from tests.reminding import FEBRUARY, quick_start, sealed
from tests.web.browser import DESKTOP, PHONE, Tab, browser, tab
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATVIAN = words("lv")
KA240 = "2026-ka240-r1"

_HIT = """
(name) => {
  const field = document.querySelector(name);
  field.scrollIntoView({ block: "center" });
  const { x, y, width, height } = field.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2) === field;
}
"""
"""Whether a click in the middle of a field meets it."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site; every address signs up anew."""
    with quick_start():
        async with serving(data_dir=tmp_path_factory.mktemp("site"), now=FEBRUARY) as running:
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


async def signed_up(opened: Tab, site: Site, address: str) -> None:
    """Fill the form in by the keyboard and send it, then confirm by the link."""
    page = opened.page
    await page.locator("#remind-email").focus()
    await page.keyboard.type(address)
    await page.keyboard.press("Tab")
    assert await opened.focused == "remind-consent"
    await page.keyboard.press("Space")
    await opened.press(LATVIAN.say("web.remind.button"))
    await expect(page.locator("h1")).to_have_text(LATVIAN.say("web.remind.asked.title"))
    await page.goto(f"{site.address}/confirm/{await sealed(site.noon, Purpose.CONFIRM, address)}")
    await opened.press(LATVIAN.say("web.confirm.button"))
    await expect(page.locator("h1")).to_have_text(LATVIAN.say("web.confirmed.title"))


async def own_page(opened: Tab, site: Site, address: str) -> None:
    """Open the person's own page, as a mail about KA240 links to it."""
    token = await sealed(site.noon, Purpose.MANAGE, address)
    await opened.page.goto(f"{site.address}/reminders/{token}?deadline={KA240}")


@pytest.mark.parametrize("scripts", [True, False])
async def test_signing_up_and_all_the_rest_is_done_by_the_keyboard_alone(
    chromium: Browser, site: Site, scripts: bool
) -> None:
    address = f"anna.{scripts}@example.org"
    async with tab(chromium, site, java_script_enabled=scripts) as opened:
        await signed_up(opened, site, address)
        await own_page(opened, site, address)
        first = opened.page.locator(".held > li").first
        await expect(first).to_contain_text("KA240")
        await opened.press(LATVIAN.say("reminders.choice.handed"))
        await expect(opened.page.get_by_role("status")).to_contain_text("KA240")
        await opened.press(LATVIAN.say("web.manage.change"))
        for tick in await opened.page.locator("input[name=lead]").all():
            await tick.uncheck()
        await opened.page.locator("input[name=leads]").fill("5 d 2 st")
        await opened.press(LATVIAN.say("web.manage.save"))
        await expect(opened.page.locator("main")).to_contain_text("5 dienas un 2 stundas")
        async with opened.page.expect_download() as waiting:
            await opened.press(LATVIAN.say("web.manage.export"))
        assert (await waiting.value).suggested_filename == "noon-mydata.json"
        mine = opened.page.url
        await opened.press(LATVIAN.say("web.manage.erase"))
        await opened.press(LATVIAN.say("privacy.choice.delete"))
        await expect(opened.page.locator("h1")).to_have_text(LATVIAN.say("web.erased.title"))
        gone = await opened.page.goto(mine)
        assert gone is not None
        assert gone.status == 410
        opened.complaints.clear()  # the browser tells that 410 came
        assert await opened.page.context.cookies() == []


async def test_a_form_that_is_not_complete_is_not_sent(chromium: Browser, site: Site) -> None:
    async with tab(chromium, site) as opened:
        await opened.page.locator("#remind-email").fill("anna@example.org")
        await opened.press(LATVIAN.say("web.remind.button"))
        assert await opened.focused == "remind-consent"
        assert not [url for url in opened.requests if url.endswith("/reminders?lang=lv")]


async def test_people_do_not_meet_the_hidden_field(chromium: Browser, site: Site) -> None:
    async with tab(chromium, site) as opened:
        assert await opened.page.evaluate(_HIT, "#remind-email")
        assert not await opened.page.evaluate(_HIT, "#remind-website")
        names = set()
        for _ in range(80):
            await opened.page.keyboard.press("Tab")
            names.add(await opened.focused)
        assert "remind-email" in names
        assert "remind-website" not in names


LOOKS: list[dict[str, Any]] = [
    {"viewport": size, "color_scheme": scheme}
    for size in (PHONE, DESKTOP)
    for scheme in ("light", "dark")
]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_fits_and_can_be_read(
    chromium: Browser, site: Site, look: dict[str, Any]
) -> None:
    address = f"{'very.long.' * 5}{LOOKS.index(look)}@{'long-' * 6}name.example.org"
    async with tab(chromium, site, **look) as opened:
        await signed_up(opened, site, address)
        await own_page(opened, site, address)
        for each in await opened.page.locator("summary").all():
            await each.click()
        await fits(opened)
        for purpose in (Purpose.UNSUBSCRIBE, Purpose.CONFIRM):
            token = await sealed(site.noon, purpose, address)
            await opened.page.goto(f"{site.address}/{purpose}/{token}")
            await fits(opened)


async def fits(opened: Tab) -> None:
    """The page is no wider than the window, has contrast enough, and its buttons can be hit."""
    assert await opened.overflow() == 0
    assert await opened.faint() == []
    for button in await opened.page.locator("button:visible, a.button:visible").all():
        box = await button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 38
