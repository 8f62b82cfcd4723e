"""The server is as strict as real ones: order of commands, syntax, parameters, line ends."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.smtp import Policy, SmtpServer

USERS = Policy(users={"noon": "secret"})


class Raw:
    """A client that says exactly what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, said: str | bytes) -> None:
        """Sends it as it is."""
        self.writer.write(said.encode() if isinstance(said, str) else said)

    async def reply(self) -> str:
        """The code and the enhanced code of the next reply."""
        line = "   -"
        while line[3:4] == "-":
            line = (await asyncio.wait_for(self.reader.readline(), 5)).decode()
        found = re.match(r"\d{3}( \d\.\d+\.\d+)?", line)
        return found[0] if found is not None else line

    async def replies(self, count: int) -> list[str]:
        """The next replies."""
        return [await self.reply() for _ in range(count)]


@asynccontextmanager
async def connected(smtp: SmtpServer) -> AsyncIterator[Raw]:
    """A connection that has been greeted; it is closed in the end."""
    reader, writer = await asyncio.open_connection(smtp.host, smtp.port)
    try:
        raw = Raw(reader, writer)
        assert await raw.reply() == "220"
        yield raw
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def talk(policy: Policy, *said: str | bytes) -> list[str]:
    """What the server answers, the greeting left out; each line gets its CRLF."""
    answers = []
    async with SmtpServer(policy) as smtp, connected(smtp) as raw:
        for line in said:
            raw.say((line.encode() if isinstance(line, str) else line) + b"\r\n")
            answers.append(await raw.reply())
    return answers


def b64(text: str) -> str:
    """The text in base64."""
    return base64.b64encode(text.encode()).decode()


def case(said: str, answered: str, policy: Policy | None = None) -> Any:
    """Lines joined by ` | ` and the last reply."""
    return pytest.param(said.split(" | "), answered, policy or Policy(), id=said[-60:])


IN = "EHLO x | MAIL FROM:<a@b.eu>"
LONG = "x" * 65

CASES = [
    case("EHLO x", "250"),
    case("ehlo x | mail from:<a@b.eu>", "250 2.1.0"),
    case("EHLO", "501 5.5.4"),
    case("HELO x | MAIL FROM:<a@b.eu>", "250 2.1.0"),
    case("EHLO x", "502 5.5.1", Policy(extended=False)),
    case("MAIL FROM:<a@b.eu>", "503 5.5.1"),
    case("EHLO x | RCPT TO:<a@b.eu>", "503 5.5.1"),
    case("EHLO x | DATA", "503 5.5.1"),
    case(f"{IN} | DATA", "503 5.5.1"),
    case(f"{IN} | MAIL FROM:<a@b.eu>", "503 5.5.1"),
    case(f"{IN} | RSET | MAIL FROM:<a@b.eu>", "250 2.1.0"),
    case(f"{IN} | EHLO x | RCPT TO:<a@b.eu>", "503 5.5.1"),
    case(f"{IN} | RCPT TO:<a@b.eu> | DATA now", "501 5.5.4"),
    case(f"{IN} | RCPT TO:<a@b.eu> | DATA", "354"),
    case(f"{IN} | RCPT TO:<a@b.eu> | DATA | .", "250 2.0.0"),
    case(f"{IN} | RCPT TO:<a@b.eu> | DATA | . | RCPT TO:<a@b.eu>", "503 5.5.1"),
    case("EHLO x | MAIL FROM:<>", "250 2.1.0"),
    case("EHLO x | MAIL FROM: <a@b.eu>", "501 5.5.4"),
    case("EHLO x | MAIL FROM:a@b.eu", "501 5.5.4"),
    case("EHLO x | MAIL FROM:<a@b.eu> COLOUR=red", "555 5.5.4"),
    case("EHLO x | MAIL FROM:<a@b.eu> SIZE=many", "501 5.5.4"),
    case("EHLO x | MAIL FROM:<a@b.eu> BODY=9BIT", "501 5.5.4"),
    case("EHLO x | MAIL FROM:<a@b.eu> RET=SOME", "501 5.5.4"),
    case("EHLO x | MAIL FROM:<a@b.eu> ENVID=a+zz", "501 5.5.4"),
    case("EHLO x | MAIL FROM:<a@b.eu> SMTPUTF8", "555 5.5.4"),
    case("EHLO x | MAIL FROM:<ā@b.eu> SMTPUTF8", "250 2.1.0", Policy(smtputf8=True)),
    case("EHLO x | MAIL FROM:<ā@b.eu>", "553 5.6.7", Policy(smtputf8=True)),
    case(f"{IN} | RCPT TO:<>", "501 5.1.3"),
    case(f"{IN} | RCPT TO:<Postmaster>", "250 2.1.5"),
    case(f"{IN} | RCPT TO:<nobody>", "501 5.1.3"),
    case(f"{IN} | RCPT TO:<ā@b.eu>", "553 5.6.7"),
    case(f"{IN} | RCPT TO:<{LONG}@b.eu>", "501 5.1.3"),
    case(f"{IN} | RCPT TO:<{LONG[1:]}@b.eu>", "250 2.1.5"),
    case(f"{IN} | RCPT TO:<a@b.eu>,<c@d.eu>", "501 5.5.4"),
    case(f'{IN} | RCPT TO:<"a b"@b.eu>', "250 2.1.5"),
    case(f"{IN} | RCPT TO:<a@b.eu> NOTIFY=NEVER,DELAY", "501 5.5.4"),
    case(f"{IN} | RCPT TO:<a@b.eu> NOTIFY=delay,failure", "250 2.1.5"),
    case(f"{IN} | RCPT TO:<a@b.eu> ORCPT=rfc822", "501 5.5.4"),
    case("STARTTLS now", "501 5.5.4"),
    case("STARTTLS", "502 5.5.1", Policy(starttls=False)),
    case("EHLO x | AUTH PLAIN", "502 5.5.1"),
    case("AUTH PLAIN", "503 5.5.1", USERS),
    case("EHLO x | AUTH CRAM-MD5", "504 5.5.4", USERS),
    case("EHLO x | AUTH PLAIN", "334", USERS),
    case("EHLO x | AUTH PLAIN | *", "501 5.7.0", USERS),
    case("EHLO x | AUTH PLAIN | !", "501 5.5.2", USERS),
    case(f"EHLO x | AUTH PLAIN {b64('noon')}", "535 5.7.8", USERS),
    case(f"EHLO x | AUTH LOGIN | {b64('noon')} | {b64('secret')}", "235 2.7.0", USERS),
    case(f"EHLO x | AUTH LOGIN {b64('noon')} | {b64('other')}", "535 5.7.8", USERS),
    case("EHLO x | AUTH PLAIN", "538 5.7.11", Policy(users={"a": "b"}, auth_needs_tls=True)),
    case("EHLO x | MAIL FROM:<a@b.eu>", "530 5.7.0", Policy(tls_required=True)),
    case("NOOP", "250 2.0.0", Policy(tls_required=True)),
    case("VRFY a", "252 2.0.0"),
    case("HELP", "500 5.5.2"),
    case("", "500 5.5.2"),
    case("RSET all", "501 5.5.4"),
    case("x" * 9000, "500 5.5.2"),
    case("x" * 9000 + " | NOOP", "250 2.0.0"),
    case("QUIT", "221 2.0.0"),
]


@pytest.mark.parametrize(("said", "answered", "policy"), CASES)
async def test_a_command_gets_the_reply_it_deserves(
    said: list[str], answered: str, policy: Policy
) -> None:
    assert (await talk(policy, *said))[-1] == answered


async def test_a_second_login_and_one_inside_a_transaction_are_refused() -> None:
    plain = f"AUTH PLAIN {b64(chr(0) + 'noon' + chr(0) + 'secret')}"
    assert (await talk(USERS, "EHLO x", plain, plain))[1:] == ["235 2.7.0", "503 5.5.1"]
    assert (await talk(USERS, "EHLO x", "MAIL FROM:<a@b.eu>", plain))[2] == "503 5.5.1"


async def test_bytes_that_are_no_utf8_are_refused() -> None:
    assert (await talk(Policy(), "EHLO x", b"MAIL FROM:<\xe2@b.eu>"))[1] == "501 5.5.2"


PIPELINED = b"EHLO x\r\nMAIL FROM:<a@b.eu>\r\nRCPT TO:<c@d.eu>\r\nDATA\r\n"


ALL_GO = ["250", "250 2.1.0", "250 2.1.5", "354"]


@pytest.mark.parametrize(("offered", "codes"), [(True, ALL_GO), (False, ["554 5.5.0"])])
async def test_only_who_was_offered_pipelining_may_use_it(offered: bool, codes: list[str]) -> None:
    async with SmtpServer(Policy(pipelining=offered)) as smtp, connected(smtp) as raw:
        raw.say(PIPELINED)
        assert await raw.replies(len(codes)) == codes


async def test_a_message_ends_at_crlf_dot_crlf_and_nowhere_else() -> None:
    tricky = b"a\n.\nb\n.\r\nc\r\n.\nd\r\n..\r\n.e\r\n.\r\n"
    async with SmtpServer() as smtp, connected(smtp) as raw:
        raw.say(PIPELINED)
        await raw.replies(4)
        for byte in tricky:
            raw.say(bytes([byte]))
            await asyncio.sleep(0)
        (message,) = await smtp.received(1)
        assert message.raw == b"a\n.\nb\n.\r\nc\r\n\nd\r\n.\r\ne\r\n"


async def test_what_is_said_in_clear_behind_starttls_is_thrown_away() -> None:
    async with SmtpServer() as smtp, connected(smtp) as raw:
        raw.say(b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@b.eu>\r\n")
        assert await raw.replies(2) == ["250", "220 2.0.0"]
        raw.say(b"NOOP\r\n")
        assert b"250" not in await asyncio.wait_for(raw.reader.read(), 5)
        assert smtp.transcript.verbs == ["EHLO", "STARTTLS"]
