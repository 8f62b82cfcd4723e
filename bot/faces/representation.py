"""Bytes that are the same for everybody, sent with headers made once.

Conditional requests follow RFC 9110, 13: If-None-Match goes before If-Modified-Since.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from zlib import crc32

from starlette.types import Receive, Scope, Send

from bot.faces.headers import SECURITY

Headers = list[tuple[bytes, bytes]]


class Representation:
    """A body with its strong ETag, as an ASGI application for GET and HEAD.

    `modified` is when the data last changed and becomes Last-Modified. `in_force_since` is when
    this process began to serve these bytes: a client that asks with a date of its own making gets
    304 only for dates after that, because the data may be older than the day they were taken over.
    """

    def __init__(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        modified: datetime | None = None,
        in_force_since: datetime | None = None,
    ) -> None:
        self.body = body
        self.etag = f'"{sha256(body).hexdigest()[:32]}"'.encode()
        self._modified = modified and _bound_to(body, modified)
        self._last_modified = _http_date(self._modified) if self._modified else None
        self._known_from = max(filter(None, (self._modified, in_force_since)), default=None)
        headers = {**headers, **SECURITY}
        lasting = {name: value for name, value in headers.items() if name != "content-type"}
        self._unchanged = _start(304, self._validated(lasting))
        length = {"content-length": str(len(body))}
        self._whole = _start(200, self._validated({**headers, **length}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body, or 304 to a client that has it; HEAD has the headers of GET."""
        if self.is_known(scope["headers"]):
            await send(self._unchanged)
            await send(_NOTHING)
            return
        await send(self._whole)
        head = scope["method"] == "HEAD"
        await send(_NOTHING if head else {"type": "http.response.body", "body": self.body})

    def is_known(self, headers: Headers) -> bool:
        """Whether a request with these headers comes from a client that has the body."""
        since = None
        for name, value in headers:
            if name == b"if-none-match":
                return self.etag in value or value.strip() == b"*"
            if name == b"if-modified-since":
                since = value
        return since is not None and self._unchanged_since(since)

    def _unchanged_since(self, written: bytes) -> bool:
        if written == self._last_modified:
            return True
        try:
            since = parsedate_to_datetime(written.decode("latin-1"))
        except ValueError:
            return False
        if since.tzinfo is None or self._known_from is None:
            return False
        return since >= self._known_from

    def _validated(self, headers: Mapping[str, str]) -> Headers:
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        validators = [(b"etag", self.etag)]
        if self._last_modified:
            validators.append((b"last-modified", self._last_modified))
        return [*given, *validators]


def _bound_to(body: bytes, modified: datetime) -> datetime:
    """Return `modified` set back by less than an hour, by as much as the body says.

    A client may have nothing but this date to ask with. Where a date is taken back, or a text
    changes without a date, the newest change stays the same: the date must differ all the same.
    """
    back = timedelta(seconds=crc32(body) % 3600)
    return modified.astimezone(UTC).replace(microsecond=0) - back


_NOTHING = {"type": "http.response.body", "body": b""}


def _start(status: int, headers: Headers) -> dict[str, object]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _http_date(moment: datetime) -> bytes:
    return format_datetime(moment, usegmt=True).encode()
