"""Noon's calendar files: four readers see the same deadlines, and the bytes obey the rules."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from handlers import ics
from handlers.visit import Desk
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2, ChangeLine, Deadline
from rules.selection import Selection, parse, select
from tests.ics.lint import lint
from tests.ics.panel import Event, agree
from tests.talk import deadline, the_desk, the_facts, with_deadlines
from tests.test_deadlines import KNOWN, NOON, changed, made

DEADLINES = list(the_facts().newest.deadlines.values())
SELECTIONS = ["KA2", *KA2, "VET", "KA220-VET", "KA210+KA240", "2026-ka220-r2", "all"]
MOVED = "2026-03-07T12:00:00"


def built(selection: str, language: str = "lv", alarm: timedelta | None = None) -> bytes:
    chosen = parse([selection], DEADLINES)
    return ics.build(the_desk(), chosen, words(language), alarm=alarm)


def clear(content: bytes) -> list[Event]:
    """Return what all readers see, once the linter has found no fault."""
    assert lint(content, feed=True) == []
    return agree(content)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_all_readers_see_each_deadline_of_the_selection_at_its_instant(
    selection: str, language: str
) -> None:
    events = {event.uid: event for event in clear(built(selection, language))}
    expected = select(parse([selection], DEADLINES), DEADLINES)
    assert len(events) == len(expected) > 0
    for one in expected:
        event = events[f"deadline-{one.id}@noon.invalid"]
        assert event.start == f"{one.instant:%Y-%m-%dT%H:%M:%SZ}"
        assert event.stamp == f"{one.recorded:%Y-%m-%dT%H:%M:%SZ}"
        assert (event.sequence, event.end > event.start) == (0, True)
        assert event.status == ("TENTATIVE" if one.status == "conditional" else "CONFIRMED")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_tells_the_hour_in_both_zones_and_the_source(language: str) -> None:
    (event,) = clear(built("KA220", language))
    speech = words(language)
    for zone, hour in (("Europe/Brussels", "12:00"), ("Europe/Riga", "13:00")):
        assert f"{hour} {speech.say(f'zone.{zone}')}" in event.summary
        assert f"{hour} {speech.say(f'zone.{zone}')}" in event.description
    assert "KA220" in event.summary
    assert the_facts().library.cite(deadline("2026-ka220-r1").source).document in event.description


def test_the_same_data_give_the_same_bytes() -> None:
    assert built("all") == built("all")
    assert built("KA210+KA220") == built("ka220+ka210")
    assert built("all", "lv") != built("all", "en")


def history(*changes: ChangeLine) -> tuple[Desk, Deadline]:
    desk = with_deadlines([made(NOON)], list(changes))
    return desk, desk.facts.newest.deadlines["2026-ka220-r1"]


def steps() -> Iterator[list[ChangeLine]]:
    moved = changed(wall=MOVED)
    cancelled = changed(state="cancelled", recorded=KNOWN + timedelta(days=2))
    yield from ([], [moved], [moved, cancelled])


def test_a_moved_and_then_cancelled_deadline_stays_the_same_event() -> None:
    seen = []
    for changes in steps():
        desk, _ = history(*changes)
        (event,) = clear(ics.build(desk, Selection(("KA220",)), words("en")))
        seen.append((event.uid, event.sequence, event.status, event.start, event.stamp))
    uid = "deadline-2026-ka220-r1@noon.invalid"
    assert seen == [
        (uid, 0, "CONFIRMED", "2026-03-05T11:00:00Z", "2025-11-12T00:00:00Z"),
        (uid, 1, "CONFIRMED", "2026-03-07T11:00:00Z", "2025-11-13T00:00:00Z"),
        (uid, 2, "CANCELLED", "2026-03-07T11:00:00Z", "2025-11-14T00:00:00Z"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moved_deadline_says_where_it_was(language: str) -> None:
    desk, now = history(changed(wall=MOVED))
    (event,) = clear(ics.build(desk, Selection(("KA220",)), words(language)))
    assert now.previous is not None
    assert words(language).day(now.previous.wall) in event.description
    assert words(language).day(now.wall) in event.description


def test_a_confirmed_second_round_is_no_longer_tentative() -> None:
    desk = with_deadlines([made(NOON, status="conditional")], [changed(state="confirmed")])
    (event,) = clear(ics.build(desk, Selection(("KA220",)), words("en")))
    assert (event.status, event.sequence) == ("CONFIRMED", 1)


@pytest.mark.parametrize(("written", "before"), [("2h", 2), ("1d", 24), ("99h", 99), ("7d", 168)])
def test_an_alarm_is_there_when_asked_for_and_only_then(written: str, before: int) -> None:
    content = built("KA2", alarm=ics.before(written))
    clear(content)
    for event in Calendar.from_ical(content).events:
        (alarm,) = event.walk("VALARM")
        assert alarm["ACTION"] == "DISPLAY"
        assert alarm["TRIGGER"].dt == -timedelta(hours=before)
        assert alarm["DESCRIPTION"]
    assert b"VALARM" not in built("KA2")


@pytest.mark.parametrize("written", ["", "0h", "2", "h", "2w", "-2h", "100d", "2h ", "²h", "2H"])
def test_another_alarm_is_refused(written: str) -> None:
    with pytest.raises(ics.BadAlarm):
        ics.before(written)


def test_a_feed_says_how_often_to_look_and_what_it_is_called() -> None:
    calendar = Calendar.from_ical(built("KA220"))
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert calendar["X-PUBLISHED-TTL"] == "PT1H"
    assert calendar["NAME"] == calendar["X-WR-CALNAME"]
    assert "KA220" in calendar["NAME"]
    assert "METHOD" not in calendar


def test_deadlines_do_not_make_people_look_busy() -> None:
    events = Calendar.from_ical(built("all")).events
    assert {str(event["TRANSP"]) for event in events} == {"TRANSPARENT"}


@pytest.mark.parametrize(
    ("now_known", "stamp"),
    [
        ("2026-03-05T08:00:00Z", "20260305T080000Z"),
        ("2026-03-05T10:00:00+02:00", "20260305T080000Z"),
    ],
)
def test_the_stamp_is_when_the_change_became_known_and_never_now(
    now_known: str, stamp: str
) -> None:
    desk, _ = history(changed(wall=MOVED, recorded=datetime.fromisoformat(now_known)))
    content = ics.build(desk, Selection(("KA220",)), words("en"))
    assert content.count(f"DTSTAMP:{stamp}".encode()) == 1
    assert content.count(f"LAST-MODIFIED:{stamp}".encode()) == 1
    assert f"{datetime.now(UTC):%Y%m%d}".encode() not in content
    assert content == ics.build(replace(desk, rehearsed=True), Selection(("KA220",)), words("en"))
