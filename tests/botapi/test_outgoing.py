"""The webhook client copes with every way in which an HTTP server may answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.botapi.outgoing import Line, Reply

ANSWERS = {
    "a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Reply(200, "OK", 0), 1),
    "an empty body": (
        b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
        Reply(500, "Internal Server Error", 0),
        1,
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", Reply(204, "No Content", 0), 1),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        Reply(200, "OK", 0),
        1,
    ),
    "a wait": (
        b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
        Reply(503, "No", 7),
        1,
    ),
    "a farewell": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        Reply(200, "OK", 0),
        2,
    ),
}


class Server:
    """Answers every request with the same bytes, and counts connections and requests."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.connections = 0
        self.heads: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head.decode())
                await reader.readexactly(2)
                writer.write(self.answer)
        except EOFError:
            writer.close()


@asynccontextmanager
async def running(answer: bytes) -> AsyncIterator[tuple[Server, Line]]:
    """A server with that answer, and a line to it."""
    server = Server(answer)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        line = Line(f"http://127.0.0.1:{port}/hook?x=1", {"Content-Type": "application/json"})
        yield server, line
        line.close()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", ANSWERS)
async def test_an_answer_is_read_whole_and_the_connection_kept_where_it_may_be(kind: str) -> None:
    answer, expected, connections = ANSWERS[kind]
    async with running(answer) as (server, line):
        assert [await line.post(b"{}") for _ in range(2)] == [expected, expected]
        assert server.connections == connections
        assert server.heads[0].startswith("POST /hook?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")


async def test_what_is_no_http_is_an_error_and_the_next_try_is_a_new_connection() -> None:
    async with running(b"hello\r\n\r\n") as (server, line):
        for _ in range(2):
            with pytest.raises(ValueError, match="invalid literal"):
                await line.post(b"{}")
        assert server.connections == 2


async def test_nobody_there_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"refused|failed"):
        await Line("http://127.0.0.1:9/", {}).post(b"{}")
