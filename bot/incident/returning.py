"""What comes back about a notice: a line of its record, and the person is told."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.incident import progress, register
from bot.incident.progress import STANDING
from bot.post.books import Books
from bot.post.bounces.following import Heard
from bot.post.bounces.reports import Fate, Report
from bot.store.tables import Incident

_STEPS = {Fate.DELIVERED: "delivered", Fate.DELAYED: "delayed", Fate.FAILED: "bounced"}
ANSWERED = "answered"
"""What a person is told once when any other mail comes to a notice's own address."""


class Returning:
    """Takes down what comes back about notices; `books` opens the post office's books."""

    def __init__(self, books: Callable[[AsyncConnection], Books]) -> None:
        self._books = books

    async def heard(self, connection: AsyncConnection, heard: Heard, now: datetime) -> None:
        """Note what came back and tell it; hearing it twice changes nothing more."""
        row = await register.by_message(connection, heard.message)
        if row is None:
            return
        books = self._books(connection)
        if heard.report is None:
            await progress.tell(books, row, ANSWERED, once=ANSWERED)
        elif heard.names_agency:
            await _reported(books, row, heard, heard.report)
        else:
            await _mentioned(books, row, heard, heard.report)


async def _mentioned(books: Books, row: Incident, heard: Heard, report: Report) -> None:
    """Note a report that does not name the agency's mailbox: how the notice stands is as before."""
    once = f"{heard.message}:report:{report.fate}"
    await register.add_step(
        books.database, books.connection, row.id, once, books.now, "report", report.words
    )


async def _reported(books: Books, row: Incident, heard: Heard, report: Report) -> None:
    what = _STEPS[report.fate]
    once = f"{heard.message}:{what}"
    await register.add_step(
        books.database, books.connection, row.id, once, books.now, what, report.words
    )
    told = STANDING if report.fate is Fate.DELIVERED else what
    await progress.tell(books, row, told, once=once, letter=report.fate is Fate.FAILED)
