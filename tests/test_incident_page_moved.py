"""A deadline that the Commission extends: a line in the operator's folder moves everything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot import almanac
from bot.incident import warning
from bot.incident.warning import Warnings
from bot.post import planner
from bot.post.kinds import Kind
from bot.post.links import Purpose, sealed
from bot.post.planner import Planner
from bot.service import Noon
from bot.store.tables import OutboxMessage
from tests.incident_rows import CLOSES, DEADLINE, NOON, notice
from tests.web.document import read
from tests.web.reminding import signed_up
from tests.web.serving import Person, Site, serving

LONGER = timedelta(hours=6)
AHEAD = timedelta(hours=2)
BEFORE = NOON - timedelta(hours=3)
EXTENDED = "call = 2026\n" + "".join(
    f"""
[[change]]
id = "{deadline}"
recorded = 2026-03-05T07:30:00Z
wall = 2026-03-05T18:00:00
source = "viaa-2026"
"""
    for deadline in (DEADLINE, "2026-ka210-r1")
)


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[None]:
    """Run what looks after dates, reminders and notices, as the roles do."""
    noon = site.noon
    planning = Planner(
        noon.database,
        noon.clock,
        lambda: noon.almanac.desk,
        noon.settings,
        noon.key,
        owner="test",
    )
    watching = Warnings(noon.database, noon.clock, noon.books)
    tasks = [asyncio.create_task(one.run()) for one in (planning, watching)]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def two_hours_before(noon: Noon) -> list[float]:
    """Return which moments the reminders two hours before the deadline are planned for."""
    query = select(col(OutboxMessage.target_at)).where(
        col(OutboxMessage.kind) == Kind.TWO_HOURS.value,
        col(OutboxMessage.deadline) == DEADLINE,
        col(OutboxMessage.state) == "planned",
    )
    async with noon.database.read() as connection:
        return [moment for (moment,) in await connection.execute(query) if moment is not None]


async def not_after(noon: Noon, message: str) -> float:
    query = select(col(OutboxMessage.not_after)).where(col(OutboxMessage.id) == message)
    async with noon.database.read() as connection:
        return float((await connection.execute(query)).scalar_one())


async def feed(person: Person) -> tuple[str, int]:
    """Return when the deadline is in the feed, and its sequence."""
    answer = await person.client.get(f"/calendar/{DEADLINE}.ics")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    return f"{event.decoded('DTSTART'):%Y-%m-%dT%H:%M}", int(str(event["SEQUENCE"]))


def test_a_line_is_in_force_everywhere_within_a_minute() -> None:
    assert almanac.LOOK_EVERY + max(planner.LOOK_EVERY, warning.EVERY) < 60


async def test_an_extended_deadline_moves_window_reminders_feed_and_pages(
    url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(almanac, "LOOK_EVERY", 0.2)
    monkeypatch.setattr(planner, "LOOK_EVERY", 0.2)
    dates = tmp_path / "dates"
    dates.mkdir()
    site_of = serving(url, data_dir=tmp_path, calendar_dir=dates, now=BEFORE, lang="en")
    async with site_of as site, site.client(**{"accept-language": "en"}) as client:
        person = Person(client)
        noon = site.noon
        row = await notice(noon, BEFORE, language="en")
        page = f"/incident/{sealed(noon.key, Purpose.INCIDENT, row.id)}"
        client.follow_redirects = True
        await signed_up(site, client)
        async with running(site):
            await until(lambda: two_hours_before(noon), [(NOON - AHEAD).timestamp()])
            assert await feed(person) == ("2026-03-05T11:00", 0)
            assert "5 March 2026, 14:00" in read((await client.get(page)).text).words
            await person.open()
            await person.ask("/incident")
            assert "2 h 59 min, 12:00 Brussels time" in person.replies

            (dates / "extended.toml").write_text(EXTENDED, encoding="utf-8")

            await until(lambda: two_hours_before(noon), [(NOON + LONGER - AHEAD).timestamp()])
            await until(lambda: not_after(noon, row.message), (CLOSES + LONGER).timestamp())
            assert await feed(person) == ("2026-03-05T17:00", 1)
            shown = read((await client.get(page)).text).words
            assert "5 March 2026, 20:00 Brussels time (21:00 Latvian time)" in shown
            assert "5 March 2026, 12:00" not in shown
            await person.open()
            await person.ask("/incident")
            assert "8 h 59 min, 18:00 Brussels time" in person.replies
            assert "before 20:00 Brussels time (21:00 Latvian time)" in person.replies


async def until(looked: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Wait until what is looked at is as wanted; at most as long as is promised."""
    async with asyncio.timeout(60):
        while (found := await looked()) != wanted:
            assert found is not None
            await asyncio.sleep(0.1)
