"""From what came of one attempt to what is noted of the message."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bot.post.kinds import Kind
from bot.post.outbox import Claimed, Settled
from bot.post.outcomes import Outcome, Verdict
from bot.post.retries import Again, next_attempt
from bot.post.states import State

LONGEST_ANSWER = 500
SOON = timedelta(seconds=1)
"""How long a message waits for one before it that is being sent."""

SMALLEST = "bare"
"""The variant of an incident notice that nothing smaller is made of."""


@dataclass(frozen=True)
class Report:
    """What a carrier came to, and the server's own words.

    `by` is the server that was asked, without any secret. `tried` is False where nobody was asked.
    """

    outcome: Outcome
    answer: str
    by: str = ""
    tried: bool = True


def settled(claimed: Claimed, report: Report, now: datetime, rng: Random) -> Settled:
    """Return what is noted of `claimed` after `report`, and when it is tried again if it is."""
    outcome = report.outcome
    same = claimed.last_verdict == outcome.verdict.value
    noted = Settled(
        claimed,
        (State.ACCEPTED,),
        now,
        attempts=claimed.attempts + (1 if outcome.counts else 0),
        repeats=claimed.repeats + 1 if same else 1,
        silences=claimed.silences + (1 if outcome.verdict is Verdict.UNKNOWN else 0),
        verdict=outcome.verdict.value,
        provider=claimed.provider,
        answer=report.answer[:LONGEST_ANSWER],
        # One server's word about the agency's mailbox keeps nobody else's notice back.
        lost=outcome.suppresses and claimed.kind is not Kind.INCIDENT,
        tried=report.tried,
        by=report.by,
    )
    return noted if outcome.verdict is Verdict.ACCEPTED else _decided(noted, outcome, rng)


def given_back(claimed: Claimed, now: datetime, until: datetime | None = None) -> Settled:
    """Return the note for a message that was claimed and not begun: anybody may take it.

    `until`: not before that moment.
    """
    return replace(_unchanged(claimed, (State.DEFERRED,), now), again_at=until or now)


def outdated(claimed: Claimed, now: datetime) -> Settled:
    """Return the note for a message whose cause is gone: it is called off."""
    return _unchanged(claimed, (State.CANCELLED,), now)


def unbuildable(claimed: Claimed, now: datetime) -> Settled:
    """Return the note for a message that cannot be built: a person has to mend the cause."""
    return _unchanged(claimed, (State.REJECTED, State.NEEDS_HUMAN), now)


def late(claimed: Claimed, now: datetime) -> Settled:
    """Return the note for a message that ran out of time after it was claimed.

    One that may have arrived unheard is left to a person: that it never left would be untrue.
    """
    unheard = (State.UNKNOWN, State.NEEDS_HUMAN)
    return _unchanged(claimed, unheard if claimed.silences else (State.EXPIRED,), now)


def _unchanged(claimed: Claimed, through: tuple[State, ...], now: datetime) -> Settled:
    return Settled(
        claimed,
        through,
        now,
        again_at=now,
        attempts=claimed.attempts,
        repeats=claimed.repeats,
        silences=claimed.silences,
        verdict=claimed.last_verdict,
        provider=claimed.provider,
    )


def _decided(noted: Settled, outcome: Outcome, rng: Random) -> Settled:
    """Return a result that was no acceptance with what follows from it."""
    claimed = noted.claimed
    decision = next_attempt(
        claimed.kind,
        outcome,
        noted.attempts,
        claimed.first_at or noted.at,
        noted.at,
        claimed.not_after,
        rng,
        repeats=noted.repeats,
        silences=noted.silences,
    )
    if not isinstance(decision, Again):
        return replace(noted, through=_replaced(claimed, outcome) or decision.through)
    provider = noted.provider + (1 if decision.switch else 0)
    return replace(noted, through=decision.through, again_at=decision.at, provider=provider)


def _replaced(claimed: Claimed, outcome: Outcome) -> tuple[State, ...]:
    """Return where a notice ends that a smaller one takes the place of: it needs no person."""
    smaller = claimed.content.get("variant", SMALLEST) != SMALLEST
    too_large = claimed.kind is Kind.INCIDENT and outcome.verdict is Verdict.SIZE
    return (State.REJECTED,) if too_large and smaller else ()
