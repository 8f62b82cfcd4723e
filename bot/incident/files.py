"""The files of notices, written when they are fetched: few at a time, and in nobody's transaction.

What a file is written from is read first, in a transaction that has ended when the writing begins:
no connection is held while somebody waits for a turn, and no writer waits for a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from weakref import WeakValueDictionary

from bot.incident import composing, desk, letter, register
from bot.incident.composing import Writing
from bot.incident.desk import BY_HAND, DRAFT, RECEIPT
from bot.incident.making import Making
from bot.post.books import Books
from bot.store.tables import Incident
from handlers.turn import Attachment

AT_ONCE = 2
"""Files that are written at a time: each holds all that goes into it in memory."""

KEPT = 2
KEPT_SECONDS = 20.0
"""So many of the last mails are kept for so long: the same is often asked for again at once."""

Opened = Callable[[], AbstractAsyncContextManager[Books]]
"""Opens the post office's books in a transaction that only reads."""

Reading = Callable[[Books, Incident], Awaitable[Writing | None]]
Make = Callable[[], Awaitable[Attachment | None]]


class Files:
    """Writes files; one of a kind and notice at a time, for whoever asks for it meanwhile."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._room = asyncio.Semaphore(AT_ONCE)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._last: dict[str, Attachment] = {}

    async def draft(self, incident: str) -> Attachment | None:
        """Return a notice as a draft that a mail program opens, every file in it.

        Where it cannot be written, the mail as it was fixed; None where that is not kept either.
        """
        return await self._kept("draft", incident, composing.drafting)

    async def sent(self, incident: str) -> Attachment | None:
        """Return the mail exactly as it was fixed; None where it was not, or is not kept."""
        return await self._kept("sent", incident, _sent)

    async def receipt(self, incident: str, ending: str) -> Attachment | None:
        """Return the summary of a notice as it stands now; `ending` is `.txt` or `.pdf`."""

        async def read(books: Books, row: Incident) -> Writing | None:
            return await desk.summing(books, row, ending)

        return await self._once(f"{ending}:{incident}", partial(self._of, incident, read))

    async def fetched(self, conversation: str, source: str) -> Attachment | None:
        """Return the file that an `Attachment.source` of this conversation names.

        None for one of another's, and for one that is not kept any more.
        """
        what, _, rest = source.partition(":")
        if what == BY_HAND:
            return await self._once(source, partial(self._by_hand, conversation, rest))
        incident, _, ending = rest.partition(":")
        async with self._opened() as books:
            row = await register.by_id(books.connection, incident)
        if row is None or row.conversation != conversation:
            return None
        if what == RECEIPT:
            return await self.receipt(incident, ending)
        return await (self.draft if what == DRAFT else self.sent)(incident)

    async def _by_hand(self, conversation: str, case: str) -> Attachment | None:
        async with self._opened() as books:
            making = Making(books, conversation, None, books.desk.language)
            told = (await making.prepared(register.case_of(case))).told
        return await asyncio.to_thread(letter.draft, told)

    async def _of(self, incident: str, read: Reading) -> Attachment | None:
        async with self._opened() as books:
            row = await register.by_id(books.connection, incident)
            write = await read(books, row) if row is not None else None
        return await asyncio.to_thread(write) if write is not None else None

    async def _kept(self, what: str, incident: str, read: Reading) -> Attachment | None:
        name = f"{what}:{incident}"
        return await self._once(name, partial(self._of, incident, read), keep=True)

    async def _once(self, name: str, make: Make, *, keep: bool = False) -> Attachment | None:
        turn = self._turns.setdefault(name, asyncio.Lock())
        async with turn:
            if name in self._last:
                return self._last[name]
            async with self._room:
                made = await make()
            if made is not None and keep:
                self._remember(name, made)
        return made

    def _remember(self, name: str, made: Attachment) -> None:
        while len(self._last) >= KEPT:
            self._last.pop(next(iter(self._last)))
        self._last[name] = made
        loop = asyncio.get_running_loop()
        loop.call_later(KEPT_SECONDS, self._forget, name, made)

    def _forget(self, name: str, made: Attachment) -> None:
        if self._last.get(name) is made:
            del self._last[name]


async def _sent(books: Books, row: Incident) -> Writing | None:
    mail = await composing.mail(books, row)
    return None if mail is None else lambda: mail
