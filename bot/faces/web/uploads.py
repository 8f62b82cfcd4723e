"""Files that come with the chat's form: taken while a notice is prepared, looked at one by one.

They lie in nameless temporary files until they were looked at; what is found goes into the turn.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.faces.web import forms, limits, visitor
from bot.faces.web.forms import Form
from bot.incident.inspecting.expecting import conversation_takes_files
from bot.incident.inspecting.found import LARGEST, Problem
from bot.incident.inspecting.inspector import shown_name, unread
from bot.service import Noon
from handlers.turn import Attachment, Upload

LOOKED_AT = 10
"""Files of one form that are looked at; a notice takes seven."""

READ_AT_ONCE = 16
"""Forms with files that are read at the same time; each may take its size on the disk."""

READ_AT_ONCE_EACH = 3
"""Of those, from one address."""

ANSWERED_AT_ONCE = 2
"""Forms whose files are held in memory at the same time."""

READ_SECONDS = 300.0
"""Seconds in which a form with files must have come."""


class TooLarge(HTTPException):
    """The files of a form are too large together."""

    def __init__(self) -> None:
        super().__init__(413, headers={"connection": "close"})


class Busy(HTTPException):
    """More forms with files are being read than there is room for."""

    def __init__(self) -> None:
        super().__init__(503, headers={"retry-after": "30"})


class Broken(HTTPException):
    """A form with files came broken, or too slowly."""

    def __init__(self) -> None:
        super().__init__(400, headers={"connection": "close"})


@dataclass(frozen=True)
class Brought:
    """What a form brought: its fields, its files by their names, and what was found in them."""

    form: Form
    named: tuple[Attachment, ...] = field(default=(), repr=False)
    found: tuple[Upload, ...] = field(default=(), repr=False)


class Uploads:
    """Reads the chat's form."""

    def __init__(self, noon: Noon) -> None:
        self._noon = noon
        self._reading: Counter[str] = Counter()
        self._answering = asyncio.Semaphore(ANSWERED_AT_ONCE)

    @asynccontextmanager
    async def brought(self, request: Request, conversation: str | None) -> AsyncIterator[Brought]:
        """Yield what the form of `request` brings; files are held for as long as the block lasts.

        `conversation` is None for somebody new. Raises starlette's HTTPException and
        ClientDisconnect.
        """
        if not limits.has_files(request):
            yield Brought(await forms.read(request))
        elif conversation is None or not await self._takes_files(conversation):
            small = limits.counted(request.scope, request.receive, limits.MOST)
            async with forms.with_files(Request(request.scope, small)) as (form, files):
                yield Brought(form, _named(files))
        else:
            # The last place is asked for last: whoever is still sending keeps nobody waiting.
            async with (
                self._place(request),
                self._read(request) as (form, files),
                self._answering,
            ):
                yield Brought(form, _named(files), await self._looked_at(files))

    async def _takes_files(self, conversation: str) -> bool:
        async with self._noon.database.read() as connection:
            return await conversation_takes_files(connection, conversation)

    @asynccontextmanager
    async def _place(self, request: Request) -> AsyncIterator[None]:
        network = visitor.network(request)
        full = self._reading.total() >= READ_AT_ONCE
        if full or self._reading[network] >= READ_AT_ONCE_EACH:
            raise Busy
        self._reading[network] += 1
        try:
            yield
        finally:
            self._reading[network] -= 1
            self._reading += Counter()

    @asynccontextmanager
    async def _read(self, request: Request) -> AsyncIterator[tuple[Form, Sequence[UploadFile]]]:
        reading = forms.with_files(request)
        try:
            async with asyncio.timeout(READ_SECONDS):
                read = await reading.__aenter__()
        except TimeoutError:
            raise Broken from None
        except HTTPException as refused:
            raise (TooLarge if refused.status_code == 413 else Broken) from refused
        try:
            yield read
        finally:
            await reading.__aexit__(None, None, None)

    async def _looked_at(self, files: Sequence[UploadFile]) -> tuple[Upload, ...]:
        return tuple(
            [
                await self._look(file)
                if number < LOOKED_AT
                else unread(file.filename or "", Problem.MANY, file.size or 0)
                for number, file in enumerate(files)
            ]
        )

    async def _look(self, file: UploadFile) -> Upload:
        name = file.filename or ""
        if (file.size or 0) > LARGEST:
            return unread(name, Problem.TOO_LARGE, file.size or 0)
        return await self._noon.inspector.look(name, await file.read())


def _named(files: Sequence[UploadFile]) -> tuple[Attachment, ...]:
    kind = "application/octet-stream"
    return tuple(Attachment(shown_name(file.filename or ""), b"", kind) for file in files)
