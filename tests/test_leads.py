"""Lead times: what is taken, and the moment each means, against a table and another library."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from rules.leads import DEFAULT, BadLeads, Lead, due, parse, written
from tests.talk import the_facts

CASES = Path(__file__).parent / "cases" / "leads"
BRUSSELS = ZoneInfo("Europe/Brussels")
FIRST, LAST = date(2025, 1, 1), date(2035, 12, 31)
LEADS = [*(Lead(days=n) for n in range(1, 91)), *(Lead(hours=n) for n in range(1, 49))]
ANY_LEADS = st.lists(st.sampled_from(LEADS), min_size=1, max_size=10, unique=True)


def table(name: str) -> list[list[str]]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return rows[1:]


@pytest.mark.parametrize("row", table("when.tsv"), ids=" ".join)
def test_the_table_of_moments(row: list[str]) -> None:
    deadline, person, lead, sent, _ = row
    zone = ZoneInfo(person)
    (only,) = parse(lead)
    found = due(only, datetime.fromisoformat(deadline), BRUSSELS, zone)
    assert f"{found.target.astimezone(zone):%Y-%m-%d %H:%M}" == sent


@pytest.mark.parametrize("row", table("written.tsv"), ids=" ".join)
def test_the_table_of_writings(row: list[str]) -> None:
    said, kept = row
    if kept:
        assert written(parse(said)) == kept
    else:
        with pytest.raises(BadLeads, match="write 1 to 10 lead times like T-30d"):
            parse(said)


def test_the_default_is_in_its_canonical_writing() -> None:
    assert written(parse(DEFAULT)) == DEFAULT


@given(ANY_LEADS)
def test_what_is_written_reads_the_same(leads: list[Lead]) -> None:
    assert set(parse(written(leads))) == set(leads)
    assert written(parse(written(leads))) == written(leads)


@given(
    st.sampled_from(LEADS),
    st.datetimes(datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2035-12-31")),
    st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Europe/Riga"]),
)
def test_days_are_sent_by_day_and_room_never_leads_out_of_it(
    lead: Lead, wall: datetime, person: str
) -> None:
    zone = ZoneInfo(person)
    found = due(lead, wall, BRUSSELS, zone)
    if lead.days:
        earliest = (found.target - timedelta(seconds=found.room)).astimezone(zone)
        assert earliest.hour == 8
        assert earliest.date() == found.target.astimezone(zone).date()
        assert found.target.astimezone(zone).time() <= earliest.replace(hour=20).time()
    else:
        assert found.room == 7200


def zones() -> set[str]:
    """Return every zone of the 33 programme countries."""
    groups = {group.id: group.members for group in the_facts().newest.countries.groups}
    countries = {*groups["eu"], *groups["associated"]}
    assert len(countries) == 33
    lines = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert countries <= {row[0] for row in rows}
    return {row[2] for row in rows if row[0] in countries}


def clocks() -> list[str]:
    """Return one zone for each way in which the programme countries' clocks go."""
    start = datetime(FIRST.year - 1, 9, 1, tzinfo=UTC)
    moments = [start + timedelta(hours=6 * n) for n in range(4 * 365 * 12)]
    seen: dict[tuple[timedelta | None, ...], str] = {}
    for name in sorted(zones()):
        offsets = tuple(moment.astimezone(ZoneInfo(name)).utcoffset() for moment in moments)
        seen.setdefault(offsets, name)
    return list(seen.values())


def dates() -> Iterator[date]:
    for number in range((LAST - FIRST).days + 1):
        yield FIRST + timedelta(days=number)


def changing_sundays() -> list[date]:
    """Return the Sundays when Brussels changes its clocks."""
    zone = tz.gettz("Europe/Brussels")
    found = []
    for day in dates():
        begins, ends = (
            datetime(each.year, each.month, each.day, tzinfo=zone).utcoffset()
            for each in (day, day + timedelta(days=1))
        )
        if begins != ends:
            found.append(day)
    assert len(found) == 22
    assert {day.weekday() for day in found} == {6}
    return found


@cache
def other_zone(name: str) -> tz.tzfile:
    found = tz.gettz(name)
    assert isinstance(found, tz.tzfile)
    return found


def oracle(lead: Lead, day: date, person: str) -> datetime:
    """Return when a reminder is due, worked out by dateutil, and by looking at every hour."""
    closing = datetime(day.year, day.month, day.day, 12, tzinfo=other_zone("Europe/Brussels"))
    if lead.hours:
        return closing.astimezone(UTC) - timedelta(hours=lead.hours)
    moment = (closing - relativedelta(days=lead.days)).astimezone(UTC)
    zone = other_zone(person)

    def by_day(each: datetime) -> bool:
        local = each.astimezone(zone)
        return 8 * 60 <= local.hour * 60 + local.minute <= 20 * 60

    for minutes in range(0, 24 * 60, 15):
        for each in (moment - timedelta(minutes=minutes), moment + timedelta(minutes=minutes)):
            if by_day(each):
                return each
    raise AssertionError("no hour of the day is allowed")


def agrees(lead: Lead, day: date, person: str) -> bool:
    wall = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).replace(tzinfo=None)
    return due(lead, wall, BRUSSELS, ZoneInfo(person)).target == oracle(lead, day, person)


def test_every_day_of_eleven_years_in_every_programme_country() -> None:
    clocks_that_differ = clocks()
    assert 5 <= len(clocks_that_differ) <= 20
    wrong = [
        (str(lead), day, person)
        for person in clocks_that_differ
        for day in dates()
        for lead in parse(DEFAULT)
        if not agrees(lead, day, person)
    ]
    assert wrong == []


def test_every_lead_time_around_the_sundays_when_clocks_change() -> None:
    near = [
        sunday + timedelta(days=days)
        for sunday in changing_sundays()
        for days in (-1, 0, 1, 2, 30, 90)
    ]
    wrong = [
        (str(lead), day, person)
        for person in ("Europe/Riga", "Atlantic/Reykjavik", "Atlantic/Azores", "Europe/Istanbul")
        for day in near
        for lead in LEADS
        if not agrees(lead, day, person)
    ]
    assert wrong == []
