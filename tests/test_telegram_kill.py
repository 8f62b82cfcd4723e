"""Noon is killed (SIGKILL) in the middle and started again: nothing is lost, little is repeated.

What was being sent at that moment may come twice, because Telegram cannot tell whether it came. No
fail points are needed: a held write lock, a slow or a silent server make the middle last.
"""

import random
import re
import time
from collections import Counter
from pathlib import Path

from sqlalchemy.engine import URL

from bot.faces.telegram.limiter import REQUESTS_AT_ONCE
from tests.botapi import BotApi, Delayed, Dropped, Served, User
from tests.botapi.calls import Call
from tests.botapi.faults import Step
from tests.botapi.feed import FIRST_UPDATE
from tests.telegram.service import PATIENCE, Service
from tests.telegram.store import all_done, answers, states, until, unwritable

pytest_plugins = ("tests.telegram.fixtures",)

PEOPLE, EACH = 20, 5
ALL = PEOPLE * EACH
BEFORE = 30
"""Answers that arrive before the server becomes slow."""

LEASE = 30.0

TYPED = ["/eligibility KA210", "?", "LV", "?", "?", "?", "EE, LT", "?", "?", "?", "24", "?", "?"]
TYPED += ["?", "Latvija"]
"""A questionnaire typed in one go; the last question and the tenth tell whether one was doubled."""


def asking(api: BotApi) -> list[User]:
    """People who each wrote several messages, the answer to which names the message."""
    people = [api.user(1000 + number, "en") for number in range(PEOPLE)]
    for number in range(EACH):
        for person in people:
            person.say(f"/deadlines q{number}")
    return people


def named(person: User) -> list[int]:
    """The numbers of the messages that were answered, in the order of the answers."""
    return [int(number) for m in person.messages for number in re.findall(r"\bq(\d)\b", m.text)]


def repeated(people: list[User]) -> int:
    """How many answers came more than once; every one came, in order in every chat."""
    extra = 0
    for person in people:
        numbers = named(person)
        assert sorted(set(numbers)) == list(range(EACH)), "an answer was lost"
        assert numbers == sorted(numbers), "answers changed places"
        extra += len(numbers) - EACH
    return extra


def polls(api: BotApi) -> list[Call]:
    return [call for call in api.calls if call.method == "getUpdates"]


async def test_updates_that_were_fetched_but_not_stored_are_fetched_again(
    api: BotApi, service: Service, folder: Path
) -> None:
    await service.start()
    await until(lambda: any(call.outcome == -1 for call in polls(api)))
    with unwritable(folder):
        people = asking(api)
        await until(lambda: any(call.outcome == 200 for call in polls(api)))
        await service.kill()
    assert states(folder) == {}
    assert len(api.network.feed.pending) == ALL, "nothing was acknowledged"
    await service.start()
    await all_done(folder, ALL)
    assert repeated(people) == 0


async def test_a_kill_repeats_at_most_what_was_being_sent(
    api: BotApi, service: Service, folder: Path
) -> None:
    people = asking(api)
    slow = Delayed(PATIENCE, after=True)
    api.script("sendMessage", *[Served()] * BEFORE, *[slow] * (REQUESTS_AT_ONCE + 2))
    await service.start()
    await until(lambda: sum(map(len, map(named, people))) == BEFORE + REQUESTS_AT_ONCE)
    await api.settled(PATIENCE)
    assert polls(api)[-1].parameters["offset"] in (FIRST_UPDATE + ALL, str(FIRST_UPDATE + ALL))
    assert sum(states(folder).values()) == ALL, "every update is stored before it is acknowledged"
    await until(lambda: states(folder)["done"] == BEFORE)
    await service.kill()
    api.server.script.clear()
    begun = time.monotonic()
    await service.start()
    await all_done(folder, ALL)
    assert time.monotonic() - begun < LEASE / 2, "old leases are not waited out"
    assert repeated(people) <= REQUESTS_AT_ONCE


async def test_another_process_takes_over_the_chats_of_a_dead_one(
    api: BotApi, tmp_path: Path, postgres_url: URL
) -> None:
    address = postgres_url.render_as_string(hide_password=False)
    shared = {"NOON_DATABASE_URL": address, "NOON_LEASE": "1"}
    people = asking(api)
    api.script("sendMessage", *[Delayed(PATIENCE, after=True)] * REQUESTS_AT_ONCE)
    async with (
        Service(api.url, tmp_path, **shared) as one,
        Service(api.url, tmp_path, **shared) as two,
    ):
        await one.start()
        await until(lambda: sum(map(len, map(named, people))) == REQUESTS_AT_ONCE)
        await api.settled(PATIENCE)
        await two.start()
        await until(lambda: [call.method for call in api.calls].count("getMe") == 2)
        await one.kill()
        await until(lambda: all(len(set(named(person))) == EACH for person in people))
    assert repeated(people) <= REQUESTS_AT_ONCE


async def test_kills_at_any_moment_lose_nothing_and_take_no_answer_twice(
    api: BotApi, service: Service, folder: Path
) -> None:
    """A typed answer taken twice would also be taken for the answer to the next question."""
    moments = random.Random(7)
    people = [api.user(2000 + number, "lv") for number in range(6)]
    faults: list[Step] = [Delayed(0.05), Dropped(after=True), Served()]
    api.script("sendMessage", *faults * 20)
    for person in people:
        for text in TYPED:
            person.say(text)
    for _ in range(3):
        api.calls.clear()
        await service.start()
        await until(lambda: bool(polls(api)))
        await until_after(moments.uniform(0.0, 0.4))
        await service.kill()
    await service.start()
    await all_done(folder, len(TYPED) * len(people))
    notebooks = [tuple(sorted(notes.items())) for notes in answers(folder).values()]
    ((notes, times),) = Counter(notebooks).items()
    assert times == len(people), "everybody's answers are the same"
    assert dict(notes)["eligibility.KA210/months"] == "24"
    assert dict(notes)["eligibility.KA210/venues"] == "LV"


async def until_after(seconds: float) -> None:
    """Let a moment pass; which one does not matter."""
    end = time.monotonic() + seconds
    await until(lambda: time.monotonic() >= end)
