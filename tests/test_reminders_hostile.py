"""What goes wrong in a conversation about reminders, what is made up, and what must not stay."""

from collections.abc import AsyncIterator
from contextlib import suppress
from random import Random

import pytest
from sqlalchemy.engine import URL

from bot.service import Caller, Noon
from handlers.notebook import Notebook
from handlers.turn import Turn
from tests.reminding import (
    Person,
    confirmed,
    everything,
    kept,
    noon_on,
    said,
    subscribed,
    traces,
)
from tests.test_walk import ODD, check

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


async def test_a_turn_whose_transaction_fails_keeps_nothing(noon: Noon, ben: Person) -> None:
    await subscribed(ben, channel="telegram")
    before = await everything(noon.database)
    turn = Turn(ben.conversation, noon.clock.now(), choice="reminders:stop")
    with suppress(ZeroDivisionError):
        async with noon.answering(turn, Caller(ben.conversation, CHAT)) as answered:
            assert said("reminders.stopped-all", n=1) in answered.replies[0].text
            raise ZeroDivisionError
    assert await everything(noon.database) == before


@pytest.mark.parametrize("typed", ["/reminders", "/atgadinajumi", "/mydata"])
async def test_where_nothing_personal_may_be_shown_it_is_said(noon: Noon, typed: str) -> None:
    turn = Turn("group", noon.clock.now(), typed, language="en")
    (reply,) = await noon.reply(turn, Notebook())
    assert reply.text.endswith(said("reminders.private"))
    assert reply.choices == reply.files == ()


HOSTILE = [
    "<script>alert(1)</script>@example.org",
    "'\"><img src=x onerror=alert(1)>@example.org",
    "**bold**@example.org",
    "`x`{}|~@example.org",
    "a[b](https://evil.example)@example.org",
    "x@example.org\r\nBcc: all@example.org",
    "{address}@example.org",
]


async def test_a_hostile_address_is_refused_or_shown_as_it_is(noon: Noon) -> None:
    for number, typed in enumerate(HOSTILE):
        person = Person([noon], f"hostile{number}")
        answer = await subscribed_or_refused(person, typed)
        if not any(answer.startswith(said(key)) for key in PROBLEMS):
            assert typed in answer
            assert typed in await person.say("/reminders")
            assert typed in await person.say("/mydata")


PROBLEMS = [f"address.{name}" for name in ("not-bare", "several", "local", "invisible", "space")]


async def subscribed_or_refused(person: Person, address: str) -> str:
    await person.say("/reminders")
    await person.press("reminders:add")
    await person.press("reminders:what:KA240")
    answer = await person.say(address)
    if "reminders:agree" in person.choices or not any("T-" in each for each in person.choices):
        return answer
    await person.press(person.choices[0])
    return await person.press("reminders:agree")


async def test_my_data_shows_all_and_deleting_leaves_nothing(noon: Noon, ben: Person) -> None:
    await subscribed(ben, ADDRESS, "both")
    await confirmed(noon, ADDRESS)
    await ben.send(f"reminders:handed:{KA220}")
    shown = await ben.say("/mydata")
    (file,) = ben.replies[0].files
    assert (file.name, file.media_type) == ("noon-mydata.json", "application/json")
    for held in (ADDRESS, str(CHAT), "KA220-VET", KA220, "T-30d", "reminders.consent/1/en"):
        assert held in file.content.decode()
    for told in (ADDRESS, str(CHAT), "KA220 (VET)", "30 days", said("reminders.consent")):
        assert told in shown
    assert "T-" not in shown
    await ben.say("/delete")
    assert await traces(noon.database, ADDRESS)
    await ben.press("privacy:delete")
    assert await traces(noon.database, ADDRESS, str(CHAT), ben.conversation) == []
    assert said("privacy.held-nothing") in await ben.say("/mydata") or "language" in (
        await ben.say("/mydata")
    )


async def test_an_address_typed_and_left_goes_with_the_rest(noon: Noon, anna: Person) -> None:
    await subscribed(anna, ADDRESS)
    await anna.say("/reminders")
    await anna.press("reminders:add")
    await anna.press("reminders:what:KA240")
    await anna.say("other@example.org")
    assert await traces(noon.database, "other@example.org")
    await anna.say("/delete")
    await anna.press("privacy:delete")
    assert await traces(noon.database, "other@example.org", ADDRESS, anna.conversation) == []


@pytest.mark.parametrize("seed", range(3))
async def test_any_walk_through_choices_and_odd_texts_ends_in_replies(
    noon: Noon, seed: int
) -> None:
    chance = Random(seed)
    person = Person([noon], f"walker{seed}", CHAT + seed)
    await person.say("/reminders")
    for _ in range(60):
        ours = [each for each in person.choices if each.startswith(("reminders:", "privacy:"))]
        if ours and chance.random() < 0.75:
            await person.send(chance.choice(ours))
        elif chance.random() < 0.3:
            await person.say("/reminders")
        else:
            await person.say(chance.choice([*ODD, ADDRESS, "7d 1h", "VET, ADU", "UTC"]))
        list(check(person.replies, seed))


MADE_UP = (
    *("what:XX", "what:*", "pick:XX", "sectors:XX", "sectors:done", "where:fax", "where:both"),
    *("leads:T-0d", "leads:", "zone:Mars/X", "zone:", "one:x", "end:x", "agree", "drop", "go"),
    *("leads-of:x:T-1d", "zone-of:", "language-of:x:xx", "redo:", "redo:nothing", "", ":", "x"),
    *("handed:", "snooze:x", "due:'; DROP TABLE contact", "address:x@example.org"),
)


async def test_a_made_up_choice_does_no_harm(noon: Noon) -> None:
    for number, choice in enumerate(MADE_UP):
        person = Person([noon], f"maker{number}")
        await person.send(f"reminders:{choice}")
        list(check(person.replies, choice))
        await person.say("VET")
        list(check(person.replies, choice))
        assert await kept(noon, person) == []
