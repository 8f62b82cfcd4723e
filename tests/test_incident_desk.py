"""From a draft to a notice: made once, with its files, as it was shown."""

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from bot.faces.telegram.undoing import undoable
from bot.incident.desk import ConversationCases
from bot.post.ledger import ConversationLedger
from bot.store.database import Database
from bot.store.tables import Evidence, FrozenMessage, Incident, OutboxMessage
from handlers.cases import Added, Notice, Refused, Standing, Way
from handlers.turn import Upload
from rules.incident import Case
from tests.notices import (
    AGENCY,
    CASE,
    ENDS,
    MINUTE,
    Bureau,
    add,
    confirm,
    mail,
    outgoing,
    pdf,
    picture,
)
from tests.post_office import ANNA, CLOSES, DAY, HOUR, desk

BEN = "ben@example.org"
SECOND = MINUTE / 60


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def test_a_confirmed_notice_is_planned_with_its_bytes_and_its_record(bureau: Bureau) -> None:
    await bureau.prove()
    await add(bureau, picture(1), pdf())
    notice = await bureau.confirm_notice()
    (planned,) = await outgoing(bureau)
    assert (planned["kind"], planned["lane"], planned["state"]) == (
        "incident",
        "incident",
        "planned",
    )
    assert planned["next_at"] == bureau.now.timestamp()
    assert planned["not_after"] == ENDS.timestamp()
    assert planned["message_id"] == notice.message_id == f"<incident.{planned['id']}@noon.invalid>"
    (frozen,) = await bureau.rows(FrozenMessage)
    message = message_from_bytes(frozen["content"], policy=default)
    assert (message["To"], message["Cc"], message["Reply-To"]) == (AGENCY, ANNA, ANNA)
    assert message["Message-ID"] == notice.message_id
    assert (notice.way, notice.standing, notice.number) == (Way.SENDING, Standing.WAITING, 0)
    assert (notice.mailbox, notice.address, notice.closes) == (AGENCY, ANNA, ENDS)
    assert [step.what for step in notice.steps] == ["confirmed"]
    assert notice.case == CASE


async def test_the_mail_carries_the_files_that_were_sent_the_form_first(bureau: Bureau) -> None:
    await bureau.prove()
    form = pdf()
    await add(bureau, picture(1), form, picture(2))
    message = await mail(bureau, await bureau.confirm_notice())
    parts = list(message.iter_attachments())
    assert [part.get_content_type() for part in parts] == [
        "application/pdf",
        "image/png",
        "image/png",
    ]
    assert parts[0].get_content() == form.content
    async with bureau.cases() as cases:
        assert await cases.files() == []
    kept = await bureau.rows(Evidence)
    assert {row["incident"] for row in kept} == {(await bureau.notices())[0].id}


async def test_pressed_twice_it_is_made_once(bureau: Bureau) -> None:
    await bureau.prove()
    await add(bureau, picture())
    first = await bureau.confirm_notice()
    bureau.now += MINUTE
    assert (await bureau.confirm_notice()).id == first.id
    assert len(await outgoing(bureau)) == 1
    bureau.now = ENDS + HOUR
    assert (await bureau.confirm_notice()).id == first.id


async def test_pressed_on_two_faces_at_once_it_is_made_once(bureau: Bureau) -> None:
    faces = ("web-1", "telegram-1")
    for face in faces:
        await bureau.prove(conversation=face)
    made = await asyncio.gather(*(confirm(bureau, conversation=face) for face in faces))
    assert len({notice.id for notice in made if isinstance(notice, Notice)}) == 1
    assert len(await outgoing(bureau)) == 1


async def failing(bureau: Bureau) -> None:
    """Confirm a notice in a turn that then fails."""
    async with bureau.cases() as cases:
        assert isinstance(await cases.confirm(CASE), Notice)
        raise ZeroDivisionError


async def test_a_turn_that_fails_makes_nothing(bureau: Bureau) -> None:
    await bureau.prove()
    await add(bureau, picture())
    with pytest.raises(ZeroDivisionError):
        await failing(bureau)
    assert await bureau.rows(Incident) == []
    assert await bureau.rows(FrozenMessage) == []
    async with bureau.cases() as cases:
        assert len(await cases.files()) == 1


async def in_a_batch(bureau: Bureau, *, fails: bool) -> None:
    """Confirm a notice in a turn of the chat, which shares its transaction with another turn."""
    async with bureau.books() as books:
        await ConversationCases(books, "web-2").add(picture(9))
        ledger = ConversationLedger(books, "web-1")
        mine = ConversationCases(books, "web-1")
        with suppress(ZeroDivisionError):
            async with undoable(books.connection, ledger, mine) as (_, cases):
                assert isinstance(await cases.confirm(CASE), Notice)
                assert 1 / (not fails)


@pytest.mark.parametrize("fails", [True, False])
async def test_a_turn_of_a_batch_that_fails_takes_only_its_own_with_it(
    bureau: Bureau, fails: bool
) -> None:
    await bureau.prove()
    await in_a_batch(bureau, fails=fails)
    assert len(await bureau.rows(Incident)) == (0 if fails else 1)
    async with bureau.cases("web-2") as cases:
        assert len(await cases.files()) == 1


@pytest.mark.parametrize(
    ("case", "refused"),
    [
        (replace(CASE, organisation=""), Refused.INCOMPLETE),
        (replace(CASE, happened=""), Refused.INCOMPLETE),
        (replace(CASE, action="KA999", deadline=""), Refused.INCOMPLETE),
    ],
)
async def test_a_notice_that_lacks_something_is_not_made(
    bureau: Bureau, case: Case, refused: Refused
) -> None:
    await bureau.prove()
    assert await confirm(bureau, case) is refused
    assert await outgoing(bureau) == []


async def test_without_a_confirmed_mailbox_nothing_is_made(bureau: Bureau) -> None:
    assert await confirm(bureau) is Refused.NO_MAILBOX
    await bureau.ask_code()
    assert await confirm(bureau) is Refused.NO_MAILBOX
    await bureau.prove(conversation="web-2")
    assert await confirm(bureau) is Refused.NO_MAILBOX
    assert await outgoing(bureau) == []


@pytest.mark.parametrize(
    ("at", "made"),
    [
        (CLOSES - DAY - SECOND, Refused.EARLY),
        (CLOSES - DAY, Way.SENDING),
        (CLOSES, Way.SENDING),
        (ENDS - SECOND, Way.SENDING),
        (ENDS, Refused.LATE),
    ],
)
async def test_it_leaves_from_a_day_before_until_the_window_closes(
    bureau: Bureau, at: datetime, made: object
) -> None:
    bureau.now = CLOSES - DAY - HOUR
    await bureau.prove()
    bureau.now = at
    notice = await confirm(bureau)
    assert (notice.way if isinstance(notice, Notice) else notice) is made


async def test_a_deadline_that_is_not_told_is_the_one_it_must_be_about(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice(replace(CASE, deadline=""))
    assert notice.closes == ENDS


async def test_a_deadline_that_moved_moves_the_window(bureau: Bureau) -> None:
    await bureau.prove()
    bureau.desk = desk({"wall": "2026-03-07T12:00:00"})
    bureau.now = CLOSES + DAY
    assert isinstance(await confirm(bureau), Notice)
    bureau.now = CLOSES + DAY - SECOND
    assert await confirm(bureau, replace(CASE, title="x")) is Refused.EARLY


async def test_where_no_mailbox_is_known_it_is_handed_over(bureau: Bureau) -> None:
    bureau.given = {"incident_mailbox": None}
    await bureau.prove()
    form = pdf(problem="javascript")
    await add(bureau, form)
    notice = await bureau.confirm_notice()
    assert (notice.way, notice.standing, notice.mailbox) == (Way.BY_HAND, Standing.BY_HAND, None)
    assert [step.what for step in notice.steps] == ["confirmed", "handed-over"]
    assert await bureau.rows(FrozenMessage) == []
    parts = list((await mail(bureau, notice)).iter_attachments())
    assert [part.get_content() for part in parts] == [form.content]
    bureau.given = {"incident_mailbox": AGENCY}
    assert (await bureau.confirm_notice()).way is Way.SENDING


async def test_the_mailbox_is_never_one_that_a_person_told(bureau: Bureau) -> None:
    await bureau.prove()
    hostile = replace(
        CASE,
        contact=f"Anna <{BEN}>",
        organisation=f"x\r\nBcc: {BEN}\r\n\r\nhello",
        title=f"To: {BEN}",
        happened=f"\r\n.\r\nRCPT TO:<{BEN}>",
    )
    notice = await bureau.confirm_notice(hostile)
    message = await mail(bureau, notice)
    assert {row["address"] for row in await bureau.rows(OutboxMessage)} == {AGENCY, ANNA}
    assert (message["To"], message["Cc"], message["Bcc"]) == (AGENCY, ANNA, None)


async def test_the_draft_is_what_leaves(bureau: Bureau) -> None:
    await bureau.prove()
    await add(bureau, picture(), pdf(problem="javascript"))
    async with bureau.cases() as cases:
        draft = await cases.draft(CASE)
    assert (draft.to, draft.copy) == (AGENCY, ANNA)
    assert [one.kind for one in draft.kept] == ["screenshot"]
    assert [(one.kind, one.problem) for one in draft.left_out] == [("form", "javascript")]
    message = await mail(bureau, await bureau.confirm_notice())
    assert message["Subject"] == draft.subject
    body = message.get_body(("plain",))
    assert body is not None
    story, _, foot = body.get_content().replace("\r", "").partition("\n--\n")
    shown, _, shown_foot = draft.text.partition("\n--\n")
    assert story.split() == shown.split()
    # The notice's number and the link that ends such mail are made with the notice.
    made = re.sub(r"/agency/\S+", "/agency/…", foot).strip().splitlines()
    assert [line for line in made if line in shown_foot] == shown_foot.strip().splitlines()
    assert len(made) == len(shown_foot.strip().splitlines()) + 1
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == [one.name for one in draft.kept]


async def test_a_draft_needs_no_mailbox_and_no_window(bureau: Bureau) -> None:
    bureau.now = CLOSES - 30 * DAY
    async with bureau.cases() as cases:
        draft = await cases.draft(CASE)
        assert draft.copy == ""
        eml, text = await cases.by_hand(CASE)
    assert (eml.media_type, text.media_type) == ("message/rfc822", "text/plain")


async def test_a_notice_is_written_even_where_no_deadline_is_certain(bureau: Bureau) -> None:
    case = replace(CASE, deadline="", action="KA240", sector="")
    async with bureau.cases() as cases:
        draft = await cases.draft(case)
        assert "KA240" in draft.subject
        assert len(await cases.by_hand(case)) == 2


async def test_six_screenshots_one_form_and_nothing_twice(bureau: Bureau) -> None:
    pictures = [picture(number) for number in range(7)]
    assert await add(bureau, *pictures[:6]) == [Added.SCREENSHOT] * 6
    assert await add(bureau, pictures[0], pictures[6]) == [Added.SAME, Added.TOO_MANY]
    assert await add(bureau, pdf(1), pdf(2), pdf(2)) == [Added.FORM, Added.FORM, Added.SAME]
    assert await add(bureau, Upload("refused", "", 1, "x", problem="empty")) == [Added.REFUSED]
    async with bureau.cases() as cases:
        kept = await cases.files()
        assert [one.sha256 for one in kept if one.kind == "form"] == [pdf(2).sha256]
        assert await cases.drop(kept[0].id)
        assert not await cases.drop(kept[0].id)
        assert len(await cases.files()) == 6
    async with bureau.cases("web-2") as cases:
        assert await cases.files() == []
        assert not await cases.drop(kept[1].id)


async def test_what_belongs_to_another_conversation_is_not_shown(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice()
    async with bureau.cases("web-2") as cases:
        assert await cases.notices() == []
        assert await cases.letter(notice.id) is None
        assert list(await cases.receipt(notice.id)) == []


async def test_the_receipt_comes_as_text_and_as_pdf(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice()
    async with bureau.cases() as cases:
        text, pdf_ = await cases.receipt(notice.id)
    assert notice.message_id in text.content.decode()
    assert pdf_.content.startswith(b"%PDF-")
