"""The server as a process of its own, and the handle to it."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.smtp.steps import Json
from tests.smtp.urls import HOST, Tls, smtp_url

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
LONGEST_ANSWER = 1 << 30


class SmtpProcess:
    """`python -m tests.smtp` on the machine; use it as an asynchronous context manager.

    Arguments are those of the command (`--user noon:secret`, `--size 1000`, `--headers-only`).
    It lives beside the sender, which may be killed and started again, and its work is done on
    another core than the test's.
    """

    host = HOST

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: Process
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self.port = self.tls_port = self.control_port = 0

    async def __aenter__(self) -> Self:
        """Starts the process and waits until it listens."""
        command = (sys.executable, "-m", "tests.smtp", *self._arguments)
        self._process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
        assert self._process.stdout is not None
        listening = json.loads(await asyncio.wait_for(self._process.stdout.readline(), PATIENCE))
        self.port, self.tls_port = listening["port"], listening["tls_port"]
        self.control_port = listening["control_port"]
        self._reader, self._writer = await asyncio.open_connection(
            self.host, self.control_port, limit=LONGEST_ANSWER
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Stops the process."""
        self._writer.close()
        if self._process.returncode is None:
            self._process.terminate()
        await asyncio.wait_for(self._process.wait(), PATIENCE)

    def url(self, user: str = "", password: str = "", tls: Tls = "starttls") -> str:
        """Returns the server's address as `NOON_SMTP_URL` takes it."""
        return smtp_url(self.tls_port if tls == "tls" else self.port, user, password, tls)

    async def ca_file(self) -> Path:
        """Returns the certificate that clients have to trust, as a PEM file."""
        return Path((await self.ask("about", tls=True))["ca_file"])

    async def ask(self, do: str, **values: Any) -> Any:
        """Returns the result of an order, one of `control.ORDERS`.

        Raises:
            RuntimeError: when it is refused, with the reason.
        """
        self._writer.write(json.dumps({"do": do} | values).encode() + b"\n")
        answer = json.loads(await self._reader.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    async def at(self, command: str, step: Json, **values: Any) -> int:
        """Adds a rule (`{"do": "reply", "code": 450}`) and returns its number."""
        return int(await self.ask("at", command=command, step=step, **values))

    async def accepted(self) -> int:
        """Returns how many messages were accepted."""
        return int((await self.ask("counts"))["accepted"])

    async def copies(self, least: int = 1) -> dict[str, int]:
        """Returns how often each Message-ID was accepted, if at least so often."""
        return dict(await self.ask("copies", least=least))

    async def raw(self, queue_id: str) -> bytes:
        """Returns the bytes of one message."""
        return base64.b64decode(await self.ask("raw", queue_id=queue_id))
