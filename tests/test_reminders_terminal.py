"""Reminders in the terminal: `noon chat --json`, with the file of everything that is held."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Command, Done, command, run_all
from tests.reminding import said

ADDRESS = "anna.ozola@example.org"
SUBSCRIBING = f"""\
/reminders
reminders:add
KA220
VET, ADU
{ADDRESS}
7d 1d 2h
reminders:agree
/reminders
/mydata
/delete
privacy:delete
/mydata
"""
REHEARSED = {"NOON_NOW": "2026-02-01T09:00:00Z"}
TALKS: dict[str, Command] = {
    "rehearsed": command("chat", "--json", "--lang", "en", said=SUBSCRIBING, **REHEARSED),
    "in November": command(
        *("chat", "--json", "--lang", "en"), said=SUBSCRIBING, NOON_NOW="2026-11-22T09:00:00Z"
    ),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    return run_all(TALKS, tmp_path_factory.mktemp("reminders"))


def replies(done: Done) -> list[dict[str, Any]]:
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_subscription_is_made_step_by_step(done: dict[str, Done]) -> None:
    told = replies(done["rehearsed"])
    assert len(told) == len(SUBSCRIBING.splitlines())
    summary, agreed, listed = (reply["text"] for reply in told[5:8])
    for part in ("KA220 (ADU, VET)", ADDRESS, "7 days, 1 day and 2 hours before", "5 March 2026"):
        assert part in summary
    assert said("reminders.consent") in summary
    assert said("reminders.asked", address=ADDRESS) in agreed
    assert said("reminders.captured") in agreed
    assert said("reminders.pending") in listed


def test_that_nothing_is_ahead_is_said(done: dict[str, Done]) -> None:
    for reply in replies(done["in November"])[5:7]:
        assert said("reminders.none-ahead", website="https://erasmusplus.lv/") in reply["text"]


def test_everything_held_is_text_and_a_file_until_it_is_erased(done: dict[str, Done]) -> None:
    shown, _, erased, empty = replies(done["rehearsed"])[8:12]
    (file,) = shown["files"]
    assert (file["name"], file["media_type"]) == ("noon-mydata.json", "application/json")
    assert ADDRESS in shown["text"]
    assert said("privacy.deleted") in erased["text"]
    assert ADDRESS not in empty["text"]
    (file,) = empty["files"]
    assert ADDRESS not in Path(file["path"]).read_text(encoding="utf-8")
