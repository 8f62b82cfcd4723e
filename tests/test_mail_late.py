"""A mail that is late is not sent, and whatever breaks here, the carrier tells what came of it."""

from datetime import timedelta
from random import Random

import pytest

from bot.clock import Clock
from bot.post.mail.line import Line
from bot.post.outbox import Claimed
from bot.post.outcomes import Verdict
from bot.post.providers import Provider
from bot.post.settling import settled
from bot.post.states import State
from tests.mailing import NOON, SENDER, USERS, carrying, claimed, letter, provider
from tests.smtp import Policy, SmtpServer, reply, served

SOON = NOON + timedelta(seconds=0.5)
SLOW = 0.8
"""Seconds: longer than the message's moment is away."""


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("at", ["ehlo", "mail", "rcpt", "data"])
async def test_a_slow_server_gets_nothing_after_the_messages_moment(
    at: str, pipelining: bool
) -> None:
    clock = Clock(NOON)
    late, next_one = claimed(1, not_after=SOON), claimed(2)
    async with SmtpServer(Policy(pipelining=pipelining)) as smtp:
        smtp.at(at, served(delay=SLOW))
        async with carrying(provider(smtp, "none"), clock=clock) as carrier:
            report = await carrier.carry(late, letter(1))
            assert (report.outcome.counts, report.outcome.verdict) == (False, Verdict.TRANSIENT)
            after = await carrier.carry(next_one, letter(2))
        assert after.outcome.verdict is Verdict.ACCEPTED
        assert smtp.copies() == {"<2@x.org>": 1}
        assert smtp.connections == (1 if at == "ehlo" else 2)
    noted = settled(late, report, clock.now(), Random(1))
    assert (noted.through[-1], noted.attempts) == (State.EXPIRED, 0)


async def test_a_late_message_over_a_kept_connection_leaves_it_to_the_next() -> None:
    clock = Clock(NOON)
    async with SmtpServer(USERS) as smtp, carrying(provider(smtp), clock=clock) as carrier:
        await carrier.carry(claimed(1), letter(1))
        report = await carrier.carry(claimed(2, not_after=NOON), letter(2))
        await carrier.carry(claimed(3), letter(3))
        assert not report.outcome.counts
        assert smtp.copies() == {"<1@x.org>": 1, "<3@x.org>": 1}
        assert smtp.connections == 1


async def test_a_fault_on_this_machine_is_told_and_leaves_the_way_open() -> None:
    def sender(message: Claimed) -> str:
        if message.id == claimed(1).id:
            raise LookupError("anna@example.org")
        return SENDER

    async with SmtpServer(USERS) as smtp, carrying(provider(smtp), sender=sender) as carrier:
        report = await carrier.carry(claimed(1), letter(1))
        after = await carrier.carry(claimed(2), letter(2))
    assert report.outcome.verdict is Verdict.CONNECTION
    assert "anna" not in report.answer
    assert after.outcome.verdict is Verdict.ACCEPTED


async def test_a_fault_on_this_machine_while_a_message_leaves_is_a_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pour = Line.pour

    async def broken(line: Line, content: bytes, seconds: float) -> bool:
        await pour(line, content, seconds)
        raise LookupError

    async with SmtpServer(USERS) as smtp, carrying(provider(smtp)) as carrier:
        monkeypatch.setattr(Line, "pour", broken)
        report = await carrier.carry(claimed(1), letter(1))
        assert report.outcome.verdict is Verdict.UNKNOWN
        monkeypatch.undo()
        after = await carrier.carry(claimed(2), letter(2))
        assert after.outcome.verdict is Verdict.ACCEPTED
        assert smtp.connections == 2


async def test_a_warning_that_fails_takes_nothing_of_the_report() -> None:
    def on_trouble(provider: Provider, what: str) -> None:
        raise LookupError

    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(535, "5.7.8 no"))
        async with carrying(provider(smtp), on_trouble=on_trouble) as carrier:
            report = await carrier.carry(claimed(), letter())
            assert carrier.circuits() == [(str(provider(smtp)), True)]
    assert report.outcome.verdict is Verdict.OURS
