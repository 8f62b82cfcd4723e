"""Connections to a provider: kept, looked at, retired, and never used again after trouble."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from bot.post.mail import pool
from bot.post.mail.line import Line
from bot.post.outcomes import Break, Command, Verdict, classify
from tests.mailing import (
    NAME,
    PASSWORD,
    SOON,
    USERS,
    Trouble,
    carrying,
    claimed,
    letter,
    provider,
    waiting,
)
from tests.smtp import (
    ALWAYS,
    Policy,
    Proxy,
    SmtpServer,
    Step,
    garbage,
    reply,
    served,
    silence,
    written,
)
from tests.smtp.script import Command as At

MESSAGE = ["MAIL", "RCPT", "DATA", "."]
OPENING = ["EHLO", "STARTTLS", "EHLO", "AUTH"]


async def test_a_connection_is_kept_and_left_politely() -> None:
    async with SmtpServer(USERS) as smtp:
        async with carrying(provider(smtp)) as carrier:
            for number in range(3):
                await carrier.carry(claimed(number), letter(number))
        assert smtp.transcript.verbs == OPENING + 3 * MESSAGE + ["QUIT"]
        assert smtp.transcript.of("EHLO")[0].said == f"EHLO {NAME}".encode()
        assert smtp.connections == 1


async def test_as_many_connections_as_there_may_be_and_no_more() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("dot", served(0.01), times=ALWAYS)
        async with carrying(provider(smtp), connections=4) as carrier:
            assert carrier.capacity() == 4
            numbers = range(60)
            reports = await asyncio.gather(
                *(carrier.carry(claimed(number), letter(number)) for number in numbers)
            )
        assert {report.outcome.verdict for report in reports} == {Verdict.ACCEPTED}
        assert smtp.copies() == {f"<{number}@x.org>": 1 for number in numbers}
        assert smtp.connections == 4


async def test_a_connection_ends_after_a_hundred_messages() -> None:
    async with SmtpServer(Policy(messages_per_connection=100)) as smtp:
        async with carrying(provider(smtp, "none")) as carrier:
            for number in range(205):
                report = await carrier.carry(claimed(number), letter(number))
                assert report.outcome.verdict is Verdict.ACCEPTED
        assert smtp.connections == 3
        assert smtp.transcript.verbs.count("QUIT") == 3


async def test_a_connection_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "LONGEST_LIFE", SOON)
    async with SmtpServer() as smtp, carrying(provider(smtp, "none")) as carrier:
        await carrier.carry(claimed(), letter())
        assert smtp.connected == 1
        await asyncio.sleep(SOON * 1.5)
        assert smtp.connected == 0
        assert smtp.transcript.verbs[-1] == "QUIT"


async def test_a_connection_that_was_idle_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE", 0.1)
    async with SmtpServer() as smtp, carrying(provider(smtp, "none")) as carrier:
        await carrier.carry(claimed(), letter())
        await carrier.carry(claimed(2), letter(2))
        await asyncio.sleep(0.2)
        await carrier.carry(claimed(3), letter(3))
        assert smtp.transcript.verbs == ["EHLO", *MESSAGE, *MESSAGE, "NOOP", *MESSAGE]


@pytest.mark.parametrize("step", [garbage(), reply(421), reply(500), silence()])
async def test_one_that_fails_the_look_is_replaced(
    monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    monkeypatch.setattr(pool, "IDLE", -1.0)
    monkeypatch.setattr("bot.post.mail.session.LOOK", SOON)
    async with SmtpServer() as smtp:
        smtp.at("noop", step)
        async with carrying(provider(smtp, "none")) as carrier:
            reports = [await carrier.carry(claimed(n), letter(n)) for n in range(2)]
        assert {report.outcome.verdict for report in reports} == {Verdict.ACCEPTED}
        assert smtp.connections == 2


@pytest.mark.parametrize("step", [garbage(), reply(421), silence()])
async def test_trouble_when_a_message_is_taken_back_hides_nothing(
    monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    monkeypatch.setattr("bot.post.mail.session.LOOK", SOON)
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(550, "5.1.1 unknown"))
        smtp.at("rset", step)
        async with carrying(provider(smtp, "none")) as carrier:
            refused = await carrier.carry(claimed(), letter())
            accepted = await carrier.carry(claimed(2), letter(2))
        assert refused.outcome.suppresses
        assert accepted.outcome.verdict is Verdict.ACCEPTED
        assert smtp.connections == 2


async def test_a_kept_connection_that_the_server_ended_costs_no_attempt() -> None:
    async with SmtpServer(Policy(idle=0.1)) as smtp, carrying(provider(smtp, "none")) as carrier:
        await carrier.carry(claimed(), letter())
        await asyncio.sleep(0.3)
        report = await carrier.carry(claimed(2), letter(2))
        assert report.outcome.verdict is Verdict.ACCEPTED
        assert smtp.connections == 2


@pytest.mark.parametrize("times", [1, 2])
async def test_one_that_ends_as_a_message_begins_is_replaced_once(times: int) -> None:
    async with SmtpServer() as smtp:
        smtp.at("mail", reply(421, "4.4.2 idle"), after=1, times=times)
        async with carrying(provider(smtp, "none")) as carrier:
            reports = [await carrier.carry(claimed(n), letter(n)) for n in range(2)]
        verdicts = [report.outcome.verdict for report in reports]
        assert verdicts[1] is (Verdict.ACCEPTED if times == 1 else Verdict.TRANSIENT)
        assert smtp.connections == 2


@pytest.mark.parametrize("at", ["mail", "rcpt", "data", "dot"])
async def test_a_reply_too_many_never_answers_the_next_message(at: At) -> None:
    async with SmtpServer() as smtp:
        more = {"data": b"354 2.0.0 go\r\n250 2.0.0 Ok\r\n"}.get(at, b"250 2.0.0 Ok\r\n" * 2)
        smtp.at(at, written(more))
        async with carrying(provider(smtp, "none"), waits=waiting(dot=SOON)) as carrier:
            first = await carrier.carry(claimed(), letter())
            second = await carrier.carry(claimed(2), letter(2))
        # Never «perhaps»: nothing of the message had left.
        possible = {"dot": [Verdict.ACCEPTED], "mail": [Verdict.CONNECTION, Verdict.PATH]}
        assert first.outcome.verdict in possible.get(at, [Verdict.CONNECTION])
        assert second.outcome.verdict is Verdict.ACCEPTED
        assert smtp.copies() == {"<2@x.org>": 1}
        assert smtp.connections == 2


async def test_a_message_given_up_half_way_ends_its_connection() -> None:
    async with SmtpServer() as smtp, carrying(provider(smtp, "none")) as carrier:
        slow = smtp.at("rcpt", served(delay=0.3))
        sending = asyncio.create_task(carrier.carry(claimed(), letter()))
        await slow.reached()
        sending.cancel()
        await asyncio.wait([sending])
        report = await carrier.carry(claimed(2), letter(2))
        assert report.outcome.verdict is Verdict.ACCEPTED
        assert (smtp.connections, smtp.copies()) == (2, {"<2@x.org>": 1})


async def test_a_large_message_that_gets_stuck_is_not_held_on_to() -> None:
    # Where sending stops, and no reply is waited for, only the pause in the stream is left.
    async with SmtpServer(Policy(size=None)) as smtp, Proxy(smtp.host, smtp.port) as wire:
        way = provider(smtp, "none", wire.port)
        async with carrying(way, waits=waiting(block=SOON)) as carrier:
            slow = smtp.at("data", served(delay=0.2))
            sending = asyncio.create_task(carrier.carry(claimed(), letter(1, "y" * 20_000_000)))
            await slow.reached()
            wire.black_hole(down=False)
            report = await asyncio.wait_for(sending, 10)
        assert report.outcome == classify(Command.DOT, Break.TIMEOUT)
        await asyncio.sleep(0)
        lines = [one for one in gc.get_objects() if isinstance(one, Line)]
        assert not [line for line in lines if line.transport is not None]


@asynccontextmanager
async def early_bird(answer: bytes) -> AsyncIterator[tuple[int, bytearray]]:
    """Gives the port of a server that answers when it has seen the beginning of a message.

    Beside it is what it read after that, once it has ended.
    """
    ended = asyncio.Event()
    more = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        for said in (b"250 x\r\n", b"250 Ok\r\n", b"250 Ok\r\n", b"354 go\r\n", answer):
            await reader.readline()
            writer.write(said)
        with suppress(ConnectionError):
            while read := await reader.read(1_000_000):
                more.extend(read)
        writer.close()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], more
        await asyncio.wait_for(ended.wait(), 5)


@pytest.mark.parametrize("answer", [b"250 2.0.0 Ok\r\n", b"552 5.3.4 too big\r\n"])
async def test_who_accepts_before_the_end_is_not_believed(answer: bytes) -> None:
    async with SmtpServer(Policy(size=None)) as other, early_bird(answer) as (port, more):
        way = provider(other, "none", port)
        async with carrying(way) as carrier:
            report = await carrier.carry(claimed(), letter(1, "y" * 30_000_000))
    assert set(more[-20:]) == {ord("y")}
    accepted = answer.startswith(b"250")
    assert report.outcome.verdict is (Verdict.UNKNOWN if accepted else Verdict.SIZE)


async def test_a_wrong_password_is_tried_once_for_all_connections() -> None:
    trouble = Trouble()
    async with SmtpServer(USERS) as smtp:
        wrong = replace(provider(smtp), user="nobody")
        async with carrying(wrong, on_trouble=trouble) as carrier:
            reports = await asyncio.gather(
                *(carrier.carry(claimed(number), letter(number)) for number in range(8))
            )
            assert carrier.capacity() == 0
        assert {report.outcome.verdict for report in reports} == {Verdict.OURS}
        assert len(smtp.transcript.of("AUTH")) == 1
        assert trouble.told == [
            (str(wrong), "auth: 535 5.7.8 Error: authentication failed"),
        ]
        assert PASSWORD not in repr((reports, trouble))


async def test_many_share_the_wait_for_a_server_that_does_not_answer() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("greeting", silence(), times=ALWAYS)
        async with carrying(provider(smtp), waits=waiting(greeting=SOON)) as carrier:
            begun = asyncio.get_running_loop().time()
            reports = await asyncio.gather(
                *(carrier.carry(claimed(number), letter(number)) for number in range(8))
            )
            assert asyncio.get_running_loop().time() - begun < 3 * SOON
        assert {report.answer for report in reports} == {"greeting: timeout"}
        assert smtp.connections == 1


async def test_who_opens_the_first_connection_may_give_up() -> None:
    async with SmtpServer(USERS) as smtp, carrying(provider(smtp)) as carrier:
        slow = smtp.at("greeting", silence())
        numbers = range(4)
        sending = [asyncio.create_task(carrier.carry(claimed(n), letter(n))) for n in numbers]
        await slow.reached()
        sending[0].cancel()
        first, *others = await asyncio.gather(*sending, return_exceptions=True)
        assert isinstance(first, asyncio.CancelledError)
        assert len(smtp.messages) == len(others) == 3
