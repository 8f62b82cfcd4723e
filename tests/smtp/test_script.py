"""The script decides when, how often and for whom something goes wrong."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.smtp import (
    ALWAYS,
    SmtpServer,
    Step,
    accept_and_delay,
    accept_and_drop,
    drop,
    effective,
    garbage,
    reply,
    served,
    silence,
    written,
)
from tests.smtp.clients import Client, with_aiosmtplib
from tests.smtp.outcome import RECIPIENT, to
from tests.smtp.script import Command
from tests.smtp.steps import Json, step

pytest_plugins = ("tests.smtp.fixtures",)

EVA = "eva@example.org"
LATER = reply(450, "4.2.1 try later")


def whether(**rule: Any) -> Any:
    """A row: how the rule is limited, and what becomes of five messages."""
    sent = rule.pop("sent")
    return pytest.param(rule, sent, id=" ".join(f"{name}={rule[name]}" for name in rule))


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        whether(sent="-++++"),
        whether(times=3, sent="---++"),
        whether(times=ALWAYS, sent="-----"),
        whether(after=2, sent="++-++"),
        whether(after=1, times=2, sent="+--++"),
        whether(times=ALWAYS, to="ANNA@*", sent="-----"),
        whether(times=ALWAYS, to=EVA, sent="+++++"),
    ],
)
@pytest.mark.parametrize("command", ["rcpt", "data", "dot"])
async def test_a_step_happens_at_its_turn(
    client: Client, command: Command, rule: dict[str, Any], sent: str
) -> None:
    async with SmtpServer() as smtp:
        smtp.at(command, LATER, **rule)
        outcomes = [await client(to(smtp)) for _ in sent]
        assert "".join("-" if outcome.error else "+" for outcome in outcomes) == sent
        assert len(smtp.messages) == sent.count("+")


async def test_the_first_rule_that_fits_decides_and_all_are_counted(client: Client) -> None:
    async with SmtpServer() as smtp:
        first = smtp.at("mail", reply(451))
        second = smtp.at("mail", reply(550))
        said = [(await client(to(smtp))).told for _ in range(3)]
        assert said == ["SenderRefused 451, usable", "SenderRefused 550, usable", "sent"]
        assert (first.met, second.met) == (1, 1)


async def test_a_step_in_between_lets_commands_pass(client: Client) -> None:
    async with SmtpServer() as smtp:
        smtp.at("mail", served(), times=2)
        smtp.at("mail", LATER)
        assert [(await client(to(smtp))).error is None for _ in range(4)] == [
            True,
            True,
            False,
            True,
        ]


async def test_a_positive_reply_of_ones_own_still_has_its_effect(client: Client) -> None:
    async with SmtpServer() as smtp:
        smtp.at("rcpt", reply(251, "2.1.5 User not local", "will forward"))
        smtp.at("dot", reply(250, "2.0.0 Paldies"))
        assert (await client(to(smtp))).error is None
        assert smtp.messages[0].recipients == [RECIPIENT]
        assert smtp.transcript.of(".")[0].answered == "250 2.0.0 Paldies"


async def test_a_web_server_in_place_of_a_mail_server_is_an_error(client: Client) -> None:
    async with SmtpServer() as smtp:
        smtp.at("greeting", written(b"HTTP/1.1 400 Bad Request\r\n\r\n", closes=True))
        assert (await client(to(smtp))).error is not None
        assert smtp.connected == 0


async def test_a_delayed_reply_comes_later(client: Client) -> None:
    async with SmtpServer() as smtp:
        for command in ("greeting", "rcpt", "dot"):
            smtp.at(command, served(delay=0.1))
        begun = time.monotonic()
        assert (await client(to(smtp))).error is None
        assert time.monotonic() - begun >= 0.3


async def test_a_message_may_be_kept_whatever_the_client_is_told(client: Client) -> None:
    async with SmtpServer() as smtp:
        smtp.at("dot", effective(reply(451, "4.3.0 local error")))
        assert (await client(to(smtp))).told == "DataError 451, usable"
        assert (await client(to(smtp))).error is None
        assert smtp.copies() == {"<1@example.org>": 2}


async def test_a_test_can_wait_for_a_step_and_for_messages() -> None:
    async with SmtpServer() as smtp:
        held = smtp.at("dot", accept_and_delay(0.2), after=1)
        sending = asyncio.create_task(with_aiosmtplib(to(smtp, once_more=True)))
        await held.reached()
        assert len(await smtp.received(2)) == 2
        assert not sending.done()
        assert (await sending).error is None
        with pytest.raises(TimeoutError):
            await held.reached(2, timeout=0.01)
        with pytest.raises(TimeoutError, match="there are 2"):
            await smtp.received(3, timeout=0.01)


@pytest.mark.parametrize(
    ("command", "unfit", "rule"),
    [
        ("helo", LATER, {}),
        ("tls", LATER, {}),
        ("mail", LATER, {"to": EVA}),
        ("rcpt", accept_and_drop(), {}),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(
    command: Any, unfit: Step, rule: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        SmtpServer().at(command, unfit, **rule)


DESCRIBED: list[tuple[Json, Step]] = [
    ({"do": "reply", "code": 450, "lines": ["4.2.1 try later"]}, LATER),
    ({"do": "reply", "code": 421, "closes": False}, reply(421, closes=False)),
    ({"do": "drop", "reset": True}, drop(reset=True)),
    ({"do": "silence"}, silence()),
    ({"do": "garbage"}, garbage()),
    ({"do": "served", "delay": 0.5}, served(0.5)),
    ({"do": "accept_and_drop"}, accept_and_drop()),
    ({"do": "accept_and_delay", "seconds": 2}, accept_and_delay(2)),
]


@pytest.mark.parametrize(("description", "meant"), DESCRIBED)
def test_a_step_can_be_described_in_json(description: Json, meant: Step) -> None:
    assert step(description) == meant


@pytest.mark.parametrize("description", [{"do": "sulk"}, {"do": "reply"}, {"do": "drop", "now": 1}])
def test_a_description_that_makes_no_sense_is_refused(description: Json) -> None:
    with pytest.raises(ValueError, match="do"):
        step(description)
