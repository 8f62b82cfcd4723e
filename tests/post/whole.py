"""One run of reminders to Postfix's smtp-sink, counted by Message-ID."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

from sqlalchemy.engine import URL

from bot.store.database import Database
from tests.post.running import BEFORE, DUE, PATIENCE, done, environment, noon, stop, table
from tests.post.store import states
from tests.smtp.sink import sink


async def run(url: URL, folder: Path, people: int, kills: int) -> Counter[bytes]:
    """Import `people`, carry their reminders with `kills` on the way; return copies by name."""
    file = table(folder, range(people))
    before = environment(url, folder, BEFORE)
    await done(await noon("subscribers", "import", str(file), **before))
    database = Database(url)
    try:
        async with sink(keeping=True) as server:
            due = environment(url, folder, DUE, NOON_SMTP_URL=server.url)
            for number in range(1, kills + 1):
                post = await noon("post", **due)
                await _until_accepted(database, people * number // (kills + 1))
                await stop(post, signal.SIGKILL)
            post = await noon("post", **due)
            await _until_accepted(database, people)
            await stop(post)
            return server.copies()
    finally:
        await database.close()


async def _until_accepted(database: Database, number: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await states(database))["accepted"] < number:
            await asyncio.sleep(0.02)
