"""One applicant's evening with Noon in Telegram, from /start to /delete.

The service is a process of its own on a freshly migrated SQLite file, as it is deployed; the chat
is looked at as the person sees it.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.botapi import BotApi, Message, User
from tests.ics.panel import agree
from tests.telegram.service import Service
from tests.telegram.store import answers, rows
from tests.telegram.talking import label, pressed, said

pytest_plugins = ("tests.telegram.fixtures",)

QUESTION = "Kā izveidot EU Login kontu?"
NOON_IN_BRUSSELS = {"2026-03-05T11:00:00Z"}
"""All confirmed KA2 deadlines of call 2026: 5 March, 12:00 (winter time)."""

TYPED = {"country": "LV", "partners": "Igaunija, LT", "months": "24", "venues": "Latvija"}
"""Answers that are typed; of the other questions the first option is pressed."""


@pytest.fixture
async def deployed(api: BotApi, tmp_path: Path) -> AsyncIterator[Service]:
    """A service that was installed a moment ago."""
    async with Service(api.url, tmp_path) as service:
        assert await service.run("db", "upgrade") == 0
        await service.start()
        yield service


@pytest.fixture
def maija(api: BotApi) -> User:
    """A person whose Telegram speaks English."""
    return api.user(501, "en", first_name="Maija <&>")


async def test_the_whole_conversation(deployed: Service, maija: User, tmp_path: Path) -> None:
    await choosing_latvian(maija)
    await going_through_a_guide(maija)
    await taking_the_calendar(maija)
    await deciding_about_ka210(maija, tmp_path)
    await leaving(maija, tmp_path)


async def choosing_latvian(maija: User) -> None:
    hello = await said(maija, "/start")
    menu = await pressed(maija, hello, label("welcome.door.language", "en"))
    count = len(maija.messages)
    await pressed(maija, menu, label("language.own-name", "lv"))
    greeting = (await maija.wait_for(count + 2))[-1]
    assert greeting.text != hello.text
    assert greeting.labels[:1] == [label("welcome.door.steps", "lv")]


async def going_through_a_guide(maija: User) -> None:
    opening = await said(maija, QUESTION)
    texts = [opening.text]
    for button in ("begin", "next", "next", "back"):
        shown = await pressed(maija, opening, label(f"steps.choice.{button}"))
        assert (shown.id, shown.edited) == (opening.id, True)
        texts.append(shown.text)
    assert texts[4] == texts[2]
    assert len(set(texts)) == 4
    stuck = await pressed(maija, opening, label("steps.choice.stuck"))
    assert label("steps.choice.still") in stuck.labels
    maija.press(opening, label("steps.choice.all"))
    end = await maija.wait_for(lambda message: label("steps.choice.worked") in message.labels)
    worked = await pressed(maija, end, label("steps.choice.worked"))
    assert worked.buttons, "what usually comes next is offered"


async def taking_the_calendar(maija: User) -> None:
    deadlines = await said(maija, "/deadlines")
    count = len(maija.messages)
    await pressed(maija, deadlines, label("deadlines.get-file", name="KA2"))
    document = (await maija.wait_for(count + 2))[-1].document
    assert document is not None
    assert document.name.endswith(".ics")
    events = agree(document.content)
    assert {event.start for event in events if "ka2" in event.uid.lower()} >= NOON_IN_BRUSSELS


async def deciding_about_ka210(maija: User, folder: Path) -> None:
    menu = await said(maija, "/eligibility")
    asked = await pressed(maija, menu, label("eligibility.action.KA210"))
    verdict = await answering(maija, asked, folder)
    before = answered(folder)
    assert len(before) > 10
    review = await pressed(maija, verdict, label("eligibility.choice.change-any"))
    months = label("eligibility.short.months").casefold()
    change = next(each for each in review.labels if months in each.casefold())
    await pressed(maija, review, change)
    second = await said(maija, "48")
    assert second.text != verdict.text
    assert answered(folder) == before | {"months": "48"}


async def answering(maija: User, message: Message, folder: Path) -> Message:
    """Answer every question until the verdict, which offers to change an answer."""
    while label("eligibility.choice.change-any") not in message.labels:
        nearly = answered(folder)
        typed = next((text for key, text in TYPED.items() if is_asked(message, key)), None)
        if typed is None:
            message = await pressed(maija, message, 0)
        else:
            message = await said(maija, typed)
        assert nearly.items() < answered(folder).items(), "one more, and none has changed"
    return message


def is_asked(message: Message, question: str) -> bool:
    return label(f"eligibility.ask.{question}") in message.text


def answered(folder: Path) -> dict[str, str]:
    """What stands in the questionnaire on KA210."""
    (notebook,) = answers(folder).values()
    form = "eligibility.KA210/"
    return {key.removeprefix(form): v for key, v in notebook.items() if key.startswith(form)}


async def leaving(maija: User, folder: Path) -> None:
    privacy = await said(maija, "/privacy")
    assert "/delete" in privacy.text
    sure = await said(maija, "/delete")
    erased = await pressed(maija, sure, label("privacy.choice.delete"))
    assert erased.id == sure.id
    assert rows(folder, "SELECT * FROM answer") == []
