"""Makes relay processes quickly: what is imported once is forked for each of them.

`python -m tests.post.nursery` reads one JSON order a line and answers each with the exit status of
the process it made for it, negative for a signal; with one order as its argument it does that
itself. A process carries what is due over SMTP until
nothing is left, or until it sends itself `signal` (SIGKILL) when it passes `point` for the `nth`
time.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from sqlalchemy import make_url

from bot.clock import Clock
from bot.post import claiming
from bot.post.kinds import Lane
from bot.post.mail import MailCarrier
from bot.post.outbox import Claimed, Frozen
from bot.post.providers import Provider, Tls
from bot.post.relay import Relay, Way
from bot.store.database import Database
from tests.post.store import settled

POINTS = ("after_claim", "after_DATA", "after_250", "before_commit")
"""Where a process may be killed on a message's way."""


def letter(claimed: Claimed) -> Frozen:
    """Return bytes and name of a message; another claim would make other ones."""
    name = f"<{claimed.id}@noon.invalid>"
    lines = (f"Message-ID: {name}", f"X-Fence: {claimed.fence}", "", claimed.id, "")
    return Frozen("\r\n".join(lines).encode(), name)


def ending(point: str | None, nth: int, number: int) -> Callable[[str], None]:
    """Return what sends this process a signal when it passes `point` for the `nth` time."""
    passed: Counter[str] = Counter()

    def passing(name: str) -> None:
        passed[name] += 1
        if name == point and passed[name] == nth:
            os.kill(os.getpid(), number)

    return passing


async def carry(order: dict[str, Any]) -> None:
    """Carry what is due over the SMTP server at `port`, until nothing is waiting any more."""
    database = Database(make_url(order["database"]))
    number = order.get("signal", signal.SIGKILL)
    passing = ending(order.get("point"), order.get("nth", 1), number)
    carrier = MailCarrier(
        [Provider("127.0.0.1", order["port"], Tls.NONE)],
        sender=lambda claimed: "noon@noon.invalid",
        connections=order.get("connections", 8),
        name="noon.invalid",
        clock=Clock(),
        on_trouble=lambda provider, what: None,
        passing=passing,
    )
    relay = Relay(
        database, Clock(), carrier, letter, way=Way(Lane(order["lane"]), "mail"),
        owner=str(os.getpid()), lease=order.get("lease", 1.0), rng=Random(1), passing=passing,
    )  # fmt: skip
    if database.embedded:
        async with database.write() as connection:
            await claiming.let_go(connection)
    running = asyncio.create_task(relay.run())
    while not await settled(database):
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await carrier.close()
    await database.close()


def main(carry: Callable[[dict[str, Any]], Coroutine[Any, Any, None]] = carry) -> None:
    """Obey orders until there are none; `carry` is what an order has done."""
    if len(sys.argv) > 1:
        asyncio.run(carry(json.loads(sys.argv[1])))
        return
    for line in sys.stdin:
        child = os.fork()
        if not child:
            asyncio.run(carry(json.loads(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
