"""What aiosmtplib and smtplib report for each trouble at each command, as `outcomes.md` says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from tests.smtp import (
    ALWAYS,
    Policy,
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
)
from tests.smtp.clients import CLIENTS
from tests.smtp.outcome import to
from tests.smtp.script import Command
from tests.smtp.steps import Dropped, Written

SHORT, LATE = 1.0, 1.5
"""Seconds: what a client waits for a reply that never comes, and when one comes too late."""

PATIENCE = 10.0
NEVER = ("silence", "too late", "accepted, then too late")

TROUBLES: dict[str, Step] = {
    "421": reply(421, "4.3.2 closing"),
    "421, kept open": reply(421, "4.3.2 closing", closes=False),
    "garbage": garbage(),
    "10 MB line": long_line(),
    "10 MB, no end": endless_line(),
    "closed": drop(),
    "reset": drop(reset=True),
    "silence": silence(),
    "too late": served(LATE),
    "accepted, then closed": accept_and_drop(),
    "accepted, then reset": accept_and_drop(reset=True),
    "accepted, then too late": accept_and_delay(LATE),
}

NOT_UTF8 = b"5.1.1 nezin\xe2ms".decode("utf-8", "surrogateescape")

REFUSALS: dict[int, tuple[str, ...]] = {
    450: ("4.2.1 try later",),
    451: ("4.4.4 Unable to route",),
    452: ("4.5.3 too many recipients",),
    454: ("4.7.0 not available now",),
    530: ("5.7.0 Authentication required",),
    535: ("5.7.8 Error: authentication failed",),
    550: ("5.4.4 nezināms", NOT_UTF8),
    552: ("5.3.4 too big",),
    554: ("5.7.1 one", "5.7.1 two", "5.7.1 three"),
}


class Row(NamedTuple):
    """One line of the table."""

    trouble: str
    commands: list[str]
    aiosmtplib: str
    smtplib: str


def table() -> Iterator[Row]:
    """The rows of `outcomes.md`."""
    text = Path(__file__).with_name("outcomes.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] != "trouble" and not cells[0].startswith("-"):
            yield Row(cells[0], cells[1].split(", "), cells[2], cells[3])


ROWS = list(table())


def expected(client: str, trouble: str) -> dict[str, str]:
    """What the table says about this trouble, by command."""
    fitting = (row for row in ROWS if row.trouble == trouble)
    return {command: row._asdict()[client] for row in fitting for command in row.commands}


async def met(client: str, command: Command, step: Step, times: int | None, wait: float) -> str:
    """What the client reports, and that the server has the message when it should."""
    if command == "tls" and isinstance(step, Written | Dropped):
        # at once it would come before the client has begun, and be taken for something else
        step = replace(step, delay=0.1)
    async with SmtpServer(Policy(users={"noon": "secret"})) as smtp:
        rule = smtp.at(command, step, times=times)
        order = to(smtp, "starttls", user="noon", password="secret", timeout=wait, once_more=True)
        outcome = await CLIENTS[client](order)
        assert rule.met > 0
        kept = "<1@example.org>" in smtp.copies()
        assert kept == (outcome.error is None or "Effective" in type(step).__name__)
        return outcome.told


async def compare(
    client: str, trouble: str, step: Step, times: int | None = 1, code: str = ""
) -> None:
    """One trouble at every command that the table names, all at the same time."""
    told = {
        command: text.replace("NNN", code) for command, text in expected(client, trouble).items()
    }
    assert told
    wait = SHORT if trouble in NEVER else PATIENCE
    commands = [command for command in get_args(Command) if command in told]
    found = await asyncio.gather(*(met(client, each, step, times, wait) for each in commands))
    wrong = {
        command: (outcome, told[command])
        for command, outcome in zip(commands, found, strict=True)
        if outcome != told[command]
    }
    assert not wrong


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_trouble_is_reported_as_the_table_says(client: str, trouble: str) -> None:
    await compare(client, trouble, TROUBLES[trouble])


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refusal_is_reported_as_the_table_says(client: str, code: int) -> None:
    await compare(client, "NNN", reply(code, *REFUSALS[code]), code=str(code))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("code", [450, 535])
async def test_a_lasting_refusal_is_reported_as_the_table_says(client: str, code: int) -> None:
    await compare(client, "NNN always", reply(code), ALWAYS, str(code))


def test_the_table_has_every_command_and_every_trouble_is_tried() -> None:
    named = {command for row in ROWS for command in row.commands}
    assert named == set(get_args(Command)) - {"rset", "noop"}
    assert {row.trouble for row in ROWS} == {*TROUBLES, "NNN", "NNN always"}
