"""Deadline day in Telegram: everybody writes while everybody is reminded."""

import asyncio
import time
from math import inf
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.store.database import Database
from tests.botapi import BotApi
from tests.soak.chats import planned, reminders, service, subscribe, until_reminders, updates
from tests.soak.crowd import Crowd
from tests.soak.size import SECONDS, spread, tell

pytestmark = pytest.mark.soak

A_SECOND = 40
REMINDERS = min(2000, int(10 * SECONDS))
WRITERS = min(1600, int(8 * SECONDS))
WRITING = REMINDERS // 5
"""So many of the reminded write too, but press nothing that could end their reminders."""

FIRST = 1000
PRESSING = WRITERS - WRITING
REMINDED = range(FIRST + PRESSING, FIRST + PRESSING + REMINDERS)
DRAINED_WITHIN = 2 * SECONDS + 120
MOST_429 = 5
BUTTON_WITHIN = 2.0


async def test_a_storm_of_chats_loses_nothing(url: URL, database: Database, tmp_path: Path) -> None:
    async with BotApi(trace="") as api:
        for number in (*range(FIRST, FIRST + WRITERS), *REMINDED):
            api.user(number, "lv")
        await subscribe(database, REMINDED)
        await planned(api.url, database, tmp_path, REMINDERS)
        api.rates(per_chat=1, overall=30)
        crowd = Crowd(api, FIRST, WRITERS, PRESSING)
        face, post = (service(api.url, url, tmp_path) for _ in range(2))
        async with face, post:
            await face.start("telegram")
            await post.start("post")
            await api.called("getUpdates", timeout=60)
            begun = time.monotonic()
            await crowd.storm(A_SECOND, SECONDS)
            out = (await reminders(database))["accepted"]
            await _drained(database, crowd)
            answered = time.monotonic() - begun
            await until_reminders(database, "accepted", REMINDERS, DRAINED_WITHIN)
            reminded_after = time.monotonic() - begun
            await _judged(url, database, crowd, out, answered, reminded_after)


async def _drained(database: Database, crowd: Crowd) -> None:
    async with asyncio.timeout(DRAINED_WITHIN):
        while (await updates(database))["done"] < crowd.sent:
            await asyncio.sleep(0.5)


async def _judged(
    url: URL, database: Database, crowd: Crowd, out: int, answered: float, reminded: float
) -> None:
    presses = sorted(crowd.answered_after())
    refused = [call for call in crowd.api.calls if call.outcome == 429]
    waits = crowd.api.network.calls.waits
    lost = crowd.sent - (await updates(database))["done"]
    tell(
        f"{A_SECOND} updates a second for {SECONDS:g} s", url,
        updates=crowd.sent, lost=lost, chats_without_answer=len(crowd.api.network.calls.waiting),
        answers_429=len(refused),
        presses=len(presses), button_never_answered=presses.count(inf),
        button_answered_after=spread(presses),
        chat_reacted_after=spread(waits), all_answered_after=f"{answered:.0f} s",
        reminders=REMINDERS, out_during_the_storm=out, reminders_out_after=f"{reminded:.0f} s",
    )  # fmt: skip
    assert lost == 0
    assert not crowd.api.network.calls.waiting, "a chat got no answer"
    assert await reminders(database) == {"accepted": REMINDERS}
    assert len(refused) <= MOST_429
    assert presses[round(0.95 * (len(presses) - 1))] < BUTTON_WITHIN
