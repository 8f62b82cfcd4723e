"""Habits of aiosmtplib 5.1 that one has to know; when one of these fails, it has changed."""

from __future__ import annotations

import asyncio

import aiosmtplib
import pytest

from tests.smtp import (
    Policy,
    Proxy,
    SmtpServer,
    Step,
    drop,
    effective,
    garbage,
    reply,
    served,
    silence,
    written,
)
from tests.smtp.clients import from_aiosmtplib, with_aiosmtplib
from tests.smtp.outcome import RECIPIENT, SENDER, Order, mail, shown, to
from tests.smtp.script import Command
from tests.smtp.urls import Tls

EVA = "eva@example.org"
LOGIN = {"user": "noon", "password": "secret"}
USERS = Policy(users={"noon": "secret"})


async def attempt(
    line: aiosmtplib.SMTP, recipient: str = EVA, number: int = 2, text: str = "Sveiki"
) -> str:
    """What becomes of one more message on this connection."""
    try:
        await line.sendmail(SENDER, [recipient], mail(number, text))
    except aiosmtplib.SMTPException as error:
        return shown(error)
    return "sent"


async def test_a_wrong_password_is_tried_twice() -> None:
    async with SmtpServer(USERS) as smtp:
        await with_aiosmtplib(to(smtp, user="noon", password="wrong"))
        assert [each.said.split()[1] for each in smtp.transcript.of("AUTH")] == [b"PLAIN", b"LOGIN"]


async def test_a_server_that_is_too_busy_to_greet_seems_to_lack_tls() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("ehlo", reply(451, "4.3.0 later"))
        error = (await with_aiosmtplib(to(smtp, "starttls", **LOGIN))).error
        assert type(error) is aiosmtplib.SMTPException
        assert smtp.transcript.verbs == ["EHLO", "HELO"]


@pytest.mark.parametrize("step", [silence(), garbage()])
async def test_trouble_at_the_reset_after_a_refusal_can_hide_the_refusal(step: Step) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(550, "5.1.1 unknown"))
        smtp.at("rset", step)
        error = (await with_aiosmtplib(to(smtp, timeout=0.5))).error
        hidden = step == silence()
        assert shown(error) == ("ReadTimeoutError" if hidden else "RecipientsRefused 550")


@pytest.mark.parametrize("who", [RECIPIENT, EVA])
async def test_a_421_for_one_of_two_recipients_loses_its_code(who: str) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(421, "4.7.0 too much"), to=who)
        outcome = await with_aiosmtplib(to(smtp, recipients=(RECIPIENT, EVA)))
        assert outcome.told == "ServerDisconnected, closed"


async def test_an_address_beyond_ascii_makes_the_next_message_seem_refused() -> None:
    async with SmtpServer() as smtp, from_aiosmtplib(to(smtp)) as line:
        with pytest.raises(UnicodeEncodeError):
            await attempt(line, "jānis@example.org")
        assert [await attempt(line) for _ in range(2)] == ["SenderRefused 503", "sent"]


async def test_a_send_given_up_half_way_makes_the_next_message_seem_refused() -> None:
    async with SmtpServer() as smtp, from_aiosmtplib(to(smtp)) as line:
        slow = smtp.at("rcpt", served(delay=0.3))
        sending = asyncio.create_task(attempt(line, RECIPIENT, 1))
        await slow.reached()
        sending.cancel()
        await asyncio.wait([sending])
        assert line.is_connected
        assert await attempt(line) == "RecipientsRefused 503"


async def test_a_reply_too_many_shifts_all_that_follow() -> None:
    twice = written(b"250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n")
    async with SmtpServer() as smtp, from_aiosmtplib(to(smtp, timeout=0.5)) as line:
        smtp.at("dot", effective(twice))
        assert await attempt(line, EVA, 1) == "sent"
        assert await attempt(line, EVA, 2) == "ReadTimeoutError"
        assert smtp.copies() == {"<1@example.org>": 1}


async def test_a_reply_in_another_encoding_cannot_be_stored_as_it_is() -> None:
    async with SmtpServer() as smtp:
        text = b"5.1.1 nezin\xe2ms".decode("utf-8", "surrogateescape")
        smtp.at("mail", reply(550, text))
        error = (await with_aiosmtplib(to(smtp))).error
        assert isinstance(error, aiosmtplib.SMTPSenderRefused)
        with pytest.raises(UnicodeEncodeError):
            error.message.encode()


@pytest.mark.parametrize(
    ("tls", "kind"), [("starttls", "SSLCertVerificationError"), ("tls", "ConnectError")]
)
async def test_a_bad_certificate_has_two_faces(tls: Tls, kind: str) -> None:
    async with SmtpServer() as smtp:
        assert shown((await with_aiosmtplib(to(smtp, tls, ca_file=None))).error) == kind


async def test_tls_and_clear_text_on_the_wrong_port() -> None:
    async with SmtpServer() as smtp:
        clear = await with_aiosmtplib(Order(smtp.tls_port, timeout=0.5))
        encrypted = await with_aiosmtplib(to(smtp, "tls", port=smtp.port))
        assert clear.told == "ConnectTimeoutError, closed"
        assert encrypted.told == "ConnectError, closed"


async def test_an_idle_connection_is_noticed_before_anything_is_sent() -> None:
    async with SmtpServer(Policy(idle=0.1)) as smtp, from_aiosmtplib(to(smtp)) as line:
        await asyncio.sleep(0.3)
        assert await attempt(line) == "ServerDisconnected"
        await line.connect()
        assert await attempt(line) == "sent"
        assert smtp.copies() == {"<2@example.org>": 1}


async def test_a_large_message_that_got_stuck_is_held_until_it_is_aborted() -> None:
    async with SmtpServer(Policy(size=None)) as smtp, Proxy(smtp.host, smtp.port) as wire:
        line = from_aiosmtplib(Order(wire.port, timeout=0.5))
        await line.connect()
        stuck = line.transport
        assert isinstance(stuck, asyncio.Transport)
        slow = smtp.at("data", served(delay=0.1))
        sending = asyncio.create_task(attempt(line, EVA, 1, "y" * 20_000_000))
        await slow.reached()
        wire.black_hole(down=False)
        assert await sending == "ReadTimeoutError"
        assert not line.is_connected
        assert stuck.get_write_buffer_size() > 10_000_000
        stuck.abort()


@pytest.mark.parametrize(
    ("command", "step"),
    [("greeting", silence()), ("ehlo", drop()), ("tls", silence()), ("starttls", garbage())],
)
async def test_the_same_object_can_connect_again(command: Command, step: Step) -> None:
    async with SmtpServer() as smtp:
        smtp.at(command, step)
        line = from_aiosmtplib(to(smtp, "starttls", timeout=1.0))
        with pytest.raises(aiosmtplib.SMTPException):
            await line.connect()
        async with line:
            assert await attempt(line) == "sent"


async def test_by_default_it_logs_in_in_clear_when_tls_is_taken_away() -> None:
    async with SmtpServer(USERS) as smtp, Proxy(smtp.host, smtp.port) as wire:
        wire.strip_starttls()
        usual = aiosmtplib.SMTP(
            hostname=wire.host,
            port=wire.port,
            username="noon",
            password="secret",
            local_hostname="client.example.org",
        )
        async with usual:
            assert await attempt(usual) == "sent"
        assert any(line.startswith(b"AUTH PLAIN") for line in wire.spoken)
