"""A mailbox that says yes to one subscription gives whoever asked for it nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.post import subscribing
from bot.store.database import Database
from bot.store.tables import Contact, Handed, OutboxMessage, Subscription
from handlers.ledger import MAIL, TELEGRAM, Taken, Wanted
from tests.post_office import ANNA, CLOSES, DAY, HOUR, LATER, SHORT, SOON, Office, wanted

CHAT = 4711
HERS = [f"{SOON} {lead}" for lead in SHORT.split()]
HIS = f"{LATER} T-1d"


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    """Anna is reminded; what Mallory asked her for in a chat of his own she has confirmed too."""
    office = Office(database, tmp_path)
    await office.subscribed(wanted(), conversation="anna")
    await office.subscribed(wanted(selection="KA220", leads="T-1d"), conversation="mallory")
    return office


async def test_a_stranger_sees_what_he_asked_for_and_nothing_else(office: Office) -> None:
    async with office.ledger("mallory") as ledger:
        held: Any = json.loads(json.dumps(await ledger.held()))
        assert [one.selection for one in await ledger.subscriptions()] == ["KA220"]
    assert [one["selection"] for one in held["subscriptions"]] == ["KA220"]
    assert (held["contacts"], held["messages"], held["handed"]) == ([], [], [])


async def test_a_stranger_hands_in_and_snoozes_for_nobody(office: Office) -> None:
    before = await office.reminders()
    office.now = CLOSES - HOUR
    async with office.ledger("mallory") as ledger:
        assert not await ledger.handed_in(SOON)
        assert not await ledger.handed_in(LATER)
        assert await ledger.snooze(SOON) is None
    assert await office.reminders() == before
    assert await office.rows(Handed) == []
    async with office.page() as page:
        assert await page.handed_in(SOON)
    async with office.ledger("mallory") as ledger:
        await ledger.still_due(SOON)
    assert await office.reminders() == [HIS]


async def test_a_stranger_ends_and_erases_what_he_asked_for(office: Office) -> None:
    async with office.ledger("mallory") as ledger:
        await ledger.erase()
    assert await office.reminders() == HERS
    (kept,) = await office.rows(Subscription)
    assert (kept["conversation"], kept["selection"]) == ("anna", "KA210")
    assert [row["address"] for row in await office.rows(Contact)] == [ANNA]
    await office.subscribed(wanted(selection="KA220", leads="T-1d"), conversation="mallory")
    async with office.ledger("mallory") as ledger:
        assert await ledger.stop() == 1
    assert await office.reminders() == HERS


async def test_a_stranger_changes_the_times_of_his_own_and_not_her_language(
    office: Office,
) -> None:
    new = Wanted(MAIL, "KA220", "T-3d", "en", "Europe/Paris", "reminders-1", ANNA)
    assert await office.ask(new, conversation="mallory") == [Taken.ACTIVE]
    assert await office.reminders() == [*HERS, f"{LATER} T-3d"]
    (contact,) = await office.rows(Contact)
    assert (contact["language"], contact["zone"]) == ("lv", "Europe/Riga")


async def test_every_subscription_is_asked_for_by_itself(office: Office) -> None:
    before = await office.reminders()
    more = wanted(selection="VET", leads="T-2h")
    assert await office.ask(more, conversation="mallory") == [Taken.ASKED]
    assert await office.reminders() == before
    (mail,) = await office.waiting("confirmation")
    assert mail["address"] == ANNA


async def test_what_waits_for_its_yes_shows_only_what_was_typed(office: Office) -> None:
    """Or an address that is known here would show another language or zone than one that is not."""
    asked = Wanted(MAIL, "KA2", "T-2h", "en", "Europe/Paris", "reminders-1", ANNA)
    for address in (ANNA, "new@example.org"):
        await office.ask(replace(asked, address=address), conversation=address)
        async with office.ledger(address) as ledger:
            (one,) = await ledger.subscriptions()
        assert (one.language, one.zone, one.leads) == ("en", "Europe/Paris", "T-2h")


async def test_she_has_all_of_it_again_when_he_has_ended_his(office: Office) -> None:
    async with office.ledger("anna") as ledger:
        assert not await ledger.handed_in(SOON)
    async with office.ledger("mallory") as ledger:
        await ledger.stop()
    async with office.ledger("anna") as ledger:
        assert await ledger.handed_in(SOON)
    assert await office.reminders() == []
    async with office.ledger("anna") as ledger:
        await ledger.erase()
    assert await office.rows(Contact) == []


async def test_what_nobody_confirmed_elsewhere_keeps_nobody_from_erasing(office: Office) -> None:
    await office.subscribed(wanted("ben@example.org"), conversation="ben")
    await office.ask(wanted("ben@example.org"), conversation="mallory")
    async with office.ledger("ben") as ledger:
        await ledger.erase()
    assert [row["address"] for row in await office.rows(Contact)] == [ANNA]


async def test_the_mailed_link_has_all_of_the_mailbox(office: Office) -> None:
    async with office.page() as page:
        assert len(await page.subscriptions()) == 2
        await page.erase()
    for table in (Contact, Subscription):
        assert await office.rows(table) == []
    assert "anna@" not in json.dumps(await office.rows(OutboxMessage), default=str)


async def test_a_chat_erases_itself_after_it_has_ended_everything(office: Office) -> None:
    by_chat = Wanted(TELEGRAM, "KA210", SHORT, "en", "Europe/Riga", "reminders-1")
    await office.ask(by_chat, conversation="chat", chat=CHAT)
    async with office.ledger("chat", chat=CHAT) as ledger:
        assert await ledger.stop() == 1
    async with office.ledger("chat", chat=CHAT) as ledger:
        await ledger.erase()
    assert [row["address"] for row in await office.rows(Contact)] == [ANNA]
    assert str(CHAT) not in json.dumps(await office.rows(OutboxMessage), default=str)


async def test_new_lead_times_come_with_the_owners_yes(office: Office) -> None:
    """Asked for on the page, where there is no conversation that could have proved the mailbox."""
    page = wanted("ben@example.org", leads="T-7d T-1d")
    await office.subscribed(page, conversation="")
    office.now += DAY
    again = replace(page, leads="T-2h")
    assert await office.ask(again, conversation="") == [Taken.ASKED]
    ben = await office.contact("ben@example.org")
    (kept,) = [row for row in await office.rows(Subscription) if row["contact"] == ben]
    assert (kept["leads"], kept["confirmed_at"]) == ("T-7d T-1d", (office.now - DAY).timestamp())
    async with office.books() as books:
        shown = await subscribing.waiting(books, kept["id"])
        assert shown is not None
        assert (shown.leads, shown.confirmed) == ("T-2h", False)
    for _ in range(2):
        async with office.books() as books:
            found = await subscribing.confirm(books, kept["id"])
        assert found is not None
        assert (found.leads, found.confirmed) == ("T-2h", True)
    assert await _leads_of(office, ben) == ["T-2h"]
    async with office.page("ben@example.org") as own:
        await own.subscribe(replace(page, leads="T-1d"))
    async with office.books() as books:
        assert await subscribing.confirm(books, kept["id"])
    assert await _leads_of(office, ben) == ["T-1d"]


async def test_an_old_link_brings_in_nothing(office: Office) -> None:
    page = wanted("ben@example.org", leads="T-7d T-1d")
    await office.subscribed(page, conversation="")
    office.now += DAY
    await office.ask(replace(page, leads="T-2h"), conversation="")
    office.now += 2 * DAY
    ben = await office.contact("ben@example.org")
    (kept,) = [row for row in await office.rows(Subscription) if row["contact"] == ben]
    async with office.books() as books:
        found = await subscribing.confirm(books, kept["id"])
    assert found is not None
    assert found.leads == "T-7d T-1d"
    assert await _leads_of(office, ben) == ["T-7d", "T-1d"]


async def _leads_of(office: Office, contact: str) -> list[str]:
    rows = await office.waiting("reminder", "two-hours")
    return [row["key"].rpartition(":")[2] for row in rows if row["contact"] == contact]
