"""The limits on sending: a bucket for each chat and one for all, and the halts they impose.

Telegram's advice is one message a second in a chat, twenty a minute in a group and about thirty a
second over all; the true figures are not published. Nothing is limited until it is set.
"""

from __future__ import annotations

import math
import time

from tests.botapi.refusal import Refusal, too_many

ALL_CHATS = 0


class Bucket:
    """Tokens that come back at `per_second`, never more than `burst`."""

    __slots__ = ("at", "burst", "per_second", "tokens")

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self.per_second = per_second
        self.burst = burst
        self.tokens = burst
        self.at = now

    def missing(self, now: float) -> float:
        """Returns the seconds until a token is there, 0 if one is."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1.0 - self.tokens) / self.per_second)


class Rates:
    """Enforced limits; None means unlimited.

    `early` counts the calls that came although a halt had been announced and had not passed.
    """

    def __init__(self) -> None:
        self.per_chat: float | None = None
        self.per_group: float | None = None
        self.overall: float | None = None
        self.burst_seconds = 1.0
        self.refused = 0
        self.early = 0
        self._buckets: dict[int, Bucket] = {}
        self._halts: dict[int, float] = {}

    def limit(
        self,
        per_chat: float | None = None,
        overall: float | None = None,
        per_group: float | None = None,
        burst_seconds: float = 1.0,
    ) -> None:
        """Sets messages per second for a private chat, for all chats, and for a group.

        A quiet chat may send `burst_seconds` worth of messages at once, but always one.
        """
        self.per_chat, self.per_group, self.overall = per_chat, per_group, overall
        self.burst_seconds = burst_seconds
        self._buckets.clear()

    def impose(self, seconds: float, chat_id: int = ALL_CHATS) -> Refusal:
        """Halts sending to one chat, or to all; returns the 429 that says so."""
        whole = max(1, math.ceil(seconds))
        self._halts[chat_id] = time.monotonic() + whole
        self.refused += 1
        return too_many(whole)

    def check(self, chat_id: int) -> None:
        """Lets one send pass.

        Raises:
            Refusal: 429 during a halt or above a limit.
        """
        now = time.monotonic()
        self._check_halts(chat_id, now)
        buckets = [
            (scope, bucket) for scope in {ALL_CHATS, chat_id} if (bucket := self._of(scope, now))
        ]
        for scope, bucket in buckets:
            if (wait := bucket.missing(now)) > 0:
                raise self.impose(wait, scope)
        for _, bucket in buckets:
            bucket.tokens -= 1.0

    def _check_halts(self, chat_id: int, now: float) -> None:
        if not self._halts:
            return
        left = max(self._halts.get(scope, 0.0) - now for scope in (ALL_CHATS, chat_id))
        if left > 0:
            self.early += 1
            raise too_many(max(1, math.ceil(left)))

    def _of(self, scope: int, now: float) -> Bucket | None:
        rate = self._rate(scope)
        if rate is None:
            return None
        bucket = self._buckets.get(scope)
        if bucket is None:
            bucket = Bucket(rate, max(1.0, rate * self.burst_seconds), now)
            self._buckets[scope] = bucket
        return bucket

    def _rate(self, scope: int) -> float | None:
        if scope == ALL_CHATS:
            return self.overall
        return self.per_chat if scope > 0 else self.per_group
