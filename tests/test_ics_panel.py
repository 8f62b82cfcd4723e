"""The panel of calendar readers and the byte linter: do they catch what they are there for?"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from icalendar import Event as Component

from tests.ics import panel
from tests.ics.lint import lint
from tests.ics.panel import Event, Unreadable, agree, read_all

LONG = ("āčēģīķļņšūž " * 17)[:200]
CALENDAR = (
    """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Noon//Tests//LV
NAME:Termiņi
X-WR-CALNAME:Termiņi
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VEVENT
UID:1-march@noon.example
DTSTAMP:20261122T090000Z
DTSTART:20270304T110000Z
DTEND:20270304T111500Z
SUMMARY:Termiņš\\, 1. kārta\\; plkst. 12.00
DESCRIPTION:āčēģīķļņšūž\\nĀČĒĢĪĶĻŅŠŪŽ
STATUS:CONFIRMED
SEQUENCE:1
TRANSP:TRANSPARENT
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Termiņš
TRIGGER:-PT2H
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:2-april@noon.example
DTSTAMP:20261122T090000Z
DTSTART:20260409T100000Z
DURATION:PT15M
SUMMARY;LANGUAGE=lv:Atcelts
STATUS:CANCELLED
SEQUENCE:3
END:VEVENT
BEGIN:VEVENT
UID:3-july@noon.example
DTSTAMP:20260701T215959Z
DTSTART:20260701T215900Z
DTEND:20260701T220000Z
SUMMARY:āčēģīķļņšūž āčēģīķļņšūž āčēģīķļņšū
 ž āčēģīķļņšūž āčēģīķļņšūž āčēģīķļņšūž ā
 čēģīķļņšūž āčēģīķļņšūž āčēģīķļņšūž āčē
 ģīķļņšūž āčēģīķļņšūž āčēģīķļņšūž āčēģī
 ķļņšūž āčēģīķļņšūž āčēģīķļņšūž āčēģīķļ
 ņšūž āčēģīķļņ
END:VEVENT
BEGIN:VEVENT
UID:4-october@noon.example
DTSTAMP:20261122T090000Z
DTSTART:20261001T100000Z
DTEND:20261001T101500Z
SUMMARY:2. kārta
END:VEVENT
BEGIN:VEVENT
UID:5-day@noon.example
DTSTAMP:20261122T090000Z
DTSTART;VALUE=DATE:20261001
DTEND;VALUE=DATE:20261002
SUMMARY:Visa diena
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
).encode()
STAMP = "2026-11-22T09:00:00Z"


def event(name: str, start: str, end: str, summary: str, **others: Any) -> Event:
    """What a reader should see: as given, the rest as in most events of CALENDAR."""
    usual: dict[str, Any] = {"description": "", "status": "", "sequence": 0, "stamp": STAMP}
    return Event(f"{name}@noon.example", start, end, summary, **(usual | others))


EVENTS = [
    event(
        "1-march",
        "2027-03-04T11:00:00Z",
        "2027-03-04T11:15:00Z",
        "Termiņš, 1. kārta; plkst. 12.00",
        description="āčēģīķļņšūž\nĀČĒĢĪĶĻŅŠŪŽ",
        status="CONFIRMED",
        sequence=1,
    ),
    event(
        "2-april",
        "2026-04-09T10:00:00Z",
        "2026-04-09T10:15:00Z",
        "Atcelts",
        status="CANCELLED",
        sequence=3,
    ),
    event(
        "3-july",
        "2026-07-01T21:59:00Z",
        "2026-07-01T22:00:00Z",
        LONG,
        stamp="2026-07-01T21:59:59Z",
    ),
    event("4-october", "2026-10-01T10:00:00Z", "2026-10-01T10:15:00Z", "2. kārta"),
    event("5-day", "2026-10-01", "2026-10-02", "Visa diena"),
]


@pytest.fixture(scope="session")
def readers() -> None:
    """All four readers, installed and compiled."""
    panel.prepare()


def changed(old: str, new: str | bytes) -> bytes:
    """CALENDAR with the first `old` replaced."""
    assert old.encode() in CALENDAR
    return CALENDAR.replace(old.encode(), new if isinstance(new, bytes) else new.encode(), 1)


def with_time_zone_written_by_icalendar() -> bytes:
    start = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Brussels"))
    july = Component.new(
        uid="july",
        stamp=datetime(2026, 6, 1, tzinfo=UTC),
        start=start,
        end=start + timedelta(0, 60),
    )
    calendar = Calendar.new(uid="brussels", subcomponents=[july])
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


@pytest.mark.usefixtures("readers")
def test_all_readers_see_the_calendar_as_it_was_written() -> None:
    assert agree(CALENDAR) == EVENTS
    assert list(read_all(CALENDAR)) == ["icalendar", "ical.js", "node-ical", "libical"]


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_zone_of_the_machine_does_not_matter(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    assert agree(CALENDAR) == EVENTS


@pytest.mark.usefixtures("readers")
def test_the_time_zone_icalendar_writes_is_read_an_hour_off_in_summer() -> None:
    """Why the product writes UTC only: ical.js reads just the first date of each RDATE."""
    ics = with_time_zone_written_by_icalendar()
    with pytest.raises(AssertionError, match=r"july, start: .*ical\.js '2026-07-01T11:00:00Z'"):
        agree(ics)
    assert {reader: events[0].start for reader, events in read_all(ics).items()} == {
        "icalendar": "2026-07-01T10:00:00Z",
        "ical.js": "2026-07-01T11:00:00Z",
        "node-ical": "2026-07-01T10:00:00Z",
        "libical": "2026-07-01T10:00:00Z",
    }
    assert {fault.rule for fault in lint(ics, feed=True)} == {"time zone", "rdate", "utc"}


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("UID:4-october", "UID:1-march", "UIDs: "),
        ("SUMMARY:2. kārta", "SUMMARY:C:\\\\nav", "4-october@noon.example, summary: "),
        ("kārta", b"k\xc4\r\n \x81rta", "1-march@noon.example, summary: "),
        ("DTSTART:20261001T100000Z", "DTSTART;TZID=Riga:20261001T100000", "-october@.* start: "),
        ("SUMMARY:2. kārta", 'SUMMARY:"2. kārta"', "4-october@noon.example, summary: "),
        ("SEQUENCE:3", "SEQUENCE:3\r\nSEQUENCE:4", "icalendar: "),
        ("PRODID:-//Noon//Tests//LV\r\n", "", "libical: .*PRODID"),
        ("STATUS:CONFIRMED", "DUE:20270304T110000Z", "libical: .*DUE"),
    ],
)
def test_a_calendar_the_readers_dispute_is_refused(old: str, new: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        agree(changed(old, new))


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize("ics", [b"", b"no calendar", b"BEGIN:VCALENDAR\r\n"])
def test_what_is_no_calendar_is_called_unreadable(ics: bytes) -> None:
    with pytest.raises(Unreadable):
        agree(ics)


@pytest.mark.parametrize(("ci", "outcome"), [("", "Skipped: "), ("true", "Failed: ")])
def test_without_the_programs_the_panel_skips_by_name_and_fails_in_ci(
    ci: str, outcome: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tests.ics import panel; panel.prepare()"],
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"PATH": "", "CI": ci},
        capture_output=True,
        check=False,
        text=True,
    )
    assert f"{outcome}this test needs npm and node 20 or newer" in done.stderr


def test_a_clean_calendar_has_no_faults() -> None:
    assert lint(CALENDAR, feed=True) == []


def test_a_method_is_allowed_outside_feeds() -> None:
    assert lint(changed("VERSION:2.0", "VERSION:2.0\r\nMETHOD:PUBLISH"), feed=False) == []


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("\r\nVERSION", "\nVERSION", {"line end"}),
        ("2. kārta", "2.\rkārta", {"line end", "content line"}),
        ("END:VCALENDAR\r\n", "END:VCALENDAR", {"line end"}),
        ("SUMMARY:2. kārta", "SUMMARY:" + "x" * 68, {"length"}),
        ("SUMMARY:2. kārta", "SUMMARY:" + "ā" * 34, {"length"}),
        ("2. kārta", b"2. k\xc4\r\n \x81rta", {"utf-8"}),
        ("2. kārta", b"2. k\xe2rta", {"utf-8"}),
        ("2. kārta", "2.\x0bkārta", {"control character"}),
        ("2. kārta", "2.\x00kārta", {"control character"}),
        ("2. kārta", "2.\x7fkārta", {"control character"}),
        ("BEGIN:VCALENDAR", "\ufeffBEGIN:VCALENDAR", {"content line", "nesting"}),
        ("END:VEVENT\r\n", "END:VEVENT\r\n\r\n", {"content line"}),
        ("END:VEVENT\r\n", "", {"nesting"}),
        (
            "BEGIN:VEVENT",
            "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VEVENT",
            {"nesting", "required"},
        ),
        ("PRODID:-//Noon//Tests//LV\r\n", "", {"required"}),
        ("VERSION:2.0\r\n", "", {"required"}),
        ("VERSION:2.0\r\n", "VERSION:\r\n", {"required"}),
        ("UID:4-october@noon.example\r\n", "", {"required"}),
        ("DTSTAMP:20261122T090000Z\r\n", "", {"required"}),
        ("DTSTART:20261001T100000Z\r\n", "", {"required"}),
        ("UID:4-october", "UID:4\r\nUID:4-october", {"required"}),
        ("UID:4-october", "UID:1-march", {"unique uid"}),
        ("VERSION:2.0", "VERSION:2.0\r\nMETHOD:PUBLISH", {"method"}),
        ("NAME:", "BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\nNAME:", {"time zone"}),
        ("START:20261001T100000Z", "START;TZID=Europe/Riga:20261001T130000", {"time zone", "utc"}),
        ("START:20261001T100000Z", "START:20261001T100000", {"utc"}),
        ("STATUS:CANCELLED", "STATUS:CANCELED", {"status"}),
        ("STATUS:CONFIRMED", "RDATE:20270311T110000Z", {"rdate"}),
    ],
)
def test_the_linter_names_each_planted_fault(old: str, new: str | bytes, rules: set[str]) -> None:
    assert {fault.rule for fault in lint(changed(old, new), feed=True)} == rules
