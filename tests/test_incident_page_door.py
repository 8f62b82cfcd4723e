"""The ways to “I cannot submit”: the last reminder, the deadlines, a letter's link."""

from datetime import timedelta
from pathlib import Path

import pytest

from handlers.words import LANGUAGES, words
from tests.incident_rows import DEADLINE, NOON
from tests.mail.samples import Stopped, Writing, parsed, reminder
from tests.talk import Talk, the_desk
from tests.test_letters_chat import message, pressed
from tests.web.serving import Person, serving

TOPIC = "topic=late-submission"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("before", "offered"), [(timedelta(hours=2), True), (timedelta(days=7), False)]
)
def test_the_last_reminder_in_a_chat_says_it_in_a_line_and_has_the_button(
    language: str, before: timedelta, offered: bool
) -> None:
    writing = Writing(the_desk(), Stopped(NOON - before))
    sent = message(writing, reminder(deadline=DEADLINE, language=language))
    door = words(language).say("letter.chat.failed")
    assert ("incident:start" in [str(choice) for choice in pressed(sent)]) == offered
    assert (door in sent["text"]) == offered
    mail = parsed(writing.mail(reminder(deadline=DEADLINE, language=language)))
    for part in ("plain", "html"):
        assert (TOPIC in mail.get_body((part,)).get_content()) == offered


async def test_a_letters_link_leads_to_a_page_with_the_button(tmp_path: Path) -> None:
    now = NOON - timedelta(hours=1)
    async with serving(data_dir=tmp_path, now=now, lang="en") as site, site.client() as client:
        person = Person(client)
        await person.open(f"/?lang=en&{TOPIC}")
        assert words("en").say("welcome.door.incident") in person.choices
        await person.press(words("en").say("welcome.door.incident"))
        assert "Brussels time" in person.replies
        await person.ask("/deadlines")
        assert person.choices[0] == words("en").say("welcome.door.incident")


async def test_without_cases_or_without_hurry_the_deadlines_offer_no_door() -> None:
    for now in (NOON - timedelta(days=3), NOON - timedelta(hours=1)):
        replies = await Talk(now=now).say("/deadlines")
        assert not [c for reply in replies for c in reply.choices if c.id.startswith("incident")]
