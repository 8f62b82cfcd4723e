"""The ledgers: asking, confirming, ending, handing in, snoozing; and what others may not learn."""

import json
from pathlib import Path

import pytest

from bot.post import subscribing
from bot.post.ledger import ContactLedger
from bot.store.database import Database
from bot.store.tables import Contact, OutboxMessage, Subscription
from handlers.ledger import MAIL, TELEGRAM, Subscribed, Taken, Wanted
from tests.post_office import (
    ANNA,
    CLOSES,
    DAY,
    HOUR,
    LATER,
    SHORT,
    SOON,
    Office,
    desk,
    leads,
    wanted,
)

CHAT = 4711


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


def by_chat(selection: str = "KA210", leads: str = SHORT) -> Wanted:
    return Wanted(TELEGRAM, selection, leads, "en", "Europe/Riga", "reminders-1")


async def both(office: Office) -> None:
    """Subscribe a person's chat and mailbox in the chat."""
    await office.ask(by_chat(), conversation="telegram-1", chat=CHAT)
    await office.ask(wanted(), conversation="telegram-1", chat=CHAT)
    await office.confirm()


async def listed(office: Office, conversation: str = "web-1") -> list[Subscribed]:
    async with office.ledger(conversation) as ledger:
        return await ledger.subscriptions()


async def test_a_chat_is_reminded_at_once(office: Office) -> None:
    asked = by_chat()
    assert await office.ask(asked, conversation="telegram-1", chat=CHAT) == [Taken.ACTIVE]
    (one,) = await listed(office, "telegram-1")
    assert (one.channel, one.confirmed, one.address, one.language) == (TELEGRAM, True, "", "en")
    assert {row["address"] for row in await office.waiting()} == {str(CHAT)}
    (kept,) = await office.rows(Subscription)
    consent = json.loads(kept["consent"])
    assert consent["words"] == "reminders-1"
    assert consent["how"] == "in the chat"
    assert consent["at"].startswith("2026-02-01T09:00:00")


async def test_channels_depend_on_the_conversation(office: Office) -> None:
    async with office.ledger() as ledger:
        assert ledger.channels == (MAIL,)
        assert ledger.captured
        with pytest.raises(ValueError, match="telegram"):
            await ledger.subscribe(by_chat())
    async with office.ledger(chat=CHAT) as ledger:
        assert set(ledger.channels) == {MAIL, TELEGRAM}


async def test_a_mailbox_is_asked_first(office: Office) -> None:
    assert await office.ask(wanted()) == [Taken.ASKED]
    (one,) = await listed(office)
    assert not one.confirmed
    (mail,) = await office.waiting()
    assert mail["kind"] == "confirmation"
    assert json.loads(mail["content"])["subscription"] == one.id
    assert mail["not_after"] == (office.now + 2 * DAY).timestamp()

    await office.confirm()
    (one,) = await listed(office)
    assert one.confirmed
    assert await office.reminders() == [f"{SOON} {lead}" for lead in SHORT.split()]
    assert await office.waiting("confirmation") == []
    (kept,) = await office.rows(Subscription)
    assert {"words", "how", "at", "confirmed", "confirmed_by"} <= json.loads(kept["consent"]).keys()


async def test_a_link_works_for_48_hours_and_twice(office: Office) -> None:
    await office.ask(wanted(), wanted(selection="KA220"))
    first, second = (row["id"] for row in await office.rows(Subscription))
    office.now += 2 * DAY - HOUR / 60
    for _ in range(2):
        async with office.books() as books:
            shown = await subscribing.waiting(books, first)
            assert shown is not None
            again = await subscribing.confirm(books, first)
            assert again is not None
            assert again.confirmed
    before = await office.waiting()
    office.now += HOUR
    async with office.books() as books:
        assert await subscribing.confirm(books, first)
        assert await subscribing.waiting(books, second) is None
        assert await subscribing.confirm(books, second) is None
        assert await subscribing.confirm(books, "nobody-here") is None
    assert await office.waiting() == before


async def test_a_proved_mailbox_gets_new_leads_at_once(office: Office) -> None:
    await office.subscribed(wanted())
    new = Wanted(MAIL, "KA210", "T-3d", "en", "Europe/Paris", "reminders-1", ANNA)
    assert await office.ask(new) == [Taken.ACTIVE]
    assert await office.reminders() == [f"{SOON} T-3d"]
    (one,) = await listed(office)
    assert (one.leads, one.language, one.zone) == ("T-3d", "en", "Europe/Paris")
    (row,) = await office.waiting()
    assert json.loads(row["content"])["zone"] == "Europe/Paris"
    assert await office.ask(wanted()) == [Taken.ACTIVE]
    assert await office.reminders() == [f"{SOON} {lead}" for lead in SHORT.split()]


async def test_stopping_one_of_two(office: Office) -> None:
    await office.subscribed(wanted(), wanted(selection="VET", leads="T-7d"))
    (first,) = (one for one in await listed(office) if one.selection == "KA210")
    async with office.ledger() as ledger:
        assert await ledger.stop("nobody's") == 0
        assert await ledger.stop(first.id) == 1
    assert await office.reminders() == [f"{SOON} T-7d", f"{LATER} T-7d"]
    async with office.ledger() as ledger:
        assert await ledger.stop() == 1
        assert await ledger.subscriptions() == []
    assert await office.waiting() == []


async def test_stopping_what_was_never_confirmed_leaves_nothing(office: Office) -> None:
    await office.ask(wanted())
    async with office.ledger() as ledger:
        assert await ledger.stop() == 1
    assert await office.rows(Contact) == []
    assert await office.waiting() == []
    assert ANNA not in json.dumps(await office.rows(OutboxMessage), default=str)


async def test_unsubscribing_ends_everything_and_may_be_repeated(office: Office) -> None:
    await office.subscribed(wanted(), wanted(selection="KA220"))
    await office.subscribed(wanted(), conversation="web-2")
    contact = await office.contact()
    for ended in (True, False):
        async with office.books() as books:
            assert await subscribing.unsubscribe(books, contact) is ended
            assert not await subscribing.unsubscribe(books, "nobody-here")
    assert await office.waiting() == []
    assert await office.rows(Subscription) == []
    assert await office.ask(wanted()) == [Taken.ASKED]


async def test_handed_in_on_one_channel_is_handed_in_on_all(office: Office) -> None:
    await both(office)
    async with office.ledger("telegram-1", chat=CHAT) as ledger:
        assert await ledger.handed_in(SOON)
        assert not await ledger.handed_in(LATER)
        assert not await ledger.handed_in("2026-nothing-r1")
    assert await office.waiting() == []
    office.desk = desk({"wall": "2026-03-07T12:00:00"})
    await office.planner().look()
    assert await office.waiting() == []
    async with office.page() as page:
        await page.still_due(SOON)
    assert len(await office.waiting()) == 2 * len(SHORT.split())
    async with office.page() as page:
        assert await page.handed_in(SOON)
    assert await office.waiting() == []


async def test_still_due_brings_only_what_is_ahead(office: Office) -> None:
    await office.subscribed(wanted())
    await office.until(CLOSES - 6 * DAY)
    async with office.ledger() as ledger:
        assert await ledger.handed_in(SOON)
    office.now = CLOSES - 3 * HOUR
    async with office.ledger() as ledger:
        await ledger.still_due(SOON)
    assert await office.reminders() == [f"{SOON} T-2h"]


async def test_snoozing_calls_off_the_same_lead_time_elsewhere(office: Office) -> None:
    await both(office)
    rows = await office.waiting()
    office.now = CLOSES - 7 * DAY - HOUR
    while not (left := await office.deliver()):
        office.now += HOUR / 30
    waits = [row for row in await office.waiting() if row["key"].endswith("T-7d")]
    assert len(left) + len(waits) == 2
    async with office.ledger("telegram-1", chat=CHAT) as ledger:
        assert await ledger.snooze(SOON) == CLOSES - DAY
    assert leads([row["key"] for row in await office.waiting()]) == ["T-1d"] * 2 + ["T-2h"] * 2
    assert len(rows) == 6
    office.now -= HOUR / 2
    await office.ask(wanted(selection="VET"), conversation="telegram-1", chat=CHAT)
    waiting = [row["key"] for row in await office.waiting() if row["deadline"] == SOON]
    assert "T-7d" not in leads(waiting)


async def test_snoozing_the_last_one(office: Office) -> None:
    await office.subscribed(wanted())
    office.now = CLOSES - HOUR
    async with office.ledger() as ledger:
        assert await ledger.snooze(SOON) is None
    assert await office.until(CLOSES) == []


async def test_the_page_of_a_mailbox(office: Office) -> None:
    await office.subscribed(wanted())
    async with office.page() as page:
        assert await page.known()
        assert await page.address() == ANNA
        new = Wanted(MAIL, "KA210", "T-3d", "en", "Europe/Riga", "page-1", "other@example.org")
        assert await page.subscribe(new) is Taken.ACTIVE
        more = Wanted(MAIL, "KA220", "T-3d", "en", "Europe/Riga", "page-1")
        assert await page.subscribe(more) is Taken.ACTIVE
        shown = await page.subscriptions()
    assert {(one.selection, one.leads, one.address) for one in shown} == {
        ("KA210", "T-3d", ANNA),
        ("KA220", "T-3d", ANNA),
    }
    assert {row["address"] for row in await office.waiting()} == {ANNA}
    async with office.page() as page:
        assert await page.stop() == 2
        assert await page.snooze(SOON) is None
    assert await office.waiting() == []


async def test_the_page_shows_no_other_mailbox(office: Office) -> None:
    await office.subscribed(wanted(), wanted("ben@example.org"))
    async with office.page() as page:
        held = json.dumps(await page.held())
        assert "ben@example.org" not in held
        assert ANNA in held
        await page.erase()
    assert [row["address"] for row in await office.rows(Contact)] == ["ben@example.org"]


async def test_the_page_of_a_mailbox_that_is_gone_is_empty(office: Office) -> None:
    async with office.books() as books:
        page = ContactLedger(books, "gone-gone-1")
        assert not await page.known()
        assert await page.address() == ""
        assert await page.subscriptions() == []
        assert await page.subscribe(wanted()) is Taken.TOO_MANY
        assert await page.stop() == 0
        assert not await page.handed_in(SOON)
        await page.still_due(SOON)
        await page.erase()
        assert (await page.held())["contacts"] == []


async def test_other_lead_times_leave_the_proof_of_the_consent_as_it_is(office: Office) -> None:
    await office.subscribed(wanted(leads="T-7d"))
    (before,) = await office.rows(Subscription)
    office.now += DAY
    async with office.page() as page:
        assert await page.subscribe(wanted(leads="T-3d")) is Taken.ACTIVE
    (after,) = await office.rows(Subscription)
    assert after["leads"] == "T-3d"
    assert (after["consent"], after["confirmed_at"]) == (before["consent"], before["confirmed_at"])
