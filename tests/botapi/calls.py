"""What the bot asked for and when: the log of calls and the figures taken from it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

DROPPED = 0
"""The outcome of a call whose connection was cut; -1 while it is under way."""


@dataclass(slots=True)
class Call:
    """One request: when it came (monotonic seconds), what for, and the status answered."""

    at: float
    method: str
    parameters: Json
    outcome: int = -1
    seconds: float = 0.0

    def done(self, outcome: int) -> None:
        """Notes the answer."""
        self.outcome = outcome
        self.seconds = time.monotonic() - self.at


@dataclass(slots=True)
class Calls:
    """All calls in order, and how long chats waited for a reaction.

    A chat waits from an update until the bot's next message, edit or answer in that chat.
    """

    log: list[Call] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    waiting: dict[int, float] = field(default_factory=dict)

    def add(self, method: str, parameters: Json) -> Call:
        """Appends a call that has just come in."""
        call = Call(time.monotonic(), method, parameters)
        self.log.append(call)
        return call

    def of(self, method: str) -> list[Call]:
        """Returns the calls of one method."""
        return [call for call in self.log if call.method == method]

    def emitted(self, chat_id: int) -> None:
        """Notes that an update went out of this chat."""
        self.waiting.setdefault(chat_id, time.monotonic())

    def reacted(self, chat_id: int) -> None:
        """Notes that the bot did something visible in this chat."""
        since = self.waiting.pop(chat_id, None)
        if since is not None:
            self.waits.append(time.monotonic() - since)

    def clear(self) -> None:
        """Forgets everything so far."""
        self.log.clear()
        self.waits.clear()
        self.waiting.clear()

    def figures(self) -> Json:
        """Returns counts by method and outcome, and the waits in seconds."""
        counts: dict[str, Counter[str]] = {}
        for call in self.log:
            counts.setdefault(call.method, Counter())[str(call.outcome)] += 1
        return {
            "calls": {method: dict(counter) for method, counter in counts.items()},
            "waits": _spread(self.waits),
            "unanswered_chats": len(self.waiting),
        }


def _spread(values: list[float]) -> Json:
    if not values:
        return {"count": 0}
    ordered = sorted(values)
    last = len(ordered) - 1
    ranks = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
    spread = {name: round(ordered[round(last * rank)], 6) for name, rank in ranks.items()}
    return {"count": len(ordered), **spread}
