"""When a notice may leave, which conditions hold, and which deadline a failure is about."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.incident import clock
from handlers.words import words
from rules.deadlines import Deadline, DeadlineLine, assemble
from rules.incident import (
    AHEAD,
    FORM_ID,
    MINIMUM,
    OID,
    Case,
    Condition,
    Phase,
    Window,
    concerned,
    conditions,
    missing,
    window,
)
from tests.talk import the_desk

BRUSSELS = ZoneInfo("Europe/Brussels")
RIGA = ZoneInfo("Europe/Riga")
SECOND = timedelta(seconds=1)
AGENCY = the_desk().agency

DAYS = {
    "winter": (date(2026, 3, 5), "11:00"),
    "summer": (date(2026, 4, 9), "10:00"),
    "autumn": (date(2026, 10, 1), "10:00"),
}
"""Days on which a deadline falls, with the hour in UTC that is noon in Brussels."""


def closing(
    day: date, action: str = "KA220", round_: int = 1, state: str = "confirmed"
) -> Deadline:
    """Return a deadline at noon in Brussels on `day`."""
    identifier = f"2026-{action.lower()}-r{round_}"
    line = DeadlineLine.model_validate(
        {
            **{"id": identifier, "action": action, "sectors": ("SCH", "VET"), "round": round_},
            **{"managed_by": "agency", "zone": "Europe/Brussels", "state": state},
            **{"wall": datetime.fromisoformat(f"{day}T12:00"), "source": "pg-2026:238"},
            "recorded": datetime(2025, 11, 12, tzinfo=UTC),
        }
    )
    return assemble(2026, [line], [])[identifier]


def brussels(day: date, hour: str) -> datetime:
    """Return a moment on `day` by the clock of Brussels."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=BRUSSELS)


def moments() -> st.SearchStrategy[datetime]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return st.integers(0, 364 * 86_400).map(lambda seconds: start + timedelta(seconds=seconds))


@pytest.mark.parametrize("day", DAYS)
def test_the_window_is_two_hours_of_the_same_day_whatever_the_season(day: str) -> None:
    on, noon = DAYS[day]
    within = window(closing(on), AGENCY)
    assert f"{within.deadline.astimezone(UTC):%H:%M}" == noon
    assert within.closes.astimezone(BRUSSELS) == brussels(on, "14:00:00")
    assert f"{within.closes.astimezone(RIGA):%H:%M}" == "15:00"
    assert within.deadline - within.opens == AHEAD


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    ("back", "hour", "phase"),
    [
        (1, "11:59:59", Phase.EARLY),
        (1, "12:00:00", Phase.BEFORE),
        (0, "11:59:59", Phase.BEFORE),
        (0, "12:00:00", Phase.BEFORE),
        (0, "12:00:01", Phase.DURING),
        (0, "13:59:59", Phase.DURING),
        (0, "14:00:00", Phase.AFTER),
        (0, "14:00:01", Phase.AFTER),
    ],
)
def test_the_phase_at_every_boundary(day: str, back: int, hour: str, phase: Phase) -> None:
    on = DAYS[day][0]
    now = brussels(on - timedelta(days=back), hour)
    assert window(closing(on), AGENCY).phase(now) is phase


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    ("attempt", "holds"),
    [("11:59:59", True), ("12:00:00", False), ("12:00:01", False), (None, None)],
)
def test_the_attempt_is_before_the_deadline_or_it_is_not(
    day: str, attempt: str | None, holds: bool | None
) -> None:
    on = DAYS[day][0]
    case = Case(attempt=brussels(on, attempt) if attempt else None)
    found = conditions(case, window(closing(on), AGENCY), brussels(on, "12:30:00"), has_form=False)
    assert found[Condition.ATTEMPT] is holds


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    ("hour", "in_time"), [("13:59:59", True), ("14:00:00", False), ("14:00:01", False)]
)
def test_the_very_last_second_is_late(day: str, hour: str, in_time: bool) -> None:
    on = DAYS[day][0]
    within, now = window(closing(on), AGENCY), brussels(on, hour)
    found = conditions(Case(unchanged=True), within, now, has_form=True)
    assert found[Condition.TOLD] is in_time
    assert found[Condition.FORM] is in_time


@pytest.mark.parametrize(
    ("has_form", "unchanged", "holds"),
    [
        (False, None, False),
        (False, True, False),
        (True, True, True),
        (True, False, False),
        (True, None, None),
    ],
)
def test_the_form_is_there_and_unchanged(
    has_form: bool, unchanged: bool | None, holds: bool | None
) -> None:
    on = DAYS["winter"][0]
    within, now = window(closing(on), AGENCY), brussels(on, "12:30:00")
    case = Case(unchanged=unchanged)
    assert conditions(case, within, now, has_form=has_form)[Condition.FORM] is holds


@pytest.mark.parametrize(
    ("failed", "until"),
    [
        ("10:00:00", "12:00:00"),
        ("11:58:00", "13:58:00"),
        ("11:59:59", "13:59:59"),
        ("12:00:00", "14:00:00"),
        ("12:30:00", "14:00:00"),
    ],
)
def test_two_hours_from_the_first_failure_never_pass_the_window(failed: str, until: str) -> None:
    on = DAYS["winter"][0]
    within = window(closing(on), AGENCY)
    assert within.safe_until(brussels(on, failed)) == brussels(on, until)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_person_in_riga_reads_one_hour_more(day: str, language: str) -> None:
    on = DAYS[day][0]
    told = clock.hours(words(language), brussels(on, "14:00:00"), RIGA)
    assert told.index("14:00") < told.index("15:00")
    assert "(" not in clock.hours(words(language), brussels(on, "14:00:00"), BRUSSELS)


@pytest.mark.parametrize(
    ("left", "lv", "en"),
    [
        (timedelta(hours=1, minutes=42, seconds=59), "1 h 42 min", "1 h 42 min"),
        (timedelta(hours=1), "1 h 0 min", "1 h 0 min"),
        (timedelta(minutes=59, seconds=59), "59 min", "59 min"),
        (timedelta(seconds=59), "mazāk par minūti", "less than a minute"),
    ],
)
def test_time_left_is_never_told_longer_than_it_is(left: timedelta, lv: str, en: str) -> None:
    assert (clock.left(words("lv"), left), clock.left(words("en"), left)) == (lv, en)


MARCH, OCTOBER = (DAYS[name][0] for name in ("winter", "autumn"))


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (brussels(date(2026, 1, 5), "12:00:00"), 1),
        (brussels(MARCH, "12:00:00"), 1),
        (brussels(MARCH, "13:59:59"), 1),
        (brussels(MARCH, "14:00:00"), 2),
        (brussels(OCTOBER, "13:59:59"), 2),
        (brussels(OCTOBER, "14:00:00"), 2),
    ],
)
def test_a_failure_is_about_the_open_window_then_the_next_then_the_last(
    now: datetime, found: int
) -> None:
    both = [closing(OCTOBER, round_=2), closing(MARCH)]
    deadline = concerned(both, "KA220", now, AGENCY)
    assert deadline is not None
    assert deadline.round == found


def test_no_deadline_of_another_action_sector_or_standing_is_meant() -> None:
    now = brussels(MARCH, "12:30:00")
    perhaps = closing(MARCH, state="conditional")
    assert concerned([closing(MARCH, "KA210"), perhaps], "KA220", now, AGENCY) is None
    assert concerned([closing(MARCH)], "KA220", now, AGENCY, "HED") is None
    everybody = replace(closing(MARCH), sectors=())
    assert concerned([everybody], "KA220", now, AGENCY, "HED") == everybody


@pytest.mark.parametrize(
    ("pattern", "written", "fits"),
    [
        (OID, "E10123456", True),
        (OID, "E1012345", False),
        (OID, "e10123456", False),
        (OID, "E101234567", False),
        (FORM_ID, "KA220-SCH-0A1B2C3D", True),
        (FORM_ID, "KA220-SCH-0A1B2C3G", False),
        (FORM_ID, "KA220-SCH-0A1B2C3", False),
        (FORM_ID, "ka220-sch-0a1b2c3d", False),
    ],
)
def test_what_an_oid_and_a_form_id_look_like(
    pattern: re.Pattern[str], written: str, fits: bool
) -> None:
    assert bool(pattern.fullmatch(written)) is fits


@given(st.sets(st.sampled_from(MINIMUM)))
def test_what_is_missing_is_what_is_not_told(told: set[str]) -> None:
    assert set(missing(Case(**dict.fromkeys(told, "x")))) == set(MINIMUM) - told


WINDOWS = moments().map(lambda at: Window(at - AHEAD, at, at + timedelta(hours=2)))


@given(WINDOWS, moments(), moments())
def test_phases_only_go_forward(within: Window, one: datetime, other: datetime) -> None:
    first, second = sorted([one, other])
    order = list(Phase)
    assert order.index(within.phase(first)) <= order.index(within.phase(second))


@given(WINDOWS, moments())
def test_a_notice_may_leave_exactly_from_a_day_ahead_until_the_window_closes(
    within: Window, now: datetime
) -> None:
    may_leave = within.phase(now) in (Phase.BEFORE, Phase.DURING)
    assert may_leave is (within.opens <= now < within.closes)
    assert conditions(Case(), within, now, has_form=False)[Condition.TOLD] is (now < within.closes)


@given(WINDOWS, moments(), moments())
def test_the_safe_moment_is_in_the_window_and_grows_with_the_failure(
    within: Window, one: datetime, other: datetime
) -> None:
    first, second = sorted([one, other])
    assert within.safe_until(first) <= within.safe_until(second) <= within.closes


@given(WINDOWS, st.integers(-90_000, 90_000))
def test_an_attempt_counts_only_before_the_deadline(within: Window, seconds: int) -> None:
    case = Case(attempt=within.deadline + timedelta(seconds=seconds))
    found = conditions(case, within, within.deadline, has_form=False)
    assert found[Condition.ATTEMPT] is (seconds < 0)


@given(moments())
def test_what_is_meant_is_never_over_while_another_is_ahead(now: datetime) -> None:
    both = [closing(MARCH), closing(OCTOBER, round_=2)]
    meant = concerned(both, "KA220", now, AGENCY)
    assert meant is not None
    phases = {one.id: window(one, AGENCY).phase(now) for one in both}
    assert phases[meant.id] is not Phase.AFTER or set(phases.values()) == {Phase.AFTER}
