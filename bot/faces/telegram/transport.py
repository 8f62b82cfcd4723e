"""How requests reach the Bot API: the library's interface over aiohttp.

The library's own transport takes about half the time of an answer (measured in `bench`), and it
writes every address, the token in it, to its log.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

READ_SECONDS = 20.0
CONNECT_SECONDS = 10.0
UPLOAD_SECONDS = 60.0
SENT = b'{"ok":true,"result":true}'
_PIECE = 64 * 1024
LARGE = 3_000_000
"""Bytes that few screenshots have: of files with more, one is held in memory at a time."""


_whole: ContextVar[bool] = ContextVar("whole answers", default=False)


class NotSent(NetworkError):
    """No connection came about, so Telegram knows nothing of the request."""


class Unheard(NetworkError):
    """The connection broke after the request was begun: whether it had an effect is not known."""


class TooLong(TelegramError):
    """A file is longer than was allowed; the rest of it was not read."""


@contextmanager
def whole_answers() -> Iterator[None]:
    """Within it, calls of this task return the message that was sent, with its number."""
    before = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(before)


class Transport(BaseRequest):
    """Kept connections to the Bot API server at `address`, at most `connections` at a time."""

    def __init__(self, address: str, connections: int) -> None:
        self._connections = connections
        self._proxy = _proxy(address)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds that an answer is waited for, unless a call says otherwise."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Open the session; nothing if it is open."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, proxy=self._proxy)

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Return status and body of a request.

        Raises `NotSent` where no connection came about, `TimedOut` or `Unheard` where there was
        no answer.
        """
        if self._session is None:
            raise RuntimeError("the transport is used before it was initialized")
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                headers=_headers(request_data),
                timeout=_timeout(read_timeout, request_data),
            ) as response:
                return response.status, _brief(url, await response.read())
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as apart:
            raise NotSent(type(apart).__name__) from apart
        except TimeoutError as late:
            raise TimedOut from late
        except aiohttp.ClientError as broken:
            raise Unheard(type(broken).__name__) from broken

    async def download(
        self, address: str, most: int, large: Callable[[], Awaitable[None]]
    ) -> bytes:
        """Return the file at `address`, which holds the token and goes into no error.

        `large` is awaited once it has more than `LARGE` bytes, before more is read. Raises
        `TooLong` as soon as it is over `most` bytes, and `NetworkError` where it cannot be had.
        """
        if self._session is None:
            raise RuntimeError("the transport is used before it was initialized")
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        try:
            async with self._session.get(
                address, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise NetworkError(f"a file was answered with {response.status}")
                return await _read(response, most, large)
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as broken:
            raise Unheard(type(broken).__name__) from None


async def _read(
    response: aiohttp.ClientResponse, most: int, large: Callable[[], Awaitable[None]]
) -> bytes:
    if (response.content_length or 0) > most:
        raise TooLong("announced")
    # Unlike a bytearray it hands its bytes out without a copy.
    content = BytesIO()
    async for piece in response.content.iter_chunked(_PIECE):
        before = content.tell()
        content.write(piece)
        if content.tell() > most:
            raise TooLong("read")
        if before <= LARGE < content.tell():
            await large()
    return content.getvalue()


def _proxy(address: str) -> str | None:
    """Return the proxy that the environment names for `address`: looked up once, not per call."""
    parts = urlsplit(address)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def _brief(url: str, body: bytes) -> bytes:
    """Return the answer, without the message where it only repeats what was sent.

    Live answers do not read it, and taking it apart costs as much as sending it.
    """
    echoes = url.endswith(("/sendMessage", "/editMessageText")) and not _whole.get()
    return SENT if echoes and body.startswith(b'{"ok":true') else body


def _timeout(read: object, data: RequestData | None) -> aiohttp.ClientTimeout:
    seconds = float(read) if isinstance(read, int | float) else READ_SECONDS
    if data is not None and data.multipart_data:
        seconds = max(seconds, UPLOAD_SECONDS)
    return aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=seconds)


def _headers(data: RequestData | None) -> dict[str, str]:
    is_json = data is not None and not data.multipart_data and data.parameters
    return {"Content-Type": "application/json"} if is_json else {}


def _body(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    if data is None or not (data.parameters or data.multipart_data):
        return None
    if not data.multipart_data:
        return json.dumps(data.parameters).encode()
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=media_type)
    return form
