"""What is kept of a notice, how long, and what is left of it once its person is erased."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlmodel import SQLModel, col

from bot.incident import register
from bot.post.mail.captured import NAME_TIME
from bot.post.restoring import replay
from bot.store import retention
from bot.store.database import Database
from bot.store.tables import (
    Announcement,
    Answer,
    Erasure,
    Evidence,
    EvidenceBytes,
    FrozenMessage,
    Incident,
    IncidentStep,
    MailboxProof,
    OutboxMessage,
)
from handlers.cases import Notice
from rules.incident import Case
from tests.notices import AGENCY, CASE, DURING, ENDS, MINUTE, Bureau, pdf, picture
from tests.post_office import ANNA, CLOSES, DAY, HOUR, KEY, SOON, wanted

BEN = "ben@example.org"
OTHER = Case(SOON, "KA210", "VET", "Other school", form_id="KA210-VET-11111111", happened="No.")
SAID = f"250 2.1.5 <{ANNA.upper()}> queued as 4711"


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def made(
    bureau: Bureau, address: str = ANNA, conversation: str = "web-1", case: Case = CASE
) -> Notice:
    """Make a notice with files; it is not sent yet."""
    await bureau.prove(address, conversation)
    async with bureau.cases(conversation) as cases:
        await cases.add(picture())
        await cases.add(pdf())
    return await bureau.confirm_notice(case, conversation)


async def sent(bureau: Bureau, notice: Notice, state: str = "accepted") -> None:
    """Let a notice have been taken by a server."""
    async with bureau.books() as books:
        mine = col(OutboxMessage.key) == f"incident:{notice.id}:full"
        new = {"state": state, "settled_at": bureau.now.timestamp(), "answer": SAID}
        await books.connection.execute(update(OutboxMessage).where(mine).values(**new))
        await register.add_step(
            books.database, books.connection, notice.id, "1", books.now, "accepted", SAID
        )


async def prune(bureau: Bureau, at: datetime) -> None:
    deadlines = bureau.desk.facts.newest.deadlines.values()
    await retention.prune(bureau.database, at.timestamp(), deadlines)


async def contents(bureau: Bureau) -> list[bool]:
    """Whether each file that is known still has its bytes."""
    return [bool(row["content"]) for row in await bureau.rows(EvidenceBytes)]


@pytest.mark.parametrize("before", [DAY, 2 * DAY, 7 * DAY], ids=str)
async def test_files_of_no_notice_go_a_day_after_their_deadline(
    bureau: Bureau, before: timedelta
) -> None:
    bureau.now = CLOSES - before
    async with bureau.cases() as cases:
        await cases.add(pdf())
    await prune(bureau, ENDS)
    assert await contents(bureau) == [True]
    await prune(bureau, CLOSES + DAY)
    assert await contents(bureau) == []


async def test_files_that_came_long_before_go_after_a_day(bureau: Bureau) -> None:
    bureau.now = CLOSES - 10 * DAY
    async with bureau.cases() as cases:
        await cases.add(pdf())
    await prune(bureau, bureau.now + DAY)
    assert await contents(bureau) == [True]
    await prune(bureau, bureau.now + DAY + MINUTE)
    assert await contents(bureau) == []


async def test_a_notice_loses_its_files_after_two_weeks_and_itself_after_three_months(
    bureau: Bureau,
) -> None:
    notice = await made(bureau)
    await sent(bureau, notice)
    await prune(bureau, ENDS + 14 * DAY)
    assert await contents(bureau) == [True, True]
    assert len(await bureau.rows(FrozenMessage)) == 1
    await prune(bureau, ENDS + 14 * DAY + MINUTE)
    assert await contents(bureau) == [False, False]
    assert await bureau.rows(FrozenMessage) == []
    bureau.now = ENDS + 89 * DAY
    (kept,) = await bureau.notices()
    assert {one.sha256 for one in kept.files} == {picture().sha256, pdf().sha256}
    assert (kept.answer, kept.message_id) == (SAID, notice.message_id)
    async with bureau.cases() as cases:
        assert await cases.letter(notice.id) is None
        assert len(await cases.receipt(notice.id)) == 2
    await prune(bureau, ENDS + 90 * DAY + MINUTE)
    for table in (Incident, IncidentStep, Evidence, MailboxProof):
        assert await bureau.rows(table) == []


async def test_a_notice_that_waits_keeps_its_bytes(bureau: Bureau) -> None:
    notice = await made(bureau)
    later = (DURING + 30 * DAY).timestamp()
    async with bureau.books() as books:
        await books.connection.execute(update(Incident).values(closes_at=later))
        mine = col(OutboxMessage.key) == f"incident:{notice.id}:full"
        await books.connection.execute(update(OutboxMessage).where(mine).values(not_after=later))
    await prune(bureau, DURING + 29 * DAY)
    assert len(await bureau.rows(FrozenMessage)) == 1
    assert await contents(bureau) == [True, True]


async def test_mailboxes_texts_and_announcements_have_their_time_too(bureau: Bureau) -> None:
    await bureau.ask_code(BEN, "web-2")
    await bureau.prove()
    at = bureau.now.timestamp()
    draft = {"conversation": "web-2", "form": "incident", "question": "phone", "value": "+371"}
    told = {"id": "a", "text_lv": "x", "text_en": "x", "source": "x", "made_at": at, "until": at}
    async with bureau.books() as books:
        await books.connection.execute(insert(Answer).values(**draft, answered_at=at))
        await books.connection.execute(insert(Announcement).values(**told))
    await prune(bureau, bureau.now + 2 * DAY + MINUTE)
    assert [row["address"] for row in await bureau.rows(MailboxProof)] == [ANNA]
    assert len(await bureau.rows(Answer)) == 1
    await prune(bureau, bureau.now + 7 * DAY + MINUTE)
    assert await bureau.rows(Answer) == []
    assert len(await bureau.rows(Announcement)) == 1
    await prune(bureau, bureau.now + 90 * DAY + MINUTE)
    assert await bureau.rows(MailboxProof) == await bureau.rows(Announcement) == []


async def everything(bureau: Bureau) -> str:
    """Return every row of every table, and every file that is not the database itself."""
    models = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    rows = {model.__name__: await bureau.rows(model) for model in models}
    files = {
        str(path): path.read_text(encoding="utf-8", errors="replace")
        for path in bureau.folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }
    found = json.dumps([rows, files], default=lambda value: bytes(value).decode(errors="replace"))
    return found.casefold()


PLANTED = (ANNA, "anna@", CASE.form_id, CASE.organisation, "Submission failed", "web-1", "4711000")


async def live(bureau: Bureau) -> Notice:
    """Let a person do everything, and somebody else too; return the notice that was sent."""
    bureau.now = DURING
    notice = await made(bureau)
    await sent(bureau, notice)
    async with bureau.books() as books:
        mine = col(Incident.id) == notice.id
        await books.connection.execute(update(Incident).where(mine).values(chat=4711000, shown=3))
    bureau.now += HOUR / 2
    await bureau.ask_code("typed@example.org")
    async with bureau.cases() as cases:
        await cases.add(picture(2))
    (bureau.folder / "mail").mkdir(exist_ok=True)
    typed = col(OutboxMessage.address) == "typed@example.org"
    (row,) = await bureau.rows(OutboxMessage, typed)
    name = f"{bureau.now:{NAME_TIME}}-{row['id']}.eml"
    (bureau.folder / "mail" / name).write_text("To: typed@example.org")
    await made(bureau, BEN, "web-2", OTHER)
    return notice


async def erase(bureau: Bureau) -> None:
    async with bureau.ledger() as ledger:
        await ledger.erase()


async def test_erased_is_erased_but_for_the_proof_that_it_was_sent(bureau: Bureau) -> None:
    notice = await live(bureau)
    await erase(bureau)
    found = await everything(bureau)
    assert [planted for planted in PLANTED if planted.casefold() in found] == []
    assert "typed@example.org" not in found
    (kept,) = await bureau.rows(Incident, col(Incident.id) == notice.id)
    assert (kept["message_id"], kept["mailbox"]) == (notice.message_id, AGENCY)
    steps = await bureau.rows(IncidentStep, col(IncidentStep.incident) == notice.id)
    assert [(row["what"], row["words"]) for row in steps if row["words"]] == [
        ("accepted", "250 2.1.5 <…> queued as 4711")
    ]
    assert [one.address for one in await bureau.notices("web-2")] == [BEN]
    assert len(await contents(bureau)) == 2
    await prune(bureau, ENDS + 90 * DAY + MINUTE)
    assert await bureau.rows(Incident) == []


@pytest.mark.parametrize("state", ["planned", "deferred", "captured"])
async def test_what_has_not_left_is_called_off_and_goes_whole(bureau: Bureau, state: str) -> None:
    notice = await made(bureau)
    async with bureau.books() as books:
        mine = col(OutboxMessage.key) == f"incident:{notice.id}:full"
        new = {"state": "accepted" if state == "captured" else state}
        await books.connection.execute(update(OutboxMessage).where(mine).values(**new))
        if state == "captured":
            await register.add_step(
                books.database, books.connection, notice.id, "1", books.now, "captured"
            )
    await erase(bureau)
    for table in (Incident, IncidentStep, Evidence, FrozenMessage, MailboxProof):
        assert await bureau.rows(table) == []
    rows = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "incident")
    assert {row["state"] for row in rows} <= {"cancelled", "accepted"}
    assert {row["address"] for row in rows} == {""}


async def test_the_owner_of_a_mailbox_erases_what_was_made_with_it_anywhere(bureau: Bureau) -> None:
    await bureau.subscribed(wanted(), conversation="web-9")
    await live(bureau)
    async with bureau.page() as page:
        held = await page.held()
        assert [one["address"] for one in held["incidents"]] == [ANNA]
        await page.erase()
    found = await everything(bureau)
    assert [one for one in (ANNA, CASE.organisation) if one.casefold() in found] == []
    assert [one.address for one in await bureau.notices("web-2")] == [BEN]


async def test_whoever_subscribed_a_stranger_erases_nothing_of_theirs(bureau: Bureau) -> None:
    notice = await made(bureau)
    await bureau.subscribed(wanted(), conversation="web-9")
    async with bureau.ledger("web-9") as ledger:
        assert (await ledger.held())["incidents"] == []
        await ledger.erase()
    assert [one.id for one in await bureau.notices()] == [notice.id]


async def test_an_old_backup_brings_nobody_back(bureau: Bureau) -> None:
    await live(bureau)
    tables = (Incident, IncidentStep, Evidence, MailboxProof)
    backup = [(table, await bureau.rows(table)) for table in tables]
    await erase(bureau)
    async with bureau.books() as books:
        for table in reversed((*tables, Erasure)):
            await books.connection.execute(delete(table))
        for table, rows in backup:
            await books.connection.execute(insert(table), rows)
    assert await replay(bureau.database, KEY, bureau.settings, bureau.now + DAY)
    found = await everything(bureau)
    assert [planted for planted in PLANTED if planted.casefold() in found] == []
    assert [one.address for one in await bureau.notices("web-2")] == [BEN]


async def test_everything_that_is_kept_is_told(bureau: Bureau) -> None:
    notice = await live(bureau)
    async with bureau.ledger() as ledger:
        held: Any = json.loads(json.dumps(await ledger.held()))
    (incident,) = held["incidents"]
    assert incident["told"]["form_id"] == CASE.form_id
    assert [step["what"] for step in incident["steps"]] == ["confirmed", "accepted"]
    hashes = {picture().sha256, pdf().sha256}
    assert {file["sha256"] for file in incident["files"]} == hashes
    assert [file["sha256"] for file in held["files"]] == [picture(2).sha256]
    assert [one["address"] for one in held["mailboxes"]] == [ANNA, "typed@example.org"]
    assert {each["kind"] for each in held["messages"]} == {"code", "incident"}
    assert incident["id"] == notice.id
    assert BEN not in json.dumps(held)
