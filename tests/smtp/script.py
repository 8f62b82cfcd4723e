"""The script: at which command what happens, for whom, from which time on and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from tests.smtp.steps import Dropped, Effective, Served, Silent, Step, Written

Command = Literal[
    "greeting",
    "tls",
    "ehlo",
    "starttls",
    "auth",
    "mail",
    "rcpt",
    "data",
    "dot",
    "rset",
    "noop",
    "quit",
]
"""Where a step can stand in: `tls` is the handshake, `ehlo` also HELO, `dot` ends the data."""

COMMANDS: tuple[Command, ...] = get_args(Command)

ALWAYS = None
"""For `times`: without end."""


@dataclass(slots=True, eq=False)
class Rule:
    """One line of the script; `came` counts fitting commands, `met` how often the step happened."""

    command: Command
    step: Step
    times: int | None = 1
    after: int = 0
    to: str | None = None
    came: int = 0
    met: int = 0
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, command: str, recipients: Iterable[str]) -> bool:
        """Returns whether this rule decides about the command that has just come."""
        if command != self.command or not self._concerns(recipients):
            return False
        self.came += 1
        if self.came <= self.after or (self.times is not None and self.met >= self.times):
            return False
        self.met += 1
        self._event.set()
        return True

    def reached(self, times: int = 1, timeout: float = 5.0) -> Coroutine[Any, Any, None]:
        """Waits (awaited) until the step has begun to happen so often.

        Raises:
            TimeoutError: when it does not.
        """
        return asyncio.wait_for(self._reached(times), timeout)

    async def _reached(self, times: int) -> None:
        while self.met < times:
            self._event.clear()
            await self._event.wait()

    def _concerns(self, recipients: Iterable[str]) -> bool:
        if self.to is None:
            return True
        return any(fnmatchcase(address.lower(), self.to.lower()) for address in recipients)


class Script:
    """The rules in order; the first that takes a command decides, without one it is served."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def at(
        self,
        command: Command,
        step: Step,
        *,
        times: int | None = 1,
        after: int = 0,
        to: str | None = None,
    ) -> Rule:
        """Adds a rule and returns it.

        The step happens at `command` for `times` times (`ALWAYS`: without end), after the first
        `after` fitting ones have passed; `to` limits it to recipients that fit a pattern
        (`*@example.org`): at `rcpt` the one named, at `data` and `dot` any of the message's.

        Raises:
            ValueError: for an unknown command, a step that makes no sense there, or a `to` where
                no recipient is known yet.
        """
        if command not in COMMANDS:
            raise ValueError(f"no such command: {command}; there are {', '.join(COMMANDS)}")
        if command == "tls" and not isinstance(step, Served | Dropped | Silent | Written):
            raise ValueError("a handshake can be delayed, dropped, left unanswered or spoilt")
        if isinstance(step, Effective) and command != "dot":
            raise ValueError("only the end of the data has an effect worth hiding")
        if to is not None and command not in ("rcpt", "data", "dot"):
            raise ValueError(f"no recipient is known at {command}")
        rule = Rule(command, step, times, after, to)
        self.rules.append(rule)
        return rule

    def next(self, command: str, recipients: Iterable[str] = ()) -> Step | None:
        """Returns the step for a command that has just come, None if it is served as usual."""
        for rule in self.rules:
            if rule.takes(command, recipients):
                return rule.step
        return None

    def clear(self) -> None:
        """Forgets every rule."""
        self.rules.clear()
