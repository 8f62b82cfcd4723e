"""One conversation with a mail server: what is asked, what is answered, and whether it goes on."""

import asyncio
from contextlib import suppress
from typing import Final

from aiosmtplib import SMTPException
from aiosmtplib.esmtp import parse_esmtp_extensions

from bot.post.mail.line import Line
from bot.post.mail.patience import GOODBYE, LOOK, Patience
from bot.post.mail.stopped import Stopped, broken
from bot.post.outcomes import Break, Command, Reply, Verdict, classify

TROUBLE: Final = (SMTPException, OSError, ValueError, RuntimeError)
"""What a line raises. OSError: also TLS errors and TimeoutError; ValueError: a line break in an
argument; RuntimeError: written to after its end."""

_FORWARD = (Verdict.ONWARD, Verdict.ACCEPTED)
_DONE = 250


class Session:
    """A connection that has been opened; `messages` is how many were tried over it.

    `patience` is that of whom it serves at present. `unsettled`: the server may be in the middle
    of a message, so that it needs RSET.
    """

    def __init__(self, line: Line, patience: Patience) -> None:
        self.patience = patience
        self.extensions: dict[str, str] = {}
        self.ways_to_log_in: list[str] = []
        self.opened_at = self.used_at = asyncio.get_running_loop().time()
        self.messages = 0
        self.unsettled = False
        self._line = line

    @property
    def line(self) -> Line:
        """The connection itself."""
        return self._line

    @property
    def usable(self) -> bool:
        """Whether the connection stands and the server has said nothing out of turn."""
        return self._line.idle

    @property
    def encryption(self) -> str:
        """The version of TLS in use, empty for clear text."""
        transport = self._line.transport
        secured = transport.get_extra_info("ssl_object") if transport is not None else None
        return secured.version() or "" if secured is not None else ""

    @property
    def largest(self) -> int:
        """The largest message in bytes that the server says it takes; 0: it names none."""
        size = self.extensions.get("size", "")
        return int(size) if size.isascii() and size.isdecimal() else 0

    async def greet(self, name: str) -> None:
        """Say EHLO and learn what the server offers; raises `Stopped`."""
        reply = await self.ask(Command.EHLO, b"EHLO", name.encode("ascii"))
        self.extensions, self.ways_to_log_in = parse_esmtp_extensions(reply.text)

    async def ask(self, command: Command, *words: bytes) -> Reply:
        """Say one command; return the reply that lets it go on, or raise `Stopped`."""
        self.say(command, b" ".join(words) + b"\r\n")
        return await self.expect(command)

    def say(self, command: Command, written: bytes) -> None:
        """Write one or more commands, complete with line ends; raises `Stopped`."""
        try:
            self._line.write(written)
        except TROUBLE as error:
            raise Stopped(command, broken(error)) from None

    async def expect(self, command: Command) -> Reply:
        """Return the reply to `command`; raises `Stopped` unless it is the wanted one."""
        reply = await self.reply(command)
        if classify(command, reply).verdict not in _FORWARD:
            raise Stopped(command, reply)
        return reply

    async def reply(self, command: Command) -> Reply:
        """Return the reply to `command`, whatever it says; raises `Stopped` when there is none."""
        try:
            response = await self._line.read_response(self.patience.of(command))
        except TROUBLE as error:
            raise Stopped(command, broken(error)) from None
        return Reply(response.code, response.message)

    async def pour(self, content: bytes) -> Reply:
        """Write the message with its final dot; return the server's acceptance or raise `Stopped`.

        A server that says yes before it has seen the end is not believed.
        """
        try:
            whole = await self._line.pour(content, self.patience.block)
        except TROUBLE as error:
            raise Stopped(Command.DOT, broken(error)) from None
        try:
            reply = await self.expect(Command.DOT)
        finally:
            if not whole:
                # Whatever is said next would be taken for more of the message.
                self.drop()
        if not whole:
            raise Stopped(Command.DOT, Break.GARBAGE)
        return reply

    async def works(self) -> bool:
        """Whether the server still answers; what was left of a message is taken back."""
        word = b"RSET" if self.unsettled else b"NOOP"
        with suppress(*TROUBLE):
            response = await self._line.execute_command(word, timeout=LOOK)
            self.unsettled = False
            return response.code == _DONE and self.usable
        return False

    async def quit(self) -> None:
        """Take leave, if that is quickly done, and close the connection."""
        try:
            with suppress(*TROUBLE):
                await self._line.execute_command(b"QUIT", timeout=GOODBYE)
        finally:
            self.drop()

    def drop(self) -> None:
        """Close the connection at once."""
        self._line.abort()
