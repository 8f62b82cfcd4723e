"""`python -m tests.botapi --port 9000 --token 123456:loopback`: the server as its own process."""

from __future__ import annotations

import argparse
import asyncio
import signal

import uvloop

from tests.botapi.chat import BotApi


def main() -> None:
    """Serves until SIGTERM or SIGINT; prints the URL when it listens."""
    arguments = _arguments()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(arguments))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default="123456:loopback")
    parser.add_argument("--username", default="noon_test_bot")
    parser.add_argument("--trace", help="JSON-lines file to record to")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    settings = (arguments.token, arguments.username, arguments.port, arguments.trace)
    async with BotApi(*settings) as api:
        print(api.url, flush=True)
        await stopped.wait()


if __name__ == "__main__":
    main()
