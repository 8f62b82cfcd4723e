"""Selections of deadlines, as people write them in a link or on the command line.

An action (`KA220`), a sector (`VET`), both (`KA220-VET`), a deadline id, `KA2` or `all`; several
are joined by `+` in an address. Unconfirmed rounds come only by id or with `all`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.deadlines import KA2, Deadline


class UnknownSelection(ValueError):
    """The selection names nothing in the calendar; `known` lists what may be written."""

    def __init__(self, selection: str, known: Sequence[str]) -> None:
        self.selection = selection
        self.known = tuple(known)
        super().__init__(selection)


@dataclass(frozen=True)
class Selection:
    """A selection in its one canonical writing, sorted and joined by `+`."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "+".join(self.names)


def parse(written: Iterable[str], deadlines: Sequence[Deadline]) -> Selection:
    """Return the selection that `written` means; none given means all of KA2.

    Upper and lower case are the same. Raises `UnknownSelection` for a name the calendar lacks.
    """
    names = [name for text in written for name in text.replace(" ", "+").split("+") if name]
    known = {name.casefold(): name for name in _names(deadlines)}
    for name in names:
        if name.casefold() not in known:
            raise UnknownSelection(name, _examples(deadlines))
    return Selection(tuple(sorted({known[name.casefold()] for name in names})) or ("KA2",))


def select(selection: Selection, deadlines: Iterable[Deadline]) -> list[Deadline]:
    """Return the deadlines of `selection`, earliest first."""
    chosen = [
        deadline
        for deadline in deadlines
        if any(_matches(name, deadline) for name in selection.names)
    ]
    return in_order(chosen)


def in_order(deadlines: Iterable[Deadline]) -> list[Deadline]:
    """Return `deadlines` by moment of closing, then by id."""
    return sorted(deadlines, key=lambda deadline: (deadline.instant, deadline.id))


def _matches(name: str, deadline: Deadline) -> bool:
    if name in ("all", deadline.id):
        return True
    if deadline.status == "conditional":
        return False
    if name == "KA2":
        return deadline.action in KA2
    return name in _short_names(deadline)


def _short_names(deadline: Deadline) -> set[str]:
    both = {f"{deadline.action}-{sector}" for sector in deadline.sectors}
    return {deadline.action, *deadline.sectors, *both}


def _names(deadlines: Iterable[Deadline]) -> set[str]:
    every = {name for deadline in deadlines for name in _short_names(deadline)}
    return every | {deadline.id for deadline in deadlines} | {"all", "KA2"}


def _examples(deadlines: Iterable[Deadline]) -> list[str]:
    ours = [deadline for deadline in deadlines if deadline.action in KA2]
    sectors = {sector for deadline in ours for sector in deadline.sectors}
    return [*KA2, *sorted(sectors), "KA220-VET", *sorted(d.id for d in ours), "all"]
