"""Several at once, as processes of one PostgreSQL do: limits hold, nothing is left planned."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.post import subscribing
from bot.post.importing import Entry
from bot.post.ledger import ContactLedger
from bot.post.taking_over import take_over
from bot.store.database import Database
from bot.store.tables import Contact, Subscription
from handlers.ledger import Taken
from tests.post_office import SHORT, SOON, Office, desk, leads, wanted

PEOPLE = 30


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


async def test_three_mails_a_day_however_many_ask_at_once(office: Office) -> None:
    asked = [office.ask(wanted(), conversation=f"web-{n}") for n in range(9)]
    assert await asyncio.gather(*asked) == [[Taken.ASKED]] * 9
    assert len(await office.waiting("confirmation")) == 3
    assert len(await office.rows(Contact)) == 1


async def test_one_conversation_in_two_windows(office: Office) -> None:
    asked = [office.ask(wanted(f"p{n}@example.org")) for n in range(9)]
    said = Counter(one for (one,) in await asyncio.gather(*asked))
    assert said == {Taken.ASKED: 5, Taken.TOO_MANY: 4}


async def test_the_button_pressed_twice_at_once(office: Office) -> None:
    await office.ask(wanted())
    (row,) = await office.rows(Subscription)

    async def press() -> bool:
        async with office.books() as books:
            found = await subscribing.confirm(books, str(row["id"]))
            return found is not None and found.confirmed

    assert await asyncio.gather(*(press() for _ in range(4))) == [True] * 4
    assert await office.reminders() == [f"{SOON} {lead}" for lead in SHORT.split()]


async def test_people_leave_while_the_planner_works(office: Office) -> None:
    people = [
        Entry(n, f"p{n}@example.org", "lv", "Europe/Riga", "KA210", SHORT, "asked in 2025")
        for n in range(PEOPLE)
    ]
    await take_over(people, office.books)
    ids = sorted(str(row["id"]) for row in await office.rows(Contact))

    async def leave(contact: str) -> None:
        async with office.books() as books:
            await subscribing.unsubscribe(books, contact)

    async def hand_in(contact: str) -> None:
        async with office.books() as books:
            assert await ContactLedger(books, contact).handed_in(SOON)

    office.desk = desk({"wall": "2026-03-07T12:00:00"})
    await asyncio.gather(
        office.planner().look(),
        *(leave(contact) for contact in ids[:10]),
        *(hand_in(contact) for contact in ids[10:20]),
    )
    await office.planner().look()
    rows = await office.waiting()
    assert {row["contact"] for row in rows} == set(ids[20:])
    expected = dict.fromkeys([*SHORT.split(), "moved"], PEOPLE - 20)
    assert Counter(leads([row["key"] for row in rows])) == expected
