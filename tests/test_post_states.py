"""The life of a message: every pair of states is either a legal step or refused."""

from itertools import product

import pytest

from bot.post.states import TERMINAL, IllegalTransition, State, leading_to, may, step

LEGAL = {
    "planned": "due expired cancelled",
    "due": "sending expired cancelled",
    "sending": "accepted deferred unknown rejected expired cancelled",
    "deferred": "due expired cancelled",
    "unknown": "due accepted needs_human expired cancelled",
    "rejected": "needs_human expired cancelled",
    "needs_human": "due expired cancelled",
    "accepted": "delivered delayed bounced",
    "delayed": "delivered bounced",
    "delivered": "",
    "bounced": "",
    "expired": "",
    "cancelled": "",
}
TAKEN = {State.ACCEPTED, State.DELIVERED, State.DELAYED, State.BOUNCED}


def reachable(start: State) -> set[State]:
    """Return every state that a message in `start` can still come to."""
    found: set[State] = set()
    ahead = {start}
    while ahead:
        ahead = {after for before in ahead for after in State if may(before, after)} - found
        found |= ahead
    return found


def test_every_state_stands_in_the_table() -> None:
    assert set(LEGAL) == set(State)


@pytest.mark.parametrize(("before", "after"), [*product(State, State)])
def test_every_pair_of_states_is_a_step_or_is_refused(before: State, after: State) -> None:
    legal = after in LEGAL[before].split()
    assert may(before, after) is legal
    assert (before in leading_to(after)) is legal
    if legal:
        assert step(before, after) is after
        return
    with pytest.raises(IllegalTransition) as refused:
        step(before, after)
    assert (refused.value.before, refused.value.after) == (before, after)


def test_a_planned_message_can_come_to_any_other_state() -> None:
    assert reachable(State.PLANNED) == set(State) - {State.PLANNED}


def test_every_message_can_come_to_an_end() -> None:
    assert {"delivered", "bounced", "expired", "cancelled"} == TERMINAL
    for state in set(State) - TERMINAL:
        assert reachable(state) & TERMINAL, state


@pytest.mark.parametrize("state", sorted(TAKEN))
def test_what_a_server_has_taken_is_never_sent_again_nor_called_unsent(state: State) -> None:
    assert reachable(state) <= TAKEN


def test_only_a_due_message_is_sent_and_only_a_sent_one_can_be_unknown() -> None:
    assert leading_to(State.SENDING) == {State.DUE}
    assert leading_to(State.UNKNOWN) == {State.SENDING}
    assert leading_to(State.ACCEPTED) == {State.SENDING, State.UNKNOWN}


@pytest.mark.parametrize("state", sorted(set(State) - TAKEN - TERMINAL))
def test_whatever_has_not_been_taken_may_run_out_or_be_called_back(state: State) -> None:
    assert may(state, State.EXPIRED)
    assert may(state, State.CANCELLED)
