"""Taking over subscribers from a CSV file: good rows go in once, bad ones are named by line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.commands.subscribers import app
from bot.post import subscribing
from bot.post.importing import BadTable, Refused, read
from bot.post.taking_over import Taken, take_over
from bot.store import outdated
from bot.store.database import Database
from bot.store.tables import Contact, OutboxMessage, Subscription
from tests.post_office import ANNA, DAY, HOUR, LATER, SOON, Office, desk, wanted

HEAD = "email,language,selection,leads,consent"
GOOD = f"{ANNA},lv,KA210,T-7d T-1d,form of 3 May 2025"
BAD = {
    "anna@@example.org,lv,KA210,,x": "email",
    "anna@example.org,de,KA210,,x": "language",
    "anna@example.org,lv,KA999,,x": "selection",
    "anna@example.org,lv,,,x": "selection",
    "anna@example.org,lv,KA210,T-0d,x": "leads",
    "anna@example.org,lv,KA210,,": "consent",
    "anna@example.org,lv,KA210,, ": "consent",
    "anna@example.org,lv,KA210,": "columns",
    "anna@example.org,lv,KA210,,x,y": "columns",
}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def imported(office: Office, *lines: str, start: bytes = b"") -> Taken:
    path = office.folder / "people.csv"
    path.write_bytes(start + "\r\n".join(lines).encode())
    return await take_over(read(path, office.desk), office.books)


async def test_the_same_file_twice_adds_nothing(office: Office) -> None:
    lines = (HEAD, GOOD, "ben@example.org,en,VET KA210,,list", GOOD)
    first = await imported(office, *lines)
    assert (first.added, first.known, first.refused) == (2, 1, [])
    before = await office.rows(OutboxMessage)
    again = await imported(office, *lines, start="\ufeff".encode())
    assert (again.added, again.known, again.refused) == (0, 3, [])
    assert await office.rows(OutboxMessage) == before
    assert len(await office.reminders()) == 2 + 12
    kept = {row["selection"]: row for row in await office.rows(Subscription)}
    assert kept.keys() == {"KA210", "KA210+VET"}
    assert json.loads(kept["KA210"]["consent"])["words"] == "form of 3 May 2025"
    assert all(row["confirmed_at"] for row in await office.rows(Contact))


async def test_bad_rows_are_named_and_the_others_go_in(office: Office) -> None:
    taken = await imported(office, HEAD, *BAD, GOOD)
    assert taken.added == 1
    assert [row.line for row in taken.refused] == list(range(2, 2 + len(BAD)))
    for row, what in zip(taken.refused, BAD.values(), strict=True):
        assert what in row.reason
        assert "anna" not in row.reason


async def test_a_zone_may_be_given(office: Office) -> None:
    taken = await imported(
        office,
        f"{HEAD},zone",
        f"{GOOD},Europe/Paris",
        "b@example.org,en,KA210,,x,",
        "c@example.org,en,KA210,,x,Mars/Base",
    )
    assert (taken.added, taken.refused[0].line) == (2, 4)
    assert {row["zone"] for row in await office.rows(Contact)} == {"Europe/Paris", "Europe/Riga"}


async def test_who_is_known_here_is_not_doubled(office: Office) -> None:
    await office.subscribed(wanted())
    await office.ask(wanted("asked@example.org"))
    taken = await imported(office, HEAD, GOOD, "asked@example.org,lv,KA220,T-2h,x")
    assert (taken.added, taken.known) == (1, 1)
    assert f"{LATER} T-2h" in await office.reminders()


async def test_a_list_is_the_yes_that_a_sign_up_on_the_page_waits_for(office: Office) -> None:
    asked = replace(wanted(leads="T-2h"), language="en", zone="Europe/Paris")
    await office.ask(asked, conversation="")
    (before,) = await office.rows(Subscription)
    office.now += HOUR
    taken = await imported(office, HEAD, GOOD)
    assert (taken.added, taken.known) == (1, 0)
    (kept,) = await office.rows(Subscription)
    assert (kept["id"], kept["leads"]) == (before["id"], "T-7d T-1d")
    assert kept["made_at"] == kept["confirmed_at"] == office.now.timestamp()
    assert json.loads(kept["consent"])["words"] == "form of 3 May 2025"
    (contact,) = await office.rows(Contact)
    assert (contact["language"], contact["zone"]) == ("lv", "Europe/Riga")
    assert await office.reminders() == [f"{SOON} T-7d", f"{SOON} T-1d"]
    assert await office.waiting("confirmation") == []
    again = await imported(office, HEAD, GOOD)
    assert (again.added, again.known) == (0, 1)
    office.now += 3 * DAY
    async with office.database.write() as connection:
        await outdated.sign_ups(connection, office.now.timestamp())
    assert len(await office.rows(Subscription)) == 1


async def test_a_list_brings_nobody_back(office: Office) -> None:
    lines = (HEAD, GOOD, "ben@example.org,lv,KA210,,x", "cleo@example.org,lv,KA210,,x")
    await imported(office, *lines)
    async with office.books() as books:
        assert await subscribing.unsubscribe(books, await _contact(office))
    async with office.page("ben@example.org") as page:
        await page.erase()
    taken = await imported(office, *lines)
    assert (taken.added, taken.known) == (0, 1)
    assert [row.line for row in taken.refused] == [2, 3]
    assert {row["address"] for row in await office.waiting()} == {"cleo@example.org"}


async def _contact(office: Office) -> str:
    rows = await office.rows(Contact)
    return next(str(row["id"]) for row in rows if row["address"] == ANNA)


@pytest.mark.parametrize(
    "content",
    [b"", b"email,language\r\na,b", b"\xff\xfe", f"{HEAD}\r\n".encode() + b"\xff,a,b,c,d"],
)
async def test_what_is_no_such_table(office: Office, content: bytes) -> None:
    path = office.folder / "people.csv"
    path.write_bytes(content)
    with pytest.raises(BadTable, match=r"people\.csv|first line"):
        await take_over(read(path, office.desk), office.books)


def called(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NOON_DATA_DIR", str(folder / "var"))
    monkeypatch.setenv("NOON_NOW", "2026-02-01T09:00:00Z")
    return CliRunner().invoke(app, ["import", *words])


def test_the_command_says_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEAD, GOOD, "nobody,lv,KA210,,x"]), encoding="utf-8")
    first = called(tmp_path, monkeypatch, str(path), "--json")
    assert first.exit_code == 1
    said = json.loads(first.stdout)
    assert (said["added"], said["known"]) == (1, 0)
    assert [row["line"] for row in said["refused"]] == [3]
    path.write_text("\n".join([HEAD, GOOD]), encoding="utf-8")
    again = called(tmp_path, monkeypatch, str(path))
    assert again.exit_code == 0
    assert again.stdout == "added: 0, known: 1, refused: 0\n"
    path.write_text("a,b", encoding="utf-8")
    assert called(tmp_path, monkeypatch, str(path)).exit_code == 2


def test_the_deadlines_of_a_selection(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEAD, f"{ANNA},lv,{SOON.upper()},,x"]), encoding="utf-8")
    (entry,) = read(path, desk())
    assert not isinstance(entry, Refused)
    assert entry.selection == SOON
