"""Reminders in a conversation, on a real store: step by step, changed, stopped, taken back."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import URL

from bot.service import Noon
from tests.reminding import (
    NOVEMBER,
    Person,
    confirmed,
    everything,
    kept,
    noon_on,
    said,
    subscribed,
    traces,
)

ADDRESS = "Anna.Ozola@example.org"
CHAT = 7_701_234_567
KA220 = "2026-ka220-r1"


@pytest.fixture
async def noon(url: URL) -> AsyncIterator[Noon]:
    async with noon_on(url) as running:
        yield running


@pytest.fixture
def anna(noon: Noon) -> Person:
    return Person([noon])


@pytest.fixture
def ben(noon: Noon) -> Person:
    """Somebody in a private Telegram chat."""
    return Person([noon], "ben", CHAT)


async def test_a_subscription_by_mail_waits_for_its_yes(noon: Noon, anna: Person) -> None:
    answer = await subscribed(anna, ADDRESS)
    assert said("reminders.asked", address=ADDRESS) in answer
    assert said("reminders.captured") in answer
    assert said("reminders.pending") in await anna.say("/reminders")
    await confirmed(noon, ADDRESS)
    listed = await anna.say("/atgadinajumi")
    assert said("reminders.pending") not in listed
    for told in ("KA220 (VET)", ADDRESS, "30 days, 14 days", "Europe/Riga", "English"):
        assert told in listed


async def test_two_processes_take_turns_in_one_conversation(url: URL) -> None:
    async with noon_on(url) as one, noon_on(url) as other:
        person = Person([one, other])
        await subscribed(person, ADDRESS)
        assert await kept(one, person) == [
            ("KA220-VET", "mail", "T-30d T-14d T-7d T-3d T-1d T-2h", False)
        ]


async def test_in_a_private_chat_both_channels_are_asked_for_at_once(
    noon: Noon, ben: Person
) -> None:
    answer = await subscribed(ben, ADDRESS, "both")
    assert said("reminders.active") in answer
    assert said("reminders.asked", address=ADDRESS) in answer
    assert {row[1:] for row in await kept(noon, ben)} == {
        ("telegram", "T-30d T-14d T-7d T-3d T-1d T-2h", True),
        ("mail", "T-30d T-14d T-7d T-3d T-1d T-2h", False),
    }


async def test_a_chat_alone_needs_no_address(noon: Noon, ben: Person) -> None:
    assert said("reminders.active") in await subscribed(ben, channel="telegram")
    assert [row[1] for row in await kept(noon, ben)] == ["telegram"]


TYPED = [
    (
        ("ka210", "SCH, adult education", ADDRESS, "7d,1d 2H"),
        "KA210-ADU+KA210-SCH",
        "T-7d T-1d T-2h",
    ),
    (("KA2", "all sectors", f" {ADDRESS} ", "t-90d"), "KA2", "T-90d"),
    (("KA2", "hed", ADDRESS, "48h"), "KA220-HED", "T-48h"),
    (("KA240", None, ADDRESS, "2h 3d 3d"), "KA240", "T-3d T-2h"),
]


@pytest.mark.parametrize(("typed", "selection", "leads"), TYPED)
async def test_every_answer_may_be_typed(
    noon: Noon, anna: Person, typed: tuple[str | None, ...], selection: str, leads: str
) -> None:
    await anna.say("/reminders")
    await anna.press("reminders:add")
    for text in filter(None, typed):
        await anna.say(text)
    await anna.press("reminders:redo:zone")
    await anna.say("europe/VILNIUS")
    assert "Europe/Vilnius" in "".join(reply.text for reply in anna.replies)
    await anna.press("reminders:agree")
    assert await kept(noon, anna) == [(selection, "mail", leads, False)]


UNREAD = [
    ("KA999", "reminders.unreadable.choose"),
    ("XYZ, VET", "reminders.unreadable.choose"),
    ("Anna <anna@example.org>", "address.not-bare"),
    ("anna@example.org, ben@example.org", "address.several"),
    ("jānis@example.org", "address.local-letters"),
    ("anna.example.org", "address.no-at"),
    ("91d", "reminders.unreadable.leads"),
    ("tomorrow", "reminders.unreadable.leads"),
    ("Europe/../../etc/passwd", "reminders.unreadable.zone"),
]


async def test_what_cannot_be_read_is_said_and_asked_again(anna: Person) -> None:
    await anna.say("/reminders")
    steps = {
        "KA999": "reminders:add",
        "XYZ, VET": "reminders:what:KA220",
        "Anna <anna@example.org>": "reminders:sectors:*",
    }
    for text, problem in UNREAD:
        if text in steps:
            await anna.press(steps[text])
        if text == "91d":
            await anna.say(ADDRESS)
        if text.startswith("Europe"):
            await anna.press(anna.choices[0])
            await anna.press("reminders:redo:zone")
        asked = anna.choices
        assert (await anna.say(text)).startswith(said(problem)), text
        assert anna.choices == asked


AS_PEOPLE_WRITE = [
    ("en", "7 days, 1 day and 2 hours", "T-7d T-1d T-2h"),
    ("lv", "7 dienas, 1 diena un 2 stundas", "T-7d T-1d T-2h"),
    ("lv", "1 nedela", "T-7d"),
]


@pytest.mark.parametrize(("language", "text", "leads"), AS_PEOPLE_WRITE)
async def test_lead_times_and_an_address_may_be_said_in_a_sentence(
    noon: Noon, language: str, text: str, leads: str
) -> None:
    person = Person([noon], language=language)
    await person.say("/reminders")
    await person.press("reminders:add")
    await person.say("visi" if language == "lv" else "all")
    await person.say("visi" if language == "lv" else "all")
    assert "reminders:drop" in person.choices
    await person.say(f"Mana adrese ir {ADDRESS}.")
    too_long = "Kad sūtīt? 100 dienas" if language == "lv" else "When? 100 days"
    assert said("reminders.unreadable.leads", language) in await person.say(too_long)
    await person.say(text)
    await person.say(said("reminders.choice.agree", language))
    assert await kept(noon, person) == [("KA2", "mail", leads, False)]


WISHES = ["Atgādini man par termiņu!", "beidz sūtīt", "remind me of KA220", "Stop reminders"]


@pytest.mark.parametrize("wish", WISHES)
async def test_a_wish_about_reminders_leads_to_them_and_back_to_what_was_begun(
    anna: Person, wish: str
) -> None:
    await anna.say(wish)
    assert anna.choices == ["reminders:add"]
    await anna.press("reminders:add")
    await anna.press("reminders:what:KA220")
    asked = anna.choices
    await anna.say(wish)
    await anna.press("reminders:go")
    assert anna.choices == asked
    await anna.say("VET")
    await anna.say(ADDRESS)
    assert "reminders:leads:T-7d_T-1d_T-2h" in anna.choices


@pytest.mark.parametrize("text", ["remind me 7 days before", "Atgādini 7 dienas iepriekš"])
async def test_lead_times_told_as_a_wish_are_an_answer(anna: Person, text: str) -> None:
    await anna.say("/reminders")
    await anna.press("reminders:add")
    await anna.press("reminders:what:KA240")
    await anna.say(ADDRESS)
    assert "reminders:leads:T-7d_T-1d_T-2h" in anna.choices
    answer = await anna.say(text)
    assert "reminders:add" not in anna.choices
    assert said("reminders.unreadable.leads") in answer or "reminders:agree" in anna.choices


@pytest.mark.parametrize(("language", "text"), [("lv", "beigt"), ("en", "stop")])
async def test_a_subscription_that_is_begun_is_left_by_a_word(
    noon: Noon, language: str, text: str
) -> None:
    person = Person([noon], language=language)
    await person.say("/reminders")
    await person.press("reminders:add")
    assert said("welcome.cancelled", language) in await person.say(text)
    await person.say("/reminders")
    assert await kept(noon, person) == []


async def test_a_deadline_leads_to_its_reminder(noon: Noon, anna: Person) -> None:
    await anna.say("/deadlines KA220-VET")
    await anna.press("reminders:about:KA220-VET")
    await anna.say(ADDRESS)
    await anna.press(anna.choices[0])
    await anna.press("reminders:agree")
    assert [row[0] for row in await kept(noon, anna)] == ["KA220-VET"]
    assert await anna.send("reminders:about:KA999-<b>")


@pytest.mark.parametrize(("language", "no"), [("lv", "nē"), ("en", "No")])
async def test_a_typed_no_keeps_and_a_typed_language_switches(
    noon: Noon, language: str, no: str
) -> None:
    person = Person([noon], language=language)
    await subscribed(person, ADDRESS)
    await person.say("/delete")
    assert said("privacy.kept", language) in await person.say(no)
    assert await kept(noon, person)
    await person.say("/language")
    other = {"lv": "english", "en": "latviesu"}[language]
    assert said("language.chosen", {"lv": "en", "en": "lv"}[language]) in await person.say(other)


async def test_moments_are_told_by_the_persons_own_clock(noon: Noon, ben: Person) -> None:
    await subscribed(ben, channel="telegram")
    await ben.say("/reminders")
    await ben.press(ben.choices[0])
    await ben.press(next(each for each in ben.choices if each.startswith("reminders:zone-of:")))
    await ben.say("Asia/Tokyo")
    answer = await ben.send(f"reminders:due:{KA220}")
    assert "20:00" in answer  # noon in Brussels is eight in the evening in Tokyo
    assert "Latvian time" not in answer


async def test_a_question_that_breaks_in_is_answered_and_leads_back(anna: Person) -> None:
    await anna.say("/reminders")
    await anna.press("reminders:add")
    await anna.press("reminders:what:KA240")
    asked = [reply.text for reply in anna.replies]
    assert "OID" in await anna.say("How do I get an OID?")
    await anna.press("reminders:go")
    assert [reply.text for reply in anna.replies] == asked


async def test_ticks_come_and_go(anna: Person) -> None:
    await anna.say("/reminders")
    await anna.press("reminders:add")
    await anna.press("reminders:what:KA2")
    for code, ticked in (("VET", 1), ("ADU", 2), ("VET", 1), ("ADU", 0)):
        await anna.press(f"reminders:pick:{code}")
        labels = [choice.label for reply in anna.replies for choice in reply.choices]
        assert sum(label.startswith("✓") for label in labels) == ticked
        assert ("reminders:sectors:done" in anna.choices) is bool(ticked)


async def test_times_language_and_zone_are_changed_and_the_yes_stays(
    noon: Noon, anna: Person
) -> None:
    await subscribed(anna, ADDRESS)
    await confirmed(noon, ADDRESS)
    await anna.say("/reminders")
    await anna.press(anna.choices[0])
    await anna.press(next(each for each in anna.choices if each.startswith("reminders:leads-of:")))
    assert said("reminders.changed") in await anna.say("5d 2h")
    await anna.press(next(each for each in anna.choices if each.startswith("reminders:zone-of:")))
    assert "Europe/Lisbon" in await anna.say("Europe/Lisbon")
    change = next(each for each in anna.choices if each.startswith("reminders:language-of:"))
    await anna.press(change)
    assert "Latvian" in await anna.press(f"{change}:lv")
    assert await kept(noon, anna) == [("KA220-VET", "mail", "T-5d T-2h", True)]
    planned = (await everything(noon.database))["outbox"]
    assert sum("'T-5d'" in row or '"T-5d"' in row for row in planned) == 1
    assert not [row for row in planned if '"T-30d"' in row and "'planned'" in row]


async def test_one_is_stopped_and_then_all(noon: Noon, ben: Person) -> None:
    await subscribed(ben, ADDRESS, "both")
    await ben.say("/reminders")
    assert len([each for each in ben.choices if each.startswith("reminders:one:")]) == 2
    await ben.press(ben.choices[0])
    await ben.press(next(each for each in ben.choices if each.startswith("reminders:end:")))
    assert len(await kept(noon, ben)) == 1
    assert said("reminders.stopped-all", n=1) in await ben.send("reminders:stop")
    assert await kept(noon, ben) == []
    assert said("reminders.stopped-all", n=0) in await ben.send("reminders:stop")


async def test_the_buttons_of_a_reminder_act_at_once_and_can_be_taken_back(
    noon: Noon, ben: Person
) -> None:
    await subscribed(ben, channel="telegram")

    async def waiting() -> int:
        rows = (await everything(noon.database))["outbox"]
        return sum("'planned'" in row for row in rows)

    assert await waiting() == 6
    later = await ben.send(f"reminders:snooze:{KA220}")
    assert "Next reminder: " in later
    assert "2026" in later
    assert "the application is submitted" in await ben.send(f"reminders:handed:{KA220}")
    assert await waiting() == 0
    assert f"reminders:due:{KA220}" in ben.choices
    back = await ben.press(f"reminders:due:{KA220}")
    assert "3 February 2026" in back  # thirty days before, the next that comes
    assert await waiting() == 6


@pytest.mark.parametrize("act", ["handed", "snooze", "due"])
async def test_a_reminder_of_nothing_subscribed_says_so(ben: Person, act: str) -> None:
    assert await ben.send(f"reminders:{act}:{KA220}")
    assert said("reminders.none-here") in await ben.send(f"reminders:{act}:2019-ka999-r1")


async def test_after_the_last_deadline_the_truth_is_told(url: URL) -> None:
    async with noon_on(url, NOVEMBER) as noon:
        person = Person([noon])
        answer = await subscribed(person, ADDRESS)
        website = noon.almanac.desk.agency.website
        assert said("reminders.none-ahead", website=website) in answer


async def test_a_limit_is_told_and_nothing_is_kept(noon: Noon, anna: Person) -> None:
    for number in range(5):
        await subscribed(anna, f"anna{number}@example.org")
    before = await kept(noon, anna)
    assert said("reminders.too-many") in await subscribed(anna, ADDRESS)
    assert await kept(noon, anna) == before
    assert not [row for row in await traces(noon.database, ADDRESS) if "answer" not in row]
