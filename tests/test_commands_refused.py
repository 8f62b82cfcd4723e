"""Bad input: a clear sentence on stderr, nothing on stdout, exit code 2 and never a traceback."""

import sys
from pathlib import Path

import pytest

from bot.cli import main
from tests.commands import FILES, Done, command, run_all

REFUSED: dict[str, tuple[list[str], dict[str, str], tuple[str, ...]]] = {
    "an unknown action": (["ics", "KA999"], {}, ("KA999", "KA220", "all")),
    "an unknown pair": (["ics", "KA220-SPO"], {}, ("KA220-SPO",)),
    "an unknown deadline": (["ics", "2027-ka220-r1"], {}, ("2027-ka220-r1",)),
    "an unknown alarm": (["ics", "--alarm", "soon"], {}, ("2h",)),
    "a folder as a file": (["ics", "-o", "."], {}, (".: ",)),
    "a file in no folder": (["ics", "-o", "no/where.ics"], {}, ("no/where.ics: ",)),
    "an unknown language, ics": (["ics", "--lang", "xx"], {}, ("--lang xx", "lv and en")),
    "an unknown language, ask": (["ask", "x", "--lang", "xx"], {}, ("--lang xx",)),
    "an unknown language, deadlines": (["deadlines", "--lang", "xx"], {}, ("--lang xx",)),
    "an unknown language, chat": (["chat", "--lang", "xx"], {}, ("--lang xx",)),
    "no answers": (["eligibility", "KA220"], {}, ("--answers",)),
    "answers that are not there": (
        ["eligibility", "KA220", "--answers", "none.json"],
        {},
        ("none.json: ",),
    ),
    "answers that are not JSON": (
        ["eligibility", "KA220", "--answers", "not.json"],
        {},
        ("not.json is not JSON",),
    ),
    "answers that are not UTF-8": (
        ["eligibility", "KA220", "--answers", "latin.json"],
        {},
        ("latin.json",),
    ),
    "answers that are a list": (
        ["eligibility", "KA220", "--answers", "list.json"],
        {},
        ("list.json", "object"),
    ),
    "a misspelt key": (
        ["eligibility", "KA220", "--answers", "key.json"],
        {},
        ("key.json: monhts", "months"),
    ),
    "a country that is none": (
        ["eligibility", "KA220", "--answers", "country.json"],
        {},
        ("country.json: coordinator.country", "ISO 3166"),
    ),
    "a number in quotes": (
        ["eligibility", "KA220", "--answers", "number.json"],
        {},
        ("number.json: months", "number"),
    ),
    "answers about another action": (
        ["eligibility", "KA220", "--answers", "other.json"],
        {},
        ("other.json", "KA210", "KA220"),
    ),
    "an action without rules": (
        ["eligibility", "KA121", "--answers", "few.json"],
        {},
        ("KA210", "KA220", "KA240"),
    ),
    "a shifted clock in no zone": (["deadlines"], {"NOON_NOW": "2026-03-01T09:00"}, ("NOON_NOW",)),
    "a port that is none": (["deadlines"], {"NOON_PORT": "http"}, ("NOON_PORT",)),
    "a language that is none": (["ask", "x"], {"NOON_LANG": "xx"}, ("NOON_LANG",)),
    "an agency that is none": (["deadlines"], {"NOON_AGENCY": "XX99"}, ("NOON_AGENCY", "LV01")),
    "dates that are not there": (["deadlines"], {"NOON_CALENDAR_DIR": "none"}, ("none: ",)),
    "a database of another kind": (
        ["chat"],
        {"NOON_DATABASE_URL": "mysql://db/noon"},
        ("NOON_DATABASE_URL",),
    ),
    "a database that is not there": (
        ["db", "upgrade"],
        {"NOON_DATABASE_URL": "postgres://u:s3cret@127.0.0.1:1/noon"},
        ("database", "127.0.0.1"),
    ),
    "a database that is something else": (
        ["chat"],
        {"NOON_DATABASE_URL": "sqlite:///not.json"},
        ("database",),
    ),
    "data where none can be": (["chat"], {"NOON_DATA_DIR": "/dev/null/var"}, ("/dev/null",)),
    "an unknown command": (["fly"], {}, ("fly",)),
    "an unknown option": (["deadlines", "--evry"], {}, ("--evry",)),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOON_DATA_DIR", str(tmp_path / "var"))
    # The frame around an option's name would otherwise depend on who runs the tests where.
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_refused_by_name(
    what: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words, variables, named = REFUSED[what]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["noon", *words])
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capfd.readouterr()
    assert (left.value.code, out) == (2, "")
    assert all(part in err for part in named), err
    assert "s3cret" not in err


def test_a_person_sees_one_line_and_no_traceback(tmp_path: Path) -> None:
    commands = {
        "written": command("ics", "-o", "no/where.ics"),
        "unreachable": command("chat", NOON_DATABASE_URL="postgres://u@127.0.0.1:1/noon"),
        "checked": command("check", NOON_CALENDAR_DIR="none"),
        "too early": command("web"),
        "without a token": command("telegram"),
    }
    done = run_all(commands, tmp_path)
    assert done["written"] == Done(2, "", "noon: no/where.ics: No such file or directory\n")
    assert done["unreachable"].code == 2
    assert done["unreachable"].err.count("\n") == 1
    assert done["checked"] == Done(
        1, "", "none: is not a folder with dates\nnoon: mistakes in the data: 1\n"
    )
    for name, named in (
        ("too early", "noon db upgrade"),
        ("without a token", "NOON_TELEGRAM_TOKEN"),
    ):
        assert (done[name].code, done[name].err.count("\n")) == (2, 1)
        assert named in done[name].err
