"""Letters in a real browser: they fit, they can be read in light and dark, they fetch nothing."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.mail.looking import program
from tests.mail.samples import EVERY, Writing, parsed, rehearsed
from tests.web.browser import browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

NARROW = {"width": 320, "height": 700}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
LOOKS = [
    (size, scheme) for size in (NARROW, PHONE, DESKTOP) for scheme in ("light", "dark")
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


def pages() -> dict[str, str]:
    """Return the HTML of every kind of letter, one of them in English and rehearsed."""
    writing, rehearsal = Writing(), Writing(rehearsed(Writing().desk))
    found = {f"{kind}-lv": writing.mail(make()) for kind, make in EVERY.items()}
    found["rehearsal-en"] = rehearsal.mail(EVERY["reminder"](language="en"))
    return {name: parsed(mail).get_body(("html",)).get_content() for name, mail in found.items()}


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_every_letter_fits_and_can_be_read(chromium: Browser, size: Any, scheme: Any) -> None:
    """With NOON_LOOK set to a folder, the pictures are kept there to be looked at."""
    kept = os.environ.get("NOON_LOOK")
    async with program(chromium, size, scheme) as opened:
        for name, html in pages().items():
            picture = Path(kept, f"{name}-{size['width']}-{scheme}.png") if kept else None
            found = await opened.look(html, picture)
            assert (found.overflow, found.faint, found.requests) == (0, [], []), name
            assert found.complaints == [], name
            assert found.smallest_target >= 38, name
            assert found.is_dark == (scheme == "dark"), name


async def test_the_watch_over_letters_is_awake(chromium: Browser) -> None:
    """A letter that is wrong in every way is found to be."""
    bad = (
        '<meta charset="utf-8"><body style="background:#fff"><p style="color:#aaa">faint</p>'
        '<div style="width:900px">wide</div><img src="http://127.0.0.1:9/x.png">'
    )
    async with program(chromium, PHONE, "dark") as opened:
        found = await opened.look(bad)
    assert found.overflow > 0
    assert found.faint
    assert found.requests == ["http://127.0.0.1:9/x.png"]
    assert not found.is_dark
