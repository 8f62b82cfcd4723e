"""The life of one message: its states and the only ways between them.

The core is planned → due → sending → accepted → delivered, delayed or bounced; sending → deferred
→ due after a 4yz reply; sending → unknown → due when nothing was heard after the final dot;
sending → rejected → needs_human after a 5yz reply; and from anywhere expired or cancelled.

What that leaves open is decided so:

- «From anywhere» ends where a server has taken the message: an accepted message can neither run
  out nor be called back, and saying so would be untrue. While it is being sent, only the holder
  of the lease may end it, because nobody else knows that nothing has left.
- delayed → delivered or bounced: the server that reports a delay is still trying, and its last
  word follows (RFC 3464, 2.3.3). delivered and bounced are last words; a report that contradicts
  one is kept beside the message and changes no state.
- A lapsed lease is sending → unknown, never → due: nobody knows how far the dead worker came.
- unknown → accepted when a delivery report proves that a server has the message: then a second
  copy would be a mistake. unknown → needs_human when the repetitions are used up.
- A refusal while another way is left is deferred; rejected means that no way is left. A smaller
  variant, or a notice to another address, is a message of its own, because its bytes differ.
- needs_human → due when a person has mended the cause. rejected may also stay as it is.
- A message that moves to another day is cancelled and planned anew, so there is no way back to
  planned.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a message is; the value is what the store keeps."""

    PLANNED = "planned"
    DUE = "due"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    NEEDS_HUMAN = "needs_human"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class IllegalTransition(ValueError):
    """A message may not go from `before` to `after`."""

    def __init__(self, before: State, after: State) -> None:
        self.before = before
        self.after = after
        super().__init__(f"{before} → {after}")


_STOPPED = frozenset({State.EXPIRED, State.CANCELLED})

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: _STOPPED | {State.DUE},
        State.DUE: _STOPPED | {State.SENDING},
        State.SENDING: _STOPPED | {State.ACCEPTED, State.DEFERRED, State.UNKNOWN, State.REJECTED},
        State.DEFERRED: _STOPPED | {State.DUE},
        State.UNKNOWN: _STOPPED | {State.DUE, State.ACCEPTED, State.NEEDS_HUMAN},
        State.REJECTED: _STOPPED | {State.NEEDS_HUMAN},
        State.NEEDS_HUMAN: _STOPPED | {State.DUE},
        State.ACCEPTED: frozenset({State.DELIVERED, State.DELAYED, State.BOUNCED}),
        State.DELAYED: frozenset({State.DELIVERED, State.BOUNCED}),
        State.DELIVERED: frozenset(),
        State.BOUNCED: frozenset(),
        State.EXPIRED: frozenset(),
        State.CANCELLED: frozenset(),
    }
)
"""Every legal step: state → the states that may follow it."""

TERMINAL = frozenset(state for state, after in TRANSITIONS.items() if not after)
"""The states that nothing follows."""


def may(before: State, after: State) -> bool:
    """Whether a message may go from `before` to `after`; staying is not a step."""
    return after in TRANSITIONS[before]


def step(before: State, after: State) -> State:
    """Return `after`; raises `IllegalTransition` when it may not follow `before`."""
    if not may(before, after):
        raise IllegalTransition(before, after)
    return after


def leading_to(after: State) -> frozenset[State]:
    """Return the states that `after` may follow: what a conditional update asks for."""
    return frozenset(before for before in State if may(before, after))
