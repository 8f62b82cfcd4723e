"""The handle tests hold: an SMTP server on loopback, its script and what it accepted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.smtp.conversation import Conversation
from tests.smtp.inbox import Mailbox, Message
from tests.smtp.policy import Policy
from tests.smtp.script import Command, Rule, Script
from tests.smtp.state import House
from tests.smtp.steps import Step
from tests.smtp.tls import Certificate
from tests.smtp.transcript import Transcript
from tests.smtp.urls import HOST, Tls, smtp_url
from tests.smtp.wire import Wire

LONGEST_GOODBYE = 2.0


class SmtpServer:
    """An SMTP server in the running loop; use it as an asynchronous context manager.

    It listens on two ports of 127.0.0.1: `port` (clear text and STARTTLS) and `tls_port` (TLS from
    the first byte). `policy` may be replaced at any time (`demand`); `house` is behind it all.
    `ca_file` is the certificate that clients have to trust.
    """

    host = HOST

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        port: int = 0,
        tls_port: int = 0,
        certificate: Certificate | None = None,
        bodies: bool = True,
    ) -> None:
        self.house = House(policy or Policy(), certificate or Certificate())
        self.house.mailbox.bodies = bodies
        self.port = port
        self.tls_port = tls_port
        self._listeners: list[asyncio.Server] = []
        self._talks: dict[asyncio.Task[None], Wire] = {}
        self._connections = 0
        self._failures: list[BaseException] = []

    async def __aenter__(self) -> Self:
        """Begins to listen."""
        await self.accept_connections()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Closes both ports and all connections; a fault of the server itself is raised."""
        self.refuse_connections()
        await self.drop_connections()
        if error is None and self._failures:
            raise self._failures[0]

    @property
    def script(self) -> Script:
        """The rules about what happens at which command."""
        return self.house.script

    @property
    def mailbox(self) -> Mailbox:
        """What was accepted."""
        return self.house.mailbox

    @property
    def messages(self) -> list[Message]:
        """The accepted messages in order."""
        return self.house.mailbox.messages

    @property
    def transcript(self) -> Transcript:
        """Every command and its reply."""
        return self.house.transcript

    @property
    def policy(self) -> Policy:
        """What the server offers and demands."""
        return self.house.policy

    @property
    def ca_file(self) -> Path:
        """The authority's certificate as a PEM file."""
        return self.house.certificate.ca_file

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return self._connections

    @property
    def connected(self) -> int:
        """How many connections there are."""
        return len(self._talks)

    def demand(self, **changes: Any) -> None:
        """Changes the policy from now on (`demand(size=1000, greylist=5.0)`)."""
        self.house.policy = replace(self.house.policy, **changes)

    def at(
        self,
        command: Command,
        step: Step,
        *,
        times: int | None = 1,
        after: int = 0,
        to: str | None = None,
    ) -> Rule:
        """Adds a rule to the script, as `Script.at` tells, and returns it."""
        return self.house.script.at(command, step, times=times, after=after, to=to)

    def received(self, count: int = 1, timeout: float = 5.0) -> Coroutine[Any, Any, list[Message]]:
        """Returns (awaited) all messages once so many have been accepted.

        Raises:
            TimeoutError: when they do not come.
        """
        return self.house.mailbox.received(count, timeout)

    def copies(self) -> Counter[str]:
        """Returns how often each Message-ID was accepted."""
        return self.house.mailbox.copies()

    def url(self, user: str = "", password: str = "", tls: Tls = "starttls") -> str:
        """Returns the server's address as `NOON_SMTP_URL` takes it, see `smtp_url`."""
        return smtp_url(self.tls_port if tls == "tls" else self.port, user, password, tls)

    async def accept_connections(self) -> None:
        """Listens (again), on the same ports once they are known."""
        loop = asyncio.get_running_loop()
        for implicit in (False, True):
            port = self.tls_port if implicit else self.port
            listener = await loop.create_server(self._factory(implicit), self.host, port)
            self._listeners.append(listener)
            bound = listener.sockets[0].getsockname()[1]
            self.port, self.tls_port = (self.port, bound) if implicit else (bound, self.tls_port)

    def refuse_connections(self) -> None:
        """Closes the ports: new connections are refused, those that stand go on."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    async def drop_connections(self) -> None:
        """Cuts every connection at once."""
        talks = dict(self._talks)
        for talk, wire in talks.items():
            talk.cancel()
            wire.drop()
        if talks:
            await asyncio.wait(talks, timeout=LONGEST_GOODBYE)
            await asyncio.wait([wire.lost for wire in talks.values()], timeout=LONGEST_GOODBYE)

    def _factory(self, implicit: bool) -> Any:
        return lambda: Wire(lambda wire: self._begin(wire, implicit=implicit))

    def _begin(self, wire: Wire, *, implicit: bool) -> None:
        self._connections += 1
        most = self.house.policy.connections
        crowded = most is not None and len(self._talks) >= most
        talk = Conversation(self.house, wire, self._connections, crowded=crowded)
        task = asyncio.get_running_loop().create_task(talk.run(implicit_tls=implicit))
        self._talks[task] = wire
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._talks[task]
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)
