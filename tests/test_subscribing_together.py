"""Several at once, as processes of one PostgreSQL do: limits hold, nothing is left planned."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.post import claiming, subscribing, suppression
from bot.post.importing import Entry
from bot.post.kinds import Lane
from bot.post.ledger import ContactLedger
from bot.post.taking_over import take_over
from bot.store import contacts
from bot.store.database import Database
from bot.store.tables import Contact, OutboxMessage, Subscription
from handlers.ledger import MAIL, TELEGRAM, Taken, Wanted
from tests.post_office import CLOSES, DAY, KEY, SHORT, SOON, Office, desk, leads, wanted

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


async def change_all(office: Office, contact: str, then: Awaitable[object]) -> None:
    """Do `then` while a contact is locked, and change all its messages before it is let go."""
    async with office.books() as books:
        await contacts.lock(books.connection, [contact])
        beside = asyncio.ensure_future(then)
        # Long enough for the other one to take what it takes before it waits for the contact.
        await asyncio.sleep(0.3)
        assert not beside.done()
        mine = col(OutboxMessage.contact) == contact
        await books.connection.execute(update(OutboxMessage).where(mine).values(answer="seen"))
    async with asyncio.timeout(20):
        await beside


@pytest.mark.parametrize("channel", [MAIL, TELEGRAM])
async def test_an_address_is_lost_while_its_plan_changes(office: Office, channel: str) -> None:
    if channel == MAIL:
        await office.subscribed(wanted())
    else:
        by_chat = Wanted(TELEGRAM, "KA210", SHORT, "lv", "Europe/Riga", "reminders-1")
        await office.ask(by_chat, chat=4711)
    (contact,) = [row["id"] for row in await office.rows(Contact)]
    async with office.books() as books:
        (claimed,) = await claiming.claim(
            books.connection, now=CLOSES - 7 * DAY, owner="relay", seconds=30.0, limit=1,
            lane=Lane.ORDINARY, channel=channel,
        )  # fmt: skip

    async def lose() -> None:
        async with office.books() as books:
            await suppression.lose(books.database, books.connection, KEY, claimed, books.now)

    await change_all(office, contact, lose())
    assert await office.waiting() == []


async def test_a_run_is_widened_while_a_plan_changes(office: Office) -> None:
    office.now, office.mail_rate = CLOSES - 6 * DAY, 0.001
    await office.subscribed(*(wanted(f"p{n}@example.org", leads="T-1d T-2h") for n in range(6)))
    contact = await office.contact("p0@example.org")
    before = await office.waiting("two-hours")
    await change_all(office, contact, office.planner().look())
    rows = await office.waiting("two-hours")
    assert all(row["due_at"] < was["due_at"] for row, was in zip(rows, before, strict=True))
    assert [row["contact"] for row in rows if row["answer"]] == [contact]


async def test_whoever_was_just_erased_is_not_told_of_a_confirmation(office: Office) -> None:
    await office.ask(wanted())
    (row,) = await office.rows(Subscription)
    contact = await office.contact()

    async def press() -> object:
        async with office.books() as books:
            return await subscribing.confirm(books, str(row["id"]))

    async with office.books() as books:
        await ContactLedger(books, contact).erase()
        pressing = asyncio.create_task(press())
        await asyncio.sleep(0.3)
    assert await pressing is None
    assert await office.rows(Contact) == []


async def test_the_chat_that_asked_erases_while_its_mailbox_confirms_elsewhere(
    office: Office,
) -> None:
    await office.subscribed(wanted(), conversation="mallory")
    await office.ask(wanted(selection="KA220", leads="T-1d"), conversation="anna")
    (row,) = [row for row in await office.rows(Subscription) if not row["confirmed_at"]]

    async def erase() -> None:
        async with office.ledger("mallory") as ledger:
            await ledger.erase()

    async with office.books() as books:
        assert await subscribing.confirm(books, str(row["id"]))
        erasing = asyncio.create_task(erase())
        await asyncio.sleep(0.3)
    await erasing
    assert [one["conversation"] for one in await office.rows(Subscription)] == ["anna"]
    assert len(await office.rows(Contact)) == 1
