"""How much a request may bring. The web server itself has no limit."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 64 * 1024
"""Bytes of a form: a question has 2000 characters."""


class BodyLimit:
    """Refuses bodies over `most` bytes with 413, without reading on, and hangs up.

    A length that was announced is refused before the first byte; a body in chunks as soon as it
    is too long. Raises starlette's HTTPException, so that the app's own page is shown.
    """

    def __init__(self, app: ASGIApp, most: int = MOST) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what it brings."""
        self._check(_announced(scope))
        brought = 0

        async def counted() -> Message:
            nonlocal brought
            message = await receive()
            brought += len(message.get("body", b""))
            self._check(brought)
            return message

        await self._app(scope, counted, send)

    def _check(self, size: int) -> None:
        if size > self._most:
            raise HTTPException(413, headers={"connection": "close"})


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
