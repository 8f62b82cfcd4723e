"""How many messages of a channel may leave now, over all processes."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import slots
from bot.store.database import Database
from bot.store.slots import Pace


class Pacing:
    """Messages a second of one channel; `rate` 0 lets everything through."""

    def __init__(self, database: Database, channel: str, rate: float) -> None:
        self._database = database
        self._channel = channel
        self._pace = Pace(1 / rate, max(1, int(rate))) if rate else None
        self.seconds = 1 / rate if rate else 0.0
        """Seconds from one message to the next."""

    async def take(self, connection: AsyncConnection, most: int) -> int:
        """Return how many of `most` messages may leave now, and count them as gone."""
        if self._pace is None or not most:
            return most
        return await slots.take(self._database, connection, self._channel, self._pace, most)

    async def put_back(self, connection: AsyncConnection, number: int) -> None:
        """Give back what was taken in this transaction and not used."""
        if self._pace is not None and number:
            await slots.put_back(connection, self._channel, self._pace.gap * number)
