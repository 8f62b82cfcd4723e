"""A relay to Telegram as a process of its own, which can be told where to die.

`python -m tests.telegram.relaying after_250 10` kills itself (SIGKILL) when it passes that point
for the tenth time; without arguments it works until it is ended.
"""

import asyncio
import json
import os
import signal
import sys
from random import Random
from uuid import uuid4

from telegram.ext import ExtBot

from bot.clock import Clock
from bot.faces.telegram.limiter import Bulk, StoreLimiter
from bot.faces.telegram.transport import Transport
from bot.post.kinds import Lane
from bot.post.outbox import Claimed, Frozen
from bot.post.relay import Relay, Way
from bot.post.telegram import TelegramCarrier
from bot.settings import Settings, load_settings
from bot.store.database import Database


class Fuse:
    """Kills this process when it passes `point` for the `times`-th time."""

    def __init__(self, point: str, times: int) -> None:
        self._point = point
        self._left = times

    def __call__(self, point: str) -> None:
        """Count; at the last time nothing comes after it."""
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def make(claimed: Claimed) -> Frozen:
    """Return a message that tells itself from all others, also from a later making of itself."""
    text = f"{claimed.content['text']} made at claim {claimed.fence}"
    content = json.dumps({"text": text, "keyboard": []}).encode()
    return Frozen(content, f"<reminder.{claimed.id}@noon.invalid>")


def make_bot(settings: Settings, database: Database) -> ExtBot[Bulk]:
    """Return a bot as the face makes one."""
    assert settings.telegram_token is not None
    return ExtBot(
        settings.telegram_token.get_secret_value(),
        f"{settings.telegram_api}/bot",
        request=Transport(settings.telegram_api, 8),
        rate_limiter=StoreLimiter(database, settings.telegram_rate, settings.telegram_chat_rate),
    )


async def work(passing: Fuse) -> None:
    """Carry what is planned for Telegram."""
    settings = load_settings()
    database = Database(settings.database)
    clock = Clock()
    relay = Relay(
        database,
        clock,
        TelegramCarrier(make_bot(settings, database), clock),
        make,
        way=Way(Lane.ORDINARY, "telegram"),
        owner=uuid4().hex,
        lease=settings.lease,
        rng=Random(1),
        passing=passing,
    )
    await relay.run()


if __name__ == "__main__":
    point, times = (*sys.argv[1:], "", "0")[:2]
    asyncio.run(work(Fuse(point, int(times))))
