"""A ledger of one turn among many in a transaction: what a failed turn did with it is undone.

The savepoint that this takes begins at the ledger's first use, because most turns never use it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from handlers.ledger import Ledger, Subscribed, Taken, Wanted


@asynccontextmanager
async def undoable(connection: AsyncConnection, ledger: Ledger) -> AsyncIterator[Ledger]:
    """Yield `ledger`; an error in the block undoes what was done with it, and is raised."""
    guarded = _Undoable(connection, ledger)
    try:
        yield guarded
    except BaseException:
        if guarded.savepoint is not None:
            await guarded.savepoint.rollback()
        raise
    if guarded.savepoint is not None:
        await guarded.savepoint.commit()


class _Undoable:
    def __init__(self, connection: AsyncConnection, ledger: Ledger) -> None:
        self.savepoint: AsyncTransaction | None = None
        self._connection = connection
        self._ledger = ledger

    async def _begun(self) -> Ledger:
        if self.savepoint is None:
            self.savepoint = await self._connection.begin_nested()
        return self._ledger

    @property
    def channels(self) -> Sequence[str]:
        return self._ledger.channels

    @property
    def captured(self) -> bool:
        return self._ledger.captured

    async def subscriptions(self) -> list[Subscribed]:
        return await (await self._begun()).subscriptions()

    async def subscribe(self, wanted: Wanted) -> Taken:
        return await (await self._begun()).subscribe(wanted)

    async def stop(self, subscription: str | None = None) -> int:
        return await (await self._begun()).stop(subscription)

    async def handed_in(self, deadline: str) -> bool:
        return await (await self._begun()).handed_in(deadline)

    async def still_due(self, deadline: str) -> None:
        await (await self._begun()).still_due(deadline)

    async def snooze(self, deadline: str) -> datetime | None:
        return await (await self._begun()).snooze(deadline)

    async def held(self) -> Mapping[str, Any]:
        return await (await self._begun()).held()

    async def erase(self) -> None:
        await (await self._begun()).erase()
