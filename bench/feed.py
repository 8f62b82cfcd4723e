"""The calendar feed against a bare Starlette route that returns the same bytes.

Both run under the same server in processes of their own; `wrk` is not needed: a few kept
connections ask as fast as they can from here. Requests a second for 200 and for 304.
"""

import asyncio
import tempfile
from dataclasses import dataclass

from bench.processes import free_port, process, until_up

SECONDS = 1.5
CONNECTIONS = 16
ROUNDS = 5
PATH = "/calendar/KA2.ics?lang=lv"


@dataclass(frozen=True)
class Figures:
    """Requests a second, answered with 200 and with 304."""

    full: float
    unchanged: float


async def measure() -> None:
    """Print requests a second of both and Noon's share of the bare route.

    Whatever else the machine does only ever slows a run down, so the best runs are compared.
    """
    rounds = [(await _bare(), await _noon()) for _ in range(ROUNDS)]
    for bare, noon in rounds:
        print(
            f"  bare 200 {bare.full:6.0f}/s 304 {bare.unchanged:6.0f}/s"
            f"   Noon 200 {noon.full:6.0f}/s 304 {noon.unchanged:6.0f}/s"
        )
    full = max(noon.full for _, noon in rounds) / max(bare.full for bare, _ in rounds)
    unchanged = max(n.unchanged for _, n in rounds) / max(b.unchanged for b, _ in rounds)
    print(f"  Noon to bare, best runs: 200 {full:.2f}, 304 {unchanged:.2f} (wanted: at least 0.8)")


async def _bare() -> Figures:
    port = free_port()
    async with process("-m", "bench.bare", str(port)):
        return await _figures(port)


async def _noon() -> Figures:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NOON_DATA_DIR": folder, "NOON_PORT": str(port)}
        async with process("-m", "bot", "run", **environment):
            return await _figures(port)


async def _figures(port: int) -> Figures:
    await until_up(f"http://127.0.0.1:{port}{PATH}")
    tag = await _tag(port)
    await _load(port, None, SECONDS / 4)
    return Figures(await _load(port, None, SECONDS), await _load(port, tag, SECONDS))


async def _tag(port: int) -> str:
    head, _ = await _ask(*await asyncio.open_connection("127.0.0.1", port), _request(None))
    lines = head.decode().split("\r\n")
    return next(line.split(": ", 1)[1] for line in lines if line.lower().startswith("etag:"))


async def _load(port: int, tag: str | None, seconds: float) -> float:
    until = asyncio.get_running_loop().time() + seconds
    clients = (_client(port, _request(tag), until) for _ in range(CONNECTIONS))
    return sum(await asyncio.gather(*clients)) / seconds


async def _client(port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while asyncio.get_running_loop().time() < until:
        await _ask(reader, writer, request)
        count += 1
    writer.close()
    return count


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[bytes, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    unchanged = head.startswith(b"HTTP/1.1 304")
    return head, b"" if unchanged or not length else await reader.readexactly(length)


def _request(tag: str | None) -> bytes:
    condition = f"If-None-Match: {tag}\r\n" if tag else ""
    return f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n{condition}\r\n".encode()
