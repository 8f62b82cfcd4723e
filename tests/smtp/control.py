"""The control port of a server that is its own process: one JSON object a line, either way.

`{"do": "counts"}` gets `{"result": …}` or `{"error": "…"}`. What can be done is in `ORDERS`.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.smtp.server import SmtpServer
from tests.smtp.steps import step

Json = dict[str, Any]
Verb = Callable[[SmtpServer, Json], Awaitable[Any]]


async def about(smtp: SmtpServer, order: Json) -> Json:
    """Where the server listens; `ca_file` is only there if `"tls": true` is asked for."""
    places: Json = {"host": smtp.host, "port": smtp.port, "tls_port": smtp.tls_port}
    return places | ({"ca_file": str(smtp.ca_file)} if order.get("tls") else {})


async def counts(smtp: SmtpServer, order: Json) -> Json:
    """How many messages were accepted, with how many different Message-IDs, over what."""
    made = {"connections": smtp.connections, "connected": smtp.connected}
    return {"accepted": len(smtp.messages), "distinct": len(smtp.copies())} | made


async def copies(smtp: SmtpServer, order: Json) -> Json:
    """How often each Message-ID was accepted; `"least": 2` leaves out what came less often."""
    least = int(order.get("least", 1))
    return {name: times for name, times in smtp.copies().items() if times >= least}


async def messages(smtp: SmtpServer, order: Json) -> list[Json]:
    """Envelopes and circumstances of the messages from number `after` on."""
    return [message.summary for message in smtp.messages[int(order.get("after", 0)) :]]


async def raw(smtp: SmtpServer, order: Json) -> str:
    """The bytes of the message with this `queue_id`, in base64."""
    return base64.b64encode(smtp.mailbox.queued(str(order["queue_id"])).raw).decode()


async def transcript(smtp: SmtpServer, order: Json) -> list[Json]:
    """The commands and replies from number `after` on; `verb` limits them to one command."""
    chosen = smtp.transcript.exchanges[int(order.get("after", 0)) :]
    verb = order.get("verb")
    return [exchange.summary for exchange in chosen if verb in (None, exchange.verb)]


async def at(smtp: SmtpServer, order: Json) -> int:
    """`{"command": "rcpt", "step": {"do": "reply", "code": 450}, "times": 3}`: adds a rule.

    `times` null is without end; `after` and `to` as in `Script.at`. Returns the rule's number.
    """
    known = {name: order[name] for name in ("times", "after", "to") if name in order}
    smtp.at(order["command"], step(order["step"]), **known)
    return len(smtp.script.rules) - 1


async def reached(smtp: SmtpServer, order: Json) -> int:
    """Waits until rule number `rule` has happened `times` times; returns how often it has."""
    rule = smtp.script.rules[int(order["rule"])]
    await rule.reached(int(order.get("times", 1)), float(order.get("timeout", 5.0)))
    return rule.met


async def received(smtp: SmtpServer, order: Json) -> int:
    """Waits until `count` messages have been accepted; returns how many have."""
    return len(await smtp.received(int(order["count"]), float(order.get("timeout", 5.0))))


async def demand(smtp: SmtpServer, order: Json) -> Json:
    """Changes the policy: `{"size": 1000, "greylist": 5.0}`."""
    smtp.demand(**order)
    return {}


async def refuse(smtp: SmtpServer, order: Json) -> Json:
    """Closes the ports; with `"cut": true` also every connection."""
    smtp.refuse_connections()
    if order.get("cut"):
        await smtp.drop_connections()
    return {}


async def accept(smtp: SmtpServer, order: Json) -> Json:
    """Opens the ports again."""
    await smtp.accept_connections()
    return {}


async def clear(smtp: SmtpServer, order: Json) -> Json:
    """Forgets messages, transcript and script."""
    for kept in (smtp.mailbox, smtp.transcript, smtp.script):
        kept.clear()
    return {}


VERBS: tuple[Verb, ...] = (about, counts, copies, messages, raw, transcript, at, reached)
ORDERS = {verb.__name__: verb for verb in (*VERBS, received, demand, refuse, accept, clear)}


class Control:
    """Listens for orders on loopback; `port` is known once it has begun."""

    def __init__(self, smtp: SmtpServer, port: int = 0) -> None:
        self.port = port
        self._smtp = smtp
        self._listener: asyncio.Server | None = None

    async def begin(self) -> None:
        """Begins to listen."""
        self._listener = await asyncio.start_server(self._serve, SmtpServer.host, self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    def end(self) -> None:
        """Closes the port."""
        if self._listener is not None:
            self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._obey(line)).encode() + b"\n")
                await writer.drain()
        finally:
            writer.close()

    async def _obey(self, line: bytes) -> Json:
        try:
            order = json.loads(line)
            return {"result": await ORDERS[order.pop("do")](self._smtp, order)}
        except (KeyError, LookupError, TimeoutError, TypeError, ValueError) as error:
            return {"error": f"{type(error).__name__}: {error}"}
