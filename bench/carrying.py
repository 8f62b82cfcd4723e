"""The whole post office from a full outbox to a mail server, in a process of its own.

`python -m bench.carrying DATABASE_URL PORT` carries everything that is due and prints JSON:
messages a second from the first claim to the last note, and the peak of memory in MB.
"""

import asyncio
import json
import resource
import sys
import time
from datetime import datetime
from random import Random

import uvloop
from sqlalchemy import func, make_url, select
from sqlmodel import col

from bot.clock import Clock
from bot.post import outbox
from bot.post.kinds import Lane
from bot.post.mail import MailCarrier
from bot.post.outbox import Claimed, Frozen
from bot.post.providers import Provider, Tls
from bot.post.relay import Relay, Way
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row

CONNECTIONS = 8


async def measure(url: str, port: int, now: datetime) -> dict[str, float]:
    """Return `per_second` and `peak_mb`."""
    database, clock = Database(make_url(url)), Clock(now)
    due = await _due(database, now)
    carrier = MailCarrier(
        [Provider("127.0.0.1", port, Tls.NONE)],
        sender=lambda claimed: "noon@noon.invalid",
        connections=CONNECTIONS,
        name="noon.invalid",
        clock=clock,
        on_trouble=lambda provider, what: None,
    )
    relay = Relay(
        database, clock, carrier, _as_it_is, way=Way(Lane.ORDINARY, "mail"), owner="bench",
        lease=30.0, rng=Random(1),
    )  # fmt: skip
    begun = time.perf_counter()
    running = asyncio.create_task(relay.run())
    while await _waits(database, now):
        await asyncio.sleep(0.02)
    took = time.perf_counter() - begun
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await carrier.close()
    await database.close()
    return {"per_second": due / took, "peak_mb": peak_mb()}


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _as_it_is(claimed: Claimed) -> Frozen:
    if claimed.frozen is None:
        raise RuntimeError("everything was frozen before: freezing is measured on its own")
    return Frozen(claimed.frozen, claimed.message_id)


async def _due(database: Database, now: datetime) -> int:
    async with database.read() as connection:
        query = select(func.count()).where(col(Row.next_at) <= now.timestamp())
        return int((await connection.execute(query)).scalar_one())


async def _waits(database: Database, now: datetime) -> bool:
    """Whether anything that is due has not left; asked of the index, so it costs nothing."""
    async with database.read() as connection:
        mine = (col(Row.lane) == "ordinary", col(Row.channel) == "mail")
        query = select(func.min(col(Row.next_at))).where(outbox.LIVE, *mine)
        first = (await connection.execute(query)).scalar_one()
    return first is not None and first <= now.timestamp()


if __name__ == "__main__":
    url, port, now = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    print(json.dumps(uvloop.run(measure(url, port, now))))
