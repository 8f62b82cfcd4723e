"""How much may be kept and asked for before a notice is made; what is said when it is too much."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.incident import evidence
from bot.post.limits import LIMITS
from bot.store import retention
from bot.store.database import Database
from bot.store.tables import Answer, EvidenceBytes
from handlers.cases import Added, Asked
from handlers.ledger import Taken
from handlers.turn import Upload
from tests.incident_talk import said
from tests.notices import MINUTE, Bureau, pdf, picture
from tests.post_office import ANNA, DAY, wanted
from tests.test_incident_talk_desk import Applicant

HERE, THERE = "2001:db8:1::5", "2001:db8:2::5"


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def put(bureau: Bureau, upload: Upload, conversation: str, network: str = "") -> Added:
    async with bureau.cases(conversation, network=network) as cases:
        return await cases.add(upload)


async def test_one_network_and_all_together_have_so_much_room(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "OF_NETWORK", 7_000)
    monkeypatch.setattr(evidence, "OF_ALL", 10_000)
    answers = [
        await put(bureau, pdf(size=3_000), "web-1", HERE),
        await put(bureau, pdf(size=3_000), "web-2", HERE.replace("::5", "::9")),
        await put(bureau, pdf(size=3_000), "web-3", HERE),
        await put(bureau, pdf(size=3_000), "web-3", THERE),
        await put(bureau, pdf(size=3_000), "tg-1"),
    ]
    assert answers == [Added.FORM, Added.FORM, Added.FULL, Added.FORM, Added.FULL]
    async with bureau.cases("web-1") as cases:
        (kept,) = await cases.files()
        assert await cases.drop(kept.id)
    assert await put(bureau, pdf(size=3_000), "web-5", HERE) is Added.FORM


async def test_what_went_with_a_notice_leaves_its_room(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "OF_ALL", 4_000)
    await bureau.prove()
    assert await put(bureau, pdf(), "web-1", HERE) is Added.FORM
    assert await put(bureau, pdf(), "web-2", HERE) is Added.FULL
    await bureau.confirm_notice()
    assert await put(bureau, pdf(), "web-2", HERE) is Added.FORM


async def test_a_file_without_room_is_refused_in_words(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "OF_ALL", 10)
    anna = Applicant(bureau)
    await anna.told()
    assert said("incident.file.full", "lv") in await anna.upload(pdf())


async def test_a_large_pdf_is_kept_once_for_a_notice_and_its_correction(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.told()
    await anna.upload(picture(), pdf(size=50_000, problem="large"))
    await anna.send("incident:preview")
    await anna.press("incident:confirm")
    for number in range(2):
        last = (await bureau.notices())[-1]
        await anna.send(f"incident:correct:{last.id}")
        await anna.send("incident:ask:title")
        await anna.say(f"Nosaukums {number}")
        await anna.send("incident:preview")
        await anna.press("incident:confirm")
    async with bureau.books() as books:
        large = select(func.count()).where(func.length(col(EvidenceBytes.content)) > 50_000)
        assert (await books.connection.execute(large)).scalar_one() == 1
    for notice in await bureau.notices():
        async with bureau.cases() as cases:
            draft = await cases.letter(notice.id, by_hand=True)
        assert draft is not None
        assert len(draft.content) > 50_000


async def test_reminders_do_not_use_up_the_codes(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = LIMITS["all"].most
    for number in range(most + 1):
        one = wanted(f"p{number}@example.org")
        (taken,) = await bureau.ask(one, conversation=f"web-{number}")
    assert taken is Taken.TOO_MANY
    assert await bureau.ask_code(ANNA, "web-real") is Asked.SENT


async def test_who_gets_no_more_codes_is_told_until_when_and_what_to_do(bureau: Bureau) -> None:
    anna = Applicant(bureau, language="en")
    await anna.send("incident:go")
    for number in range(LIMITS["conversation"].most):
        await anna.say(f"p{number}@example.org")
        bureau.now += MINUTE
    answer = await anna.say("last@example.org")
    async with bureau.cases("web-1") as cases:
        again = await cases.codes_again()
    first = bureau.now - timedelta(seconds=5) - LIMITS["conversation"].most * (MINUTE + MINUTE / 12)
    assert abs(again - (first + timedelta(seconds=5) + DAY)) < MINUTE
    assert "23 h" in answer
    assert "incident:hand" in anna.offered


async def test_a_draft_goes_whole_once_its_newest_answer_is_old(bureau: Bureau) -> None:
    at = bureau.now.timestamp()
    rows = [
        {"conversation": name, "form": "incident", "question": question, "value": "x",
         "answered_at": at + days * DAY.total_seconds()}
        for name, question, days in [
            ("old", "title", 0), ("old", "happened", 1), ("new", "title", 0), ("new", "happened", 5)
        ]
    ]  # fmt: skip
    async with bureau.books() as books:
        await books.connection.execute(bureau.database.insert(Answer), rows)
    later = (bureau.now + 8.5 * DAY).timestamp()
    deadlines = bureau.desk.facts.newest.deadlines.values()
    await retention.prune(bureau.database, later, deadlines)
    kept = [(row["conversation"], row["question"]) for row in await bureau.rows(Answer)]
    assert sorted(kept) == [("new", "happened"), ("new", "title")]
