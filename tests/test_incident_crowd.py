"""A crowd of notices at one moment, while the first provider is dead: all leave by the second."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.post.mail import patience
from bot.store.database import Database
from tests.delivering import CASE, CLOSES, Desk, settings
from tests.smtp import ALWAYS, SmtpServer, silence

CROWD = 20
RATE = 10.0
"""Noon's clock goes so much faster than the waits for a connection, which are as much shorter."""


@contextmanager
def black_hole() -> Iterator[int]:
    """Give a port on which no connection is ever answered: its queue is full."""
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        yield deaf.getsockname()[1]


@pytest.mark.parametrize("mute", [False, True])
async def test_a_dead_provider_is_found_out_once_and_not_by_each_notice(
    mute: bool, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = patience.INCIDENT
    fast = {name: getattr(usual, name) / RATE for name in ("connect", "greeting", "ehlo")}
    monkeypatch.setattr(patience, "INCIDENT", replace(usual, **fast))
    async with SmtpServer() as first, SmtpServer() as second:
        with black_hole() as hole:
            rule = first.at("greeting", silence(), times=ALWAYS)
            made = settings(tmp_path, first if mute else hole, second)
            desk = Desk(database, made, CLOSES + timedelta(minutes=1), RATE)
            rows = [
                await desk.confirmed(number=k, case=replace(CASE, form_id=f"KA220-SCH-{k:08X}"))
                for k in range(1, CROWD + 1)
            ]
            begun = desk.noon.clock.now()
            async with desk.open():
                for row in rows:
                    await desk.step(row, "accepted")
        taken = [(await desk.notice(row)).accepted_at for row in rows]
        assert all(at is not None and at - begun <= timedelta(seconds=90) for at in taken)
        assert {one.message_id for one in second.messages} >= {row.message_id for row in rows}
        assert rule.met <= 6
