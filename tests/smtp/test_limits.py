"""What the server does when there is too much of something, or too soon."""

from __future__ import annotations

import asyncio
import time

from tests.smtp import Policy, SmtpServer
from tests.smtp.clients import Client, from_aiosmtplib, from_smtplib
from tests.smtp.outcome import Order, codes, to

pytest_plugins = ("tests.smtp.fixtures",)


async def test_grey_listing_ends_some_time_after_the_first_try(client: Client) -> None:
    async with SmtpServer(Policy(greylist=0.3)) as smtp:
        begun = time.monotonic()
        while (await client(to(smtp))).error is not None:
            await asyncio.sleep(0.05)
        assert 0.3 <= time.monotonic() - begun < 3
        assert (await client(to(smtp, recipients=("eva@example.org",)))).error is not None


async def test_a_connection_too_many_is_told_so(client: Client) -> None:
    async with SmtpServer(Policy(connections=1)) as smtp, from_aiosmtplib(to(smtp)):
        assert codes((await client(to(smtp))).error) == [421]


async def test_only_so_many_messages_go_over_one_connection(client: Client) -> None:
    async with SmtpServer(Policy(messages_per_connection=1)) as smtp:
        assert (await client(to(smtp, once_more=True))).state == "spoilt"
        assert (await client(to(smtp))).told == "sent"


def next_reply(order: Order) -> int:
    """The code of what the server says to a client that says nothing."""
    with from_smtplib(order) as old:
        return old.getreply()[0]


async def test_an_idle_client_is_sent_away() -> None:
    async with SmtpServer(Policy(idle=0.1)) as smtp:
        line = from_aiosmtplib(to(smtp))
        await line.connect()
        assert await asyncio.to_thread(next_reply, to(smtp)) == 421
        assert not line.is_connected
        assert smtp.connected == 0


async def test_a_closed_port_refuses_until_it_opens_again(client: Client) -> None:
    async with SmtpServer() as smtp:
        smtp.refuse_connections()
        assert isinstance((await client(to(smtp))).error, ConnectionError)
        await smtp.accept_connections()
        assert (await client(to(smtp))).told == "sent"
