"""Encryption, logins and secrets: nothing leaves in clear, and no password is ever told."""

import asyncio
import hmac
import logging
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.post.kinds import Kind
from bot.post.mail import opening
from bot.post.mail.patience import ORDINARY
from bot.post.mail.stopped import Stopped, broken
from bot.post.outcomes import Break, Command, Verdict, classify
from tests.mailing import (
    ADDRESS,
    NAME,
    PASSWORD,
    USER,
    USERS,
    Trouble,
    carrying,
    claimed,
    letter,
    provider,
)
from tests.smtp import Certificate, Proxy, SmtpServer, reply
from tests.smtp.urls import Tls


@pytest.mark.parametrize("kind", [Kind.REMINDER, Kind.INCIDENT])
async def test_taking_starttls_away_gets_an_attacker_nothing(kind: Kind) -> None:
    trouble = Trouble()
    async with SmtpServer(USERS) as smtp, Proxy(smtp.host, smtp.port) as wire:
        wire.strip_starttls()
        way = provider(smtp, "starttls", wire.port)
        async with carrying(way, on_trouble=trouble) as carrier:
            report = await carrier.carry(claimed(kind=kind), letter())
            await carrier.carry(claimed(2, kind=kind), letter(2))
        heard = wire.up.upper()
    assert report.outcome == classify(Command.TLS, Break.TLS_FAILED)
    assert [word for word in (b"AUTH", b"MAIL", b"DATA", b"SUBJECT") if word in heard] == []
    assert trouble.told == [(str(way), "tls: tls-failed")]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize(
    "certificate", [Certificate(("DNS:mail.example.org",)), Certificate(days=-1)]
)
async def test_a_certificate_that_does_not_hold_is_our_trouble(
    tls: Tls, certificate: Certificate
) -> None:
    trouble = Trouble()
    async with SmtpServer(USERS, certificate=certificate) as smtp:
        async with carrying(provider(smtp, tls), on_trouble=trouble) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome == classify(Command.TLS, Break.TLS_FAILED)
        assert "AUTH" not in smtp.transcript.verbs
    assert len(trouble.told) == 1


@pytest.mark.parametrize(
    ("peer", "here"),
    [
        (("127.0.0.1", 25), True),
        (("127.8.8.8", 25), True),
        (("::1", 25, 0, 0), True),
        (("10.0.0.1", 25), False),
        (("0.0.0.0", 25), False),
        (("fe80::1%lo", 25, 0, 0), False),
        (None, False),
        ("", False),
    ],
)
def test_clear_text_stays_on_this_machine(peer: object, here: bool) -> None:
    assert opening.stays_here(peer) == here


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ssl.SSLCertVerificationError(1, "x"), Break.TLS_FAILED),
        (ssl.SSLEOFError(8, "x"), Break.DROP),
        (ssl.SSLZeroReturnError(6, "x"), Break.DROP),
        (ConnectionAbortedError(), Break.TIMEOUT),
        (ConnectionResetError(), Break.DROP),
        (socket.gaierror(-2, "x"), Break.DROP),
    ],
)
def test_the_ways_a_connection_ends(error: Exception, kind: Break) -> None:
    assert broken(error) is kind


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_without_certificates_there_is_no_connection(tls: Tls) -> None:
    async with SmtpServer(USERS) as smtp:
        with pytest.raises(Stopped) as stopped:
            await opening.opened(provider(smtp, tls), ORDINARY, NAME, None)
        assert stopped.value.outcome == classify(Command.TLS, Break.TLS_FAILED)
        assert smtp.connections == 0


async def test_certificates_that_cannot_be_read_are_our_trouble(tmp_path: Path) -> None:
    async with SmtpServer(USERS) as smtp:
        way = replace(provider(smtp), ca=tmp_path / "nothing.pem")
        async with carrying(way) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome == classify(Command.TLS, Break.TLS_FAILED)
        assert smtp.connections == 0


@asynccontextmanager
async def injecting(context: ssl.SSLContext, heard: bytearray) -> AsyncIterator[int]:
    """Gives the port of a server whose leave for TLS has another reply, in clear, behind it."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n")
        with suppress(ConnectionError):
            await writer.start_tls(context)
            heard.extend(await reader.read())
        writer.close()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait_for(ended.wait(), 5)


async def test_what_is_said_in_clear_behind_starttls_is_not_believed() -> None:
    heard = bytearray()
    async with SmtpServer(USERS) as smtp, injecting(Certificate().context, heard) as port:
        way = provider(smtp, "starttls", port)
        async with carrying(way) as carrier:
            report = await carrier.carry(claimed(), letter())
    assert report.outcome == classify(Command.TLS, Break.GARBAGE)
    assert heard == b""


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_the_password_is_on_no_wire_in_no_report_and_in_no_log(
    tls: Tls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    trouble = Trouble()
    plain = f"\0{USER}\0{PASSWORD}".encode()
    forms = [PASSWORD, b64encode(PASSWORD.encode()).decode(), b64encode(plain).decode()]
    async with SmtpServer(USERS) as smtp:
        target = smtp.tls_port if tls == "tls" else smtp.port
        smtp.at("auth", reply(535, "5.7.8 " + " ".join(forms)))
        async with Proxy(smtp.host, target) as wire:
            way = provider(smtp, tls, wire.port)
            async with carrying(way, on_trouble=trouble) as carrier:
                report = await carrier.carry(claimed(), letter())
            async with carrying(way) as carrier:
                accepted = await carrier.carry(claimed(), letter())
            heard = (wire.up + wire.down).decode("latin-1")
    told = f"{report!r} {accepted!r} {trouble!r} {caplog.text} {way!r}"
    assert accepted.outcome.verdict is Verdict.ACCEPTED
    assert report.answer == "auth: 535 5.7.8 ••• ••• •••"
    assert [form for form in forms if form in told or form in heard] == []
    assert ADDRESS not in caplog.text + repr(trouble)


@pytest.mark.parametrize(
    ("offered", "verdict", "said"),
    [
        ("PLAIN LOGIN CRAM-MD5", Verdict.ACCEPTED, ["PLAIN"]),
        ("CRAM-MD5 LOGIN", Verdict.ACCEPTED, ["LOGIN"]),
        ("XOAUTH2", Verdict.OURS, []),
        ("", Verdict.OURS, []),
    ],
)
async def test_one_way_to_log_in_is_taken(offered: str, verdict: Verdict, said: list[str]) -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("ehlo", reply(250, "mx.example.org", f"AUTH {offered}"))
        async with carrying(provider(smtp, "none")) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome.verdict is verdict
        assert [each.said.split()[1].decode() for each in smtp.transcript.of("AUTH")] == said


async def test_a_challenge_is_answered_without_the_password() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("ehlo", reply(250, "mx.example.org", "AUTH CRAM-MD5"))
        smtp.at("auth", reply(334, b64encode(b"<1@x>").decode()))
        async with carrying(provider(smtp, "none")) as carrier:
            await carrier.carry(claimed(), letter())
        answer = smtp.transcript.exchanges[3].said
    proof = hmac.new(PASSWORD.encode(), b"<1@x>", "md5").hexdigest()
    assert b64decode(answer).decode() == f"{USER} {proof}"


async def test_a_login_that_goes_another_way_is_garbage() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(334, "more"))
        async with carrying(provider(smtp)) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome == classify(Command.AUTH, Break.GARBAGE)
