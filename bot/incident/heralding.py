"""Whoever waits for a notice is told at once what the operator announces."""

from typing import TYPE_CHECKING

from sqlmodel import col

from bot.incident import progress, register
from bot.store.tables import Incident

if TYPE_CHECKING:
    from bot.service import Noon

AT_ONCE = 50
"""People told in one transaction."""

MESSAGE = "announced"
"""What it is called where people are told how a notice stands."""


async def tell_open(noon: "Noon", announcement: str) -> int:
    """Tell everybody whose notice's window is open; return how many notices that are.

    An announcement is told once for each notice, however often this is called.
    """
    now = noon.clock.now()
    async with noon.database.read() as connection:
        rows = await register.where(connection, col(Incident.closes_at) > now.timestamp())
    for start in range(0, len(rows), AT_ONCE):
        async with noon.database.write() as connection:
            books = noon.books(connection)
            for row in rows[start : start + AT_ONCE]:
                await progress.tell(books, row, MESSAGE, once=announcement)
    return len(rows)
