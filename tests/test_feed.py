"""What calendar programs see in a feed: never a wrong hour, and one event however it moves.

Feeds are fetched from a real server and read by the panel of four independent readers.
"""

import asyncio
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from handlers.words import LANGUAGES
from tests.ics.lint import lint
from tests.ics.panel import Event, agree
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

KA2 = "/calendar/KA2.ics"
MARCH, APRIL, OCTOBER = "2026-03-05T11:00:00Z", "2026-04-09T10:00:00Z", "2026-10-01T10:00:00Z"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site for all that only read."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.client() as opened:
        yield opened


# What is in it


@pytest.mark.parametrize(
    ("selection", "instants"),
    [
        ("KA210", [MARCH]),
        ("KA220", [MARCH]),
        ("KA240", [APRIL]),
        ("KA2", [MARCH, MARCH, APRIL]),
        ("KA220-VET", [MARCH]),
        ("2026-ka210-r2", [OCTOBER]),
        ("2026-ka220-r2", [OCTOBER]),
        ("2026-ka240-r2", [OCTOBER]),
        ("KA220+2026-ka220-r2", [MARCH, OCTOBER]),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_four_readers_see_the_same_instants(
    client: httpx.AsyncClient, selection: str, instants: list[str], language: str
) -> None:
    content = (await client.get(f"/calendar/{selection}.ics?lang={language}")).content
    events = await asyncio.to_thread(agree, content)
    assert sorted(event.start for event in events) == instants
    assert lint(content, feed=True) == []


@pytest.mark.parametrize("query", ["lang=lv", "lang=en", "lang=lv&alarm=1d", "lang=en&alarm=2h"])
async def test_the_whole_calendar_reads_alike_everywhere(
    client: httpx.AsyncClient, site: Site, query: str
) -> None:
    content = (await client.get(f"/calendar/all.ics?{query}")).content
    events = await asyncio.to_thread(agree, content)
    newest = site.noon.almanac.desk.facts.newest.deadlines.values()
    assert sorted(event.start for event in events) == sorted(
        f"{deadline.instant:%Y-%m-%dT%H:%M:%SZ}" for deadline in newest
    )
    assert lint(content, feed=True) == []
    assert content.count(b"BEGIN:VALARM") == (len(events) if "alarm" in query else 0)


async def test_an_unconfirmed_round_is_tentative_and_comes_only_when_named(
    client: httpx.AsyncClient,
) -> None:
    assert b"2026-ka220-r2" not in (await client.get("/calendar/KA220.ics")).content
    named = (await client.get("/calendar/2026-ka220-r2.ics")).content
    assert b"STATUS:TENTATIVE" in named


@pytest.mark.parametrize(
    ("written", "before"),
    [("2h", "TRIGGER:-PT2H"), ("1d", "TRIGGER:-P1D"), ("30d", "TRIGGER:-P30D")],
)
async def test_an_alarm_comes_only_when_asked_for(
    client: httpx.AsyncClient, written: str, before: str
) -> None:
    assert "VALARM" not in (await client.get(KA2)).text
    assert (await client.get(f"{KA2}?alarm={written}")).text.count(before) == 3


# When a deadline moves

MOVED = """call = 2026
[[change]]
id = "2026-ka220-r1"
recorded = 2026-03-02T09:30:00Z
wall = 2026-03-12T12:00:00
source = "viaa-2026:Kontaktinformācija"
"""
CANCELLED = """
[[change]]
id = "2026-ka220-r1"
recorded = 2026-03-03T08:00:00Z
state = "cancelled"
source = "viaa-2026:Kontaktinformācija"
"""


async def test_a_moved_and_then_cancelled_deadline_stays_the_same_event(tmp_path: Path) -> None:
    folder = tmp_path / "dates"
    folder.mkdir()
    async with serving(data_dir=tmp_path, calendar_dir=folder) as site, site.client() as client:
        first = await one_event(client)
        for text, start, status in (
            (MOVED, "2026-03-12T11:00:00Z", "CONFIRMED"),
            (MOVED + CANCELLED, "2026-03-12T11:00:00Z", "CANCELLED"),
        ):
            before = await client.get(KA2)
            (folder / "moved.toml").write_text(text)
            assert site.noon.almanac.refresh()
            await is_new(client, before)
            event = await one_event(client)
            assert (event.uid, event.start, event.status) == (first.uid, start, status)
            assert event.sequence == text.count("[[change]]")
        assert first.sequence == 0


async def one_event(client: httpx.AsyncClient) -> Event:
    """Return the event of KA220, as four readers see it alike."""
    (event,) = await asyncio.to_thread(agree, (await client.get("/calendar/KA220.ics")).content)
    return event


async def is_new(client: httpx.AsyncClient, before: httpx.Response) -> None:
    """Assert that whoever fetched `before`, and by whatever clock, now gets something else."""
    fetched_at = before.headers["date"]
    for known in (
        {"If-None-Match": before.headers["etag"]},
        {"If-Modified-Since": before.headers["last-modified"]},
        {"If-Modified-Since": fetched_at},
    ):
        now = await client.get(KA2, headers=known)
        assert now.status_code == 200, known
        assert now.content != before.content
        changed = parsedate_to_datetime(now.headers["last-modified"])
        assert changed > parsedate_to_datetime(before.headers["last-modified"])


async def test_dates_that_cannot_be_read_leave_the_last_good_feed(tmp_path: Path) -> None:
    folder = tmp_path / "dates"
    folder.mkdir()
    async with serving(data_dir=tmp_path, calendar_dir=folder) as site, site.client() as client:
        before = await one_event(client)
        (folder / "moved.toml").write_text(MOVED.replace("2026-ka220-r1", "2026-ka999-r1"))
        assert not site.noon.almanac.refresh()
        assert await one_event(client) == before
