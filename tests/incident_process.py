"""A process that confirms an incident notice and kills itself at a named point."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import make_url

from bot.store.database import Database
from handlers.cases import Notice
from tests.notices import CASE, Bureau


async def confirm(url: str, folder: Path, point: str) -> None:
    """Confirm the notice of `web-1` and die before or after its transaction's commit."""
    bureau = Bureau(Database(make_url(url)), folder)
    async with bureau.cases() as cases:
        assert isinstance(await cases.confirm(CASE), Notice)
        if point == "before-commit":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(confirm(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
