"""Limits on mail that anybody can ask for, and nothing told of whose mailbox is known."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.post import limits, subscribing, suppression
from bot.store.database import Database
from bot.store.tables import Contact, SignUp
from handlers.ledger import MAIL, TELEGRAM, Subscribed, Taken, Wanted
from rules.addresses import parse
from tests.post_office import (
    ANNA,
    DAY,
    HOUR,
    LATER,
    SHORT,
    SOON,
    Office,
    wanted,
)

CHAT = 4711


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


def by_chat(selection: str = "KA210", leads: str = SHORT) -> Wanted:
    return Wanted(TELEGRAM, selection, leads, "en", "Europe/Riga", "reminders-1")


async def listed(office: Office, conversation: str = "web-1") -> list[Subscribed]:
    async with office.ledger(conversation) as ledger:
        return await ledger.subscriptions()


async def test_another_conversation_learns_and_changes_nothing(office: Office) -> None:
    await office.subscribed(wanted())
    known = Wanted(MAIL, "KA210", "T-1h", "en", "Europe/Paris", "x", ANNA)
    unknown = Wanted(MAIL, "KA210", "T-1h", "en", "Europe/Paris", "x", "new@example.org")
    before = await office.reminders()
    assert await office.ask(known, unknown, conversation="web-2") == [Taken.ASKED] * 2
    shown = await listed(office, "web-2")
    assert [(one.confirmed, one.leads, one.selection) for one in shown] == [
        (False, "T-1h", "KA210")
    ] * 2
    assert await office.reminders() == before
    contact = await office.contact()
    (kept,) = [row for row in await office.rows(Contact) if row["id"] == contact]
    assert (kept["language"], kept["zone"]) == ("lv", "Europe/Riga")
    async with office.ledger("web-2") as ledger:
        held = await ledger.held()
        assert held["contacts"] == []
        assert not await ledger.handed_in(SOON)
        assert await ledger.stop() == 2
    assert await office.reminders() == before
    async with office.ledger("web-2") as ledger:
        await ledger.erase()
    assert await office.reminders() == before


async def test_limits_for_one_address(office: Office) -> None:
    for number in range(230):
        asked = wanted(f"An.na+{number}@Example.org")
        said = await office.ask(
            asked, conversation=f"web-{number}", network=f"192.0.2.{number % 250}"
        )
        assert said == [Taken.ASKED if number < 200 else Taken.TOO_MANY]
    assert len(await office.waiting("confirmation")) == 3
    office.now += DAY + HOUR
    assert await office.ask(wanted(), conversation="web-900") == [Taken.ASKED]
    assert len(await office.waiting("confirmation")) == 4


@pytest.mark.parametrize(
    ("most", "same"), [(5, {"conversation": "web-1"}), (20, {"network": "192.0.2.1"})]
)
async def test_limits_of_who_asks(office: Office, most: int, same: dict[str, str]) -> None:
    said = []
    for number in range(most + 2):
        of = {"conversation": f"web-{number}", "network": f"198.51.100.{number}", **same}
        said += await office.ask(wanted(f"p{number}@example.org"), **of)
    assert said == [Taken.ASKED] * most + [Taken.TOO_MANY] * 2
    assert len(await office.rows(Contact)) == most


async def test_limits_count_a_whole_line_of_ipv6(office: Office) -> None:
    said = []
    for number in range(22):
        of = {
            "conversation": f"web-{number}",
            "network": f"2001:db8:1:2:{number:x}::{number + 1:x}",
        }
        said += await office.ask(wanted(f"p{number}@example.org"), **of)
    assert said == [Taken.ASKED] * 20 + [Taken.TOO_MANY] * 2
    other = {"conversation": "web-99", "network": "2001:db8:1:3::1"}
    assert await office.ask(wanted("other@example.org"), **other) == [Taken.ASKED]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_which_network_an_address_is_counted_in(written: str, expected: str) -> None:
    assert limits.counted(written) == expected


async def test_limits_count_the_same_whatever_the_address(office: Office) -> None:
    """Who could ask more often about a known address would learn that it is known."""
    await office.subscribed(wanted())
    async with office.books() as books:
        await suppression.returned(
            books.database, books.connection, books.key, "gone@example.org", True, books.now
        )
    for address in (ANNA, "gone@example.org", "new@example.org"):
        conversation = f"asks-{address}"
        said = [await office.ask(wanted(address), conversation=conversation) for _ in range(6)]
        assert said == [[Taken.ASKED]] * 5 + [[Taken.TOO_MANY]]
        shown = await listed(office, conversation)
        assert [one.confirmed for one in shown] == [False]
    assert "gone@example.org" not in {row["address"] for row in await office.waiting()}


async def test_limits_keep_no_address(office: Office) -> None:
    await office.ask(wanted(), network="192.0.2.7")
    kept = json.dumps(await office.rows(SignUp))
    assert "anna" not in kept
    assert "192.0.2.7" not in kept


async def test_access_is_mailed_only_where_something_is_held(office: Office) -> None:
    await office.subscribed(wanted())
    for address in (ANNA, ANNA.upper(), "nobody@example.org"):
        async with office.books() as books:
            found = await subscribing.ask_access(
                books, parse(address), conversation="web-3", network="192.0.2.1"
            )
            assert found is None
        office.now += HOUR / 60
    rows = await office.waiting("confirmation")
    assert [(row["address"], json.loads(row["content"])["what"]) for row in rows] == [
        (ANNA, "access")
    ] * 2
    for _ in range(5):
        async with office.books() as books:
            await subscribing.ask_access(books, parse(ANNA), conversation="web-4")
    # The confirmation was the first of three mails that this mailbox gets in a day.
    assert len(await office.waiting("confirmation")) == 2


async def test_one_conversation_may_not_fill_the_books(office: Office) -> None:
    names = ["KA210", "KA220", "VET", SOON, LATER, "all", "KA2"]
    many = ["+".join(sorted({a, b})) for a in names for b in names]
    said: list[Any] = []
    for selection in dict.fromkeys(many):
        said += await office.ask(by_chat(selection), conversation="telegram-1", chat=CHAT)
    assert said.count(Taken.ACTIVE) == 20
    assert set(said) == {Taken.ACTIVE, Taken.TOO_MANY}
    again = await office.ask(by_chat("KA210", "T-1d"), conversation="telegram-1", chat=CHAT)
    assert again == [Taken.ACTIVE]
