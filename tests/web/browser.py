"""A real Chromium, and what is watched in it while a page is used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.system import require
from tests.web.serving import Site

CHROMIUM = Path("/usr/bin/chromium")
HAS_CHROMIUM = CHROMIUM.exists()
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}

_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("violation of " + event.violatedDirective));
"""

_FAINT = """
() => {
  const parts = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const light = (rgb) => rgb
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const { rgb, a } = parts(getComputedStyle(each).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const ink = light(parts(getComputedStyle(element).color).rgb);
    const paper = light(behind(element));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) faint.push(element.className + ": " + ratio.toFixed(2));
  }
  return faint;
}
"""


@dataclass
class Tab:
    """A tab of the browser with all that was complained about and asked for in it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    async def focused(self) -> str:
        """The visible name of what has the focus, or its id; nothing if the whole page has it."""
        name = "(e => e === document.body ? '' : e.innerText || e.id || e.tagName)"
        return str(await self.page.evaluate(f"{name}(document.activeElement)"))

    async def tab_to(self, name: str, *, backwards: bool = False) -> None:
        """Press Tab until what is called `name` has the focus; the focus must be visible."""
        for _ in range(120):
            await self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
            if (await self.focused).strip() == name:
                return
        raise AssertionError(f"{name!r} cannot be reached by the keyboard")

    async def press(self, name: str, *, backwards: bool = False) -> None:
        """Reach `name` by the keyboard and press Enter on it."""
        await self.tab_to(name, backwards=backwards)
        await self.page.keyboard.press("Enter")

    async def outline(self) -> float:
        """Return how many pixels wide the outline of what has the focus is."""
        return float(
            await self.page.evaluate(
                "(s => s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth))"
                "(getComputedStyle(document.activeElement))"
            )
        )

    async def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(
            await self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    async def faint(self) -> list[str]:
        """Return every piece of text with less contrast than WCAG 2.2 AA asks for (4.5 : 1)."""
        return list(await self.page.evaluate(_FAINT))


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Yield a Chromium of its own."""
    require(HAS_CHROMIUM, f"Chromium ({CHROMIUM})")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@asynccontextmanager
async def tab(chromium: Browser, site: Site, **given: Any) -> AsyncIterator[Tab]:
    """Yield the page in a new profile; whatever it complains of fails the test at the end."""
    settings = {"locale": "lv-LV", "viewport": DESKTOP, "reduced_motion": "reduce", **given}
    context = await chromium.new_context(**settings)
    opened = Tab(await context.new_page())
    await opened.page.add_init_script(_WATCH)
    opened.page.on("console", lambda told: _note(opened, told.type, told.text))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    await opened.page.goto(site.address)
    yield opened
    await context.close()
    outside = [url for url in opened.requests if not url.startswith(site.address)]
    wrong = [*opened.complaints, *(f"fetched from elsewhere: {url}" for url in outside)]
    assert not wrong, "; ".join(wrong)


def _note(watched: Tab, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        watched.complaints.append(text)
