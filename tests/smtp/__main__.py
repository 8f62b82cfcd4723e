"""`python -m tests.smtp --port 2525 --control-port 2526 --user noon:secret`: a server by itself."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

import uvloop

from tests.smtp.control import Control
from tests.smtp.policy import POSTFIX_SIZE, Policy
from tests.smtp.server import SmtpServer


def main() -> None:
    """Serves until SIGTERM or SIGINT; prints its ports as one line of JSON when it listens."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.smtp", description=__doc__)
    for name in ("--port", "--tls-port", "--control-port"):
        parser.add_argument(name, type=int, default=0, help="0 takes a free one")
    parser.add_argument("--size", type=int, default=POSTFIX_SIZE, help="0: no limit")
    parser.add_argument("--user", action="append", default=[], help="name:password")
    parser.add_argument("--auth-required", action="store_true")
    parser.add_argument("--tls-required", action="store_true")
    parser.add_argument("--no-starttls", action="store_true")
    parser.add_argument("--greylist", type=float, default=0.0, help="seconds")
    parser.add_argument("--headers-only", action="store_true", help="keep no message bodies")
    return parser.parse_args()


def _policy(arguments: argparse.Namespace) -> Policy:
    return Policy(
        size=arguments.size or None,
        users=dict(user.split(":", 1) for user in arguments.user),
        auth_required=arguments.auth_required,
        tls_required=arguments.tls_required,
        starttls=not arguments.no_starttls,
        greylist=arguments.greylist,
    )


async def _serve(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    ports = {"port": arguments.port, "tls_port": arguments.tls_port}
    bodies = not arguments.headers_only
    async with SmtpServer(_policy(arguments), **ports, bodies=bodies) as smtp:
        control = Control(smtp, arguments.control_port)
        await control.begin()
        listening = {"port": smtp.port, "tls_port": smtp.tls_port}
        print(json.dumps(listening | {"control_port": control.port}), flush=True)
        await stopped.wait()
        control.end()


if __name__ == "__main__":
    main()
