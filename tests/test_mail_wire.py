"""What goes over the wire: the same bytes, and no more than the server offers."""

import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import format_datetime
from pathlib import Path

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.kinds import Kind
from bot.post.mail import opening
from bot.post.mail.patience import ORDINARY
from bot.post.mail.session import Session
from bot.post.mail.stopped import Stopped
from bot.post.mail.transfer import Envelope, stuffed, transfer, xtext
from bot.post.outcomes import Verdict
from tests.mailing import (
    ADDRESS,
    NAME,
    NOON,
    SENDER,
    USERS,
    carrying,
    claimed,
    letter,
    provider,
)
from tests.smtp import Policy, Proxy, SmtpServer, reply

DOTS = ".\r\n..\r\n.dot\r\n a.\r\n...\r\nend.\r\n."
BODIES = {
    "Latvian": "Sveiki, šis ir atgādinājums.",
    "dots": DOTS,
    "only a dot": ".",
    "looks like commands": "QUIT\r\n.QUIT\r\n\r\nDATA",
    "large": ("y" * 76 + "\r\n") * 20_000,
    "empty": "",
}


@pytest.mark.parametrize("body", BODIES)
async def test_two_providers_get_the_same_bytes(body: str) -> None:
    content = letter(1, BODIES[body], Date=format_datetime(NOON))
    async with SmtpServer(USERS) as one, SmtpServer(Policy(pipelining=False)) as other:
        async with carrying(provider(one), provider(other, "tls")) as carrier:
            for number in range(2):
                await carrier.carry(claimed(provider=number), content)
        assert [message.raw for message in (*one.messages, *other.messages)] == [content] * 2


@given(st.lists(st.sampled_from([b".", b"\r\n", b"a", b"..", b"\xc4\x81"])).map(b"".join))
def test_the_servers_end_finds_what_was_sent(content: bytes) -> None:
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    wire = stuffed(content)
    assert (b"\r\n" + wire).find(b"\r\n.\r\n") == len(wire) - 3
    assert (b"\r\n" + wire[:-3]).replace(b"\r\n.", b"\r\n")[2:] == whole


async def test_a_signature_still_holds(tmp_path: Path) -> None:
    key, public = signing_key(tmp_path)
    content = letter(1, DOTS + "\r\nāžķ", Date=format_datetime(NOON), **{"List-Id": "<x.org>"})
    signed = dkim.sign(content, b"noon", b"example.org", key) + content
    async with SmtpServer(USERS) as smtp:
        async with carrying(provider(smtp)) as carrier:
            await carrier.carry(claimed(), signed)
        (message,) = smtp.messages
    record = b"v=DKIM1; k=rsa; p=" + public
    assert dkim.verify(message.raw, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(message.raw.replace(b"Test", b"Tost"), dnsfunc=lambda *_, **__: record)


def signing_key(folder: Path) -> tuple[bytes, bytes]:
    """Returns a private key as PEM and the public one as DNS shows it."""
    made = ["openssl", "genrsa", "-traditional", "-out", "key.pem", "2048"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    shown = ["openssl", "rsa", "-in", "key.pem", "-pubout", "-outform", "DER"]
    public = subprocess.run(shown, cwd=folder, check=True, capture_output=True).stdout
    return (folder / "key.pem").read_bytes(), b64encode(public)


@pytest.mark.parametrize(
    ("kind", "reports"),
    [
        (Kind.REMINDER, ("DELAY", "FAILURE")),
        (Kind.INCIDENT, ("SUCCESS", "DELAY", "FAILURE")),
    ],
)
@pytest.mark.parametrize("offered", [True, False])
async def test_only_what_is_offered_is_asked_for(
    offered: bool, kind: Kind, reports: tuple[str, ...]
) -> None:
    policy = Policy(dsn=offered, size=1_000_000 if offered else None, pipelining=offered)
    content = letter()
    async with SmtpServer(policy) as smtp:
        async with carrying(provider(smtp, "none")) as carrier:
            await carrier.carry(claimed(7, "a+b@example.org", kind=kind), content)
        (message,) = smtp.messages
    envelope, to = message.envelope, message.envelope.recipients[0]
    assert (envelope.sender, to.address, envelope.body) == (SENDER, "a+b@example.org", None)
    asked = (envelope.size, envelope.ret, envelope.envid, to.notify, to.orcpt)
    wanted = (len(content), "HDRS", f"{7:032x}", reports, "rfc822;a+b@example.org")
    assert asked == (wanted if offered else (None, None, None, (), None))


@pytest.mark.parametrize("offered", [True, False])
async def test_commands_are_written_together_only_where_that_is_offered(offered: bool) -> None:
    async with SmtpServer(Policy(pipelining=offered)) as smtp, Proxy(smtp.host, smtp.port) as wire:
        wire.delay(up=0.05, down=0.05)
        way = provider(smtp, "none", wire.port)
        async with carrying(way) as carrier:
            report = await carrier.carry(claimed(), letter())
        came = [smtp.transcript.of(verb)[0].at for verb in ("MAIL", "DATA")]
    assert report.outcome.verdict is Verdict.ACCEPTED
    # One by one there are two round trips between them.
    assert (came[1] - came[0] < 0.15) == offered


async def test_what_is_too_large_is_not_even_begun() -> None:
    async with SmtpServer(Policy(size=1000, size_enforced=False)) as smtp:
        async with carrying(provider(smtp, "none")) as carrier:
            report = await carrier.carry(claimed(), letter(1, "y" * 1000))
            small = await carrier.carry(claimed(2), letter(2))
        assert report.outcome.verdict is Verdict.SIZE
        assert small.outcome.verdict is Verdict.ACCEPTED
        assert smtp.transcript.verbs == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]


@pytest.mark.parametrize("text", ["a\n.\nMAIL FROM:<x@y.org>", "a\r.\rb", "a\n.\r\nb"])
async def test_what_could_end_a_message_early_does_not_leave(text: str) -> None:
    async with SmtpServer() as smtp:
        async with carrying(provider(smtp, "none")) as carrier:
            report = await carrier.carry(claimed(), letter(1, text))
        assert report.outcome.verdict is Verdict.PATH
        assert smtp.transcript.verbs == ["EHLO", "QUIT"]


@pytest.mark.parametrize("eight_bit", [True, False])
async def test_eight_bits_go_only_where_they_are_taken(eight_bit: bool) -> None:
    async with SmtpServer(Policy(eight_bit=eight_bit)) as smtp:
        async with carrying(provider(smtp, "none")) as carrier:
            report = await carrier.carry(claimed(), letter(1, "ā"))
        bodies = [message.envelope.body for message in smtp.messages]
    assert (report.outcome.verdict, bodies) == (
        (Verdict.ACCEPTED, ["8BITMIME"]) if eight_bit else (Verdict.PATH, [])
    )


@pytest.mark.parametrize(
    "address", ["a@b.org> SIZE=1", "a b@c.org", "a@b.org\r\nRSET", "ā@b.org", ""]
)
async def test_no_address_can_say_more_than_itself(address: str) -> None:
    async with SmtpServer() as smtp:
        async with carrying(provider(smtp, "none")) as carrier:
            report = await carrier.carry(claimed(1, address), letter())
        assert report.outcome.verdict is Verdict.ADDRESS
        assert smtp.transcript.verbs == ["EHLO", "QUIT"]
        assert address not in report.answer or not address


def test_signs_that_end_a_parameter_are_written_in_hexadecimal() -> None:
    assert xtext("a+b=c@x.org d") == b"a+2Bb+3Dc@x.org+20d"


async def test_nothing_of_a_message_has_left_when_the_server_gives_leave() -> None:
    points: list[tuple[str, bool, list[str]]] = []
    async with SmtpServer() as smtp, Proxy(smtp.host, smtp.port) as wire:

        def passing(point: str) -> None:
            points.append((point, b"Subject" in wire.up, smtp.transcript.verbs))

        way = provider(smtp, "none", wire.port)
        async with carrying(way, passing=passing) as carrier:
            await carrier.carry(claimed(), letter())
    assert points == [("after_DATA", False, ["EHLO", "MAIL", "RCPT", "DATA"])]


@asynccontextmanager
async def session_to(smtp: SmtpServer) -> AsyncIterator[Session]:
    """Gives an open session to this server and closes it."""
    session = await opening.opened(provider(smtp, "none"), ORDINARY, NAME, None)
    try:
        yield session
    finally:
        await session.quit()


async def test_a_copy_that_is_refused_does_not_keep_a_message_back() -> None:
    envelope = Envelope(SENDER, (ADDRESS, "gone@example.org", "eva@example.org"), "1")
    for pipelining in (True, False):
        async with SmtpServer(Policy(pipelining=pipelining)) as smtp:
            smtp.at("rcpt", reply(550, "5.1.1 nobody"), to="gone@*")
            async with session_to(smtp) as session:
                taken = await transfer(session, envelope, letter(), lambda point: None)
            assert list(taken.refused) == ["gone@example.org"]
            assert smtp.messages[0].recipients == [ADDRESS, "eva@example.org"]


async def test_whom_a_message_is_for_must_be_taken() -> None:
    envelope = Envelope(SENDER, ("gone@example.org", ADDRESS), "1")
    for pipelining in (True, False):
        async with SmtpServer(Policy(pipelining=pipelining)) as smtp:
            smtp.at("rcpt", reply(550, "5.1.1 nobody"), to="gone@*")
            async with session_to(smtp) as session:
                with pytest.raises(Stopped) as stopped:
                    await transfer(session, envelope, letter(), lambda point: None)
                assert session.usable != pipelining
            assert stopped.value.outcome.suppresses
            assert smtp.messages == []
