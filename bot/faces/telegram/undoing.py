"""What one turn among many in a transaction does: undone where the turn fails.

The savepoint that this takes begins at the first use of the ledger or of the cases, because most
turns never use them.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from handlers.cases import Added, Asked, Cases, Draft, Given, Kept, Notice, Refused
from handlers.ledger import Ledger, Subscribed, Taken, Wanted
from handlers.turn import Attachment, Upload
from rules.incident import Case


@asynccontextmanager
async def undoable(
    connection: AsyncConnection, ledger: Ledger, cases: Cases
) -> AsyncIterator[tuple[Ledger, Cases]]:
    """Yield `ledger` and `cases`; an error in the block undoes what both did, and is raised."""
    savepoint = _Savepoint(connection)
    try:
        yield _Undoable(savepoint, ledger), _UndoableCases(savepoint, cases)
    except BaseException:
        if savepoint.begun is not None:
            await savepoint.begun.rollback()
        raise
    if savepoint.begun is not None:
        await savepoint.begun.commit()


class _Savepoint:
    def __init__(self, connection: AsyncConnection) -> None:
        self.begun: AsyncTransaction | None = None
        self._connection = connection

    async def begin(self) -> None:
        if self.begun is None:
            self.begun = await self._connection.begin_nested()


class _Undoable:
    def __init__(self, savepoint: _Savepoint, ledger: Ledger) -> None:
        self._savepoint = savepoint
        self._ledger = ledger

    async def _begun(self) -> Ledger:
        await self._savepoint.begin()
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


class _UndoableCases:
    def __init__(self, savepoint: _Savepoint, cases: Cases) -> None:
        self._savepoint = savepoint
        self._cases = cases

    async def _begun(self) -> Cases:
        await self._savepoint.begin()
        return self._cases

    @property
    def captured(self) -> bool:
        return self._cases.captured

    @property
    def mailbox(self) -> str | None:
        return self._cases.mailbox

    async def proved(self) -> str | None:
        return await (await self._begun()).proved()

    async def ask_code(self, address: str) -> Asked:
        return await (await self._begun()).ask_code(address)

    async def codes_again(self) -> datetime:
        return await (await self._begun()).codes_again()

    async def give_code(self, code: str) -> Given:
        return await (await self._begun()).give_code(code)

    async def add(self, upload: Upload) -> Added:
        return await (await self._begun()).add(upload)

    async def files(self) -> Sequence[Kept]:
        return await (await self._begun()).files()

    async def drop(self, identifier: str) -> bool:
        return await (await self._begun()).drop(identifier)

    async def draft(self, case: Case) -> Draft:
        return await (await self._begun()).draft(case)

    async def confirm(self, case: Case) -> Notice | Refused:
        return await (await self._begun()).confirm(case)

    async def notices(self) -> Sequence[Notice]:
        return await (await self._begun()).notices()

    async def by_hand(self, case: Case) -> Sequence[Attachment]:
        return await (await self._begun()).by_hand(case)

    async def letter(self, identifier: str, *, by_hand: bool = False) -> Attachment | None:
        return await (await self._begun()).letter(identifier, by_hand=by_hand)

    async def bare(self, identifier: str) -> Attachment | None:
        return await (await self._begun()).bare(identifier)

    async def sent_by_hand(self, identifier: str) -> None:
        await (await self._begun()).sent_by_hand(identifier)

    async def receipt(self, identifier: str) -> Sequence[Attachment]:
        return await (await self._begun()).receipt(identifier)
