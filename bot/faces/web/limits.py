"""How much a request may bring. The web server itself has no limit."""

import asyncio
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 64 * 1024
"""Bytes of a form: a question has 2000 characters."""

MOST_WITH_FILES = 32_000_000
"""Bytes of a form with files: six screenshots and the form's PDF, and what stands between them."""

_READ_ON = 200_000_000
"""Bytes that are read and thrown away of a form with too large files.

A browser that is hung up on in the middle of sending shows no page at all.
"""

_READ_ON_SECONDS = 120.0


class BodyLimit:
    """Refuses bodies over `most` bytes with 413, without reading on, and hangs up.

    A length that was announced is refused before the first byte; a body in chunks as soon as it
    is too long. Raises starlette's HTTPException, so that the app's own page is shown. A form with
    files may have `with_files` bytes; it is refused when it is read.
    """

    def __init__(self, app: ASGIApp, most: int = MOST, with_files: int = 0) -> None:
        self._app = app
        self._most = most
        self._with_files = with_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what it brings."""
        if self._with_files and has_files(Request(scope)):
            await self._app(scope, counted(scope, receive, self._with_files, reads_on=True), send)
            return
        _check(_announced(scope), self._most)
        await self._app(scope, counted(scope, receive, self._most), send)


def has_files(request: Request) -> bool:
    """Whether the request's form is of the kind that can bring files."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def counted(scope: Scope, receive: Receive, most: int, *, reads_on: bool = False) -> Receive:
    """Return `receive`, which raises 413 over `most` bytes; with `reads_on` after the rest."""
    brought = 0

    async def counting() -> Message:
        nonlocal brought
        message = await receive()
        brought += len(message.get("body", b""))
        if reads_on and max(brought, _announced(scope)) > most and _announced(scope) < _READ_ON:
            await _read_on(receive, message)
        _check(max(brought, _announced(scope)), most)
        return message

    return counting


async def _read_on(receive: Receive, message: Message) -> None:
    """Take what is still coming, up to a length and for a time, and keep nothing of it."""
    thrown_away = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_READ_ON_SECONDS):
            while message.get("more_body") and thrown_away < _READ_ON:
                message = await receive()
                thrown_away += len(message.get("body", b""))


def _check(size: int, most: int) -> None:
    if size > most:
        raise HTTPException(413, headers={"connection": "close"})


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
