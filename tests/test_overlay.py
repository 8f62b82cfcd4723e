"""An operator's own dates over ours: how a deadline is moved in production, without a restart.

They are checked like our own dates; what is wrong is refused, and what held before stays.
"""

import logging
from pathlib import Path

import pytest

from bot.almanac import Almanac
from bot.checks import problems
from bot.clock import Clock
from bot.settings import BadSettings, Settings
from rules.errors import DataError

MOVED = """\
call = 2026

[[change]]
id = "2026-ka220-r1"
recorded = 2026-03-05T08:00:00Z
wall = 2026-03-07T12:00:00
source = "viaa-2026"
"""
WRONG = {
    "no call": (MOVED.replace("call = 2026", ""), ("moved.toml: call",)),
    "a call without dates": (MOVED.replace("call = 2026", "call = 2027"), ("moved.toml", "2027")),
    "not TOML": (MOVED.replace('"viaa-2026"', "viaa"), ("moved.toml",)),
    "a deadline nobody knows": (
        MOVED.replace("-r1", "-r7"),
        ("moved.toml: 2026-ka220-r7", "not defined"),
    ),
    "a key nobody knows": (MOVED + "when = 1\n", ("moved.toml: 2026-ka220-r1.when",)),
    "a document nobody knows": (MOVED.replace("viaa-2026", "viaa"), ("2026-ka220-r1", "'viaa'")),
    "an hour that the clocks skip": (
        MOVED.replace("2026-03-07T12", "2026-03-29T02"),
        ("moved.toml: 2026-ka220-r1", "2026-03-29 02:00"),
    ),
    "the deadline once more": (
        MOVED.replace("change", "deadline"),
        ("moved.toml: 2026-ka220-r1",),
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dates").mkdir()
    return tmp_path / "dates"


def almanac(folder: Path, agency: str = "LV01") -> Almanac:
    return Almanac(Settings(_env_file=None, calendar_dir=folder, agency=agency), Clock())


def told(of: Almanac) -> str:
    deadline = of.desk.facts.newest.deadlines["2026-ka220-r1"]
    return f"{deadline.wall:%d.%m.} {deadline.sequence} {deadline.moved}"


def test_without_files_our_own_dates_hold(folder: Path) -> None:
    assert told(almanac(folder)) == "05.03. 0 False"
    assert problems(folder) == []


def test_a_moved_deadline_is_in_force_at_the_start(folder: Path) -> None:
    (folder / "moved.toml").write_text(MOVED)
    assert told(almanac(folder)) == "07.03. 1 True"
    assert problems(folder) == []


def test_an_extension_may_end_at_any_hour(folder: Path) -> None:
    (folder / "moved.toml").write_text(MOVED.replace("T12:00:00\n", "T18:30:00\n"))
    moved = almanac(folder).desk.facts.newest.deadlines["2026-ka220-r1"]
    assert f"{moved.instant:%d.%m. %H:%M}" == "07.03. 17:30"


def test_it_is_taken_over_without_a_restart_and_taken_back_too(folder: Path) -> None:
    running = almanac(folder)
    assert not running.refresh(), "nothing has changed"
    (folder / "moved.toml").write_text(MOVED)
    assert running.refresh()
    assert told(running) == "07.03. 1 True"
    (folder / "moved.toml").unlink()
    assert running.refresh()
    assert told(running) == "05.03. 0 False"


def test_changes_hold_in_the_order_they_became_known_whatever_the_files_are_called(
    folder: Path,
) -> None:
    later = MOVED.replace("03-05T08:00:00Z", "03-06T08:00:00Z").replace("03-07T12", "03-09T12")
    (folder / "a.toml").write_text(later)
    (folder / "b.toml").write_text(MOVED)
    assert told(almanac(folder)) == "09.03. 2 True"


@pytest.mark.parametrize("what", WRONG)
def test_wrong_dates_are_named_and_refused(what: str, folder: Path) -> None:
    text, named = WRONG[what]
    (folder / "moved.toml").write_text(text)
    (folder / "other.toml").write_text("call = 2026\n")
    assert any(all(part in line for part in named) for line in problems(folder))
    with pytest.raises(DataError) as refused:
        almanac(folder)
    assert all(part in str(refused.value) for part in named)


@pytest.mark.parametrize("what", WRONG)
def test_wrong_dates_leave_the_ones_before_in_force(
    what: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "moved.toml").write_text(MOVED)
    running = almanac(folder)
    (folder / "wrong.toml").write_text(WRONG[what][0])
    with caplog.at_level(logging.ERROR):
        assert not running.refresh()
    assert told(running) == "07.03. 1 True"
    assert "the last good one stays" in caplog.text
    (folder / "wrong.toml").unlink()
    assert running.refresh()


def test_a_folder_that_is_not_there_is_refused_by_its_whole_path(tmp_path: Path) -> None:
    missing = tmp_path / "dates"
    with pytest.raises(DataError, match=str(missing)):
        almanac(missing)
    assert problems(missing) == [f"{missing}: is not a folder with dates"]


def test_an_agency_nobody_knows_is_refused_by_its_variable(folder: Path) -> None:
    with pytest.raises(BadSettings, match=r"NOON_AGENCY.*XX99.*LV01"):
        almanac(folder, agency="XX99")
