"""An open transaction in the post office's books, with all that writing in them takes."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.settings import Settings
from bot.store.database import Database
from handlers.visit import Desk


def journal(settings: Settings) -> Path:
    """Return the file that says who was erased, beside the database that may be restored."""
    return settings.data_dir / "erased.log"


@dataclass(frozen=True)
class Books:
    """A writing transaction and what it is written with; `now` is on Noon's clock.

    Whoever opened the transaction ends it: what is written is in force with everything else that
    is written in it, or not at all.
    """

    database: Database
    connection: AsyncConnection
    key: bytes = field(repr=False)
    desk: Desk
    settings: Settings
    now: datetime

    @property
    def moment(self) -> float:
        """Return now as the tables keep it, in seconds since 1970."""
        return self.now.timestamp()

    @property
    def journal(self) -> Path:
        """Return the file that says who was erased."""
        return journal(self.settings)
