"""Every trouble at every command: what is reported, what becomes of the connection, no hanging."""

import asyncio
import time
from dataclasses import replace

import pytest
import uvloop
from pydantic import SecretStr

from bot.post.kinds import Kind
from bot.post.mail.patience import INCIDENT, ORDINARY, patience
from bot.post.outcomes import Break, Command, Outcome, Reply, Verdict, classify
from bot.post.providers import parse
from bot.post.settling import LONGEST_ANSWER
from tests.mailing import SOON, USERS, Trouble, carrying, claimed, letter, provider, waiting
from tests.smtp import (
    SmtpProcess,
    SmtpServer,
    Step,
    accept_and_delay,
    accept_and_drop,
    drop,
    endless_line,
    garbage,
    long_line,
    reply,
    served,
    silence,
    written,
)
from tests.smtp.script import Command as At
from tests.smtp.steps import Dropped, Written
from tests.smtp.urls import Tls

COMMANDS: dict[At, Command] = {
    "greeting": Command.GREETING,
    "ehlo": Command.EHLO,
    "starttls": Command.TLS,
    "auth": Command.AUTH,
    "mail": Command.MAIL,
    "rcpt": Command.RCPT,
    "data": Command.DATA,
    "dot": Command.DOT,
}

TEXTS = {
    421: "4.3.2 closing",
    450: "4.2.1 try later",
    451: "4.3.0 trouble here",
    452: "4.5.3 too many recipients",
    530: "5.7.0 Authentication required",
    535: "5.7.8 Error: authentication failed",
    550: "5.1.1 nobody here",
    552: "5.3.4 too big",
    554: "5.7.1 policy",
}

REPLIES: dict[str, tuple[Step, Reply]] = {
    str(code): (reply(code, text), Reply(code, text)) for code, text in TEXTS.items()
} | {
    "421, kept open": (reply(421, "4.3.2 x", closes=False), Reply(421, "4.3.2 x")),
    "550 5.4.4": (reply(550, "5.4.4 no route"), Reply(550, "5.4.4 no route")),
    "several lines": (reply(450, "4.2.1 one", "4.2.1 two"), Reply(450, "4.2.1 one")),
    "199": (written(b"199 what\r\n"), Reply(199, "what")),
}

BREAKS: dict[str, tuple[Step, Break]] = {
    "garbage": (garbage(), Break.GARBAGE),
    "10 MB line": (long_line(), Break.GARBAGE),
    "10 MB, no end": (endless_line(), Break.GARBAGE),
    "closed": (drop(), Break.DROP),
    "reset": (drop(reset=True), Break.DROP),
    "silence": (silence(), Break.TIMEOUT),
}

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
"""`noon` runs on the second where it can be had; the two tell of trouble differently."""

TROUBLES: dict[str, tuple[Step, Reply | Break]] = {**REPLIES, **BREAKS}


async def met(at: At, step: Step, expected: Outcome, *, pipelining: bool) -> list[str]:
    """What is wrong when `step` happens once at this command; nothing is the right answer."""
    trouble = Trouble()
    short = {COMMANDS[at].value: SOON} if step == silence() else {}
    async with SmtpServer(replace(USERS, pipelining=pipelining)) as smtp:
        rule = smtp.at(at, step)
        async with carrying(provider(smtp), on_trouble=trouble, waits=waiting(**short)) as carrier:
            report = await carrier.carry(claimed(), letter())
            again = await carrier.carry(claimed(2), letter(2))
            left = carrier.capacity()
        sent = expected.opens_circuit or again.outcome.verdict is Verdict.ACCEPTED
        made = 2 - expected.reusable - expected.opens_circuit
        found = {
            "the outcome": report.outcome == expected,
            "the step": rule.met == 1,
            "the next message": sent,
            "the connections": smtp.connections == (made or 1),
            "the message taken back": ("RSET" in smtp.transcript.verbs) == back(at, expected),
            "the trouble told": len(trouble.told) == expected.opens_circuit,
            "the capacity": left == (0 if expected.opens_circuit else 8),
            "a message in vain": "<1@x.org>" not in smtp.copies(),
        }
    return [what for what, right in found.items() if not right]


def back(at: At, expected: Outcome) -> bool:
    """Whether the connection carries the next message, once this one was taken back."""
    return expected.reusable and expected.verdict is not Verdict.ACCEPTED


async def compared(trouble: str, *, pipelining: bool) -> dict[At, list[str]]:
    """What is wrong when this trouble happens at each command, all at the same time."""
    step, result = TROUBLES[trouble]
    expected = {at: classify(command, result) for at, command in COMMANDS.items()}
    found = await asyncio.gather(
        *(met(at, step, outcome, pipelining=pipelining) for at, outcome in expected.items())
    )
    return {at: wrong for at, wrong in zip(COMMANDS, found, strict=True) if wrong}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("pipelining", [True, False], ids=["together", "one by one"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_comes_to_what_the_table_says(trouble: str, pipelining: bool, loop: str) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        assert runner.run(compared(trouble, pipelining=pipelining)) == {}


@pytest.mark.parametrize("pipelining", [True, False], ids=["together", "one by one"])
async def test_a_reply_that_comes_too_late_answers_nothing_else(pipelining: bool) -> None:
    async with SmtpServer(replace(USERS, pipelining=pipelining)) as smtp:
        smtp.at("rcpt", served(SOON * 2))
        async with carrying(provider(smtp), waits=waiting(rcpt=SOON)) as carrier:
            first = await carrier.carry(claimed(), letter())
            second = await carrier.carry(claimed(2), letter(2))
        assert first.outcome == classify(Command.RCPT, Break.TIMEOUT)
        assert second.outcome.verdict is Verdict.ACCEPTED
        assert (smtp.connections, smtp.copies()) == (2, {"<2@x.org>": 1})


@pytest.mark.parametrize(
    "step", [accept_and_drop(), accept_and_drop(reset=True), accept_and_delay(SOON * 2)]
)
async def test_nothing_heard_after_the_final_dot_is_not_known(step: Step) -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("dot", step)
        async with carrying(provider(smtp), waits=waiting(dot=SOON)) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome.verdict is Verdict.UNKNOWN
        assert len(smtp.messages) == 1


@pytest.mark.parametrize(
    ("tls", "step", "result"),
    [
        ("starttls", garbage(), Break.TLS_FAILED),
        ("starttls", drop(), Break.DROP),
        ("starttls", silence(), Break.TIMEOUT),
        ("tls", garbage(), Break.TLS_FAILED),
        ("tls", drop(), Break.DROP),
        ("tls", silence(), Break.TIMEOUT),
    ],
)
@pytest.mark.parametrize("loop", LOOPS)
def test_a_handshake_that_fails(loop: str, tls: Tls, step: Step, result: Break) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(shake_hands(tls, step, result))


async def shake_hands(tls: Tls, step: Step, result: Break) -> None:
    if isinstance(step, Written | Dropped):
        # at once it would come before the client has begun, and be taken for something else
        step = replace(step, delay=0.1)
    async with SmtpServer(USERS) as smtp:
        smtp.at("tls", step)
        async with carrying(provider(smtp, tls), waits=waiting(tls=SOON, connect=SOON)) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome == classify(Command.TLS, result)
        assert "MAIL" not in smtp.transcript.verbs


@pytest.mark.parametrize("pipelining", [True, False], ids=["together", "one by one"])
@pytest.mark.parametrize("at", ["mail", "rcpt", "data", "dot"])
async def test_a_refusal_is_heard_although_the_server_hangs_up(at: At, pipelining: bool) -> None:
    async with SmtpServer(replace(USERS, pipelining=pipelining)) as smtp:
        smtp.at(at, reply(550, "5.7.1 away with you", closes=True))
        async with carrying(provider(smtp)) as carrier:
            refused = await carrier.carry(claimed(), letter())
            after = await carrier.carry(claimed(2), letter(2))
        expected = classify(COMMANDS[at], Reply(550, "5.7.1 away with you"))
        assert (refused.outcome, after.outcome.verdict) == (expected, Verdict.ACCEPTED)
        assert smtp.connections == 2


async def test_a_reply_that_came_while_this_process_was_held_up_counts() -> None:
    async with SmtpProcess() as smtp:
        await smtp.at("dot", {"do": "served", "delay": 0.1})
        way = parse(SecretStr(smtp.url(tls="none")))
        async with carrying(way, waits=waiting(dot=SOON), passing=hold_up) as carrier:
            report = await carrier.carry(claimed(), letter())
        assert report.outcome.verdict is Verdict.ACCEPTED


def hold_up(point: str) -> None:
    """Lets nothing of this process happen from soon on until long after the reply came."""
    asyncio.get_running_loop().call_later(0.05, time.sleep, 2 * SOON)


async def test_a_refusal_is_told_in_the_servers_words() -> None:
    async with SmtpServer(USERS) as smtp:
        odd = b"5.1.1 nezin\xe2ms\x00\x1b[1m".decode("utf-8", "surrogateescape")
        smtp.at("rcpt", reply(550, odd, "5.1.1 two"))
        async with carrying(provider(smtp)) as carrier:
            report = await carrier.carry(claimed(), letter())
            accepted = await carrier.carry(claimed(), letter())
        assert report.answer == "rcpt: 550 5.1.1 nezin�ms  [1m 5.1.1 two"
        assert accepted.answer == f"250 2.0.0 Ok: queued as {smtp.messages[0].queue_id}"


async def test_a_long_refusal_is_told_in_part() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(535, "5.7.8 " + "x" * 8000))
        trouble = Trouble()
        async with carrying(provider(smtp), on_trouble=trouble) as carrier:
            report = await carrier.carry(claimed(), letter())
    assert len(report.answer) == len(trouble.told[0][1]) == LONGEST_ANSWER


async def test_a_port_that_nobody_listens_on() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.refuse_connections()
        async with carrying(provider(smtp), provider(smtp, "tls")) as carrier:
            reports = [await carrier.carry(claimed(provider=n), letter()) for n in range(2)]
    refused = classify(Command.CONNECT, Break.REFUSED)
    assert [report.outcome for report in reports] == [refused, refused]
    assert reports[0].answer == "connect: refused"


def test_an_incident_waits_less_and_all_others_as_long_as_the_standard_asks() -> None:
    least = {"greeting": 300, "mail": 300, "rcpt": 300, "data": 120, "block": 180, "dot": 600}
    assert all(getattr(ORDINARY, name) >= seconds for name, seconds in least.items())
    assert (INCIDENT.of(Command.GREETING), INCIDENT.of(Command.DOT)) == (30, 120)
    assert patience(Kind.INCIDENT) == INCIDENT
    assert patience(Kind.REMINDER) == ORDINARY
