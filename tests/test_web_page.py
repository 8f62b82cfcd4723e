"""What the page shows: deadlines told from now, calendars, and nothing from elsewhere."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from handlers.words import LANGUAGES, words
from tests.web.document import read
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY_BEFORE = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site for all that leave it as it was."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


async def test_the_page_is_whole_in_both_languages(site: Site) -> None:
    for language in LANGUAGES:
        async with site.client() as client:
            page = read((await client.get(f"/?lang={language}")).text)
            assert (await client.get(f"/?lang={language}")).text.startswith("<!doctype html>")
        ids = [each.attributes["id"] for each in page if "id" in each.attributes]
        assert sorted(set(ids)) == sorted(ids)
        assert page.one("html").attributes["lang"] == language
        assert len(page.all("h1")) == 1
        assert page.one("a", class_="skip").attributes["href"].removeprefix("#") in ids
        for each in page.all("a"):
            target = each.attributes["href"]
            assert not target.startswith("#") or target[1:] in ids
        fields = [*page.all("textarea"), *page.all("input", type="text")]
        labelled = {each.attributes["for"] for each in page.all("label")}
        for each in fields:
            assert each.attributes.get("id") in labelled or each.attributes["aria-label"]
        for each in page.all("img"):
            assert "alt" in each.attributes


async def test_the_page_offers_the_other_language_once(site: Site) -> None:
    async with site.client() as client:
        page = read((await client.get("/?lang=lv")).text)
    assert len(page.all("button", value="language:en")) == 1


async def test_the_page_fetches_only_its_own_files(site: Site) -> None:
    async with site.client() as client:
        page = read((await client.get("/")).text)
        icons, styles = page.all("link", rel="icon"), page.all("link", rel="stylesheet")
        fetched = [each.attributes["href"] for each in icons + styles]
        fetched += [each.attributes["src"] for each in page.all("img") + page.all("script")]
        for address in fetched:
            assert address.startswith("/static/")
            answer = await client.get(address)
            assert answer.status_code == 200
            assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", answer.text)
            known = {"If-None-Match": answer.headers["etag"]}
            assert (await client.get(address, headers=known)).status_code == 304
    inline = [each for each in page if each.tag == "style" or "style" in each.attributes]
    assert not inline
    assert not [name for each in page for name in each.attributes if name.startswith("on")]


STANDINGS = [
    ("2026-03-04T10:00:00Z", "open", "open", "conditional"),
    ("2026-03-05T10:59:59Z", "open", "open", "conditional"),
    ("2026-03-05T11:00:00Z", "closed", "open", "conditional"),
    ("2026-04-09T10:00:00Z", "closed", "closed", "conditional"),
    ("2026-11-22T12:00:00Z", "closed", "closed", "conditional"),
]


@pytest.mark.parametrize(("now", "march", "april", "october"), STANDINGS)
async def test_deadlines_are_told_from_now(
    tmp_path: Path, now: str, march: str, april: str, october: str
) -> None:
    moment = datetime.fromisoformat(now)
    given: dict[str, Any] = {"data_dir": tmp_path, "now": moment, "now_rate": 0.001}
    async with serving(**given) as site, site.client() as client:
        page = read((await client.get("/")).text)
    states = {
        each.one("time").attributes["datetime"]: each.attributes["class"].split()[1]
        for each in page.all("li", class_="deadline")
    }
    assert states == {
        "2026-03-05T11:00:00Z": march,
        "2026-04-09T10:00:00Z": april,
        "2026-10-01T10:00:00Z": october,
    }
    ahead = "open" in (march, april)
    assert bool(page.all("p", class_="none-ahead")) is not ahead


async def test_each_deadline_has_both_hours_and_its_source(site: Site) -> None:
    async with site.client() as client:
        page = read((await client.get("/?lang=en")).text)
    for each in page.all("li", class_="deadline"):
        hours = [hour.words for hour in each.one("p", class_="hours").all("span")]
        assert hours == ["12:00 Brussels time", "13:00 Latvian time"]
        assert all("#page=" in link.attributes["href"] for link in each.all("a"))
        assert each.all("a")


async def test_a_rehearsal_is_announced_with_the_shifted_time(tmp_path: Path, site: Site) -> None:
    async with site.client() as client:
        assert not read((await client.get("/")).text).all("p", class_="rehearsal")
    folder = tmp_path / "rehearsal"
    async with serving(data_dir=folder, now=DAY_BEFORE) as site, site.client() as client:
        banner = read((await client.get("/?lang=en")).text).one("p", class_="rehearsal")
    assert words("en").day(DAY_BEFORE) in banner.words
    assert "12:00" in banner.words


async def test_the_calendars_can_be_copied_subscribed_to_and_fetched(tmp_path: Path) -> None:
    public_url = "https://noon.example"
    async with serving(data_dir=tmp_path, public_url=public_url) as site, site.client() as client:
        page = read((await client.get("/?lang=en")).text)
        for each in page.one("section", id="calendar").all("li"):
            address = each.one("input").attributes["value"]
            webcal, download = (link.attributes["href"] for link in each.all("a"))
            assert address.startswith("https://noon.example/calendar/")
            assert webcal == address.replace("https:", "webcal:")
            feed = await client.get(address.removeprefix("https://noon.example"))
            file = await client.get(download)
            assert feed.content == file.content
            assert file.headers["content-disposition"].startswith("attachment; filename=")


CHANGES = """call = 2026
[[change]]
id = "2026-ka220-r1"
recorded = 2026-03-02T09:30:00Z
wall = 2026-03-12T12:00:00
source = "viaa-2026:Kontaktinformācija"
[[change]]
id = "2026-ka240-r1"
recorded = 2026-03-02T09:30:00Z
state = "cancelled"
source = "viaa-2026:Kontaktinformācija"
"""


async def test_a_moved_and_a_cancelled_deadline_are_told_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "dates"
    folder.mkdir()
    (folder / "changes.toml").write_text(CHANGES)
    given: dict[str, Any] = {"now": DAY_BEFORE, "calendar_dir": folder, "data_dir": tmp_path}
    async with serving(**given) as site, site.client() as client:
        page = read((await client.get("/?lang=en")).text)
    due = {
        action.attributes["id"]: moment
        for moment in page.all("li", class_="deadline")
        for action in moment.all("li")
    }
    moved, cancelled = due["2026-ka220-r1"], due["2026-ka240-r1"]
    assert moved.one("time").attributes["datetime"] == "2026-03-12T11:00:00Z"
    assert words("en").day(date(2026, 3, 5)) in moved.one("p", class_="was").words
    assert "cancelled" in cancelled.attributes["class"]
    assert not due["2026-ka210-r1"].all("p", class_="was")


async def test_a_link_to_a_topic_shows_its_guide_and_an_unknown_one_the_greeting(
    site: Site,
) -> None:
    async with site.client() as client:
        guide = (await client.get("/?lang=en&topic=oid-register")).text
        unknown = (await client.get("/?lang=en&topic=nothing-here")).text
        greeting = (await client.get("/?lang=en")).text
    assert "oid-register" in guide
    assert "oid-register" not in unknown
    assert unknown == greeting
