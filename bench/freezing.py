"""Fixing the bytes of everything that is due, in a process of its own: nothing is sent.

`python -m bench.freezing DATABASE_URL NOW` prints JSON: messages a second, the peak of memory in
MB, and the size of a message.
"""

import json
import sys
import time
from datetime import datetime

import uvloop
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col

from bench.carrying import peak_mb
from bot.post import claiming, freezing
from bot.post.kinds import Lane
from bot.post.letters import Letters
from bot.service import open_noon
from bot.settings import Settings
from bot.store.tables import OutboxMessage as Row

AT_ONCE = 96


async def measure(url: str, now: datetime) -> dict[str, float]:
    """Return `per_second`, `peak_mb` and `bytes`."""
    settings = Settings(_env_file=None, database_url=SecretStr(url), now=now)
    async with open_noon(settings, migrate=True) as noon:
        letters = Letters(lambda: noon.almanac.desk, noon.key, settings, noon.clock)
        begun, number, size = time.perf_counter(), 0, 0
        while True:
            async with noon.database.write() as connection:
                claimed = await claiming.claim(
                    connection, now=noon.clock.now(), owner="bench", seconds=600, limit=AT_ONCE,
                    lane=Lane.ORDINARY, channel="mail",
                )  # fmt: skip
                fixed = await freezing.fix(connection, claimed, letters.make, noon.clock.now())
            if not claimed:
                break
            number += len(fixed)
            size = len(fixed[0][1])
        took = time.perf_counter() - begun
        async with noon.database.write() as connection:
            again = update(Row).where(col(Row.state) == "sending")
            await connection.execute(again.values(state="planned", leased_until=0.0))
    return {"per_second": number / took, "peak_mb": peak_mb(), "bytes": size}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(measure(sys.argv[1], datetime.fromisoformat(sys.argv[2])))))
