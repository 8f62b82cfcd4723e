"""When a message is tried again, by which provider, and how it ends."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.kinds import CARRIAGE, Kind, Lane, Plan
from bot.post.outcomes import Break, Command, Outcome, Reply, Verdict, classify
from bot.post.retries import (
    LAST,
    START,
    Again,
    Decision,
    End,
    next_attempt,
    warnings,
)
from bot.post.states import TERMINAL, State, may

NOON = datetime.fromisoformat("2026-03-05T11:00:00+00:00")
WINDOW = timedelta(hours=2)
MONTH = timedelta(days=30)
SECOND = timedelta(seconds=1)

ACCEPTED = classify(Command.DOT, Reply(250))
NO_CONNECTION = classify(Command.CONNECT, Break.REFUSED)
GREY = classify(Command.RCPT, Reply(450, "4.2.0 later"))
SILENCE = classify(Command.DOT, Break.TIMEOUT)
BAD_PASSWORD = classify(Command.AUTH, Reply(535, "5.7.8"))
NO_SERVICE = classify(Command.GREETING, Reply(554))
POLICY = classify(Command.RCPT, Reply(554, "5.7.1"))
NOBODY = classify(Command.RCPT, Reply(550, "5.1.1"))
TOO_BIG = classify(Command.MAIL, Reply(552, "5.3.4"))
TRYING = [NO_CONNECTION, GREY, SILENCE, BAD_PASSWORD, NO_SERVICE, POLICY]
EVERY = [*TRYING, ACCEPTED, NOBODY, TOO_BIG]


def decide(
    kind: Kind, outcome: Outcome, attempts: int = 1, after: float = 0, repeats: int = 1
) -> Decision:
    """Return what follows `after` seconds, in a month's time at most (an incident: two hours)."""
    life = WINDOW if kind is Kind.INCIDENT else MONTH
    now, rng = NOON + after * SECOND, Random(1)
    return next_attempt(kind, outcome, attempts, NOON, now, NOON + life, rng, repeats=repeats)


def again(decision: Decision) -> Again:
    assert isinstance(decision, Again)
    return decision


# The plan of minutes.


@pytest.mark.parametrize(
    ("outcome", "attempts", "shortest", "longest"),
    [
        (GREY, 1, 5, 5),
        (GREY, 2, 15, 15),
        (GREY, 3, 30, 30),
        (GREY, 4, 60, 60),
        (GREY, 5, 60, 60),
        (GREY, 50, 60, 60),
        (NO_CONNECTION, 1, 0.4, 0.6),
        (NO_CONNECTION, 2, 0.8, 1.2),
        (NO_CONNECTION, 3, 1.6, 2.4),
        (NO_CONNECTION, 6, 12, 18),
        (NO_CONNECTION, 10_000, 12, 18),
        (SILENCE, 1, 10, 10),
        (BAD_PASSWORD, 0, 4, 6),
        (BAD_PASSWORD, 9, 4, 6),
        (NO_SERVICE, 0, 4, 6),
    ],
)
def test_a_reminder_is_tried_again_after_so_many_minutes(
    outcome: Outcome, attempts: int, shortest: float, longest: float
) -> None:
    found = again(decide(Kind.REMINDER, outcome, attempts))
    assert shortest <= (found.at - NOON).total_seconds() / 60 <= longest
    assert not found.switch


@pytest.mark.parametrize(
    ("outcome", "repeats", "through"),
    [
        (ACCEPTED, 1, "accepted"),
        (NOBODY, 1, "rejected"),
        (POLICY, 1, "rejected needs_human"),
        (TOO_BIG, 1, "rejected needs_human"),
        (SILENCE, 2, "unknown needs_human"),
    ],
)
def test_a_reminder_ends(outcome: Outcome, repeats: int, through: str) -> None:
    found = decide(Kind.REMINDER, outcome, repeats=repeats)
    assert found == End(tuple(State(name) for name in through.split()))


def test_what_nothing_else_limits_is_given_up_after_five_days() -> None:
    days = timedelta(days=5).total_seconds()
    assert isinstance(decide(Kind.REMINDER, GREY, 120, days - 1), Again)
    assert decide(Kind.REMINDER, GREY, 120, days + 1) == End((State.DEFERRED, State.EXPIRED))


# The plan of seconds.


@pytest.mark.parametrize("outcome", [NO_CONNECTION, GREY, POLICY])
@pytest.mark.parametrize(
    ("attempts", "failed", "shortest", "longest"),
    [
        (1, 0, 10, 10),
        (2, 10.2, 20, 20),
        (3, 21, 40, 40),
        (4, 41, 60, 60),
        (5, 61, 109, 133),
        (6, 120, 168, 192),
        (99, 3600, 3648, 3672),
        (1, 30, 30, 30),
        (2, 60, 60, 60),
        (4, 3600, 3600, 3600),
    ],
)
def test_an_incident_that_fails_at_a_second_is_tried_again_at_a_second(
    outcome: Outcome, attempts: int, failed: float, shortest: float, longest: float
) -> None:
    found = again(decide(Kind.INCIDENT, outcome, attempts, failed))
    assert shortest <= (found.at - NOON).total_seconds() <= longest


@pytest.mark.parametrize("outcome", [BAD_PASSWORD, NO_SERVICE])
@pytest.mark.parametrize(
    ("failed", "shortest", "longest"),
    [(0, 10, 10), (0.3, 10, 10), (10, 20, 20), (25, 40, 40), (59, 60, 60), (60, 108, 132)],
)
def test_attempts_that_do_not_count_move_on_all_the_same(
    outcome: Outcome, failed: float, shortest: float, longest: float
) -> None:
    found = again(decide(Kind.INCIDENT, outcome, 0, failed))
    assert shortest <= (found.at - NOON).total_seconds() <= longest


@pytest.mark.parametrize(
    ("outcome", "attempts", "failed", "repeats", "switch"),
    [
        (NO_CONNECTION, 1, 0, 1, False),
        (NO_CONNECTION, 1, 59, 1, False),
        (NO_CONNECTION, 1, 60, 1, True),
        (NO_CONNECTION, 2, 11, 1, True),
        (GREY, 1, 0, 1, False),
        (GREY, 2, 11, 2, True),
        (BAD_PASSWORD, 0, 0, 1, True),
        (NO_SERVICE, 0, 0, 1, True),
        (POLICY, 1, 0, 1, True),
        (NOBODY, 1, 0, 1, True),
        (NOBODY, 9, 3600, 9, True),
        (SILENCE, 1, 0, 1, False),
        (SILENCE, 5, 300, 1, False),
        (SILENCE, 2, 120, 2, True),
    ],
)
def test_an_incident_goes_by_the_other_provider(
    outcome: Outcome, attempts: int, failed: float, repeats: int, switch: bool
) -> None:
    assert again(decide(Kind.INCIDENT, outcome, attempts, failed, repeats)).switch is switch


@pytest.mark.parametrize("repeats", [1, 2])
def test_an_incident_of_which_nothing_was_heard_is_sent_again_after_a_minute(repeats: int) -> None:
    found = again(decide(Kind.INCIDENT, SILENCE, after=120, repeats=repeats))
    assert found.at == NOON + 180 * SECOND
    assert found.through == (State.UNKNOWN,)


@pytest.mark.parametrize(
    ("outcome", "repeats", "through"),
    [
        (ACCEPTED, 1, "accepted"),
        (TOO_BIG, 1, "rejected needs_human"),
        (SILENCE, 3, "unknown needs_human"),
    ],
)
def test_an_incident_ends(outcome: Outcome, repeats: int, through: str) -> None:
    found = decide(Kind.INCIDENT, outcome, repeats=repeats)
    assert found == End(tuple(State(name) for name in through.split()))


@pytest.mark.parametrize("outcome", [NOBODY, POLICY])
@pytest.mark.parametrize(
    ("attempts", "failed", "repeats", "shortest", "longest"),
    [(1, 0, 1, 10, 10), (2, 10, 2, 58, 82), (3, 70, 3, 118, 142), (99, 7000, 99, 7048, 7072)],
)
def test_an_incident_that_is_refused_goes_to_each_provider_and_then_about_each_minute(
    outcome: Outcome, attempts: int, failed: float, repeats: int, shortest: float, longest: float
) -> None:
    found = again(decide(Kind.INCIDENT, outcome, attempts, failed, repeats))
    assert shortest <= (found.at - NOON).total_seconds() <= longest
    assert found.switch


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.PROGRESS, Kind.ALARM])
@pytest.mark.parametrize(("outcome", "repeats"), [(NOBODY, 1), (POLICY, 4)])
def test_what_travels_with_an_incident_ends_when_it_is_refused(
    kind: Kind, outcome: Outcome, repeats: int
) -> None:
    found = decide(kind, outcome, repeats=repeats)
    assert found == End((State.REJECTED, State.NEEDS_HUMAN))


@pytest.mark.parametrize("outcome", [NOBODY, NO_CONNECTION])
@pytest.mark.parametrize(
    ("after", "wait"), [(7150, 35), (7170, 15), (7184, 1), (7185, None), (7190, None)]
)
def test_an_incident_is_tried_for_the_last_time_just_before_its_window_ends(
    outcome: Outcome, after: float, wait: float | None
) -> None:
    found = decide(Kind.INCIDENT, outcome, 120, after=after, repeats=120)
    if wait is None:
        assert found == End((State.DEFERRED, State.EXPIRED))
    else:
        assert again(found).at == NOON + (after + wait) * SECOND


def test_what_may_have_arrived_is_not_repeated_early_because_the_window_ends() -> None:
    found = decide(Kind.INCIDENT, SILENCE, 3, after=7170)
    assert found == End((State.UNKNOWN, State.NEEDS_HUMAN))


def dead(took: float, rng: Random) -> Iterator[tuple[float, int]]:
    """Yield second and provider of each attempt at an incident notice while nobody answers."""
    now, provider, attempts = NOON, 0, 0
    while True:
        yield (now - NOON).total_seconds(), provider
        attempts += 1
        now += took * SECOND
        found = next_attempt(Kind.INCIDENT, NO_CONNECTION, attempts, NOON, now, NOON + WINDOW, rng)
        if isinstance(found, End):
            assert found.through == (State.DEFERRED, State.EXPIRED)
            return
        now, provider = found.at, provider ^ found.switch


def test_with_both_providers_dead_they_take_turns_until_the_window_ends() -> None:
    attempts = list(dead(0, Random(1)))
    assert attempts[:6] == [(0, 0), (10, 0), (20, 1), (40, 0), (60, 1), (attempts[5][0], 0)]
    assert attempts[-1][0] >= (WINDOW - LAST).total_seconds()


@given(st.floats(0, 30), st.randoms(use_true_random=False))
def test_with_the_first_provider_dead_the_second_is_asked_within_ninety_seconds(
    took: float, rng: Random
) -> None:
    asked = next(second for second, provider in dead(took, rng) if provider == 1)
    assert asked <= 90


@given(st.floats(0, 120), st.randoms(use_true_random=False))
def test_the_gaps_of_an_incident_are_never_above_72_seconds(took: float, rng: Random) -> None:
    moments = [second for second, _ in dead(took, rng)]
    waits = [after - before - took for before, after in pairwise(moments)]
    assert waits
    assert all(-0.001 <= wait <= 72.001 for wait in waits)
    assert moments[-1] <= WINDOW.total_seconds()


@given(
    st.lists(st.sampled_from(TRYING), min_size=1, max_size=5),
    st.sampled_from([Kind.INCIDENT, Kind.TWO_HOURS]),
    st.randoms(use_true_random=False),
)
def test_whatever_goes_wrong_nobody_is_asked_in_a_tight_loop(
    trouble: list[Outcome], kind: Kind, rng: Random
) -> None:
    now, attempts, made, seen = NOON, 0, 0, Counter[Verdict]()
    for outcome in cycle(trouble):
        made += 1
        attempts += outcome.counts
        seen[outcome.verdict] += 1
        found = next_attempt(
            kind, outcome, attempts, NOON, now, NOON + WINDOW, rng, repeats=seen[outcome.verdict]
        )
        if isinstance(found, End):
            break
        assert found.at >= now
        now = found.at
    assert made <= len(START) * 2 + WINDOW / timedelta(seconds=48)


# What holds for both.


@given(
    kind=st.sampled_from(Kind),
    outcome=st.sampled_from(EVERY),
    attempts=st.integers(0, 10_000),
    repeats=st.integers(1, 6),
    first_at=st.datetimes(timezones=st.just(UTC)),
    now=st.datetimes(timezones=st.just(UTC)),
    not_after=st.datetimes(timezones=st.just(UTC)),
    near=st.booleans(),
    rng=st.randoms(use_true_random=False),
)
def test_a_retry_lies_ahead_and_never_past_the_end_and_every_state_on_the_way_is_legal(
    kind: Kind,
    outcome: Outcome,
    attempts: int,
    repeats: int,
    first_at: datetime,
    now: datetime,
    not_after: datetime,
    near: bool,
    rng: Random,
) -> None:
    if near and now.year < 9999:
        first_at, not_after = now, now + WINDOW
    found = next_attempt(kind, outcome, attempts, first_at, now, not_after, rng, repeats=repeats)
    path = (State.SENDING, *found.through)
    assert all(may(before, after) for before, after in pairwise(path))
    if isinstance(found, Again):
        assert now <= found.at <= not_after
        assert outcome.counts or now < found.at
        assert may(path[-1], State.DUE)
        assert not found.switch or CARRIAGE[kind].plan is Plan.SECONDS
    elif outcome is ACCEPTED:
        assert found.through == (State.ACCEPTED,)
    elif outcome in TRYING:
        assert path[-1] in TERMINAL | {State.UNKNOWN, State.REJECTED, State.NEEDS_HUMAN}


@pytest.mark.parametrize("outcome", [GREY, NO_CONNECTION])
@given(rng=st.randoms(use_true_random=False))
def test_waits_grow_with_the_attempts_until_they_stay(outcome: Outcome, rng: Random) -> None:
    waits = [
        again(next_attempt(Kind.REMINDER, outcome, attempts, NOON, NOON, NOON + MONTH, rng)).at
        for attempts in range(1, 6)
    ]
    assert waits[:4] == sorted(set(waits[:4]))
    assert waits[4] >= waits[3]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("outcome", TRYING)
def test_nothing_is_tried_after_its_end(kind: Kind, outcome: Outcome) -> None:
    for late in (timedelta(0), SECOND, MONTH):
        found = next_attempt(kind, outcome, 1, NOON, NOON + late, NOON, Random(1))
        assert isinstance(found, End)


@pytest.mark.parametrize("kind", [Kind.REMINDER, Kind.INCIDENT])
@pytest.mark.parametrize(
    ("outcome", "silences", "through"),
    [
        (SILENCE, 1, (State.UNKNOWN, State.NEEDS_HUMAN)),
        (GREY, 1, (State.UNKNOWN, State.NEEDS_HUMAN)),
        (BAD_PASSWORD, 1, (State.UNKNOWN, State.NEEDS_HUMAN)),
        (GREY, 0, (State.DEFERRED, State.EXPIRED)),
    ],
)
def test_what_may_have_arrived_is_never_called_expired(
    kind: Kind, outcome: Outcome, silences: int, through: tuple[State, ...]
) -> None:
    end = NOON + SECOND
    found = next_attempt(kind, outcome, 2, NOON, NOON, end, Random(1), silences=silences)
    assert found == End(through)


@pytest.mark.parametrize(("kind", "copies"), [(Kind.REMINDER, 2), (Kind.INCIDENT, 3)])
def test_refusals_in_between_do_not_let_more_copies_leave(kind: Kind, copies: int) -> None:
    for silences in range(1, copies + 1):
        found = next_attempt(
            kind, SILENCE, 2 * silences, NOON, NOON, NOON + WINDOW, Random(1), silences=silences
        )
        assert isinstance(found, End) is (silences == copies)


def test_a_clock_set_back_by_an_hour_delays_an_incident_by_seconds_only() -> None:
    found = again(decide(Kind.INCIDENT, NO_CONNECTION, 3, after=-3600))
    assert found.at == NOON - 3600 * SECOND + START[3] - START[2]


def test_a_session_that_goes_on_is_no_attempt() -> None:
    onward = classify(Command.MAIL, Reply(250))
    assert onward.verdict is Verdict.ONWARD
    with pytest.raises(ValueError, match="goes on"):
        decide(Kind.REMINDER, onward)


def test_an_attempt_at_no_definite_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Again(NOON.replace(tzinfo=None), (State.DEFERRED,))


# Warnings, and what is sent after downtime.


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def minutes(*after: float) -> tuple[datetime, ...]:
    return tuple(at(each) for each in after)


@pytest.mark.parametrize(
    ("window", "expected"),
    [(120, (60, 90, 105)), (105, (60, 90)), (60, ()), (24 * 60, (60, 90, 105))],
)
def test_people_are_warned_while_there_is_time(window: float, expected: tuple[float, ...]) -> None:
    assert warnings(NOON, at(window)) == minutes(*expected)


# Kinds.


def test_every_kind_travels_and_only_progress_and_alarm_share_a_priority() -> None:
    assert set(CARRIAGE) == set(Kind)
    alone = [CARRIAGE[kind].priority for kind in Kind if kind is not Kind.PROGRESS]
    assert len(set(alone)) == len(Kind) - 1
    assert CARRIAGE[Kind.PROGRESS] == CARRIAGE[Kind.ALARM]


def test_an_incident_goes_before_a_moved_deadline_the_last_two_hours_and_all_others() -> None:
    order = sorted(Kind, key=lambda kind: CARRIAGE[kind].priority)
    told = [Kind.INCIDENT, Kind.MOVED, Kind.TWO_HOURS, Kind.CONFIRMATION, Kind.REMINDER]
    assert [kind for kind in order if kind in told] == told


@pytest.mark.parametrize("kind", [Kind.MOVED, Kind.TWO_HOURS, Kind.CONFIRMATION, Kind.REMINDER])
def test_what_goes_to_many_never_takes_the_lane_of_an_incident(kind: Kind) -> None:
    assert CARRIAGE[kind].lane is Lane.ORDINARY
    assert CARRIAGE[Kind.INCIDENT].lane is Lane.INCIDENT
