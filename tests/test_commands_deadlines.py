"""What `noon deadlines` prints, told from now."""

from typing import Any

import pytest

from handlers.words import words
from tests.commands import Command, Done, command, run_all

MARCH = {"NOON_NOW": "2026-03-01T09:00:00+02:00"}
FINE: dict[str, Command] = {
    "in March": command("deadlines", "--json", **MARCH),
    "in March, every": command("deadlines", "--all", "--json", **MARCH),
    "today": command("deadlines", "--json"),
    "today, every": command("deadlines", "--all", "--json"),
    "to read": command("deadlines", "--lang", "en", **MARCH),
    "every to read": command("deadlines", "--all", "--lang", "en"),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    return run_all(FINE, tmp_path_factory.mktemp("deadlines"))


def by_id(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in records}


@pytest.mark.parametrize("name", FINE)
def test_it_succeeds_without_a_word_on_stderr(name: str, done: dict[str, Done]) -> None:
    assert (done[name].code, done[name].err) == (0, "")


def test_a_deadline_tells_wall_time_zone_instant_and_state(done: dict[str, Done]) -> None:
    told = by_id(done["in March"].value)
    assert list(told) == ["2026-ka210-r1", "2026-ka220-r1", "2026-ka240-r1"]
    ka220 = told["2026-ka220-r1"]
    assert (
        ka220.items()
        >= {
            "action": "KA220",
            "round": 1,
            "wall": "2026-03-05T12:00",
            "zone": "Europe/Brussels",
            "utc": "2026-03-05T11:00:00Z",
            "state": "open",
            "starts": ["2026-09-01", "2026-12-31"],
        }.items()
    )
    assert set(ka220["sectors"]) == {"SCH", "VET", "HED", "ADU", "YOU"}
    assert set(ka220["source"]) == {"document", "section", "url", "as_of"}
    assert told["2026-ka240-r1"]["utc"] == "2026-04-09T10:00:00Z"


def test_today_all_of_them_are_closed(done: dict[str, Done]) -> None:
    assert {each["state"] for each in done["today"].value} == {"closed"}


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("in March, every", {"open", "closed", "conditional", "historical"}),
        ("today, every", {"closed", "conditional", "historical"}),
    ],
)
def test_all_of_them_bring_every_action_unconfirmed_rounds_and_history(
    name: str, states: set[str], done: dict[str, Done]
) -> None:
    told = done[name].value
    assert {each["state"] for each in told} == states
    assert {"KA122", "COVE", "KA220"} <= {each["action"] for each in told}
    assert by_id(told)["2026-ka220-r2"]["state"] == "conditional"
    assert by_id(told)["2022-ka220-r1"]["state"] == "historical"
    assert [each["utc"] for each in told] == sorted(each["utc"] for each in told)


@pytest.mark.parametrize("name", ["today, every", "in March, every"])
def test_none_of_them_lies_in_2027(name: str, done: dict[str, Done]) -> None:
    for each in done[name].value:
        assert "2027" not in each["wall"] + each["utc"] + each["id"]


def test_a_shifted_clock_is_said_to_be_one(done: dict[str, Done]) -> None:
    note = words("en").say("router.rehearsal", day="1 March 2026", hour="09:00")
    assert done["to read"].out.startswith(note.replace("*", ""))
    assert not done["every to read"].out.startswith(note[:12].replace("*", ""))
    assert "12:00 Brussels time (13:00 Latvian time)" in done["to read"].out
