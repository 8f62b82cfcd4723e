"""Every deadline closes at the instant that an oracle of its own finds.

The oracle is dateutil with the zones' rules written out, so it shares no zone database with Noon.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from handlers.words import LANGUAGES, words
from rules.deadlines import ImpossibleWall
from tests.talk import Talk, the_facts
from tests.test_deadlines import one

RULES = {
    "Europe/Brussels": "CET-1CEST,M3.5.0,M10.5.0/3",
    "Europe/Riga": "EET-2EEST,M3.5.0/3,M10.5.0/4",
    "Europe/Lisbon": "WET0WEST,M3.5.0/1,M10.5.0/2",
    "Europe/Dublin": "GMT0IST,M3.5.0/1,M10.5.0/2",
    "Atlantic/Azores": "AZT1AZS,M3.5.0/0,M10.5.0/1",
    "Atlantic/Reykjavik": "GMT0",
    "Europe/Istanbul": "TRT-3",
    "America/Martinique": "AST4",
    "Pacific/Noumea": "NCT-11",
}
FIRST = datetime.fromisoformat("2025-01-01")
LAST = datetime.fromisoformat("2035-12-31T23:59")


@cache
def rule(zone: str) -> tz.tzstr:
    return tz.tzstr(RULES[zone])


def oracle(wall: datetime, zone: str) -> datetime | None:
    """Return the one instant at which clocks in `zone` show `wall`, or None if there is not one."""
    there = wall.replace(tzinfo=rule(zone))
    if not tz.datetime_exists(there) or tz.datetime_ambiguous(there):
        return None
    offset = there.utcoffset()
    assert offset is not None
    return (wall - offset).replace(tzinfo=UTC)


@given(
    st.datetimes(FIRST, LAST).map(lambda wall: wall.replace(second=0, microsecond=0)),
    st.sampled_from(sorted(RULES)),
)
def test_a_deadline_of_any_hour_and_zone_closes_when_the_oracle_says(
    wall: datetime, zone: str
) -> None:
    expected = oracle(wall, zone)
    if expected is None:
        with pytest.raises(ImpossibleWall):
            one(wall, zone)
    else:
        assert one(wall, zone).instant == expected


@pytest.mark.parametrize("zone", RULES)
def test_the_hours_around_every_change_of_the_clocks_are_right_or_refused(zone: str) -> None:
    refused = 0
    for year in range(FIRST.year, LAST.year + 1):
        for month in (3, 10):
            last_days = (date(year, month, number) for number in range(25, 32))
            sunday = datetime.combine(next(d for d in last_days if d.weekday() == 6), time())
            for half_hours in range(-4, 12):
                wall = sunday + timedelta(minutes=30 * half_hours)
                expected = oracle(wall, zone)
                try:
                    assert one(wall, zone).instant == expected
                except ImpossibleWall:
                    assert expected is None
                    refused += 1
    changes = 22 if "," in RULES[zone] else 0
    assert refused == 2 * changes


@pytest.mark.parametrize("hour", [12, 17])
def test_noon_and_five_in_brussels_are_right_on_every_day_for_eleven_years(hour: int) -> None:
    day = FIRST
    while day <= LAST:
        wall = datetime.combine(day.date(), time(hour))
        assert one(wall).instant == oracle(wall, "Europe/Brussels")
        day += timedelta(days=1)


def test_every_deadline_we_know_closes_when_the_oracle_says() -> None:
    every = the_facts().deadlines
    assert len(every) > 40
    for deadline in every:
        assert deadline.instant == oracle(deadline.wall, deadline.zone), deadline.id


def test_agencies_close_at_noon_and_the_executive_agency_at_five_in_brussels() -> None:
    hours = {"agency": 12, "executive-agency": 17}
    for deadline in the_facts().newest.deadlines.values():
        there = deadline.instant.astimezone(rule("Europe/Brussels"))
        assert there.time() == time(hours[deadline.managed_by]), deadline.id


def test_no_deadline_lies_in_a_year_whose_call_is_not_published() -> None:
    newest = the_facts().newest.year
    for deadline in the_facts().deadlines:
        assert deadline.instant.year == deadline.call <= newest


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("now", ["2026-02-01", "2026-11-22", "2027-02-01", "2028-01-01"])
async def test_no_later_deadline_is_ever_told(language: str, now: str) -> None:
    talk = Talk(language, datetime.fromisoformat(now).replace(tzinfo=UTC))
    newest = the_facts().newest.year
    starts = words(language).say("moment.starts", first="", last="").partition(":")[0]
    for said in ("/deadlines", "/deadlines all"):
        (reply,) = await talk.say(said)
        lines = [line for line in reply.text.split("\n") if not line.startswith(starts)]
        assert str(newest) in reply.text
        assert str(newest + 1) not in "\n".join(lines)
