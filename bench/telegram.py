"""Noon's Telegram face against a bare echo bot: updates a second and time to answer.

Both poll the same loopback Bot API server, rate limits lifted. Noon stores every update before it
is acknowledged, finds the answer, and commits it before it is sent; the echo does none of that.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bench.processes import free_port, process, until_up

TOKEN = "123456:loopback"
CHATS = 50
COUNT = 2_000
ROUNDS = 3
PACE = 50
TEXTS = ["Kā iegūt OID?", "/help", "/deadlines", "How do I get an OID?"]


@dataclass(frozen=True)
class Figures:
    """Updates a second at full load; seconds to answer at a steady pace."""

    per_second: float
    p50: float
    p95: float


async def measure() -> None:
    """Print both bots' figures and their ratios."""
    rounds = [(await _run("echo"), await _run("noon")) for _ in range(ROUNDS)]
    for echo, noon in rounds:
        print(f"  echo {_told(echo)}   Noon {_told(noon)}")
    ratios = sorted(noon.per_second / echo.per_second for echo, noon in rounds)
    fast = sorted(echo.p50 / noon.p50 for echo, noon in rounds)
    tail = sorted(echo.p95 / noon.p95 for echo, noon in rounds)
    middle = ROUNDS // 2
    print(f"  updates/s, Noon to echo: {ratios[middle]:.2f} (wanted: at least 0.7)")
    print(f"  speed of an answer, Noon to echo: p50 {fast[middle]:.2f}, p95 {tail[middle]:.2f}")


def _told(figures: Figures) -> str:
    p50, p95 = figures.p50 * 1000, figures.p95 * 1000
    return f"{figures.per_second:6.0f}/s, p50 {p50:5.1f} ms, p95 {p95:5.1f} ms"


async def _run(which: str) -> Figures:
    async with _server() as address, _bot(which, address), httpx.AsyncClient() as client:
        await _emit(client, address, CHATS, 0)
        await _settled(client, address, CHATS)
        begun = asyncio.get_running_loop().time()
        await _emit(client, address, COUNT, 0)
        await _settled(client, address, COUNT)
        took = asyncio.get_running_loop().time() - begun
        await _emit(client, address, PACE * 6, PACE)
        waits = (await _settled(client, address, PACE * 6))["waits"]
    return Figures(COUNT / took, waits["p50"], waits["p95"])


async def _emit(client: httpx.AsyncClient, address: str, count: int, pace: int) -> None:
    await client.post(f"{address}/control/reset", json={})
    order = {"count": count, "chats": CHATS, "texts": TEXTS, "per_second": pace}
    answer = await client.post(f"{address}/control/updates", json=order, timeout=60)
    answer.raise_for_status()


async def _settled(client: httpx.AsyncClient, address: str, count: int) -> dict[str, Any]:
    async with asyncio.timeout(120):
        while True:
            stats: dict[str, Any] = (await client.get(f"{address}/control/stats")).json()
            sent = stats["calls"].get("sendMessage", {}).get("200", 0)
            if sent >= count:
                return stats
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    async with process("-m", "tests.botapi", "--port", str(port), "--token", TOKEN):
        await until_up(f"{address}/control/stats")
        yield address


@asynccontextmanager
async def _bot(which: str, address: str) -> AsyncIterator[None]:
    if which == "echo":
        async with process("-m", "bench.echo", address, TOKEN):
            yield
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "NOON_DATA_DIR": folder,
            "NOON_TELEGRAM_TOKEN": TOKEN,
            "NOON_TELEGRAM_API": address,
            "NOON_TELEGRAM_RATE": "0",
            "NOON_TELEGRAM_CHAT_RATE": "0",
        }
        async with process("-m", "bot", "db", "upgrade", **environment) as upgrade:
            await upgrade.wait()
        async with process("-m", "bot", "telegram", **environment):
            yield
