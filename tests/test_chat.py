"""The conversation in the terminal, through a pipe."""

import json
from pathlib import Path
from typing import Any

import pytest

from handlers.words import words
from tests.commands import Command, Done, command, run_all

QUESTIONNAIRE = """\
/eligibility KA220
#2
Latvija
1
2020-05-01
Only this one
EE, Norvēģija
no idea
1
1
-
No
24
"""
FINE: dict[str, Command] = {
    "by hand": command("chat", "--lang", "en", said="/start\n1\n/start\nsteps:menu\n99\n"),
    "in JSON": command(
        "chat", "--json", said="/termini\n1\n/termini\ndeadlines:file:KA220\n/atcelt\n"
    ),
    "questionnaire": command("chat", "--json", "--lang", "en", said=QUESTIONNAIRE),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    return run_all(FINE, tmp_path_factory.mktemp("chat"))


def replies(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("name", FINE)
def test_it_ends_with_its_input_and_complains_of_nothing(name: str, done: dict[str, Done]) -> None:
    assert (done[name].code, done[name].err) == (0, "")


def test_choices_are_numbered_and_picked_by_number_or_id(done: dict[str, Done]) -> None:
    spoken = words("en")
    out = done["by hand"].out
    assert f"  [1] {spoken.say('welcome.door.steps')}" in out
    assert out.count(spoken.say("steps.menu").splitlines()[0]) == 2
    assert "**" not in out


def test_each_reply_is_one_line_of_json(done: dict[str, Done]) -> None:
    told = replies(done["in JSON"])
    assert all(set(each) == {"text", "choices", "files"} for each in told)
    listed, first_file, again, second_file, unknown = told
    assert listed["choices"][0].keys() == {"id", "label"}
    assert listed["choices"][0]["id"] == "deadlines:file:KA2"
    assert again == listed
    for reply, name in ((first_file, "noon-KA2.ics"), (second_file, "noon-KA220.ics")):
        (file,) = reply["files"]
        assert (file["name"], file["media_type"]) == (name, "text/calendar")
        assert Path(file["path"]).read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert unknown["text"] == words("lv").say("router.unknown-command")


def test_answers_of_a_questionnaire_are_picked_or_typed(done: dict[str, Done]) -> None:
    told = replies(done["questionnaire"])
    asked = [reply["choices"][0]["id"].split(":")[3] for reply in told if reply["choices"]]
    assert asked == [
        *("sector", "country", "kind", "established", "total", "partners", "partner-kinds"),
        *("partner-kinds", "partner-total", "associated", "elsewhere", "months", "start"),
    ]
