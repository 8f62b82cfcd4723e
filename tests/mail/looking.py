"""A letter's HTML in a browser: what is measured, and the picture of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.web.browser import Tab

_TARGETS = """
() => Math.min(1000, ...[...document.querySelectorAll("td > a")]
  .map((a) => Math.min(a.getBoundingClientRect().width, a.getBoundingClientRect().height)))
"""
_BRIGHTNESS = """
() => Math.max(...getComputedStyle(document.body).backgroundColor
  .match(/[\\d.]+/g).slice(0, 3).map(Number))
"""


@dataclass(frozen=True)
class Look:
    """What was found: pixels too wide, texts with too little contrast, what was asked for.

    `smallest_target` is the least width or height of a button in pixels.
    """

    overflow: int
    faint: list[str]
    requests: list[str]
    complaints: list[str]
    smallest_target: float
    is_dark: bool


@dataclass(frozen=True)
class Program:
    """A window in which mail is opened, as a mail program would, without a network."""

    tab: Tab

    async def look(self, html: str, picture: Path | None = None) -> Look:
        """Open a letter and return what is found; a `picture` of it may be kept."""
        self.tab.requests.clear()
        self.tab.complaints.clear()
        page = self.tab.page
        await page.set_content(html)
        if picture is not None:
            await page.screenshot(path=picture, full_page=True)
        return Look(
            overflow=await self.tab.overflow(),
            faint=await self.tab.faint(),
            smallest_target=float(await page.evaluate(_TARGETS)),
            is_dark=float(await page.evaluate(_BRIGHTNESS)) < 100,
            requests=[*self.tab.requests],
            complaints=[*self.tab.complaints],
        )


@asynccontextmanager
async def program(chromium: Browser, size: Any, scheme: Any) -> AsyncIterator[Program]:
    """Yield a window of `size` whose user likes `scheme`, light or dark."""
    context = await chromium.new_context(viewport=size, color_scheme=scheme, offline=True)
    opened = Tab(await context.new_page())
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield Program(opened)
    await context.close()
