"""Scripted misbehaviour of the server: what a method answers next, and when."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ANY_METHOD = "*"


@dataclass(frozen=True, slots=True)
class Served:
    """Answers as usual: lets calls pass between two faults."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """429 with `retry_after`; until that has passed, sends to this chat get 429 too.

    With `everywhere` the halt is for all chats.
    """

    retry_after: int
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A 5xx without any effect; `page` answers with a proxy's HTML instead of JSON."""

    code: int = 502
    page: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Any other refusal, with the text behind the status phrase."""

    code: int
    text: str
    parameters: Json | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection is cut without an answer; `after` cuts it when the call has taken effect."""

    after: bool = False


@dataclass(frozen=True, slots=True)
class Delayed:
    """The call is carried out `seconds` later; `after` delays only its answer."""

    seconds: float
    after: bool = False


Step = Served | TooMany | Failed | Refused | Dropped | Delayed

NAMES: dict[str, type[Step]] = {
    "served": Served,
    "too_many": TooMany,
    "failed": Failed,
    "refused": Refused,
    "dropped": Dropped,
    "delayed": Delayed,
}


def step(description: Json) -> Step:
    """Returns the step of `{"kind": "too_many", "retry_after": 5}` and the like.

    Raises:
        ValueError: for an unknown kind or unfitting values.
    """
    values = dict(description)
    kind = NAMES.get(str(values.pop("kind", "")))
    if kind is None:
        raise ValueError(f"no such step: {description}; there are {', '.join(NAMES)}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"{description}: {error}") from error


class Script:
    """The steps still to come, by method; `*` stands for every method without its own."""

    def __init__(self) -> None:
        self._steps: dict[str, deque[Step]] = defaultdict(deque)

    def add(self, method: str, *steps: Step) -> None:
        """Appends steps; each serves one call."""
        self._steps[method.lower()].extend(steps)

    def next(self, method: str) -> Step | None:
        """Returns and removes the step for this call, None if it is served as usual."""
        if not self._steps:
            return None
        for name in (method.lower(), ANY_METHOD):
            if self._steps.get(name):
                return self._steps[name].popleft()
        return None

    def clear(self) -> None:
        """Forgets every step."""
        self._steps.clear()
