"""What people type about an incident, how it is read, and what is said where it cannot be."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.incident import handing, hours, reading
from handlers.incident.unreadable import Unreadable
from handlers.words import LANGUAGES
from tests.incident_talk import CODE, NOON, Panic, at, form, said
from tests.talk import the_desk

RIGA = ZoneInfo("Europe/Riga")
BRUSSELS = ZoneInfo("Europe/Brussels")


def moments(text: str, now: datetime, local: ZoneInfo = RIGA) -> dict[str, datetime]:
    """Return what `text` may mean at `now`, the deadline being on 5 March."""
    read = hours.read(text, now.astimezone(local).date())
    return hours.moments(read, now, local, NOON)


@pytest.mark.parametrize(
    "text",
    [
        *("11:58", "11.58", "11 : 58", "1158", "plkst. 11.58", "pulksten 11:58", "11:58:00"),
        *("ap 11:58", "at 11:58", "11:58 am", "5. marts 11:58", "5. martā plkst. 11.58"),
        *("5 March 11:58", "March 5 11:58", "11:58 on 5 March", "5th March, 11:58", "5.03. 11:58"),
        *("05.03.2026 11:58", "5.3.2026. 11.58", "2026-03-05 11:58", "2026-03-05T11:58"),
        *("2026. gada 5. marts, 11:58", "5 March 2026 11:58", "šodien 11:58", "today at 11:58"),
        *("sodien 11.58", "11.58, tad nekas vairs nenotika"),
    ],
)
def test_an_hour_by_an_unknown_clock_may_be_two_moments(text: str) -> None:
    assert moments(text, at("12:30")) == {"brussels": at("11:58"), "local": at("10:58")}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("11:58 Briselē", at("11:58")),
        ("11:58 pēc Briseles laika", at("11:58")),
        ("11:58 Brussels time", at("11:58")),
        ("12:58 Rīgā", at("11:58")),
        ("12.58 pec Latvijas laika", at("11:58")),
        ("12:58 Riga", at("11:58")),
        ("11:58:59 Brussels", at("11:58:59")),
        ("11:58 pm yesterday, Brussels", at("23:58", 4)),
        ("vakar 18:00 Rīgā", at("17:00", 4)),
        ("4. marts 18:00 Briselē", at("18:00", 4)),
        ("pirms 5 minūtēm", at("12:25")),
        ("pirms 5 min", at("12:25")),
        ("5 minutes ago", at("12:25")),
        ("5 min ago", at("12:25")),
        ("tikko", at("12:30")),
        ("just now", at("12:30")),
    ],
)
def test_a_clock_that_is_named_or_not_needed_leaves_no_question(
    text: str, moment: datetime
) -> None:
    assert list(moments(text, at("12:30")).values()) == [moment]


def test_an_hour_that_one_clock_has_not_reached_was_read_from_the_other() -> None:
    assert moments("12:40", at("12:30")) == {"local": at("11:40")}
    assert moments("12:30", at("12:30")) == {"brussels": at("12:30"), "local": at("11:30")}


def test_where_both_clocks_agree_there_is_nothing_to_ask() -> None:
    assert moments("11:58", at("12:30"), BRUSSELS) == {"brussels": at("11:58")}


def test_the_day_after_an_hour_is_meant_on_the_day_of_the_deadline() -> None:
    found = moments("11:58", at("15:00", 6))
    assert found == {"brussels": at("11:58"), "local": at("10:58")}


def test_before_the_day_of_the_deadline_an_hour_is_the_last_that_came() -> None:
    assert moments("14:30", at("15:00", 4))["brussels"] == at("14:30", 4)
    assert moments("23:30", at("15:00", 4))["brussels"] == at("23:30", 3)


@pytest.mark.parametrize(
    "text", ["", "nezinu", "12", "plkst. 12", "25:00", "11:60", "99:99", "no idea", "5. marts", "²"]
)
def test_what_is_no_hour_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        moments(text, at("12:30"))


@pytest.mark.parametrize("text", ["6. marts 11:58", "2026-04-01 10:00", "18:00 today"])
def test_what_is_ahead_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable, match="ahead"):
        moments(text, at("12:30"))


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_as_the_past_or_not_at_all(text: str) -> None:
    now = at("12:30")
    try:
        found = moments(text, now)
    except Unreadable:
        return
    assert found
    assert all(moment <= now + hours.TOLERANCE for moment in found.values())
    assert set(found) <= set(hours.CLOCKS)


@given(st.integers(0, 24 * 60 - 1))
def test_every_minute_of_a_day_is_read_by_both_clocks(minute: int) -> None:
    hour = f"{minute // 60}:{minute % 60:02}"
    found = moments(f"4.03.2026 {hour}", at("12:30", 6))
    assert found["brussels"] - found["local"] == timedelta(hours=1)
    assert f"{found['brussels'].astimezone(BRUSSELS):%-H:%M}" == hour


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("clock", "moment", "key"),
    [("brussels", at("11:58"), "before"), ("local", at("10:58"), "before")],
)
async def test_which_clock_is_asked_by_showing_both(
    language: str, clock: str, moment: datetime, key: str
) -> None:
    panic = Panic(at("12:12"), language)
    await panic.minimum()
    await panic.say("11:58")
    labels = [choice.label for choice in panic.replies[0].choices[:2]]
    assert [label.count("11:58") for label in labels] == [1, 1]
    assert "12:58" in labels[0]
    assert "10:58" in labels[1]
    answer = await panic.press(f"incident:clock:{clock}")
    assert said(f"incident.attempt.{key}", language, deadline="", agency="") in answer
    assert panic.told["attempt"] == moment.isoformat()


@pytest.mark.parametrize(
    ("typed", "is_before"),
    [
        ("11:59:59 Briselē", True),
        ("12:00:00 Briselē", False),
        ("12:00 Briselē", False),
        ("12:00:01 Briselē", False),
        ("12:59:59 Rīgā", True),
        ("13:00:00 Rīgā", False),
        ("13:00:01 Rīgā", False),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_attempt_after_the_deadline_is_said_to_be_so_and_kept(
    typed: str, is_before: bool, language: str
) -> None:
    panic = Panic(at("12:30"), language)
    await panic.minimum()
    answer = await panic.say(typed)
    assert (said("incident.attempt.before", language) in answer) is is_before
    late = said("incident.attempt.late", language, deadline="☃", agency="VIAA").partition("☃")[0]
    assert (late in answer) is not is_before
    assert panic.told["attempt"]
    assert panic.told["asked"] == "files"


async def test_the_first_failure_is_never_after_the_last_attempt() -> None:
    panic = Panic(at("12:12"))
    await panic.minimum()
    await panic.say("11:50 Brussels")
    await panic.send("incident:ask:first_failure")
    answer = await panic.say("11:55 Brussels")
    assert said("incident.unreadable.first-after") in answer
    answer = await panic.say("11:40 Brussels")
    assert "13:40" in answer
    await panic.send("incident:ask:attempt")
    await panic.say("11:30 Brussels")
    assert "first_failure" not in panic.told


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("KA220-SCH-0A1B2C3D", "KA220-SCH-0A1B2C3D"),
        ("ka220-sch-0a1b2c3d", "KA220-SCH-0A1B2C3D"),
        ("Form ID: KA220 – SCH – 0A1B2C3D.", "KA220-SCH-0A1B2C3D"),
        ("KA220_VET_12345678", "KA220-VET-12345678"),
        ("KA220-SCH-0A1B2C3", ""),
        ("KA220-SCH-0A1B2C3DD", ""),
        ("XKA220-SCH-0A1B2C3D", ""),
        ("KA220 SCH", ""),
    ],
)
def test_a_form_id_is_found_as_the_form_writes_it(typed: str, found: str) -> None:
    assert reading.form_id_in(typed) == found


@pytest.mark.parametrize("name", ["mailbox", "organisation", "happened", "attempt", "title", "oid"])
async def test_what_is_known_by_its_form_is_recognised_wherever_it_comes(name: str) -> None:
    panic = Panic(at("12:12"))
    await panic.send(f"incident:ask:{name}")
    await panic.say("Form ID ka220-sch-0a1b2c3d")
    assert (panic.told["form_id"], panic.told["action"], panic.told["sector"]) == (
        *("KA220-SCH-0A1B2C3D", "KA220", "SCH"),
    )
    await panic.send(f"incident:ask:{name}")
    await panic.say("E10123456")
    assert panic.told["oid"] == "E10123456"
    await panic.send(f"incident:ask:{name}")
    await panic.say("my mail is anna@school.example")
    assert panic.cases.sent == ["anna@school.example"]
    await panic.send(f"incident:ask:{name}")
    await panic.say(CODE)
    assert await panic.cases.proved() == "anna@school.example"
    assert "organisation" not in panic.told
    assert "happened" not in panic.told


async def test_a_story_is_kept_whole_with_what_is_recognised_in_it() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:ask:happened")
    story = "I pressed Submit in form KA220-SCH-0A1B2C3D for E10123456 and it said: error 500"
    await panic.say(story)
    assert panic.told["happened"] == story
    assert panic.told["form_id"] == "KA220-SCH-0A1B2C3D"
    assert panic.told["oid"] == "E10123456"
    assert panic.cases.sent == []


async def test_saying_again_that_it_fails_is_an_answer_while_the_notice_is_open() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:ask:happened")
    await panic.say("Nevaru iesniegt, rāda kļūdu 500")
    assert panic.told["happened"] == "Nevaru iesniegt, rāda kļūdu 500"


async def test_an_odd_form_id_is_kept_after_a_question() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:ask:form_id")
    await panic.say("KA220-SCH-123")
    assert "form_id" not in panic.told
    await panic.press("incident:odd:keep")
    assert panic.told["form_id"] == "KA220-SCH-123"
    await panic.send("incident:ask:form_id")
    answer = await panic.say("KA999-ABC-0A1B2C3D")
    assert said("incident.noted.form-id-strange") in answer
    assert panic.told["form_id"] == "KA999-ABC-0A1B2C3D"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("mailbox", "anna", "address.no-at"),
        ("mailbox", "anna@school", "address.domain-ending"),
        ("oid", "123456789", "incident.unreadable.oid"),
        ("phone", "zvaniet", "incident.unreadable.phone"),
        ("attempt", "nezinu", "incident.unreadable.hour"),
        ("attempt", "6. marts 12:00", "incident.unreadable.ahead"),
        ("action", "something", "incident.unreadable.choose"),
        ("unchanged", "perhaps", "incident.unreadable.unchanged"),
        ("files", "xyz", "incident.unreadable.files"),
        ("organisation", "???", "incident.unreadable.empty"),
        ("title", "x" * 251, "incident.unreadable.long"),
        ("happened", "x" * 1501, "incident.unreadable.long"),
    ],
)
async def test_what_is_refused_has_a_clear_next_step_and_stays_open(
    language: str, name: str, typed: str, problem: str
) -> None:
    panic = Panic(at("12:12"), language)
    await panic.send("incident:go")
    panic.notes.write("incident", "asked", name)
    if name == "unchanged":
        await panic.upload(form())
        await panic.send("incident:ask:unchanged")
    answer = await panic.say(typed)
    longest = reading.LONGEST.get(name, 0)
    assert said(problem, language, longest=longest) in answer
    assert panic.told["asked"] == name
    assert name not in panic.told
    assert panic.offered


@pytest.mark.parametrize(("typed", "noted"), [("jā", "yes"), ("Yes", "yes"), ("ne", "no")])
async def test_yes_and_no_may_be_typed(typed: str, noted: str) -> None:
    panic = Panic(at("12:12"))
    await panic.upload(form())
    await panic.send("incident:ask:unchanged")
    await panic.say(typed)
    assert panic.told["unchanged"] == noted


async def test_after_a_late_attempt_an_earlier_one_can_be_told_at_once() -> None:
    panic = Panic(at("12:30"))
    await panic.minimum()
    await panic.say("12:05 Brussels")
    assert panic.offered[0] == "incident:ask:attempt"
    await panic.press("incident:ask:attempt")
    await panic.say("11:55 Brussels")
    assert panic.told["attempt"] == at("11:55").isoformat()
    assert panic.offered[0] != "incident:ask:attempt"


async def test_while_the_code_is_on_its_way_the_rest_is_told() -> None:
    panic = Panic(at("12:12"))
    await panic.send("incident:go")
    await panic.say("anna@school.example")
    await panic.send("incident:set:action:KA240")
    await panic.say("Example School")
    await panic.say("Error 500")
    assert "incident:ask:mailbox" in panic.offered
    assert "incident:preview" not in panic.offered
    await panic.say(CODE)
    assert "incident:preview" in panic.offered
    assert (panic.told["organisation"], panic.told["happened"]) == ("Example School", "Error 500")


@pytest.mark.parametrize(
    ("typed", "name", "phone"),
    [
        ("Anna Bērziņa, +371 20000000", "Anna Bērziņa", "+371 20000000"),
        ("Anna Bērziņa tālr. 20000000", "Anna Bērziņa", "20000000"),
        ("Anna Berzina, tel: +371 2000-0000", "Anna Berzina", "+371 2000-0000"),
        ("+37120000000 Anna", "Anna", "+37120000000"),
        ("Anna Bērziņa", "Anna Bērziņa", ""),
        ("(371) 20000000", "", "(371) 20000000"),
    ],
)
def test_a_name_and_a_telephone_are_told_apart(typed: str, name: str, phone: str) -> None:
    assert reading.contact(typed) == (name, phone)


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        ("action", "KA220", "KA220"),
        ("action", "220", "KA220"),
        ("action", "tas ir ka210", "KA210"),
        ("sector", "vet", "VET"),
        ("sector", "Profesionālā izglītība", "VET"),
        ("sector", "skolu izglitiba", "SCH"),
    ],
)
def test_an_action_and_a_sector_may_be_typed(name: str, typed: str, code: str) -> None:
    assert reading.choice(the_desk(), name, typed, "KA220", "lv") == code


@given(st.text(max_size=300))
def test_no_answer_keeps_a_sign_that_cannot_be_seen(text: str) -> None:
    try:
        value = reading.answer("title", text)
    except Unreadable:
        return
    assert value == value.strip()
    assert value.isprintable()


@given(st.text(max_size=60), st.text(max_size=3000))
def test_a_link_that_begins_a_mail_is_one_link_of_bearable_length(subject: str, text: str) -> None:
    link = handing.link(["na@agency.example"], subject, text)
    assert link.isascii()
    assert not set(link) & set(" ()<>\r\n\"'\\")
    assert len(link) <= max(handing.LONGEST_LINK, 60 + 12 * len(subject))


CASES_OF_ANYTHING = st.sampled_from(
    [
        *("incident:go", "incident:board", "incident:preview", "incident:hand", "incident:show"),
        *("incident:ask:mailbox", "incident:ask:attempt", "incident:ask:form_id", "incident:leave"),
        *("incident:set:action:KA220", "incident:set:sector:YOU", "incident:skip:files"),
        *("anna@school.example", CODE, "KA220-SCH-0A1B2C3D", "11:58", "Anna, +371 20000000"),
        *("nevaru iesniegt", "/cancel", "paldies", "incident:clock:local", "incident:odd:keep"),
    ]
)


@given(st.lists(CASES_OF_ANYTHING, max_size=12), st.integers(-2000, 2000))
async def test_in_whatever_order_it_comes_something_is_answered_and_can_go_on(
    steps: list[str], minutes: int
) -> None:
    panic = Panic(NOON + timedelta(minutes=minutes))
    for step in steps:
        answer = await (panic.send(step) if step.startswith("incident:") else panic.say(step))
        assert answer
        assert panic.offered or step == "/cancel"
    assert panic.cases.made == []
