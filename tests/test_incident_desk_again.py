"""A notice that nobody took is sent anew; corrections of one's own; what one person may make."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col

from bot.incident import holding
from bot.store.database import Database
from bot.store.tables import Incident, IncidentStep, OutboxMessage
from handlers.cases import Notice, Refused, Standing, Way
from tests.incident_talk import said
from tests.notices import CASE, MINUTE, Bureau, add, confirm, mail, outgoing, pdf, picture
from tests.post_office import ANNA
from tests.test_incident_talk_desk import Applicant

SERVER = {"smtp_url": SecretStr("smtp://127.0.0.1:25?tls=none"), "mail_from": "noon@noon.example"}
STOPPED: dict[str, Any] = {"state": "needs_human", "last_verdict": "path", "attempts": 4}
FORM = "KA210-VET-0000000{}"


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def stand(bureau: Bureau, **carried: Any) -> None:
    """Let the mail of every notice stand so."""
    bureau.now += MINUTE
    async with bureau.books() as books:
        mine = col(OutboxMessage.kind) == "incident"
        await books.connection.execute(update(OutboxMessage).where(mine).values(**carried))


async def alarms(bureau: Bureau, name: str) -> int:
    """Return how many warnings of a kind the operator was sent."""
    rows = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "alarm")
    return sum(row["key"].startswith(f"alarm:{name}:") for row in rows)


async def sent(anna: Applicant) -> str:
    await anna.send("incident:preview")
    return await anna.press("incident:confirm")


@pytest.mark.parametrize("carried", [STOPPED, {"state": "bounced"}, {"state": "expired"}])
async def test_what_nobody_took_is_sent_anew_when_it_is_told_again(
    bureau: Bureau, carried: dict[str, Any]
) -> None:
    await bureau.prove()
    await add(bureau, picture(), pdf())
    first = await bureau.confirm_notice()
    await stand(bureau, **carried)
    again = await bureau.confirm_notice()
    assert (again.id != first.id, again.number, again.standing) == (True, 0, Standing.WAITING)
    assert (await mail(bureau, again))["In-Reply-To"] is None
    assert {one.sha256 for one in again.files} == {one.sha256 for one in first.files}
    assert len(await outgoing(bureau)) == 2
    # While it may still leave, telling it again makes nothing.
    assert (await bureau.confirm_notice()).id == again.id


async def test_what_was_kept_here_is_sent_once_there_is_a_mail_server(bureau: Bureau) -> None:
    await bureau.prove()
    first = await bureau.confirm_notice()
    await stand(bureau, state="accepted", settled_at=bureau.now.timestamp())
    async with bureau.books() as books:
        step = {"incident": first.id, "once": "x", "at": 0.0, "what": "captured", "words": ""}
        await books.connection.execute(bureau.database.insert(IncidentStep), [step])
    assert (await bureau.confirm_notice()).id == first.id
    bureau.given = bureau.given | SERVER
    assert (await bureau.confirm_notice()).id != first.id


async def test_what_nobody_took_uses_up_nothing(bureau: Bureau) -> None:
    await bureau.prove()
    for number in range(4):
        await bureau.confirm_notice(replace(CASE, title=f"{number}"))
        await stand(bureau, **STOPPED)
    numbers = [
        (await bureau.confirm_notice(replace(CASE, title=f"again {number}"))).number
        for number in range(3)
    ]
    assert numbers == [0, 1, 2]
    assert await confirm(bureau, replace(CASE, title="again")) is Refused.ENOUGH


async def test_a_correction_refers_to_the_notice_that_arrived(bureau: Bureau) -> None:
    await bureau.prove()
    first = await bureau.confirm_notice()
    await stand(bureau, state="accepted", settled_at=bureau.now.timestamp())
    await bureau.confirm_notice(replace(CASE, title="x"))
    async with bureau.books() as books:
        second = col(OutboxMessage.state) == "planned", col(OutboxMessage.kind) == "incident"
        change = update(OutboxMessage).where(*second).values(**STOPPED)
        await books.connection.execute(change)
    third = await bureau.confirm_notice(replace(CASE, title="x"))
    assert third.number == 1
    assert (await mail(bureau, third))["In-Reply-To"] == first.message_id


async def test_it_is_never_said_to_be_sent_when_it_is_not(bureau: Bureau) -> None:
    bureau.given = bureau.given | SERVER
    anna = Applicant(bureau, language="en")
    await anna.told()
    await sent(anna)
    (first,) = await bureau.notices()
    await stand(bureau, state="deferred", last_verdict="transient", attempts=1)
    await anna.send(f"incident:correct:{first.id}")
    told = await sent(anna)
    assert len(await bureau.notices()) == 1
    assert said("incident.standing.failing", agency="VIAA") in told
    assert any(file.name.endswith(".eml") for reply in anna.replies for file in reply.files)
    await stand(bureau, **STOPPED)
    await anna.send(f"incident:correct:{first.id}")
    await sent(anna)
    assert [one.standing for one in await bureau.notices()] == [Standing.STOPPED, Standing.WAITING]


async def test_a_letter_to_send_oneself_is_from_oneself_with_every_file(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.told()
    await anna.upload(picture(), pdf(problem="large"))
    await sent(anna)
    (notice,) = await bureau.notices()
    await stand(bureau, state="deferred", last_verdict="transient", attempts=1)
    await anna.send(f"incident:letter:{notice.id}")
    file = anna.replies[0].files[0]
    draft = message_from_bytes(file.content, policy=default)
    assert (draft["From"], draft["X-Unsent"]) == (ANNA, "1")
    kinds = [part.get_content_type() for part in draft.iter_attachments()]
    assert sorted(kinds) == ["application/pdf", "image/png"]
    async with bureau.cases() as cases:
        left = await cases.letter(notice.id)
    assert left is not None
    assert message_from_bytes(left.content, policy=default)["X-Unsent"] is None


async def test_a_file_that_does_not_go_is_handed_over_when_it_is_confirmed(bureau: Bureau) -> None:
    bureau.given = bureau.given | SERVER
    anna = Applicant(bureau)
    await anna.told()
    await anna.upload(pdf(problem="large"))
    await anna.send("incident:preview")
    shown = anna.replies[0].files[0]
    await anna.press("incident:confirm")
    (file,) = [file for reply in anna.replies for file in reply.files]
    (notice,) = await bureau.notices()
    assert (file.name, file.wish) == (shown.name, f"incident:letter:{notice.id}")
    assert b"X-Unsent" in file.content
    # Made again by its wish, it is found by its name; so is the one that was shown before.
    for wish in (file.wish, "incident:preview"):
        await anna.send(wish)
        found = [one for reply in anna.replies for one in reply.files if one.name == file.name]
        assert [one.content for one in found] == [file.content]


async def test_a_wrong_form_id_is_corrected_in_the_same_notice(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.told()
    await anna.upload(picture())
    await sent(anna)
    (first,) = await bureau.notices()
    await anna.send(f"incident:correct:{first.id}")
    await anna.say("KA210-VET-0A1B2C3E")
    await sent(anna)
    second = (await bureau.notices())[1]
    assert (second.number, second.case.form_id) == (1, "KA210-VET-0A1B2C3E")
    assert (await mail(bureau, second))["In-Reply-To"] == first.message_id
    assert len(second.files) == 1
    other = Applicant(bureau, "web-2")
    await bureau.prove("ben@example.org", "web-2")
    stolen = replace(CASE, form_id="KA210-VET-0A1B2C3F", corrects=first.id)
    assert (await bureau.confirm_notice(stolen, other.name)).number == 0


async def test_what_was_said_of_the_pdf_holds_in_a_correction(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.told()
    await anna.say("11:58 Briselē")
    await anna.upload(picture(), pdf())
    await anna.press("incident:set:unchanged:yes")
    await sent(anna)
    (first,) = await bureau.notices()
    await anna.send(f"incident:correct:{first.id}")
    assert "incident:ask:unchanged" in anna.offered
    await anna.send("incident:ask:title")
    await anna.say("Zaļā skola")
    await sent(anna)
    assert (await bureau.notices())[1].case.unchanged is True


async def test_who_knows_a_form_id_uses_up_nothing_of_others(bureau: Bureau) -> None:
    await bureau.prove("mallory@example.org", "web-m")
    for number in range(3):
        made = await bureau.confirm_notice(replace(CASE, title=f"{number}"), "web-m")
        assert made.number == number
    assert await alarms(bureau, "incident-form-twice") == 0
    await bureau.prove()
    mine = await bureau.confirm_notice()
    assert (mine.number, mine.way) == (0, Way.SENDING)
    assert (await mail(bureau, mine))["In-Reply-To"] is None
    await bureau.confirm_notice(replace(CASE, title="x"))
    assert await alarms(bureau, "incident-form-twice") == 1


async def test_one_mailbox_however_spelled_reports_three_forms(bureau: Bureau) -> None:
    spelled = ["anna@example.org", "a.nna@example.org", "anna+2@example.org"]
    ways: list[Way | Refused] = []
    for number in range(9):
        who, conversation = spelled[number % 3], f"web-{number % 3}"
        if number < 3:
            await bureau.prove(who, conversation)
        case = replace(CASE, form_id=FORM.format(number))
        made = await confirm(bureau, case, conversation)
        ways.append(made.way if isinstance(made, Notice) else made)
    assert ways == [Way.SENDING] * 3 + [Way.HELD] * 3 + [Refused.FORMS] * 3


async def test_a_fourth_form_waits_for_the_operator_with_its_corrections(bureau: Bureau) -> None:
    await bureau.prove()
    for number in range(4):
        last = await bureau.confirm_notice(replace(CASE, form_id=FORM.format(number)))
    assert (last.way, last.standing) == (Way.HELD, Standing.HELD)
    assert await alarms(bureau, "incident-held") == 1
    fourth = replace(CASE, form_id=FORM.format(3), title="x")
    correction = await bureau.confirm_notice(fourth)
    assert (correction.way, correction.number) == (Way.HELD, 1)
    async with bureau.books() as books:
        held = [row.id for row in await holding.held(books)]
        assert sorted(await holding.release(books, held)) == sorted([last.id, correction.id])
    ways = [row["way"] for row in await bureau.rows(Incident)]
    assert ways == [Way.SENDING.value] * 5
