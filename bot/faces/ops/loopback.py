"""Only who asks for this machine by its own name is answered.

A page on the internet may point a name of its own at 127.0.0.1 and have the operator's browser
read what is here (DNS rebinding). The request then carries that name.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class LoopbackOnly:
    """Refuses requests (421) whose Host is not one of this machine's own names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or _ours(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        refusal = PlainTextResponse("These pages are for this machine: use 127.0.0.1.", 421)
        await refusal(scope, receive, send)


def _ours(headers: Headers) -> bool:
    hosts = headers.getlist("host")
    if len(hosts) != 1:
        return False
    try:
        parts = urlsplit(f"//{hosts[0]}")
        return parts.netloc == hosts[0] and parts.username is None and parts.hostname in NAMES
    except ValueError:
        return False
