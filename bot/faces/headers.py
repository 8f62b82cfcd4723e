"""Headers that every answer has: what a browser may do with it is very little."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY: dict[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

_RAW = [(name.encode(), value.encode()) for name, value in SECURITY.items()]


class SecurityHeaders:
    """Adds `SECURITY` to every answer of the application it wraps that does not have it yet.

    Answers under `prepared` have it for certain and pass without a look: the feed is fetched by
    machines all day, and a look costs it a tenth of its speed.
    """

    def __init__(self, app: ASGIApp, prepared: str) -> None:
        self._app = app
        self._prepared = prepared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers when the answer starts."""
        if scope["type"] != "http" or scope["path"].startswith(self._prepared):
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start" and _RAW[0] not in message["headers"]:
                message = {**message, "headers": [*message["headers"], *_RAW]}
            await send(message)

        await self._app(scope, receive, guarded)
