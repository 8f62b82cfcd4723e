"""Whole post offices made as quickly as relays are, for notices: see `nursery`.

An order has the folder of the files besides; the process ends once no notice waits any more.
"""

import asyncio
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot.post import claiming
from bot.post.office import Office
from bot.store.database import Database
from tests.delivering import Desk, learned, settings
from tests.post.nursery import ending, main
from tests.post.store import settled


async def carry(order: dict[str, Any]) -> None:
    """Run a post office until nothing is left, or until it kills itself."""
    database = Database(make_url(order["database"]))
    made = settings(Path(order["folder"]), order["port"], lease=order.get("lease", 1.0))
    desk = Desk(database, made, datetime.fromisoformat(order["now"]))
    passing = ending(order.get("point"), order.get("nth", 1), signal.SIGKILL)
    if database.embedded:
        async with database.write() as connection:
            await claiming.let_go(connection)
    running = asyncio.create_task(Office(desk.noon, passing).run())
    while not await settled(database) and not running.done():
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()
    os._exit(0)


if __name__ == "__main__":
    learned()
    main(carry)
