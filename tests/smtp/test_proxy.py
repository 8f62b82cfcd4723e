"""The proxy delivers faithfully until it is told not to, and hears what goes over the line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from tests.smtp import Policy, Proxy, SmtpServer
from tests.smtp.clients import CLIENTS, Client
from tests.smtp.outcome import Order, mail, to
from tests.smtp.urls import Tls

pytest_plugins = ("tests.smtp.fixtures",)

LOGIN: dict[str, Any] = {"user": "noon", "password": "secret"}
USERS = Policy(users={"noon": "secret"}, auth_required=True)
LARGE = mail(1, "\r\n".join(["y" * 76] * 20_000))


class Setting(NamedTuple):
    """A server and the line to it."""

    smtp: SmtpServer
    line: Proxy

    def order(self, tls: Tls = "none", **values: Any) -> Order:
        """An order to send over the line."""
        return to(self.smtp, tls, port=self.line.port, **LOGIN | values)


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    """A server that demands a login, behind a proxy to its first port."""
    async with SmtpServer(USERS) as smtp, Proxy(smtp.host, smtp.port) as line:
        yield Setting(smtp, line)


async def test_a_message_passes_unchanged(client: Client, setting: Setting) -> None:
    assert (await client(setting.order(message=LARGE, once_more=True))).told == "sent"
    assert setting.smtp.messages[0].raw == LARGE
    assert setting.line.up.upper().count(b"\r\nDATA\r\n") == 2
    assert setting.line.down.count(b"queued as") == 2


async def test_what_is_encrypted_is_not_heard(client: Client, setting: Setting) -> None:
    assert (await client(setting.order("starttls"))).told == "sent"
    verbs = [line.split()[0].upper() for line in setting.line.spoken]
    assert verbs == [b"EHLO", b"STARTTLS"]
    assert b"AUTH" not in setting.line.up
    assert b"Sveiki" not in setting.line.up


async def test_implicit_tls_is_not_heard_either(client: Client) -> None:
    async with SmtpServer(USERS) as smtp, Proxy(smtp.host, smtp.tls_port) as line:
        assert (await client(to(smtp, "tls", port=line.port, **LOGIN))).told == "sent"
        assert (line.spoken, b"220" in line.down) == ([], False)


async def test_clear_text_is_heard(client: Client, setting: Setting) -> None:
    assert (await client(setting.order())).told == "sent"
    assert any(line.startswith(b"AUTH PLAIN") for line in setting.line.spoken)
    assert b"Sveiki" in setting.line.spoken


async def test_without_starttls_nothing_is_given_away(client: Client, setting: Setting) -> None:
    setting.line.strip_starttls()
    outcome = await client(setting.order("starttls"))
    assert outcome.error is not None
    assert [line.split()[0].upper() for line in setting.line.spoken] == [b"EHLO"]
    assert b"STARTTLS" in setting.line.down
    assert setting.smtp.messages == []


async def test_starttls_said_all_the_same_finds_no_server(setting: Setting) -> None:
    setting.line.strip_starttls()
    reader, writer = await asyncio.open_connection(setting.line.host, setting.line.port)
    writer.write(b"STARTTLS\r\n")
    assert (await reader.readline())[:3] + (await reader.readline())[:3] == b"220500"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("cut", "kept"),
    [
        ({"up": 0}, 0),
        ({"up": 30}, 0),
        ({"up": b" FROM:<noon"}, 0),
        ({"up": b" TO:<anna@example.org>\r\n"}, 0),
        ({"up": 500_000}, 0),
        ({"up": b"\r\n.\r\n"}, 1),
        ({"down": 0}, 0),
        ({"down": b"354"}, 0),
    ],
)
async def test_a_line_is_cut_where_it_should_be(
    client: Client, setting: Setting, cut: dict[str, Any], kept: int
) -> None:
    setting.line.cut_after(**cut)
    outcome = await client(setting.order(message=LARGE))
    assert isinstance(outcome.error, OSError)
    assert outcome.state == "closed"
    await all_gone(setting.smtp)
    assert len(setting.smtp.messages) == kept
    assert (await client(setting.order())).told == "sent"


async def test_half_a_reply_is_a_success_only_for_smtplib(client: Client, setting: Setting) -> None:
    setting.line.cut_after(down=b"250 2.0.0 Ok: queu")
    error = (await client(setting.order())).error
    assert isinstance(error, OSError) == (client is CLIENTS["aiosmtplib"])
    assert len(setting.smtp.messages) == 1


async def all_gone(smtp: SmtpServer) -> None:
    """Waits until the server has no connection left."""
    async with asyncio.timeout(5):
        while smtp.connected:
            await asyncio.sleep(0.01)


async def test_a_cut_can_be_for_good(client: Client, setting: Setting) -> None:
    setting.line.cut_after(up=b"\r\n.\r\n", times=None)
    assert [(await client(setting.order())).error is None for _ in range(3)] == [False] * 3
    await all_gone(setting.smtp)
    assert setting.smtp.copies() == {"<1@example.org>": 3}
    setting.line.heal()
    assert (await client(setting.order())).told == "sent"


async def test_a_cut_at_a_moment_ends_what_is_under_way(client: Client, setting: Setting) -> None:
    setting.line.delay(down=0.1)
    sending = asyncio.ensure_future(client(setting.order()))
    await asyncio.sleep(0.15)
    await setting.line.cut()
    assert isinstance((await sending).error, OSError)
    assert setting.smtp.messages == []


@pytest.mark.parametrize("ways", [{"up": 0.05}, {"down": 0.05}, {"up": 0.03, "down": 0.02}])
async def test_a_delay_counts_for_every_round_trip(
    client: Client, setting: Setting, ways: dict[str, float]
) -> None:
    setting.line.delay(**ways)
    begun = time.monotonic()
    assert (await client(setting.order(message=LARGE))).told == "sent"
    trips = len(setting.smtp.transcript.verbs)
    assert trips * 0.05 <= time.monotonic() - begun < trips * 0.05 + 5
    assert setting.smtp.messages[0].raw == LARGE


async def test_a_black_hole_answers_nothing(client: Client, setting: Setting) -> None:
    setting.line.black_hole()
    outcome = await client(setting.order(timeout=0.3))
    assert isinstance(outcome.error, OSError)
    assert setting.smtp.transcript.verbs == []


async def test_a_black_hole_can_swallow_only_the_last_reply(
    client: Client, setting: Setting
) -> None:
    sending = asyncio.ensure_future(client(setting.order(message=LARGE, timeout=0.5)))
    while b"354" not in setting.line.down:
        await asyncio.sleep(0)
    setting.line.black_hole(up=False)
    assert isinstance((await sending).error, OSError)
    assert setting.smtp.copies() == {"<1@example.org>": 1}


async def test_a_network_that_comes_back_delivers_late(client: Client, setting: Setting) -> None:
    setting.line.black_hole()
    sending = asyncio.ensure_future(client(setting.order(message=LARGE)))
    await asyncio.sleep(0.1)
    assert setting.smtp.transcript.verbs == []
    setting.line.heal()
    assert (await sending).told == "sent"
    assert setting.smtp.messages[0].raw == LARGE


async def test_a_closed_proxy_and_a_lost_target_refuse(client: Client, setting: Setting) -> None:
    setting.line.refuse_connections()
    assert isinstance((await client(setting.order())).error, ConnectionError)
    await setting.line.accept_connections()
    setting.smtp.refuse_connections()
    assert isinstance((await client(setting.order())).error, OSError)
    await setting.smtp.accept_connections()
    assert (await client(setting.order())).told == "sent"
