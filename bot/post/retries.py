"""When a message is tried again, by which provider, and when it is not.

RFC 5321, 4.5.4.1 lets a client wait half an hour and give up after days. Noon's own plan is
shorter, because a deadline or a window of two hours stands behind every message.

- Plan of minutes: refused for now, 5, 15, 30, then every 60 minutes; connection trouble, half a
  minute doubled up to a quarter of an hour; our own fault, every five minutes without burning an
  attempt; nothing heard after the final dot, the same bytes once more after ten minutes.
- Plan of seconds: 0, 10, 20, 40 and 60 seconds after the first attempt, then every minute. After
  two failures or a minute the providers take turns; one that is itself the cause is left at the
  next attempt. Nothing heard after the final dot: the same bytes after a minute, first by the
  same provider, then by the other; then it is for a person, as there may be three copies.
- An incident notice is never given up for a refusal while its window is open: it goes to every
  provider, and then about each minute, because who refuses may be put right in time and nobody
  else tells the agency. Its last attempt is a quarter of a minute before the window ends. What is
  too large is the exception: a smaller one takes its place.
- Waits without a given length vary by a fifth, so that what failed together does not return
  together. Nothing is tried after `not_after`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.post.kinds import CARRIAGE, Kind, Plan
from bot.post.outcomes import Outcome, Verdict
from bot.post.states import State


@dataclass(frozen=True)
class Again:
    """Another attempt at `at`; meanwhile the message is in `through`, one state after `sending`.

    `switch`: by the other provider, if there is one whose circuit is closed.
    """

    at: datetime
    through: tuple[State, ...]
    switch: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an attempt is at an aware time")


@dataclass(frozen=True)
class End:
    """No further attempt; the message goes from `sending` through these states in order.

    Who replaces a rejected message (a smaller variant, the next address) stops at `rejected`.
    """

    through: tuple[State, ...]


Decision = Again | End

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_SPREAD = 0.2

STEPS = (5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, 60 * _MINUTE)
BACK_OFF = 30 * _SECOND
LONGEST_BACK_OFF = 15 * _MINUTE
AFTER_OUR_FAULT = 5 * _MINUTE
AFTER_SILENCE = {Plan.MINUTES: 10 * _MINUTE, Plan.SECONDS: _MINUTE}
GIVE_UP = timedelta(days=5)
"""What RFC 5321, 4.5.4.1 calls a sensible life of a message that nothing else limits."""

START = tuple(seconds * _SECOND for seconds in (0, 10, 20, 40, 60))
"""Moments of the plan of seconds, from the first attempt on."""

LAST = timedelta(seconds=15)
"""How long before its window ends an incident notice is tried for the last time."""

SWITCH_FAILURES = 2
SWITCH_AFTER = _MINUTE
WARNINGS = (60 * _MINUTE, 90 * _MINUTE, 105 * _MINUTE)

_ENOUGH = {
    (Plan.MINUTES, Verdict.UNKNOWN): 2,
    (Plan.SECONDS, Verdict.UNKNOWN): 3,
    (Plan.SECONDS, Verdict.PATH): 4,
}
"""The number of equal outcomes at which a message is left to a person; a refusal needs one."""

_REFUSALS = (Verdict.ADDRESS, Verdict.PATH, Verdict.SIZE)
_INSISTED = (Verdict.ADDRESS, Verdict.PATH)
_PROVIDER_AT_FAULT = (Verdict.OURS, *_INSISTED)


def next_attempt(
    kind: Kind,
    outcome: Outcome,
    attempts: int,
    first_at: datetime,
    now: datetime,
    not_after: datetime,
    rng: Random,
    *,
    repeats: int = 1,
    silences: int = 0,
) -> Decision:
    """Return when a message is tried again, or how it ends.

    All counts include this attempt: `attempts` are those that counted, `repeats` the message's
    outcomes with this verdict, `silences` those after which it may have arrived. `first_at` is
    when the first attempt began. Times are aware. Raises `ValueError` for `ONWARD`.
    """
    if outcome.verdict is Verdict.ONWARD:
        raise ValueError("the session goes on")
    if outcome.verdict is Verdict.UNKNOWN:
        repeats = silences = max(repeats, silences)
    plan = CARRIAGE[kind].plan
    insists = kind is Kind.INCIDENT and outcome.verdict in _INSISTED
    final = None if insists else _final(plan, outcome, repeats)
    if final is not None:
        return End(final)
    wait = _wait(plan, outcome, attempts, now - first_at, rng)
    if insists and repeats > 1:
        wait = _varied(_MINUTE, rng)
    if kind is Kind.INCIDENT and outcome.verdict is not Verdict.UNKNOWN:
        wait = _before_the_end(wait, not_after - now)
    # Measured before it is added: a wait may reach past the last day there is.
    if wait > not_after - now or (plan is Plan.MINUTES and now - first_at > GIVE_UP):
        # «Expired» would say that it was not sent, which nobody knows after a silence.
        unheard = (State.UNKNOWN, State.NEEDS_HUMAN)
        return End(unheard if silences else (State.DEFERRED, State.EXPIRED))
    resting = State.UNKNOWN if outcome.verdict is Verdict.UNKNOWN else State.DEFERRED
    switch = plan is Plan.SECONDS and _switches(outcome, attempts, now - first_at, repeats)
    return Again(now + wait, (resting,), switch)


def warnings(opened: datetime, not_after: datetime) -> tuple[datetime, ...]:
    """Return when person and operator are warned that an incident notice has not left.

    `opened` is the start of the window, which is the deadline; the first failure is told at once.
    """
    return tuple(opened + after for after in WARNINGS if opened + after < not_after)


def _final(plan: Plan, outcome: Outcome, repeats: int) -> tuple[State, ...] | None:
    """Return the states in which a message ends whatever the time, or None."""
    verdict = outcome.verdict
    if verdict is Verdict.ACCEPTED:
        return (State.ACCEPTED,)
    if not outcome.counts:
        return None
    if verdict is Verdict.UNKNOWN and repeats >= _ENOUGH[plan, verdict]:
        return (State.UNKNOWN, State.NEEDS_HUMAN)
    if verdict not in _REFUSALS or repeats < _ENOUGH.get((plan, verdict), 1):
        return None
    # A reminder to a dead address needs nobody: the address is suppressed, and that is all.
    alone = plan is Plan.MINUTES and verdict is Verdict.ADDRESS
    return (State.REJECTED,) if alone else (State.REJECTED, State.NEEDS_HUMAN)


def _wait(
    plan: Plan, outcome: Outcome, attempts: int, elapsed: timedelta, rng: Random
) -> timedelta:
    if outcome.verdict is Verdict.UNKNOWN:
        return AFTER_SILENCE[plan]
    if plan is Plan.SECONDS:
        return _seconds(outcome, attempts, elapsed, rng)
    if outcome.verdict is Verdict.CONNECTION:
        doubled = BACK_OFF * 2 ** min(max(attempts, 1) - 1, 16)
        return _varied(min(doubled, LONGEST_BACK_OFF), rng)
    if not outcome.counts:
        return _varied(AFTER_OUR_FAULT, rng)
    return STEPS[min(max(attempts, 1), len(STEPS)) - 1]


def _before_the_end(wait: timedelta, left: timedelta) -> timedelta:
    """Return a wait that leaves time for one more attempt, as long as there is that much."""
    return min(wait, left - LAST) if left > LAST else wait


def _seconds(outcome: Outcome, attempts: int, elapsed: timedelta, rng: Random) -> timedelta:
    """Return the wait until this attempt's moment of the start, or about a minute after the last.

    A moment that a slow failure has used up is taken at once, so that the other provider's turn
    comes early. One that does not count waits for the next moment by time alone, else two
    providers that both refuse us would be asked in a tight loop. A clock set back costs one step.
    """
    passed = max(elapsed, timedelta(0))
    number = max(attempts, 1) if outcome.counts else sum(moment <= passed for moment in START)
    if number >= len(START):
        return _varied(_MINUTE, rng)
    due = START[number] - elapsed
    return min(max(due, timedelta(0)), START[number] - START[number - 1])


def _switches(outcome: Outcome, attempts: int, elapsed: timedelta, repeats: int) -> bool:
    if outcome.verdict is Verdict.UNKNOWN:
        return repeats > 1
    long = attempts >= SWITCH_FAILURES or elapsed >= SWITCH_AFTER
    return long or outcome.verdict in _PROVIDER_AT_FAULT


def _varied(wait: timedelta, rng: Random) -> timedelta:
    return wait * rng.uniform(1 - _SPREAD, 1 + _SPREAD)
