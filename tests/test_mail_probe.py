"""What the doctor is told of a provider: each step up to the first that does not work."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.post.mail import probe
from bot.post.mail.patience import INCIDENT
from tests.mailing import PASSWORD, SENDER, SOON, USERS, provider
from tests.smtp import Policy, Proxy, SmtpServer, Step, drop, garbage, reply, silence
from tests.smtp.script import Command as At
from tests.smtp.urls import Tls

CONNECTION, ENCRYPTION, LOGIN, SENDING = "connection", "encryption", "login", "sender"


async def found(smtp: SmtpServer, tls: Tls = "starttls") -> list[tuple[str, bool]]:
    waits = replace(INCIDENT, greeting=SOON, tls=SOON * 2)
    findings = await probe(provider(smtp, tls), SENDER, waits=waits)
    return [(finding.step.value, finding.well) for finding in findings]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_all_is_well_and_nothing_was_sent(tls: Tls) -> None:
    async with SmtpServer(USERS) as smtp:
        steps = (CONNECTION, ENCRYPTION, LOGIN, SENDING)
        assert await found(smtp, tls) == [(step, True) for step in steps]
        assert smtp.transcript.verbs[-3:] == ["MAIL", "RSET", "QUIT"]
        assert smtp.transcript.of("MAIL")[0].said == f"MAIL FROM:<{SENDER}>".encode()
        assert smtp.messages == []


async def test_what_the_address_does_not_ask_for_is_left_out() -> None:
    async with SmtpServer(Policy()) as smtp:
        assert await found(smtp, "none") == [(CONNECTION, True), (SENDING, True)]


@pytest.mark.parametrize(
    ("at", "step", "well", "failed"),
    [
        ("greeting", silence(), [], CONNECTION),
        ("greeting", reply(554, "5.7.1 go away"), [], CONNECTION),
        ("ehlo", garbage(), [], CONNECTION),
        ("starttls", reply(454, "4.7.0 not now"), [CONNECTION], ENCRYPTION),
        ("tls", silence(), [CONNECTION], ENCRYPTION),
        ("auth", reply(535, "5.7.8 no"), [CONNECTION, ENCRYPTION], LOGIN),
        ("auth", drop(), [CONNECTION, ENCRYPTION], LOGIN),
        ("mail", reply(550, "5.1.8 no"), [CONNECTION, ENCRYPTION, LOGIN], SENDING),
    ],
)
async def test_the_first_that_fails_is_named(
    at: At, step: Step, well: Sequence[str], failed: str
) -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at(at, step)
        assert await found(smtp) == [*((name, True) for name in well), (failed, False)]


async def test_the_servers_words_are_told_and_the_password_is_not() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(535, f"5.7.8 no such password: {PASSWORD}"))
        findings = await probe(provider(smtp), SENDER)
    assert findings[-1].words == "auth: 535 5.7.8 no such password: •••"


async def test_encryption_that_is_taken_away_is_found() -> None:
    async with SmtpServer(USERS) as smtp, Proxy(smtp.host, smtp.port) as wire:
        wire.strip_starttls()
        findings = await probe(provider(smtp, port=wire.port), SENDER)
        assert b"AUTH" not in wire.up
    assert [(each.step.value, each.well) for each in findings] == [
        (CONNECTION, True),
        (ENCRYPTION, False),
    ]


async def test_a_port_that_nobody_listens_on() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.refuse_connections()
        assert await found(smtp) == [(CONNECTION, False)]


async def test_a_refusal_at_the_end_changes_nothing() -> None:
    async with SmtpServer(USERS) as smtp:
        smtp.at("quit", drop())
        assert all(well for _, well in await found(smtp))
