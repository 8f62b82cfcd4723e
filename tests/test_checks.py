"""`noon check` is green on the data as they are, and red for each mistake that is planted in them.

A case copies the data, puts `new` in the place of `old` in one file (of its first occurrence; an
empty `old` adds at the end or makes the file, no `old` removes the file, no `new` the line that
begins with `old`), and names what one line of the answer must contain: file and key.
"""

import shutil
from pathlib import Path

import pytest

from bot.checks import problems

HOUSE = Path(__file__).parent.parent
FOLDERS = {"rules": "rules", "calendar": "calendar", "messages": "handlers/messages"}

KA220 = "rules/2026/ka220.toml"
DATES = "calendar/2026.toml"
CHANGE = """
[[change]]
id = "2026-ka220-r1"
recorded = 2026-02-01T09:00:00Z
source = "viaa-2026"
"""

Edit = tuple[str, str | None, str | None]
Cases = dict[str, tuple[Edit, tuple[str, ...]]]

FACTS: Cases = {
    "a fact with a key nobody knows": (
        (KA220, "[[min_organisations]]", "[[min_organisations]]\nvalu = 3"),
        ("2026/ka220.toml", "min_organisations", "valu"),
    ),
    "a fact nobody knows": (
        (KA220, "[[min_organisations]]", "[[least_organisations]]"),
        ("2026/ka220.toml", "organisations"),
    ),
    "a fact without a value": (
        (KA220, "[[min_organisations]]\nvalue = 3", "[[min_organisations]]"),
        ("2026/ka220.toml", "min_organisations"),
    ),
    "two values on one day": (
        (KA220, "", '\n[[min_countries]]\nvalue = 2\nsource = "pg-2026:237"\n'),
        ("2026/ka220.toml", "min_countries", "overlapping"),
    ),
    "a page outside its document": (
        (KA220, "pg-2026:237", "pg-2026:457"),
        ("2026/ka220.toml: min_organisations", "pg-2026:457"),
    ),
    "a document with pages cited without one": (
        (KA220, "pg-2026:237", "pg-2026"),
        ("2026/ka220.toml: min_organisations", "pg-2026"),
    ),
    "a document nobody knows": (
        (KA220, "pg-2026:237", "pg-2027:237"),
        ("2026/ka220.toml: min_organisations", "pg-2027"),
    ),
    "a source that is superseded": (
        (KA220, "pg-2026:237", "viaa-2022:Partnerības"),
        ("2026/ka220.toml: min_organisations", "superseded"),
    ),
    "a contact without a document": (
        ("rules/2026/agencies.toml", "viaa-2026:Kontaktinformācija", "viaa-2062:Kontakti"),
        ("agencies.toml: LV01", "viaa-2062"),
    ),
    "a sector without a document": (
        ("rules/2026/sectors.toml", "viaa-2026:", "viaa-2062:"),
        ("sectors.toml: SCH", "viaa-2062"),
    ),
    "a zone nobody knows, of an agency": (
        ("rules/2026/agencies.toml", "Europe/Riga", "Europe/Rīga"),
        ("2026/agencies.toml: agencies.LV01.zone", "Rīga"),
    ),
    "a file that is not TOML": ((KA220, "call = 2026", "call = "), ("2026/ka220.toml", "line 2")),
}

CALENDAR: Cases = {
    "a deadline with a key nobody knows": (
        (DATES, "round = 1", "round = 1\nwalls = 1"),
        ("calendar/2026.toml", "2026-ka151-r1", "walls"),
    ),
    "a table nobody knows": ((DATES, "", "\n[[deadlines]]\n"), ("calendar/2026.toml: deadlines",)),
    "one bracket in place of two": (
        (DATES, "", CHANGE.replace("[[", "[").replace("]]", "]")),
        ("calendar/2026.toml: change", "[[change]]"),
    ),
    "a file without its call": ((DATES, "call = 2026", ""), ("calendar/2026.toml: call",)),
    "a day recorded in no zone": (
        (DATES, "recorded = 2025-11-12T00:00:00Z", "recorded = 2025-11-12T00:00:00"),
        ("calendar/2026.toml", "2026-ka151-r1.recorded"),
    ),
    "a wall time with an offset": (
        (DATES, "wall = 2026-02-12T12:00:00", "wall = 2026-02-12T12:00:00Z"),
        ("calendar/2026.toml", "2026-ka151-r1.wall"),
    ),
    "a zone nobody knows": (
        (DATES, 'zone = "Europe/Brussels"', 'zone = "Europe/Brusels"'),
        ("calendar/2026.toml", "2026-ka151-r1.zone", "Europe/Brusels"),
    ),
    "an agency's deadline at another hour": (
        (DATES, "wall = 2026-03-05T12:00:00", "wall = 2026-03-05T13:00:00"),
        ("calendar/2026.toml: 2026-ka210-r1", "13:00", "12:00"),
    ),
    "the executive agency's deadline at another hour": (
        (DATES, "wall = 2026-01-22T17:00:00", "wall = 2026-01-22T12:00:00"),
        ("calendar/2026.toml: 2026-sport-lsncese-r1", "12:00", "17:00"),
    ),
    "a deadline in another year than its call": (
        (DATES, "wall = 2026-03-05T12:00:00", "wall = 2027-03-05T12:00:00"),
        ("calendar/2026.toml: 2026-ka210-r1", "2026"),
    ),
    "an hour that the clocks skip": (
        (DATES, "wall = 2026-03-05T12:00:00", "wall = 2026-03-29T02:30:00"),
        ("calendar/2026.toml: 2026-ka210-r1", "2026-03-29 02:30", "Europe/Brussels"),
    ),
    "an hour that the clocks show twice": (
        (DATES, "wall = 2026-03-05T12:00:00", "wall = 2026-10-25T02:30:00"),
        ("calendar/2026.toml: 2026-ka210-r1", "2026-10-25 02:30"),
    ),
    "one deadline twice": (
        (DATES, 'id = "2026-ka152-r1"', 'id = "2026-ka151-r1"'),
        ("calendar/2026.toml: 2026-ka151-r1", "twice"),
    ),
    "an id that says another action": (
        (DATES, 'id = "2026-ka210-r1"', 'id = "2026-ka201-r1"'),
        ("calendar/2026.toml: 2026-ka201-r1", "2026-ka210-r1"),
    ),
    "a start window that ends before it begins": (
        (DATES, "starts = [2026-09-01, 2026-12-31]", "starts = [2026-12-31, 2026-09-01]"),
        ("calendar/2026.toml: 2026-ka210-r1", "window"),
    ),
    "a change to a deadline that is not there": (
        (DATES, "", CHANGE.replace("r1", "r9")),
        ("calendar/2026.toml: 2026-ka220-r9", "not defined"),
    ),
    "a change from nowhere": (
        (DATES, "", CHANGE.replace("viaa-2026", "viaa-2062")),
        ("calendar/2026.toml: 2026-ka220-r1", "viaa-2062"),
    ),
    "a sector nobody knows": (
        (DATES, 'sectors = ["YOU"]', 'sectors = ["YOUTH"]'),
        ("calendar/2026.toml: 2026-ka151-r1", "YOUTH"),
    ),
    "an action without a name": (
        ("rules/2026/actions.toml", "[KA151]", "[KA1510]"),
        ("actions.toml: KA151",),
    ),
}


def copied(target: Path) -> Path:
    for name, folder in FOLDERS.items():
        unneeded = shutil.ignore_patterns("*.py", "*.bin", "__pycache__")
        shutil.copytree(HOUSE / folder, target / name, ignore=unneeded)
    return target


def plant(data: Path, edit: Edit) -> None:
    name, old, new = edit
    path = data / name
    if old is None:
        path.unlink()
        return
    text = path.read_text(encoding="utf-8") if old or path.exists() else ""
    assert old in text, "the case is out of date"
    if new is None:
        line = next(line for line in text.splitlines(keepends=True) if line.startswith(old))
        path.write_text(text.replace(line, ""), encoding="utf-8")
    else:
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")


def found(data: Path, overlay: Path | None = None) -> list[str]:
    return problems(overlay, data / "rules", data / "calendar", data / "messages")


def test_the_data_as_they_are_hold_no_mistake() -> None:
    assert problems() == []


def test_an_untouched_copy_holds_none_either(tmp_path: Path) -> None:
    assert found(copied(tmp_path)) == []


def assert_named(tmp_path: Path, edit: Edit, named: tuple[str, ...]) -> None:
    plant(copied(tmp_path), edit)
    answer = found(tmp_path)
    assert any(all(part in line for part in named) for line in answer), answer
    assert not any(str(tmp_path) in line for line in answer)


@pytest.mark.parametrize("what", FACTS | CALENDAR)
def test_a_planted_mistake_is_named_by_file_and_key(what: str, tmp_path: Path) -> None:
    assert_named(tmp_path, *(FACTS | CALENDAR)[what])
