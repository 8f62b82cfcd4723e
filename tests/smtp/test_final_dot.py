"""After the final dot nobody knows: what aiosmtplib hides, and how sending in steps shows it."""

from __future__ import annotations

import aiosmtplib
import pytest

from tests.smtp import SmtpServer, Step, accept_and_drop, drop, reply, served, silence
from tests.smtp.clients import from_aiosmtplib, with_aiosmtplib
from tests.smtp.outcome import RECIPIENT, SENDER, mail, to
from tests.smtp.script import Command


async def test_a_message_that_was_lost_and_one_that_was_kept_look_the_same() -> None:
    async with SmtpServer() as smtp:
        smtp.at("data", drop())
        smtp.at("dot", drop())
        smtp.at("dot", accept_and_drop())
        errors = [(await with_aiosmtplib(to(smtp))).error for _ in range(3)]
        assert len({(type(error), str(error)) for error in errors}) == 1
        assert len(smtp.messages) == 1


async def stage(line: aiosmtplib.SMTP, raw: bytes) -> str:
    """Sends in steps, and returns where it ended: `safe`, `unknown` or the final reply."""
    reached = "safe"
    try:
        await line.mail(SENDER)
        await line.rcpt(RECIPIENT)
        assert (await line.execute_command(b"DATA")).code == 354
        reached = "unknown"
        assert line.protocol is not None
        line.protocol.write(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return str((await line.protocol.read_response(timeout=line.timeout)).code)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        return reached


@pytest.mark.parametrize(
    ("command", "step", "found"),
    [
        ("rcpt", drop(), "safe"),
        ("data", drop(), "safe"),
        ("data", silence(), "safe"),
        ("dot", drop(), "unknown"),
        ("dot", accept_and_drop(), "unknown"),
        ("dot", silence(), "unknown"),
        ("dot", reply(451), "451"),
        ("noop", served(), "250"),
    ],
)
async def test_sending_in_steps_tells_them_apart(command: Command, step: Step, found: str) -> None:
    async with SmtpServer() as smtp:
        smtp.at(command, step)
        line = from_aiosmtplib(to(smtp, timeout=0.5))
        await line.connect()
        assert await stage(line, mail(1, "a\r\n.b")) == found
        if found == "250":
            assert smtp.messages[0].raw == mail(1, "a\r\n.b")
            refused, _ = await line.sendmail(SENDER, [RECIPIENT], mail(2))
            assert refused == {}
        line.close()
