"""The one clock. It can be shifted, so that deadline day can be rehearsed."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time in UTC: real, or from `start` on at `rate` seconds a second.

    Due times, windows and what people are told follow this clock; leases and network time-outs
    follow real time.
    """

    def __init__(self, start: datetime | None = None, rate: float = 1.0) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError("a clock starts at an aware time")
        self._start = start.astimezone(UTC) if start is not None else None
        self._rate = rate
        self._begun = time.monotonic()

    @property
    def rehearsed(self) -> bool:
        """Whether this is not the real time."""
        return self._start is not None or self._rate != 1.0

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        if not self.rehearsed:
            return datetime.now(UTC)
        passed = timedelta(seconds=(time.monotonic() - self._begun) * self._rate)
        return (self._start or self._epoch) + passed

    def real_seconds(self, seconds: float) -> float:
        """Return how long `seconds` of this clock take on a real one."""
        return seconds / self._rate

    @property
    def _epoch(self) -> datetime:
        return datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._begun)
