"""Two independent clients use the SMTP server: what they send is kept, what it demands is heard."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

import aiosmtplib
import pytest

from tests.smtp import Certificate, Policy, SmtpServer, reply
from tests.smtp.clients import Client, from_aiosmtplib, from_smtplib
from tests.smtp.outcome import RECIPIENT, SENDER, Order, mail, to
from tests.smtp.urls import Tls

pytest_plugins = ("tests.smtp.fixtures",)

LOGIN: dict[str, Any] = {"user": "noon", "password": "p@ss:word"}
USERS = Policy(users={"noon": "p@ss:word"}, auth_required=True)


BODIES = {
    "Latvian": "Sveiki, šis ir atgādinājums.\r\n",
    "dots": ".\r\n..\r\n.dot\r\n a.\r\n...\r\nend.\r\n",
    "only a dot": ".\r\n",
    "a long line": "x" * 5000 + "\r\n",
    "looks like commands": "QUIT\r\n.QUIT\r\n\r\nDATA\r\n",
    "large": ("y" * 76 + "\r\n") * 20_000,
}


@pytest.mark.parametrize("body", BODIES)
async def test_a_message_is_kept_byte_for_byte(client: Client, body: str) -> None:
    raw = mail(7, BODIES[body]).removesuffix(b"\r\n")
    async with SmtpServer() as smtp:
        assert (await client(to(smtp, message=raw))).error is None
        (kept,) = smtp.messages
    assert kept.raw == raw
    assert (kept.size, kept.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert (kept.message_id, kept.sender, kept.recipients) == (
        "<7@example.org>",
        SENDER,
        [RECIPIENT],
    )


@pytest.mark.parametrize(
    ("tls", "version"), [("none", None), ("starttls", "TLSv1.3"), ("tls", "TLSv1.3")]
)
async def test_how_a_message_came_is_known(client: Client, tls: Tls, version: str | None) -> None:
    async with SmtpServer(USERS) as smtp:
        assert (await client(to(smtp, tls, **LOGIN))).told == "sent"
        (kept,) = smtp.messages
        assert (kept.tls, kept.session.user, kept.authenticated) == (version, "noon", True)
        assert smtp.transcript.of("MAIL")[0].tls is (version is not None)
        started = ["EHLO", "STARTTLS", "EHLO"] if tls == "starttls" else ["EHLO"]
        said = [verb for verb in smtp.transcript.verbs if verb not in ("RSET", "NOOP")]
        assert said == [*started, "AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT"]


async def test_the_queue_id_is_in_the_reply() -> None:
    async with SmtpServer() as smtp, from_aiosmtplib(to(smtp)) as line:
        for number in range(3):
            _, reply_text = await line.sendmail(SENDER, [RECIPIENT], mail(number))
            assert reply_text.endswith(f"queued as {smtp.messages[-1].queue_id}")
        assert len({kept.queue_id for kept in smtp.messages}) == 3


async def test_one_connection_carries_many_messages(client: Client) -> None:
    async with SmtpServer() as smtp:
        assert (await client(to(smtp, once_more=True))).state == "usable"
        assert smtp.copies() == {"<1@example.org>": 1, "<2@example.org>": 1}
        assert smtp.connections == 1


CERTIFICATES = {
    "another name": Certificate(names=("DNS:mail.example.org",)),
    "expired": Certificate(days=-1),
    "unknown": Certificate(),
}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("fault", CERTIFICATES)
async def test_a_bad_certificate_ends_it_before_the_login(
    client: Client, tls: Tls, fault: str
) -> None:
    async with SmtpServer(USERS, certificate=CERTIFICATES[fault]) as smtp:
        order = to(smtp, tls, **LOGIN, **({"ca_file": None} if fault == "unknown" else {}))
        error = (await client(order)).error
        assert "CERTIFICATE_VERIFY_FAILED" in str(error)
        assert not {"AUTH", "MAIL"} & set(smtp.transcript.verbs)


def told(policy: Policy, said: str, **order: Any) -> Any:
    """A row of the table below."""
    return pytest.param(policy, order, said, id=f"{said} {len(order)}")


LARGE = mail(1, "z" * 2000)
TWO = (RECIPIENT, "eva@example.org")

DEMANDS = [
    told(USERS, "SenderRefused 530, usable"),
    told(USERS, "AuthenticationError 535, closed", user="noon", password="wrong"),
    told(Policy(tls_required=True), "SenderRefused 530, usable"),
    told(Policy(size=1000), "SenderRefused 552, usable", message=LARGE),
    told(Policy(size=1000, size_enforced=False), "sent", message=LARGE),
    told(Policy(size=None), "sent", message=LARGE),
    told(Policy(recipients=0), "RecipientsRefused 452, usable"),
    told(Policy(greylist=60.0), "RecipientsRefused 450, usable"),
    told(Policy(messages_per_connection=0), "SenderRefused 421, closed"),
    told(Policy(dsn=False), "SenderRefused 555, usable", mail_options=("RET=HDRS",)),
    told(Policy(eight_bit=False), "SenderRefused 555, usable", mail_options=("BODY=8BITMIME",)),
    told(Policy(extended=False), "sent"),
]


@pytest.mark.parametrize(("policy", "order", "said"), DEMANDS)
async def test_what_the_server_demands_is_heard(
    client: Client, policy: Policy, order: dict[str, Any], said: str
) -> None:
    async with SmtpServer(policy) as smtp:
        assert (await client(to(smtp, **order))).told == said
        assert len(smtp.messages) == (said == "sent")


async def test_a_size_nobody_declared_is_found_at_the_end(client: Client) -> None:
    async with SmtpServer(Policy(size=1000)) as smtp:
        smtp.at("ehlo", reply(250, "mx.example.org", "8BITMIME"))
        assert (await client(to(smtp, message=LARGE))).told == "DataError 552, usable"


async def test_some_recipients_may_be_refused_and_the_others_get_it(client: Client) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(550, "5.1.1 unknown"), to="eva@*")
        outcome = await client(to(smtp, recipients=TWO))
        assert (outcome.error, outcome.refused) == (None, {"eva@example.org": 550})
        assert smtp.messages[0].recipients == [RECIPIENT]


async def test_too_many_recipients_are_left_out(client: Client) -> None:
    async with SmtpServer(Policy(recipients=1)) as smtp:
        assert (await client(to(smtp, recipients=TWO))).refused == {"eva@example.org": 452}


async def test_wishes_for_notifications_are_kept(client: Client) -> None:
    wishes: dict[str, Any] = {"mail_options": ("RET=HDRS", "ENVID=n+2B1+3D2")}
    wishes["rcpt_options"] = ("NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;anna+2Bx@example.org")
    async with SmtpServer() as smtp:
        assert (await client(to(smtp, **wishes))).error is None
        envelope = smtp.messages[0].envelope
        assert (envelope.ret, envelope.envid, envelope.size) == ("HDRS", "n+1=2", len(mail()))
        (recipient,) = envelope.recipients
        assert recipient.notify == ("SUCCESS", "DELAY")
        assert recipient.orcpt == "rfc822;anna+x@example.org"


def said_by_smtplib(order: Order) -> int:
    """The reply code of an AUTH LOGIN."""
    with from_smtplib(order) as old:
        old.ehlo()
        old.user, old.password = order.user, order.password
        return old.auth("LOGIN", old.auth_login)[0]


async def test_both_clients_can_use_auth_login() -> None:
    async with SmtpServer(USERS) as smtp, from_aiosmtplib(to(smtp)) as line:
        await line.ehlo()
        assert (await line.auth_login("noon", "p@ss:word")).code == 235
        assert await asyncio.to_thread(said_by_smtplib, to(smtp, **LOGIN)) == 235


async def test_addresses_beyond_ascii_need_smtputf8() -> None:
    async with SmtpServer(Policy(smtputf8=True)) as smtp, from_aiosmtplib(to(smtp)) as line:
        await line.sendmail(SENDER, ["jānis@example.org"], mail(), mail_options=["SMTPUTF8"])
        assert smtp.messages[0].recipients == ["jānis@example.org"]
        smtp.demand(smtputf8=False)
        await line.ehlo()
        with pytest.raises(aiosmtplib.SMTPNotSupported):
            await line.sendmail(SENDER, ["jānis@example.org"], mail(), mail_options=["SMTPUTF8"])


@pytest.mark.parametrize(
    ("tls", "form"),
    [
        ("starttls", r"smtp://noon:p%40ss%3Aword@127\.0\.0\.1:\d+"),
        ("tls", r"smtps://noon:p%40ss%3Aword@127\.0\.0\.1:\d+"),
        ("none", r"smtp://noon:p%40ss%3Aword@127\.0\.0\.1:\d+\?tls=none"),
    ],
)
async def test_the_address_has_the_form_of_the_setting(tls: Tls, form: str) -> None:
    async with SmtpServer() as smtp:
        assert re.fullmatch(form, smtp.url("noon", "p@ss:word", tls))
        assert smtp.url(tls="none") == f"smtp://127.0.0.1:{smtp.port}?tls=none"
