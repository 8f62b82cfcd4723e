"""The conversation of an incident notice: from "I cannot submit" to how the notice stands."""

from datetime import timedelta

import pytest

from handlers.cases import Refused, Standing, Way
from handlers.turn import Attachment
from handlers.words import LANGUAGES, words
from tests.incident_talk import (
    CODE,
    MAILBOX,
    NOON,
    Memory,
    Panic,
    at,
    form,
    refused,
    said,
    screenshot,
)
from tests.talk import WINTER, the_desk

HEARD = (
    *("nevaru iesniegt", "NEVARU IESNIEGT!!!", "nevaru iesniegt, rāda kļūdu 500"),
    *("forma neatveras", "veidlapa neveras", "Sistēma nestrādā, ko darīt?", "Nevaram iesniegt"),
    *("submit poga nestrada", "submit button does not work", "I can't submit", "cannot submit"),
    *("the form won't open", "The system is down and I cannot submit. What now?"),
    *("I cannot submit", "Nevaru iesniegt"),
)


def has(answer: str, key: str, language: str = "en", **values: object) -> bool:
    """Whether a message without values was said."""
    return said(key, language, **values) in answer


@pytest.mark.parametrize("text", HEARD)
@pytest.mark.parametrize(
    ("now", "phase"), [("11:50", "before"), ("12:10", "during"), ("14:10", "after")]
)
async def test_somebody_who_cannot_submit_is_heard_near_a_deadline(
    text: str, now: str, phase: str
) -> None:
    panic = Panic(at(now))
    answer = await panic.say(text)
    assert said(f"incident.advice.{phase}", agency="VIAA", website="", closes="")[:60] in answer
    assert panic.offered[0] == "incident:go"


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        (NOON - timedelta(days=1, seconds=1), False),
        (NOON - timedelta(days=1), True),
        (NOON + timedelta(hours=26, seconds=-1), True),
        (NOON + timedelta(hours=26), False),
        (WINTER, False),
    ],
)
async def test_far_from_a_deadline_the_guide_answers_with_a_door(now, heard: bool) -> None:
    panic = Panic(now, "lv")
    await panic.say("nevaru iesniegt, rāda kļūdu")
    assert ("incident:go" in panic.offered) is heard
    assert ("steps:step:late-submission:1" in panic.offered) is not heard
    assert "incident:show" in panic.offered or heard


async def test_a_door_and_a_command_lead_here() -> None:
    for way in ("/incident", "/nevaru", "I cannot submit", "Nevaru iesniegt"):
        panic = Panic(at("11:50"))
        await panic.say("/start")
        await panic.say(way)
        assert panic.offered[0] == "incident:go", way


async def test_in_a_group_nothing_personal_is_done() -> None:
    panic = Panic(at("12:10"), group=True)
    private = said("incident.private", agency="VIAA")
    assert private in await panic.say("/incident")
    for choice in ("incident:go", "incident:confirm:x", "incident:hand", "incident:letter:n1"):
        assert private in await panic.send(choice)
    assert panic.told == {}
    assert has(await panic.upload(screenshot()), "router.empty")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_advice_before_the_deadline_is_in_the_order_that_saves_most(
    language: str,
) -> None:
    answer = await Panic(at("11:50"), language).say("/incident")
    marks = ("Submit", "Submission History", "2.", "Form ID", "3.", "PDF", "4.", "5.", "VIAA")
    places = [answer.index(mark, answer.index("1.")) for mark in marks]
    assert places == sorted(places)


async def test_the_whole_way_to_a_notice_that_is_being_sent() -> None:
    panic = Panic(at("12:12"))
    await panic.say("I cannot submit")
    await panic.press("incident:go")
    assert said("incident.code.sent", address="anna@school.example") in await panic.say(
        "anna@school.example"
    )
    await panic.say(CODE)
    await panic.press("incident:set:action:KA220")
    await panic.press("incident:set:sector:SCH")
    await panic.say("Example School")
    answer = await panic.say("I pressed Submit and saw error 500.")
    assert has(answer, "incident.lacking.nothing")
    assert "incident:preview" in panic.offered
    await panic.say("11:58")
    await panic.press("incident:clock:brussels")
    await panic.upload(screenshot(), form())
    await panic.press("incident:set:unchanged:yes")
    await panic.say("KA220-SCH-0A1B2C3D")
    await panic.say("A better school")
    await panic.say("E10123456")
    answer = await panic.say("Anna Example, +371 20000000")
    assert has(answer, "incident.lacking.nothing")
    preview = await panic.send("incident:preview")
    for shown in (MAILBOX, "anna@school.example", "incident-1.png", "form.pdf", "LV\n", "EN\n"):
        assert shown in preview
    answer = await panic.press("incident:confirm")
    (notice,) = panic.cases.made
    assert notice.way is Way.SENDING
    assert notice.link in answer
    assert "+371" in answer
    case = notice.case
    assert (case.deadline, case.action, case.sector) == ("2026-ka220-r1", "KA220", "SCH")
    assert (case.organisation, case.oid, case.title) == (
        *("Example School", "E10123456", "A better school"),
    )
    assert (case.form_id, case.attempt, case.unchanged) == ("KA220-SCH-0A1B2C3D", at("11:58"), True)
    assert (case.contact, case.phone) == ("Anna Example", "+371 20000000")
    assert case.happened == "I pressed Submit and saw error 500."
    assert panic.told == {}
    assert panic.notes.open_form is None


async def test_it_can_leave_as_soon_as_the_minimum_is_there_and_not_before() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:go")
    steps = ("anna@school.example", CODE, None, "Example School", "Error 500.")
    for step in steps:
        assert "incident:preview" not in panic.offered
        await (panic.say(step) if step else panic.send("incident:set:action:KA240"))
    assert "incident:preview" in panic.offered


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_clock_is_in_sight_with_both_hours(language: str) -> None:
    panic = Panic(at("12:12"), language)
    answer = await panic.send("incident:go")
    for hour in ("12:12", "13:12", "14:00", "15:00", "1 h 48 min"):
        assert hour in answer
    await panic.minimum()
    await panic.say("11:58")
    answer = await panic.send("incident:clock:brussels")
    for hour in ("13:58", "14:58", "1 h 46 min"):
        assert hour in answer


@pytest.mark.parametrize(
    ("now", "key"),
    [("13:59:59", None), ("14:00:00", Refused.LATE)],
)
async def test_the_last_second_decides_whether_it_leaves(now: str, key: Refused | None) -> None:
    panic = Panic(at("13:59"))
    await panic.minimum()
    await panic.send("incident:preview")
    (confirm,) = [each for each in panic.offered if each.startswith("incident:confirm")]
    panic.now = at(now)
    answer = await panic.send(confirm)
    assert bool(panic.cases.made) is (key is None)
    assert has(answer, "incident.hand.late", agency="VIAA") is (key is Refused.LATE)
    assert ("notice.eml" in panic.files) is (key is Refused.LATE)


async def test_early_it_is_a_draft_that_is_kept() -> None:
    panic = Panic(NOON - timedelta(days=3))
    await panic.send("incident:go")
    await panic.minimum()
    await panic.send("incident:preview")
    assert not [each for each in panic.offered if each.startswith("incident:confirm")]
    assert panic.cases.made == []
    panic.now = NOON - timedelta(days=1)
    await panic.send("incident:preview")
    await panic.press("incident:confirm")
    assert len(panic.cases.made) == 1


async def test_after_the_window_it_is_written_to_be_sent_by_hand() -> None:
    panic = Panic(at("14:00"))
    answer = await panic.say("/incident")
    assert "+371" in answer
    await panic.press("incident:go")
    await panic.send("incident:set:action:KA220")
    await panic.say("Example School")
    answer = await panic.send("incident:preview")
    assert has(answer, "incident.hand.late", agency="VIAA")
    assert panic.files == ["notice.eml", "notice.txt"]
    assert "mailto:" in panic.replies[0].text
    assert panic.cases.made == []


async def test_without_a_mailbox_of_the_agency_nothing_is_sent_and_all_is_handed_over() -> None:
    panic = Panic(at("12:12"), to=None)
    await panic.minimum()
    preview = await panic.send("incident:preview")
    assert "**" not in preview
    head = next(one for one in panic.desk.agency.contact if one.matter == "head")
    assert said("incident.preview.nobody", to=head.email, agency="VIAA") in preview
    answer = await panic.press("incident:confirm")
    assert panic.cases.made[0].way is Way.BY_HAND
    assert panic.files == ["notice.eml", "notice.txt"]
    assert head.email in answer
    assert head.phone in answer
    assert not has(await panic.press("incident:sent"), "incident.hand.head")
    assert "incident:sent:n1" not in panic.offered


async def test_youth_goes_to_another_body_and_never_to_this_agency() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    answer = await panic.send("incident:set:sector:YOU")
    elsewhere = said("incident.elsewhere", sector="Youth", body="JSPA", agency="VIAA")
    assert elsewhere in answer
    for act in ("preview", "confirm:x"):
        answer = await panic.send(f"incident:{act}")
        assert elsewhere in answer
        assert panic.files == ["notice.eml", "notice.txt"]
        assert MAILBOX not in answer
    assert panic.cases.made == []


async def test_a_notice_is_made_once_however_often_it_is_confirmed() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.send("incident:preview")
    (confirm,) = [each for each in panic.offered if each.startswith("incident:confirm")]
    await panic.send(confirm)
    answer = await panic.send(confirm)
    assert len(panic.cases.made) == 1
    assert has(answer, "incident.standing.waiting")


@pytest.mark.parametrize("change", ["text", "file", "mailbox"])
async def test_what_changed_since_it_was_shown_is_shown_again(change: str) -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.send("incident:preview")
    (confirm,) = [each for each in panic.offered if each.startswith("incident:confirm")]
    if change == "file":
        await panic.upload(screenshot())
    elif change == "text":
        await panic.send("incident:ask:title")
        await panic.say("Another title")
    else:
        await panic.say("ben@school.example")
        await panic.say(CODE)
    answer = await panic.send(confirm)
    assert has(answer, "incident.changed")
    assert panic.cases.made == []
    await panic.press("incident:confirm")
    assert len(panic.cases.made) == 1


async def test_a_correction_refers_to_what_was_told_before() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    for number in (0, 1, 2):
        await panic.send("incident:preview")
        await panic.press("incident:confirm")
        assert panic.cases.made[-1].number == number
        await panic.send("incident:show")
        assert ("incident:correct:n" in "".join(panic.offered)) is (number < 2)
        await panic.send(f"incident:correct:n{number + 1}")
        assert panic.told["organisation"] == "Example School"
        await panic.send("incident:ask:title")
        await panic.say(f"Title {number}")
    await panic.send("incident:preview")
    answer = await panic.press("incident:confirm")
    assert has(answer, "incident.refused.enough", agency="VIAA")
    assert len(panic.cases.made) == 3
    assert "notice.eml" in panic.files


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_standing_is_told_as_it_is(standing: Standing, language: str) -> None:
    panic = Panic(at("12:12"), language)
    await panic.minimum()
    await panic.send("incident:preview")
    await panic.press("incident:confirm")
    panic.cases.stands(standing, answer="250 2.0.0 Ok: queued as 4F1A", accepted_at=at("12:13"))
    answer = await panic.send("incident:show")
    assert has(answer, f"incident.standing.{standing}", language, agency="VIAA")
    assert "250 2.0.0 Ok: queued as 4F1A" in answer
    is_safe = standing in (
        Standing.WAITING,
        Standing.UNHEARD,
        Standing.ACCEPTED,
        Standing.DELIVERED,
    )
    assert has(answer, "incident.hand.head", language) is not is_safe
    await panic.press("incident:letter")
    bare = ["notice.txt"] if standing is Standing.BY_HAND else []
    assert panic.files == ["notice.eml", *bare]
    await panic.send("incident:receipt:n1")
    assert panic.files == ["receipt.txt", "receipt.pdf"]


async def test_captured_mail_is_said_to_be_captured() -> None:
    panic = Panic(at("12:12"), captured=True)
    await panic.send("incident:go")
    assert has(await panic.say("anna@school.example"), "incident.captured")
    await panic.say(CODE)
    await panic.minimum()
    assert has(await panic.send("incident:preview"), "incident.captured")
    answer = await panic.press("incident:confirm")
    assert "is being sent" not in answer
    assert has(answer, "incident.hand.head")


async def test_a_held_notice_is_handed_over_at_once() -> None:
    panic = Panic(at("12:12"), held=True)
    await panic.minimum()
    await panic.send("incident:preview")
    answer = await panic.press("incident:confirm")
    assert panic.files == ["notice.eml"]
    assert has(answer, "incident.hand.head")
    assert not has(answer, "incident.call", agency="VIAA")


async def test_another_conversation_restart_or_day_goes_on_where_it_was() -> None:
    panic = Panic(at("11:40"))
    await panic.minimum()
    await panic.upload(screenshot())
    other = Panic(at("12:20"))
    other.notes, other.cases = panic.notes.copied(), panic.cases
    other.now = at("12:20")
    answer = await other.say("I cannot submit")
    assert "Example School" in answer
    assert said("incident.files.screenshots", n=1) in answer
    assert has(answer, "incident.lacking.nothing")


async def test_leaving_keeps_the_draft_and_deleting_asks_first() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.upload(screenshot())
    await panic.send("incident:leave")
    assert panic.notes.open_form is None
    assert panic.told["organisation"] == "Example School"
    await panic.send("incident:drop")
    assert panic.told
    await panic.send("incident:drop:yes")
    assert panic.told == {}
    assert await panic.cases.files() == []


async def test_files_are_acknowledged_one_by_one() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:go")
    answer = await panic.upload(
        screenshot("1"), form(), screenshot("1"), refused("heic"), form("2", "active")
    )
    for key in ("incident.file.same", "incident.problem.heic", "incident.problem.active"):
        assert has(answer, key)
    assert said("incident.file.screenshot", number=1, size="350 kB") in answer
    assert said("incident.file.form", number=1, size="1.4 MB") in answer
    for number in range(2, 8):
        answer = await panic.upload(screenshot(str(number)))
    assert has(answer, "incident.file.too-many")
    assert panic.replies[-1].takes_files


async def test_a_pdf_that_goes_by_hand_is_handed_over_with_the_reason() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.upload(form(problem="large"))
    answer = await panic.send("incident:preview")
    assert has(answer, "incident.problem.large")
    assert panic.files == ["notice.eml", "notice.txt"]
    await panic.press("incident:confirm")
    assert len(panic.cases.made) == 1


async def test_a_new_pdf_is_asked_about_again_and_a_removed_one_not_at_all() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.upload(form("1"))
    await panic.send("incident:set:unchanged:yes")
    await panic.upload(form("2"))
    assert "unchanged" not in panic.told
    await panic.send("incident:ask:files")
    await panic.press("incident:remove")
    assert await panic.cases.files() == []
    await panic.send("incident:board")
    assert "incident:ask:unchanged" not in panic.offered


async def test_a_file_that_did_not_arrive_is_asked_for_again() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:go")
    answer = await panic.attach(Attachment("photo.jpg", b"", "image/jpeg"))
    assert has(answer, "incident.file.lost")
    assert has(await Panic(WINTER).attach(Attachment("a.png", b"", "image/png")), "router.file")


async def test_a_file_near_a_deadline_begins_a_notice() -> None:
    panic = Panic(at("12:12"))
    await panic.upload(screenshot(), text="KA220-SCH-0A1B2C3D")
    assert len(await panic.cases.files()) == 1
    assert panic.told["form_id"] == "KA220-SCH-0A1B2C3D"
    assert panic.notes.open_form == "incident"
    calm = Panic(WINTER)
    await calm.upload(screenshot())
    assert await calm.cases.files() == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_wrong_code_an_old_one_and_none_each_have_a_next_step(language: str) -> None:
    panic = Panic(at("12:12"), language)
    await panic.send("incident:go")
    assert has(await panic.say("123456"), "incident.code.none-asked", language)
    await panic.say("anna@school.example")
    for _ in range(4):
        assert has(await panic.say("000000"), "incident.code.wrong", language)
        assert "incident:code:new" in panic.offered
    assert has(await panic.say("000000"), "incident.code.over", language)
    await panic.press("incident:code:new")
    panic.now = panic.now + timedelta(minutes=15)
    assert has(await panic.say(CODE), "incident.code.over", language)
    await panic.press("incident:code:new")
    answer = await panic.say(f" {CODE[:3]} {CODE[3:]}. ")
    assert said("incident.code.right", language, address="anna@school.example") in answer


async def test_too_many_codes_lead_by_hand() -> None:
    panic = Panic(at("12:12"), codes_left=0)
    await panic.send("incident:go")
    await panic.send("incident:set:action:KA220")
    answer = await panic.say("anna@school.example")
    assert has(answer, "incident.code.refused", left="42 min")
    assert "incident:hand" in panic.offered
    assert panic.cases.sent == []


async def test_another_mailbox_is_not_used_before_its_code_and_the_first_can_be_kept() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.say("ben@school.example")
    assert "incident:preview" not in panic.offered
    await panic.press("incident:ask:mailbox")
    await panic.press("incident:code:keep")
    assert "incident:preview" in panic.offered
    assert "anna@school.example" in await panic.send("incident:preview")


@pytest.mark.parametrize(
    "made_up",
    [
        *("incident", "incident:", "incident:nothing", "incident:ask:nothing", "incident:set:x:y"),
        *("incident:set:action:KA999", "incident:set:sector:SCH", "incident:clock:moon"),
        *("incident:clock:brussels", "incident:skip:nothing", "incident:remove:none"),
        *("incident:confirm:", "incident:confirm:abc", "incident:notice:n9", "incident:letter:n9"),
        *("incident:receipt:n9", "incident:correct:n9", "incident:odd:keep", "incident:code:new"),
        *("incident:hand", "incident:preview", "incident:drop:yes", "incident:set:unchanged:maybe"),
    ],
)
@pytest.mark.parametrize("now", [WINTER, at("11:50"), at("12:12"), at("14:10")])
async def test_a_button_that_is_old_or_made_up_leads_somewhere_safe(now, made_up: str) -> None:
    panic = Panic(now)
    answer = await panic.send(made_up)
    assert answer
    assert panic.offered
    assert panic.cases.made == []


async def test_a_question_breaks_in_and_leads_back() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:go")
    await panic.send("incident:ask:attempt")
    await panic.say("How do I register for an OID?")
    assert "steps:step:oid-register:1" in panic.offered
    await panic.press("incident:go")
    assert panic.told["asked"] == "attempt"


async def test_whatever_was_typed_reads_as_itself() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:ask:organisation")
    nasty = "**Bold** [x](https://evil.example) `code` https://evil.example <b>"
    answer = await panic.say(nasty)
    assert nasty in answer
    assert "\\[x\\](" in panic.replies[0].text


def test_the_cases_in_memory_know_the_real_ones() -> None:
    from handlers.cases import Cases

    names = {name for name in vars(Cases) if not name.startswith("_")}
    assert names <= set(dir(Memory(the_desk(), NOON)))


async def test_what_a_letter_without_the_form_means_is_said_before_it_leaves() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    assert has(await panic.send("incident:preview"), "incident.preview.no-form")
    await panic.upload(form())
    assert not has(await panic.send("incident:preview"), "incident.preview.no-form")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_days_ahead_it_is_said_from_when_on_it_can_be_sent(language: str) -> None:
    panic = Panic(at("12:00", day=3), language)
    await panic.minimum()
    labels = [one.label for reply in panic.replies for one in reply.choices]
    assert words(language).say("incident.choice.preview-early") in labels
    answer = await panic.send("incident:preview")
    opens = "12:00 Brussels time (13:00" if language == "en" else "12:00 pēc Briseles laika (13:00"
    day = words(language).day(at("12:00", day=4).date())
    assert [line for line in answer.splitlines() if opens in line and day in line]
    assert not [one for one in panic.offered if one.startswith("incident:confirm")]
    assert not has(answer, "incident.preview.head", language)


async def test_the_way_to_send_says_whether_anything_is_left_to_tell() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    labels = {one.id: one.label for reply in panic.replies for one in reply.choices}
    assert labels["incident:preview"] == said("incident.choice.preview")
    for name in ("attempt", "files", "unchanged", "form_id", "title", "oid", "contact", "phone"):
        await panic.send(f"incident:skip:{name}")
    labels = {one.id: one.label for reply in panic.replies for one in reply.choices}
    assert labels["incident:preview"] == said("incident.choice.preview-all")
