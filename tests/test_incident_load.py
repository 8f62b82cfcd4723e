"""Files of notices under load: no transaction waits for one, and no stored message keeps one."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from bot.faces.telegram.answering import TRIES, Answering, Answers
from bot.faces.telegram.reading import Me
from bot.incident import letter
from bot.incident.files import AT_ONCE
from bot.post.links import Purpose, sealed
from bot.service import Noon
from bot.store.tables import Incident
from bot.store.updates import Pending
from handlers.turn import Reply
from handlers.words import words
from tests.botapi import BotApi, Delayed
from tests.hostile.documents import filled
from tests.incident_rows import NOON, notice
from tests.telegram.service import PATIENCE, served, settings
from tests.telegram.store import rows
from tests.telegram.talking import pressed, said
from tests.web.serving import Person, Site, serving

pytest_plugins = ("tests.telegram.fixtures",)

BEFORE_NOON = "2026-03-05T10:30:00Z"
DURING = NOON + timedelta(minutes=5)
SOON = 5.0
LATVIAN, ENGLISH = words("lv"), words("en")


class Slow:
    """Lets a draft be written only when it is told so, and counts."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self._real = real
        self.begun = 0
        self.go = threading.Event()

    def __call__(self, *given: Any) -> Any:
        self.begun += 1
        assert self.go.wait(PATIENCE)
        return self._real(*given)

    async def until(self, begun: int) -> None:
        """Wait until so many are being written."""
        async with asyncio.timeout(PATIENCE):
            while self.begun < begun:
                await asyncio.sleep(0.01)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Return what writes every draft now."""
    made = Slow(letter.draft)
    monkeypatch.setattr(letter, "draft", made)
    return made


@pytest.fixture
async def site(url: URL, tmp_path: Path) -> AsyncIterator[Site]:
    """Yield a page five minutes after the deadline."""
    async with serving(url, data_dir=tmp_path, now=DURING, lang="en") as running:
        yield running


def mail(site: Site, row: Incident) -> str:
    return f"/incident/{sealed(site.noon.key, Purpose.INCIDENT, row.id)}/notice.eml"


async def test_while_many_fetch_a_mail_it_is_written_once_and_nobody_waits_for_the_database(
    site: Site, slow: Slow
) -> None:
    row = await notice(site.noon)
    async with site.client() as client:
        gets = [asyncio.create_task(client.get(mail(site, row))) for _ in range(40)]
        await slow.until(1)
        await asyncio.sleep(0.3)
        async with asyncio.timeout(SOON), site.noon.database.write():
            assert not any(get.done() for get in gets)
        slow.go.set()
        answers = await asyncio.gather(*gets)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert slow.begun == 1


async def test_few_mails_are_written_at_once(site: Site, slow: Slow) -> None:
    made = [await notice(site.noon) for _ in range(6)]
    async with site.client() as client:
        gets = [asyncio.create_task(client.get(mail(site, row))) for row in made]
        await slow.until(AT_ONCE)
        await asyncio.sleep(0.3)
        assert slow.begun == AT_ONCE
        slow.go.set()
        assert {answer.status_code for answer in await asyncio.gather(*gets)} == {200}


async def test_a_source_brings_nothing_to_another_conversation(site: Site) -> None:
    row = await notice(site.noon)
    files = site.noon.files
    for source in (f"draft:{row.id}", f"letter:{row.id}", f"receipt:{row.id}:.pdf"):
        assert await files.fetched(row.conversation, source) is not None
        assert await files.fetched("web-another", source) is None
    assert await files.fetched(row.conversation, "draft:another") is None


async def test_a_typed_label_brings_the_file_like_a_pressed_one(site: Site) -> None:
    async with site.client() as client:
        person = Person(client)
        await person.open("/?lang=en")
        await person.ask("/incident")
        await person.press(ENGLISH.say("incident.choice.begin-during"))
        await person.ask("KA220-SCH-0A1B2C3D")
        label = ENGLISH.say("incident.choice.hand")
        assert label in person.choices
        await person.ask(label)
        links = [each.attributes.get("href", "") for each in person.page.all("a")]
        files = [link for link in links if link.startswith("/files")]
        contents = [(await client.get(link)) for link in files]
    assert [content.status_code for content in contents] == [200, 200]
    assert b"KA220-SCH-0A1B2C3D" in contents[0].content


async def test_a_large_mail_stands_in_no_stored_message(api: BotApi, folder: Path) -> None:
    async with served(settings(api, folder, now=BEFORE_NOON)):
        anna = api.user(42, "lv")
        await pressed(anna, await said(anna, "/incident"), 0)
        await said(anna, "KA220-SCH-0A1B2C3D")
        form = filled(600_000)
        anna.send_document(form, "a.pdf", mime="application/pdf")
        board = (await anna.wait_for(len(anna.messages) + 1, PATIENCE))[-1]
        api.script("sendDocument", Delayed(1))
        before = len(anna.messages)
        anna.press(board, board.labels.index(LATVIAN.say("incident.choice.hand")))
        await api.called("sendDocument", 1, PATIENCE)
        ((longest,),) = rows(folder, "SELECT max(length(messages)) FROM telegram_update")
        sent = (await anna.wait_for(before + 3, PATIENCE))[before:]
    assert longest < 30_000
    assert any(message.document for message in sent)


def batch(people: list[tuple[int, str]]) -> list[Pending]:
    """Return updates, each a text in a private chat, as they are claimed."""
    return [Pending(number, number, _text(number, text), "", "received") for number, text in people]


def _text(number: int, text: str) -> str:
    chat = {"id": number, "type": "private", "first_name": "A"}
    sender = {"id": number, "is_bot": False, "first_name": "A", "language_code": "en"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": sender, "text": text}
    return json.dumps({"update_id": number, "message": message})


async def fixed(
    noon: Noon, answering: Answering, pending: list[Pending], *, alone: bool = False
) -> Answers:
    async with noon.database.write() as connection:
        return await answering.fix(connection, pending, alone=alone)


async def test_turns_of_notices_are_answered_each_in_a_transaction_of_its_own(site: Site) -> None:
    noon, answering = site.noon, Answering(site.noon, Me(1, "noon_bot"))
    begun = batch([(1, "/incident"), (2, "/incident"), (3, "/help")])
    await fixed(noon, answering, begun)
    next_ = batch([(1, "/incident"), (2, "an error"), (3, "/help")])
    answers = await fixed(noon, answering, next_)
    assert (set(answers.messages), answers.apart) == ({3}, {1, 2})
    alone = await fixed(noon, answering, next_[:1], alone=True)
    assert (set(alone.messages), alone.apart) == ({1}, set())


async def test_a_turn_that_the_database_fails_is_tried_again_and_not_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon, answering = site.noon, Answering(site.noon, Me(1, "noon_bot"))

    async def deadlocked(*_: Any) -> list[Reply]:
        raise OperationalError("SELECT", {}, Exception("deadlock detected"))

    monkeypatch.setattr(noon, "reply", deadlocked)
    one = batch([(1, "/help")])
    for _ in range(TRIES - 1):
        with pytest.raises(OperationalError):
            await fixed(noon, answering, one)
    answers = await fixed(noon, answering, one)
    page = noon.almanac.desk.agency.contacts_page
    assert page in answers.messages[1]
