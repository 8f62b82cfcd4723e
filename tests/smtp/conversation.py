"""The server's side of one SMTP connection, with the script's steps in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from tests.smtp import answers
from tests.smtp.answers import Answer, says
from tests.smtp.login import Login
from tests.smtp.script import Command
from tests.smtp.state import House, State
from tests.smtp.steps import Dropped, Effective, Replied, Served, Silent, Step, Written
from tests.smtp.transcript import Exchange
from tests.smtp.wire import Ended, LineTooLong, Wire

Usual = Callable[[], Answer | None]
"""Does what a command usually does and returns the usual reply; None: there is nothing to say."""

NO_REPLY = 0
"""Stands for the code of what is no reply."""

ALLOWED_IN_CLEAR = ("EHLO", "HELO", "NOOP", "STARTTLS", "QUIT", "RSET")
"""What a server that demands TLS still answers without it (RFC 3207, 4)."""


class Conversation:
    """One connection, `number` of its server; `crowded` when there are too many already."""

    def __init__(self, house: House, wire: Wire, number: int, *, crowded: bool) -> None:
        self.house = house
        self.wire = wire
        self.number = number
        self.crowded = crowded
        self.state = State(house)
        self._exchange: Exchange
        self._commands: dict[str, Callable[[bytes], Awaitable[object]]] = {
            "EHLO": lambda host: self._answer("ehlo", lambda: self._hello(host, extended=True)),
            "HELO": lambda host: self._answer("ehlo", lambda: self._hello(host, extended=False)),
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": lambda path: self._answer("mail", lambda: self.state.mail(path)),
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": lambda empty: self._answer("rset", lambda: self.state.reset(empty)),
            "NOOP": lambda _: self._answer("noop", lambda: answers.OK),
            "QUIT": lambda _: self._answer("quit", lambda: answers.BYE),
            "VRFY": lambda _: self._answer("", lambda: answers.NO_OPINION),
        }

    async def run(self, *, implicit_tls: bool) -> None:
        """Talks until either side ends it."""
        try:
            if implicit_tls:
                self._came(b"")
                await self._handshake()
            await self._greet()
            while True:
                await self._turn()
        except Ended:
            pass
        finally:
            self.wire.close()

    async def _greet(self) -> None:
        self._came(b"")
        greeting = says(220, f"{self.house.policy.name} ESMTP")
        usual = answers.TOO_MANY_CONNECTIONS if self.crowded else greeting
        await self._answer("greeting", lambda: usual)

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self.house.policy.idle):
                line = await self.wire.line()
        except (TimeoutError, LineTooLong) as error:
            self._came(b"")
            idle = isinstance(error, TimeoutError)
            self._say(answers.IDLE if idle else answers.LINE_TOO_LONG)
        else:
            self._came(line)
            await self._obey(line)

    async def _obey(self, line: bytes) -> None:
        word, _, argument = line.partition(b" ")
        verb = word.decode("ascii", "replace").upper()
        command, policy = self._commands.get(verb), self.house.policy
        if self.wire.ahead and not policy.pipelining and verb != "STARTTLS":
            self._say(answers.NOT_PIPELINED, closes=True)
        elif command is None:
            self._say(answers.UNKNOWN)
        elif policy.tls_required and self.state.tls is None and verb not in ALLOWED_IN_CLEAR:
            self._say(answers.TLS_FIRST)
        else:
            await command(argument)

    def _hello(self, host: bytes, *, extended: bool) -> Answer:
        return self.state.hello(host, extended=extended)

    async def _starttls(self, argument: bytes) -> None:
        self.wire.forget()
        if await self._answer("starttls", lambda: self.state.may_encrypt(argument)) == 220:
            await self._handshake()

    async def _handshake(self) -> None:
        await self._answer("tls", lambda: None)
        await self.wire.start_tls(self.house.certificate.context)
        self.state.encrypted(self.wire.tls)

    async def _auth(self, argument: bytes) -> None:
        login = Login(self.state)
        code = await self._answer("auth", lambda: login.begin(argument))
        while code == 334:
            line = await self.wire.line()
            self._came(line)
            code = self._say(login.go_on(line))

    async def _rcpt(self, argument: bytes) -> None:
        named = argument.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")
        await self._answer("rcpt", lambda: self.state.rcpt(argument), (named,))

    async def _data(self, argument: bytes) -> None:
        recipients = self.state.addresses
        code = await self._answer("data", lambda: self.state.data(argument), recipients)
        if code == 354:
            raw = await self.wire.data()
            self._came(b".")
            await self._answer("dot", lambda: self.state.accept(raw, self.number), recipients)
            self.state.reset(b"")

    def _came(self, said: bytes) -> None:
        encrypted = self.state.tls is not None
        self._exchange = self.house.transcript.add(self.number, said, tls=encrypted)

    async def _answer(
        self, command: Command | str, usual: Usual, recipients: Iterable[str] = ()
    ) -> int:
        """Does what the script says at this command, else the usual; returns the code sent."""
        step = self.house.script.next(command, recipients)
        return self._say(usual()) if step is None else await self._play(step, usual)

    async def _play(self, step: Step, usual: Usual) -> int:
        match step:
            case Served(delay):
                await asyncio.sleep(delay)
                return self._say(usual())
            case Replied(answer, delay, closes):
                await asyncio.sleep(delay)
                if answer.positive:
                    usual()
                return self._say(answer, closes=closes)
            case Written(content, delay, closes):
                await asyncio.sleep(delay)
                return self._write(content, closes=closes)
            case Dropped(delay, reset):
                await asyncio.sleep(delay)
                self.wire.drop(reset=reset)
                raise Ended
            case Silent():
                await self.wire.gone()
                raise Ended
            case Effective(then):
                hidden = usual()
                return await self._play(then, lambda: hidden)

    def _say(self, answer: Answer | None, *, closes: bool | None = None) -> int:
        if answer is None:
            return NO_REPLY
        self._exchange.answered = answer.text
        self.wire.write(answer.encoded)
        if closes or (closes is None and answer.code in answers.CLOSING):
            raise Ended
        return answer.code

    def _write(self, content: bytes, *, closes: bool) -> int:
        self._exchange.answered = content[:1000].decode("utf-8", "replace")
        self.wire.write(content)
        if closes:
            raise Ended
        return NO_REPLY
