"""What can be chosen: actions, their sectors, and the selection that both make."""

from collections.abc import Sequence
from datetime import datetime

from handlers.visit import Desk
from rules.deadlines import KA2, Deadline, State
from rules.selection import Selection, in_order, parse, select

ALL = "KA2"
"""The choice of all three actions."""

EVERY = "*"
"""The choice of all sectors."""

ACTIONS = (*KA2, ALL)
"""What can be chosen first."""


def sectors(desk: Desk, what: str) -> list[str]:
    """Return the sectors of an action, or of all three, in the order of the calendar."""
    ours = (each for each in _newest(desk) if each.action in _actions(what))
    return list(dict.fromkeys(sector for each in ours for sector in each.sectors))


def selection(desk: Desk, actions: Sequence[str], chosen: Sequence[str]) -> str:
    """Return the selection of `chosen` sectors of `actions` in its one writing.

    All sectors of an action are the action itself, and all three actions are KA2, so that what is
    added later counts too. Raises ValueError where no chosen sector belongs to the actions.
    """
    every = dict.fromkeys(action for what in actions for action in _actions(what))
    names = [name for action in every for name in _names(desk, action, chosen)]
    if not names:
        raise ValueError("none of these sectors belongs to the actions")
    return ALL if set(names) == set(KA2) else str(parse(names, _newest(desk)))


def ahead(desk: Desk, selected: str, now: datetime) -> list[Deadline]:
    """Return the deadlines of a selection that are still open at `now`, earliest first."""
    chosen = Selection(tuple(selected.split("+")))
    return [
        each
        for each in select(chosen, _newest(desk))
        if each.state(now, desk.facts.newest.year) is State.OPEN
    ]


def _names(desk: Desk, action: str, chosen: Sequence[str]) -> list[str]:
    known = sectors(desk, action)
    taken = [sector for sector in known if sector in chosen or EVERY in chosen]
    return [action] if taken == known else [f"{action}-{sector}" for sector in taken]


def _actions(what: str) -> tuple[str, ...]:
    return KA2 if what == ALL else (what,)


def _newest(desk: Desk) -> list[Deadline]:
    return in_order(desk.facts.newest.deadlines.values())
