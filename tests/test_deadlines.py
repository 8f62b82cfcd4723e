"""Deadlines are told from now: the state to the second, the hour in both zones and languages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers import deadlines as told
from handlers.moments import both_times, moment
from handlers.words import LANGUAGES, words
from rules.deadlines import ChangeLine, Deadline, DeadlineLine, assemble
from tests.talk import deadline, the_facts, visit, with_deadlines

BRUSSELS, RIGA = ZoneInfo("Europe/Brussels"), ZoneInfo("Europe/Riga")
SECOND, MINUTE, HOUR, DAY = (timedelta(**{n: 1}) for n in ("seconds", "minutes", "hours", "days"))
CLOSING = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
NOON = "2026-03-05T12:00:00"
KNOWN = datetime(2025, 11, 12, tzinfo=UTC)


def made(
    wall: datetime | str, zone: str = "Europe/Brussels", status: str = "confirmed"
) -> DeadlineLine:
    return DeadlineLine.model_validate(
        {
            "id": "2026-ka220-r1",
            "action": "KA220",
            "sectors": ["VET"],
            "round": 1,
            "managed_by": "agency",
            "wall": wall,
            "zone": zone,
            "state": status,
            "source": "pg-2026:238",
            "recorded": KNOWN,
        }
    )


def one(wall: datetime | str, zone: str = "Europe/Brussels", status: str = "confirmed") -> Deadline:
    return assemble(2026, [made(wall, zone, status)], [])["2026-ka220-r1"]


def changed(**what: object) -> ChangeLine:
    given = {"id": "2026-ka220-r1", "recorded": KNOWN + DAY, "source": "viaa-2026", **what}
    return ChangeLine.model_validate(given)


@pytest.mark.parametrize(
    ("status", "after", "newest_call", "state"),
    [
        ("confirmed", -SECOND, 2026, "open"),
        ("confirmed", 0 * SECOND, 2026, "open"),
        ("confirmed", SECOND, 2026, "closed"),
        ("confirmed", -365 * DAY, 2026, "open"),
        ("confirmed", 365 * DAY, 2026, "closed"),
        ("conditional", -SECOND, 2026, "conditional"),
        ("conditional", 365 * DAY, 2026, "conditional"),
        ("cancelled", -DAY, 2026, "closed"),
        ("cancelled", DAY, 2026, "closed"),
        ("confirmed", -SECOND, 2027, "historical"),
        ("conditional", SECOND, 2027, "historical"),
    ],
)
def test_the_state_is_told_to_the_second(
    status: str, after: timedelta, newest_call: int, state: str
) -> None:
    found = one(NOON, status=status)
    assert found.instant == CLOSING
    assert found.state(CLOSING + after, newest_call) == state


MOVED = changed(wall="2026-03-07T12:00:00", state="confirmed")
CANCELLED = changed(state="cancelled")


@pytest.mark.parametrize(
    ("status", "changes", "now", "key"),
    [
        ("confirmed", [], CLOSING - SECOND, "deadlines.open-now"),
        ("confirmed", [], CLOSING - 60 * SECOND, "deadlines.open-minutes"),
        ("confirmed", [], CLOSING - 3600 * SECOND, "deadlines.open-hours"),
        ("confirmed", [], CLOSING, "deadlines.open-now"),
        ("confirmed", [], CLOSING + SECOND, "deadlines.closed-today"),
        ("confirmed", [], CLOSING + DAY, "deadlines.closed-days"),
        ("confirmed", [], CLOSING - 2 * DAY, "deadlines.open-days"),
        ("confirmed", [], CLOSING - 2 * DAY + SECOND, "deadlines.open-hours"),
        ("conditional", [], CLOSING - SECOND, "deadlines.conditional-ahead"),
        ("conditional", [], CLOSING + SECOND, "deadlines.conditional-past"),
        ("conditional", [MOVED], CLOSING, "deadlines.open-days"),
        ("confirmed", [MOVED], CLOSING + SECOND, "deadlines.open-hours"),
        ("confirmed", [MOVED], CLOSING + 2 * DAY + SECOND, "deadlines.closed-today"),
        ("confirmed", [CANCELLED], CLOSING - DAY, "deadlines.cancelled"),
        ("confirmed", [CANCELLED], CLOSING + DAY, "deadlines.cancelled"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_standing_is_told_in_words(
    status: str, changes: list[ChangeLine], now: datetime, key: str, language: str
) -> None:
    desk = with_deadlines([made(NOON, status=status)], changes)
    mine = desk.facts.newest.deadlines["2026-ka220-r1"]
    said = told.standing(visit(now, language, desk), mine)
    left = max(mine.instant - now, timedelta())
    hours, minutes = divmod(left // MINUTE, 60)
    values = {"agency": "VIAA", "hours": hours, "minutes": minutes}
    ago = (now.astimezone(BRUSSELS).date() - mine.wall.date()).days
    counted = {"deadlines.closed-days": ago, "deadlines.open-minutes": minutes}
    values["n"] = counted.get(key, left.days)
    assert said == words(language).say(key, **values)


def test_a_past_call_is_told_as_history() -> None:
    old = the_facts().calls[2022].deadlines["2022-ka220-r1"]
    assert told.standing(visit(), old) == words("en").say("deadlines.historical", call=2022)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("identifier", "brussels", "riga", "utc"),
    [
        ("2026-ka220-r1", "12:00", "13:00", "2026-03-05T11:00:00+00:00"),
        ("2026-ka240-r1", "12:00", "13:00", "2026-04-09T10:00:00+00:00"),
        ("2026-ka210-r2", "12:00", "13:00", "2026-10-01T10:00:00+00:00"),
        ("2026-pcoop-engo-r1", "17:00", "18:00", "2026-03-05T16:00:00+00:00"),
    ],
)
def test_the_hour_is_told_in_both_zones_winter_and_summer(
    identifier: str, brussels: str, riga: str, utc: str, language: str
) -> None:
    mine, speech = deadline(identifier), words(language)
    said = both_times(speech, mine, RIGA)
    assert f"{brussels} {speech.say('zone.Europe/Brussels')}" in said
    assert f"{riga} {speech.say('zone.Europe/Riga')}" in said
    assert speech.day(mine.wall) in said
    assert mine.instant.isoformat() == utc
    assert both_times(speech, mine, BRUSSELS).count(":") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_day_there_is_told_too(language: str) -> None:
    speech, late = words(language), datetime(2026, 3, 5, 22, 30, tzinfo=UTC)
    said = moment(speech, late, BRUSSELS, RIGA)
    assert [speech.day(date(2026, 3, day)) in said for day in (5, 6)] == [True, True]


@pytest.mark.parametrize(
    ("days", "latvian", "english"),
    [
        (1, "1 dienas", "1 day"),
        (2, "2 dienām", "2 days"),
        (10, "10 dienām", "10 days"),
        (11, "11 dienām", "11 days"),
        (21, "21 dienas", "21 days"),
        (101, "101 dienas", "101 days"),
        (111, "111 dienām", "111 days"),
    ],
)
def test_days_ago_have_their_plural_form(days: int, latvian: str, english: str) -> None:
    for language, form in (("lv", latvian), ("en", english)):
        said = told.standing(visit(CLOSING + days * DAY, language), deadline("2026-ka220-r1"))
        assert f" {form} " in f" {said.rstrip('.')} "


@pytest.mark.parametrize(
    ("days", "form"),
    [(2, "2 dienas"), (10, "10 dienas"), (11, "11 dienas"), (21, "21 dienu"), (101, "101 dienu")],
)
def test_days_left_have_their_plural_form(days: int, form: str) -> None:
    said = told.standing(visit(CLOSING - days * DAY, "lv"), deadline("2026-ka220-r1"))
    assert said.endswith(f" {form}.")


@pytest.mark.parametrize(
    ("brussels", "days"), [("05T23:59:59", 0), ("06T00:00:00", 1), ("06T23:59:59", 1)]
)
def test_days_ago_turn_at_midnight_in_brussels(brussels: str, days: int) -> None:
    now = datetime.fromisoformat(f"2026-03-{brussels}").replace(tzinfo=BRUSSELS)
    expected = "deadlines.closed-days" if days else "deadlines.closed-today"
    said = told.standing(visit(now), deadline("2026-ka220-r1"))
    assert said == words("en").say(expected, n=days)
