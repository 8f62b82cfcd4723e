"""Corrections and their number; who counts as late; how a notice stands."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from bot.incident import register
from bot.store.database import Database
from bot.store.tables import Incident, IncidentStep, OutboxMessage
from handlers.cases import Notice, Refused, Standing
from tests.notices import (
    AGENCY,
    BEFORE,
    CASE,
    DURING,
    MINUTE,
    Bureau,
    add,
    confirm,
    mail,
    outgoing,
    pdf,
    picture,
)
from tests.post_office import ANNA, wanted

BEN = "ben@example.org"
SECOND = MINUTE / 60


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def test_what_is_new_is_a_correction_that_refers_to_the_first(bureau: Bureau) -> None:
    await bureau.prove()
    first = await bureau.confirm_notice()
    bureau.now += MINUTE
    second = await bureau.confirm_notice(replace(CASE, title="Zaļā skola"))
    third = await bureau.confirm_notice(CASE)
    assert [one.number for one in (first, second, third)] == [0, 1, 2]
    message = await mail(bureau, third)
    assert message["In-Reply-To"] == first.message_id
    assert (await mail(bureau, first))["In-Reply-To"] is None
    kept = (await bureau.notices())[0]
    assert [step.what for step in kept.steps] == ["confirmed", "corrected", "corrected"]


async def test_a_file_that_came_later_is_a_correction_with_all_files(bureau: Bureau) -> None:
    await bureau.prove()
    await add(bureau, picture(1), pdf(1))
    await bureau.confirm_notice()
    await add(bureau, picture(2), pdf(2))
    async with bureau.cases() as cases:
        shown = await cases.draft(CASE)
    second = await bureau.confirm_notice()
    assert second.number == 1
    hashes = [pdf(2).sha256, picture(1).sha256, picture(2).sha256]
    assert [one.sha256 for one in shown.kept] == hashes
    parts = list((await mail(bureau, second)).iter_attachments())
    assert [sha256(part.get_content()).hexdigest() for part in parts] == hashes
    assert sorted(one.sha256 for one in second.files) == sorted(hashes)


async def test_a_notice_and_two_corrections_for_each_who_reports_a_form(bureau: Bureau) -> None:
    for person, conversation in [(ANNA, "web-1"), (BEN, "web-2")]:
        await bureau.prove(person, conversation)
        for number in range(3):
            case = replace(CASE, title=f"{person} {number}")
            notice = await bureau.confirm_notice(case, conversation)
            assert notice.number == number
        assert await confirm(bureau, replace(CASE, title="x"), conversation) is Refused.ENOUGH
    lower = replace(CASE, title="y", form_id=CASE.form_id.lower())
    assert await confirm(bureau, lower) is Refused.ENOUGH
    assert len(await outgoing(bureau)) == 6


async def test_without_a_form_id_a_conversation_has_one_and_two_corrections(bureau: Bureau) -> None:
    unnamed = replace(CASE, form_id="")
    for conversation in ("web-1", "web-2"):
        await bureau.prove(f"{conversation}@example.org", conversation)
        made = [
            await confirm(bureau, replace(unnamed, title=f"{number}"), conversation)
            for number in range(4)
        ]
        numbers = [one.number if isinstance(one, Notice) else one for one in made]
        assert numbers == [0, 1, 2, Refused.ENOUGH]


async def test_a_form_id_that_is_told_later_corrects_the_notice_without_it(bureau: Bureau) -> None:
    await bureau.prove()
    first = await bureau.confirm_notice(replace(CASE, form_id=""))
    second = await bureau.confirm_notice(CASE)
    third = await bureau.confirm_notice(replace(CASE, title="Zaļā skola"))
    assert [second.number, third.number] == [1, 2]
    assert (await mail(bureau, third))["In-Reply-To"] == first.message_id
    assert await confirm(bureau, replace(CASE, title="again")) is Refused.ENOUGH
    other = replace(CASE, form_id="KA210-VET-FFFFFFFF")
    assert (await bureau.confirm_notice(other)).number == 0


async def test_six_forms_and_no_more_from_one_conversation(bureau: Bureau) -> None:
    await bureau.prove()
    ids = [f"KA210-VET-0000000{number}" for number in range(7)]
    made = [await confirm(bureau, replace(CASE, form_id=one)) for one in ids]
    assert [isinstance(one, Notice) for one in made] == [*[True] * 6, False]
    assert made[6] is Refused.FORMS
    assert isinstance(await confirm(bureau, replace(CASE, form_id=ids[0], title="x")), Notice)


@pytest.mark.parametrize(
    ("how", "late"),
    [("code before", False), ("code after", True), ("subscribed before", False)],
)
async def test_late_is_who_was_proved_only_after_the_deadline(
    bureau: Bureau, how: str, late: bool
) -> None:
    bureau.now = BEFORE if how.endswith("before") else DURING
    if how.startswith("code"):
        await bureau.prove()
    else:
        await bureau.subscribed(wanted(), conversation="web-1")
    bureau.now = DURING
    await bureau.confirm_notice()
    (row,) = await bureau.rows(Incident)
    assert row["late"] is late


async def test_a_mailbox_known_before_from_elsewhere_is_not_late(bureau: Bureau) -> None:
    bureau.now = BEFORE
    await bureau.subscribed(wanted(), conversation="web-9")
    bureau.now = DURING
    await bureau.prove()
    await bureau.confirm_notice()
    (row,) = await bureau.rows(Incident)
    assert row["late"] is False


STANDINGS = [
    ("planned", {}, (), Standing.WAITING),
    ("sending", {}, (), Standing.WAITING),
    ("deferred", {"attempts": 1}, (), Standing.FAILING),
    ("sending", {"attempts": 2}, (), Standing.FAILING),
    ("planned", {}, ("smaller",), Standing.FAILING),
    ("unknown", {"silences": 1}, (), Standing.UNHEARD),
    ("deferred", {"attempts": 1, "silences": 1}, (), Standing.UNHEARD),
    ("accepted", {}, ("accepted",), Standing.ACCEPTED),
    ("delayed", {}, ("accepted",), Standing.ACCEPTED),
    ("accepted", {}, ("captured",), Standing.CAPTURED),
    ("delivered", {"silences": 1}, ("accepted",), Standing.DELIVERED),
    ("bounced", {}, ("accepted",), Standing.BOUNCED),
    ("expired", {"attempts": 9}, (), Standing.STOPPED),
    ("rejected", {"attempts": 1}, (), Standing.STOPPED),
    ("cancelled", {}, (), Standing.STOPPED),
    ("needs_human", {"silences": 2}, (), Standing.UNHEARD),
]


async def test_it_stands_as_the_outbox_and_the_record_say(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice()
    for state, more, steps, standing in STANDINGS:
        await stand(bureau, notice, {"attempts": 0, "silences": 0, "state": state, **more}, steps)
        (now,) = await bureau.notices()
        told = (now.standing, now.accepted_at, now.answer)
        taken = (bureau.now, "250 2.0.0 OK") if "accepted" in steps else (None, "")
        assert told == (standing, *taken), (state, more, steps)


async def stand(
    bureau: Bureau, notice: Notice, carried: dict[str, object], steps: tuple[str, ...]
) -> None:
    """Let a notice be carried so far, with these steps after its confirmation."""
    async with bureau.books() as books:
        change = update(OutboxMessage).where(col(OutboxMessage.address) == AGENCY)
        await books.connection.execute(change.values(**carried))
        later = col(IncidentStep.what) != "confirmed"
        await books.connection.execute(delete(IncidentStep).where(later))
        for what in steps:
            await register.add_step(
                books.database, books.connection, notice.id, what, books.now, what, "250 2.0.0 OK"
            )


async def test_a_step_that_is_noted_again_stands_there_once(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice()
    for _ in range(2):
        async with bureau.books() as books:
            await register.add_step(
                books.database, books.connection, notice.id, "1:attempt", books.now, "attempt", "x"
            )
    assert len(await bureau.rows(IncidentStep)) == 2


async def test_a_notice_is_found_by_the_message_that_carries_it(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice()
    (planned,) = await outgoing(bureau)
    async with bureau.books() as books:
        found = await register.by_message(books.connection, str(planned["id"]))
        assert found is not None
        assert found.id == notice.id
        await books.connection.execute(update(Incident).values(message="another"))
        found = await register.by_message(books.connection, str(planned["id"]))
        assert found is not None
        assert await register.by_message(books.connection, "nothing") is None
