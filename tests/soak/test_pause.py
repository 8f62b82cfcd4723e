"""Telegram asks for a pause of 35 seconds while reminders and answers are under way everywhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.store.database import Database
from tests.botapi import BotApi, Served, TooMany
from tests.botapi.calls import Call
from tests.botapi.methods import LIMITED
from tests.soak.chats import planned, service, subscribe, until_reminders
from tests.soak.crowd import Crowd
from tests.soak.size import tell

pytestmark = pytest.mark.soak

PAUSE = 35
REMINDED = range(1000, 1400)
WRITERS = 100
FIRST = 2000
ON_ITS_WAY = 0.4
"""Seconds in which a request may still come that had left when the pause was demanded."""


@pytest.fixture
async def database(postgres_url: URL) -> AsyncIterator[Database]:
    """PostgreSQL, which several processes share."""
    opened = Database(postgres_url)
    yield opened
    await opened.close()


async def test_a_pause_holds_every_process(database: Database, tmp_path: Path) -> None:
    url = database.url
    async with BotApi(trace="") as api:
        crowd = Crowd(api, FIRST, WRITERS)
        for number in (*REMINDED, *range(FIRST, FIRST + WRITERS)):
            api.user(number, "lv")
        await subscribe(database, REMINDED)
        await planned(api.url, database, tmp_path, len(REMINDED))
        api.script("sendMessage", *[Served()] * 60, TooMany(PAUSE, everywhere=True))
        face, *posts = (service(api.url, url, tmp_path) for _ in range(3))
        async with face, posts[0], posts[1]:
            await face.start("telegram")
            await api.called("getUpdates", timeout=60)
            for post in posts:
                await post.start("post")
            await api.called("sendMessage", 20, 60)
            await crowd.storm(5, 20)
            await until_reminders(database, "accepted", len(REMINDED))
            _judged(url, [call for call in api.calls if call.method in LIMITED])


def _judged(url: URL, sends: list[Call]) -> None:
    refused = next(call for call in sends if call.outcome == 429)
    demanded = refused.at + refused.seconds
    before = sum(call.at <= demanded for call in sends)
    first = min(call.at for call in sends if call.at > demanded + ON_ITS_WAY) - demanded
    answers = [call.outcome for call in sends]
    tell(
        f"a pause of {PAUSE} s, two post offices and a face", url,
        sent_before=before, first_after=f"{first:.2f} s", answers_429=answers.count(429),
        sent=answers.count(200),
    )  # fmt: skip
    assert first >= PAUSE
    assert answers.count(429) <= 1 + 2 * 16, "what was under way when it was demanded"
