"""The server as its own process stays while senders are killed, and tells what they left."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import Process

import pytest

from tests.smtp import SmtpProcess

SENDER = """
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example.org") as line:
    for number in range(int(sys.argv[2])):
        mail = f"Message-ID: <{number}@example.org>\\r\\n\\r\\nSveiki\\r\\n"
        line.sendmail("noon@example.org", ["anna@example.org"], mail)
"""


async def sender(smtp: SmtpProcess, count: int = 1) -> Process:
    """A process that sends messages 0, 1, 2 … one after the other."""
    arguments = ("-c", SENDER, str(smtp.port), str(count))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments)


async def killed(process: Process) -> None:
    """Kills without notice."""
    process.kill()
    assert await process.wait() == -signal.SIGKILL


async def test_a_killed_sender_leaves_what_was_accepted() -> None:
    async with SmtpProcess() as smtp:
        rule = await smtp.at("dot", {"do": "accept_and_delay", "seconds": 60}, after=2)
        first = await sender(smtp, 5)
        await smtp.ask("reached", rule=rule)
        await killed(first)
        assert await smtp.copies() == {f"<{number}@example.org>": 1 for number in range(3)}
        assert await (await sender(smtp, 5)).wait() == 0
        assert await smtp.accepted() == 8
        assert await smtp.copies(2) == {f"<{number}@example.org>": 2 for number in range(3)}


async def test_a_message_under_way_at_the_kill_is_not_accepted() -> None:
    async with SmtpProcess() as smtp:
        rule = await smtp.at("data", {"do": "silence"})
        process = await sender(smtp)
        await smtp.ask("reached", rule=rule)
        await killed(process)
        assert await smtp.accepted() == 0
        assert [each["said"] for each in await smtp.ask("transcript", verb="DATA")] == ["data"]


async def test_everything_kept_can_be_asked_for() -> None:
    async with SmtpProcess() as smtp:
        assert await (await sender(smtp, 2)).wait() == 0
        _, second = await smtp.ask("messages")
        assert second["message_id"] == "<1@example.org>"
        assert second["recipients"] == ["anna@example.org"]
        assert b"Sveiki" in await smtp.raw(second["queue_id"])
        assert len(await smtp.ask("messages", after=1)) == 1
        assert (await smtp.ask("counts"))["distinct"] == 2
        await smtp.ask("clear")
        assert (await smtp.accepted(), await smtp.ask("transcript")) == (0, [])


async def test_only_headers_are_kept_when_asked_for() -> None:
    async with SmtpProcess("--headers-only") as smtp:
        assert await (await sender(smtp)).wait() == 0
        (message,) = await smtp.ask("messages")
        assert await smtp.raw(message["queue_id"]) == b"Message-ID: <0@example.org>\r\n\r\n"
        assert message["size"] == len(b"Message-ID: <0@example.org>\r\n\r\nSveiki\r\n")


async def test_demands_can_change_and_the_port_can_close() -> None:
    async with SmtpProcess("--user", "noon:secret", "--auth-required") as smtp:
        assert await (await sender(smtp)).wait() != 0
        await smtp.ask("demand", auth_required=False)
        assert await (await sender(smtp)).wait() == 0
        await smtp.ask("refuse", cut=True)
        assert await (await sender(smtp)).wait() != 0
        await smtp.ask("accept")
        assert await (await sender(smtp)).wait() == 0
        assert await smtp.ask("received", count=2) == 2
        assert (await smtp.ca_file()).read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert smtp.url("noon", "secret", "tls").endswith(f"noon:secret@127.0.0.1:{smtp.tls_port}")


@pytest.mark.parametrize(
    ("do", "values"),
    [
        ("dance", {}),
        ("raw", {"queue_id": "none"}),
        ("at", {"command": "rcpt", "step": {"do": "sulk"}}),
        ("demand", {"colour": "red"}),
        ("received", {"count": 1, "timeout": 0.01}),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(do: str, values: dict[str, object]) -> None:
    async with SmtpProcess() as smtp:
        with pytest.raises(RuntimeError, match="Error"):
            await smtp.ask(do, **values)
