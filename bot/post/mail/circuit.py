"""Whether a provider gets messages at present: the circuit is closed while it works."""

import time
from collections.abc import Callable

from bot.post.outcomes import Outcome, Verdict
from bot.post.settling import Report

FIRST_WAIT = 30.0
LONGEST_WAIT = 300.0
"""Seconds until one message tries whether the provider works again; the wait doubles."""

SILENT = 2
"""So many messages in a row that found no connection show, where seconds count, that it is dead."""

_REACHED = (Verdict.ACCEPTED, Verdict.UNKNOWN)


class Circuit:
    """Opens when a provider refuses us, not a message; then one message at a time tries it.

    It opens too when a provider is dead, but then nothing is kept from it that no other would take:
    it is only `avoided`. `because` is the report that opened it, None while it is closed. `seconds`
    is real time.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.because: Report | None = None
        self._seconds = seconds
        self._wait = FIRST_WAIT
        self._try_at = 0.0
        self._probing = False
        self._lost = 0

    @property
    def open(self) -> bool:
        """Whether the provider is seen as broken."""
        return self.because is not None

    @property
    def avoided(self) -> bool:
        """Whether it is open because the provider is dead: another one is better, if there is."""
        return self.because is not None and not self.because.outcome.opens_circuit

    @property
    def probing(self) -> bool:
        """Whether a message is trying the provider, or may do so now."""
        return self.open and (self._probing or self._seconds() >= self._try_at)

    @property
    def passable(self) -> bool:
        """Whether a message may take this way now."""
        return not self.open or (not self._probing and self._seconds() >= self._try_at)

    def enter(self) -> bool:
        """Note that a message takes this way; return whether it is the one that tries it."""
        self._probing = self._probing or self.open
        return self.open

    def leave(self, report: Report | None, *, probe: bool, hurried: bool = False) -> bool:
        """Note what came of a message, None when nothing did; return whether this opened it.

        `hurried`: it belongs to those that cannot wait, which find out together who is dead.
        """
        if report is None:
            self._probing = self._probing and not probe
            return False
        self._lost = self._lost + 1 if report.outcome.verdict is Verdict.CONNECTION else 0
        if probe:
            self._probing = False
            self._tried(report)
        elif not self.open and self._broken(report.outcome, hurried):
            self.because = report
            self._again(FIRST_WAIT)
            return True
        return False

    def _tried(self, report: Report) -> None:
        """Note what came of a message that was let through an open circuit."""
        if _works(report.outcome):
            self.because = None
            return
        if report.outcome.opens_circuit:
            self.because = report
        self._again(min(self._wait * 2, LONGEST_WAIT))

    def _broken(self, outcome: Outcome, hurried: bool) -> bool:
        return outcome.opens_circuit or (hurried and self._lost >= SILENT)

    def _again(self, wait: float) -> None:
        self._wait = wait
        self._try_at = self._seconds() + wait


def _works(outcome: Outcome) -> bool:
    """Whether the provider has looked at a message: then it is not the provider that is broken."""
    return outcome.reusable or outcome.verdict in _REACHED
