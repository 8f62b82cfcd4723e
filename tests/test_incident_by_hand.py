"""A letter that only the person sends: one answer everywhere to whom it goes, and from whom."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.faces.web import standing
from bot.incident.desk import ConversationCases
from bot.store.database import Database
from bot.store.tables import IncidentStep
from handlers.cases import BY_PERSON, Asked, Notice, Refused, Way
from handlers.incident.calling import published
from handlers.notebook import Notebook
from handlers.turn import Attachment, Turn
from handlers.visit import Visit
from handlers.words import LANGUAGES, words
from rules.incident import Case
from tests.notices import CASE, DURING, MINUTE, Bureau, pdf, picture
from tests.post_office import ANNA, CLOSES, DAY


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path, given={})


def to(letter: Attachment) -> tuple[str, ...]:
    """Return whom a draft is addressed to."""
    header = message_from_bytes(letter.content, policy=default)["To"]
    return tuple(one.addr_spec for one in header.addresses) if header else ()


def text(letter: Attachment) -> str:
    """Return the text of a draft."""
    body = message_from_bytes(letter.content, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def handed(cases: ConversationCases, case: Case = CASE) -> tuple[Attachment, str]:
    """Return the draft and the text that are handed over before anything is confirmed."""
    eml, bare = await cases.by_hand(case)
    return eml, bare.content.decode()


async def test_without_a_mailbox_every_place_names_the_published_people(bureau: Bureau) -> None:
    people = published(bureau.desk.agency, CASE)
    assert len(people) == 2, "of the action, and the unit's head"
    await bureau.prove()
    async with bureau.cases() as cases:
        draft = await cases.draft(CASE)
        eml, bare = await handed(cases)
    assert (draft.to, draft.by_hand, draft.recipients) == (None, True, people)
    assert to(eml) == people
    assert draft.mailto.startswith("mailto:" + ",".join(people) + "?")
    notice = await bureau.confirm_notice()
    assert notice.way is Way.BY_HAND
    async with bureau.cases() as cases:
        letter, plain = await cases.letter(notice.id, by_hand=True), await cases.bare(notice.id)
        summary = (await cases.receipt(notice.id))[0].content.decode()
    assert letter is not None
    assert plain is not None
    assert to(letter) == people
    page = dict(standing._facts(visit(bureau), notice))
    told = (bare, plain.content.decode(), summary, page[words("lv").say("receipt.mailbox")])
    for one in told:
        assert all(address in one for address in people)


def visit(bureau: Bureau, language: str = "lv") -> Visit:
    return Visit(Turn("web-1", bureau.now), Notebook(), words(language), bureau.desk)


async def test_what_is_shown_before_is_the_letter_by_hand(bureau: Bureau) -> None:
    await bureau.prove()
    async with bureau.cases() as cases:
        shown = (await cases.draft(CASE)).text
        sent = text((await handed(cases))[0])
    agency = bureau.desk.agency.short
    assert words("lv").say("notice.foot.hand", agency=agency) in shown
    assert words("lv").say("notice.foot", agency=agency) not in shown
    assert "/agency/" not in shown, "nobody has to stop what Noon does not send"
    assert shown.split() == sent.split()


async def test_where_the_agency_has_a_mailbox_it_alone_is_written_to(bureau: Bureau) -> None:
    bureau.given = {"incident_mailbox": "incidents@agency.example"}
    await bureau.prove()
    async with bureau.cases() as cases:
        draft = await cases.draft(CASE)
        eml, _ = await handed(cases)
    assert to(eml) == draft.recipients == ("incidents@agency.example",)
    assert not draft.by_hand


@pytest.mark.parametrize("language", LANGUAGES)
async def test_another_body_is_named_throughout(bureau: Bureau, language: str) -> None:
    youth = replace(CASE, sector="YOU", form_id="KA210-YOU-0A1B2C3D")
    async with bureau.cases() as cases:
        draft = await cases.draft(youth)
        eml, bare = await handed(cases, youth)
    own = draft.own if language == "en" else draft.text
    for one in (own, text(eml), bare, unquote(draft.mailto)):
        assert bureau.desk.agency.short not in one
        assert bureau.desk.agency.name(language) not in one
    assert "JSPA" in text(eml)
    assert "JSPA" in own
    assert "https://jaunatne.gov.lv/" in bare
    assert to(eml) == ()


async def test_a_mailbox_that_was_only_typed_stands_in_the_letter_by_hand(bureau: Bureau) -> None:
    async with bureau.cases() as cases:
        eml, _ = await handed(cases)
    assert "()" not in text(eml)
    assert await bureau.ask_code() is Asked.SENT
    async with bureau.cases() as cases:
        eml, bare = await handed(cases)
        assert await cases.confirm(CASE) is Refused.NO_MAILBOX
    assert f"({ANNA})" in text(eml)
    assert f"({ANNA})" in bare
    assert message_from_bytes(eml.content, policy=default)["From"] == ANNA


async def test_having_sent_it_is_noted_once_and_ends_the_asking(bureau: Bureau) -> None:
    await bureau.prove()
    notice = await bureau.confirm_notice()
    bureau.now = DURING + MINUTE
    for conversation in ("web-2", "web-1", "web-1"):
        async with bureau.cases(conversation) as cases:
            await cases.sent_by_hand(notice.id)
    steps = [row["what"] for row in await bureau.rows(IncidentStep)]
    assert steps.count(BY_PERSON) == 1
    now: Notice = (await bureau.notices())[0]
    said = standing._todo(visit(bureau), now)
    assert said != standing._todo(visit(bureau), notice)
    assert words("lv").say("web.incident.do.sent", agency="VIAA") == said


async def test_files_have_the_same_names_in_the_mail_and_in_the_summary(bureau: Bureau) -> None:
    await bureau.prove()
    async with bureau.cases() as cases:
        for one in (picture(1), pdf(), picture(2)):
            await cases.add(one)
    notice = await bureau.confirm_notice()
    async with bureau.cases() as cases:
        letter = await cases.letter(notice.id, by_hand=True)
    assert letter is not None
    attached = message_from_bytes(letter.content, policy=default).iter_attachments()
    names = {part.get_filename() for part in attached}
    assert {file.name for file in notice.files} == names
    assert notice.id in text(letter)


async def test_a_draft_two_days_ahead_says_that_nothing_was_told(bureau: Bureau) -> None:
    bureau.given = {"incident_mailbox": "incidents@agency.example"}
    bureau.now = CLOSES - 2 * DAY
    await bureau.prove()
    async with bureau.cases() as cases:
        shown = (await cases.draft(CASE)).text
    assert f": {words('lv').say('notice.not-yet')}\n" in shown
    bureau.now = CLOSES - DAY
    async with bureau.cases() as cases:
        assert words("lv").say("notice.not-yet") not in (await cases.draft(CASE)).text


@pytest.mark.parametrize(
    ("sector", "roles"),
    [("VET", {"KA210-VET", "head"}), ("SCH", {"head"}), ("ADU", {"head"})],
)
async def test_the_page_tells_whom_to_call_for_this_sector(
    bureau: Bureau, sector: str, roles: set[str]
) -> None:
    known = bureau.desk.agency.contact
    expected = {one.phone for one in known if one.matter in roles}
    people = standing._people(visit(bureau), replace(CASE, sector=sector))
    assert {one.phone for one in people} == expected
