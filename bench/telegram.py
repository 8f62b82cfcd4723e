"""Noon's Telegram face against a bare echo bot: updates a second and time to answer.

Both poll the same loopback Bot API server, rate limits lifted. People write, wait for the answer
and write again, twenty at a time, so both bots are as busy as they can be; then one person alone.
Noon stores every update before it is acknowledged, finds the answer, and commits it before it is
sent; the echo does none of that, which shows when one person writes alone.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.processes import process
from tests.botapi.chat import BotApi
from tests.botapi.people import User

PEOPLE = 20
TURNS = 80
ROUNDS = 3
LOOK = 0.0005
TEXTS = ["Kā iegūt OID?", "/help", "/deadlines", "How do I get an OID?"]


@dataclass(frozen=True)
class Figures:
    """Updates a second with everybody writing; seconds to an answer then, and for one alone."""

    per_second: float
    p50: float
    p95: float
    alone: float


async def measure() -> None:
    """Print both bots' figures and their ratios."""
    rounds = [(await _run("echo"), await _run("noon")) for _ in range(ROUNDS)]
    for echo, noon in rounds:
        print(f"  echo {_told(echo)}\n  Noon {_told(noon)}")
    print(f"  updates/s, Noon to echo: {_best(rounds, 'per_second', max):.2f} (wanted: 0.7)")
    for name in ("p50", "p95", "alone"):
        print(f"  speed of an answer, {name}, Noon to echo: {1 / _best(rounds, name, min):.2f}")


def _best(rounds: list[tuple[Figures, Figures]], name: str, best: Callable[..., float]) -> float:
    """Return Noon's best run to the echo's: what else the machine does only slows a run down."""
    echo, noon = (best(getattr(pair[side], name) for pair in rounds) for side in (0, 1))
    return noon / echo


def _told(figures: Figures) -> str:
    p50, p95, alone = (1000 * s for s in (figures.p50, figures.p95, figures.alone))
    busy = f"{figures.per_second:6.0f} updates/s, p50 {p50:5.1f} ms, p95 {p95:5.1f} ms"
    return f"{busy}; alone p50 {alone:4.1f} ms"


async def _run(which: str) -> Figures:
    async with BotApi() as api, _bot(which, api):
        people = [api.user(1000 + number, "lv") for number in range(PEOPLE)]
        await asyncio.gather(*(_talk(person, 1) for person in people))
        begun = asyncio.get_running_loop().time()
        waits = sorted(
            wait
            for waits in await asyncio.gather(*(_talk(person, TURNS) for person in people))
            for wait in waits
        )
        took = asyncio.get_running_loop().time() - begun
        alone = sorted(await _talk(people[0], TURNS))
    return Figures(
        PEOPLE * TURNS / took,
        waits[len(waits) // 2],
        waits[len(waits) * 95 // 100],
        alone[TURNS // 2],
    )


async def _talk(person: User, turns: int) -> list[float]:
    """Write `turns` times, each after the answer to the one before; return the waits."""
    loop = asyncio.get_running_loop()
    waits = []
    for turn in range(turns):
        begun = loop.time()
        person.say(TEXTS[turn % len(TEXTS)])
        expected = len(person.chat.messages) + 1
        # Looking is cheaper than being told: every waiter would be woken by every message.
        while len(person.chat.messages) < expected:
            await asyncio.sleep(LOOK)
        waits.append(loop.time() - begun)
    return waits


@asynccontextmanager
async def _bot(which: str, api: BotApi) -> AsyncIterator[None]:
    if which == "echo":
        async with process("-m", "bench.echo", api.url, api.token):
            yield
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "NOON_DATA_DIR": folder,
            "NOON_TELEGRAM_TOKEN": api.token,
            "NOON_TELEGRAM_API": api.url,
            "NOON_TELEGRAM_RATE": "0",
            "NOON_TELEGRAM_CHAT_RATE": "0",
        }
        async with process("-m", "bot", "db", "upgrade", **environment) as upgrade:
            await upgrade.wait()
        async with process("-m", "bot", "telegram", **environment):
            yield
