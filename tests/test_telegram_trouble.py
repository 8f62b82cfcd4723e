"""Trouble on the line, in the store and at the start: answers wait, and come when it is over."""

import asyncio
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bot.faces.telegram import face
from bot.faces.telegram.delivery import Delivery
from bot.faces.telegram.fetching import Fetcher, Fetches
from bot.faces.telegram.reading import Me
from bot.faces.telegram.transport import Transport
from bot.faces.telegram.worker import Worker
from bot.service import Noon
from tests.botapi import BotApi, Delayed, Dropped, Failed, Refused
from tests.botapi.connection import listening_socket
from tests.botapi.faults import Step
from tests.telegram.service import PATIENCE, Service, served, settings
from tests.telegram.store import all_done, refusing, rows, until, without
from tests.telegram.talking import label, pressed, said

pytest_plugins = ("tests.telegram.fixtures",)

TROUBLES: list[Step] = [
    Failed(500),
    Failed(502, page=True),
    Dropped(),
    Dropped(after=True),
    Refused(401, ""),
]


async def test_what_could_not_be_sent_is_sent_again(api: BotApi, noon: Noon) -> None:
    people = [api.user(number, "en") for number, _ in enumerate(TROUBLES, start=1)]
    api.script("sendMessage", *TROUBLES)
    for person in people:
        person.say("/help")
    answers = [await person.wait_for(lambda m: bool(m.buttons), PATIENCE) for person in people]
    api.script("editMessageText", *TROUBLES)
    for person, answer in zip(people, answers, strict=True):
        person.press(answer, 0)
    await until(lambda: all(answer.edited for answer in answers))


async def test_updates_wait_while_the_server_fails(api: BotApi, noon: Noon) -> None:
    anna = api.user(1, "en")
    api.script("getUpdates", Failed(502, page=True), Dropped())
    assert (await said(anna, "/help")).text


@pytest.mark.parametrize("table", ["telegram_update", "answer", "send_slot"])
async def test_a_store_that_fails_for_a_while_loses_nothing(
    api: BotApi, folder: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    people = [api.user(number, "en") for number in range(1, 6)]
    async with served(settings(api, folder, telegram_rate=1000.0)):
        await said(people[0], "/help")
        async with without(folder, table):
            caplog.clear()
            for person in people:
                person.say("/start")
            await until(lambda: "database" in caplog.text)
        await all_done(folder, len(people) + 1)
    assert [len(person.messages) for person in people] == [2, 1, 1, 1, 1]


async def test_buttons_of_an_answer_that_could_not_be_stored_at_first_work(
    api: BotApi, folder: Path, noon: Noon, caplog: pytest.LogCaptureFixture
) -> None:
    anna = api.user(1, "en")
    async with refusing(folder, "answer"):
        anna.say("/start oid-register")
        await until(lambda: "database" in caplog.text)
    (opening,) = await anna.wait_for(1, PATIENCE)
    step = await pressed(anna, opening, label("steps.choice.begin", "en"))
    assert step.id == opening.id


async def test_telegram_out_of_reach_at_the_start_is_tried_again_and_the_web_page_works(
    folder: Path, telegram_record: Path
) -> None:
    port, web = free_port(), free_port()
    async with Service(f"http://127.0.0.1:{port}", folder, NOON_PORT=str(web)) as service:
        await service.start("run")
        await until(lambda: "cannot be reached" in service.printed, lambda: service.printed)
        await until(lambda: answers_http(web))
        async with BotApi(trace=str(telegram_record), port=port) as api:
            assert (await said(api.user(1, "en"), "/help")).text
            await service.stop()


def free_port() -> int:
    with closing(listening_socket(0)) as free:
        return int(free.getsockname()[1])


def answers_http(port: int) -> bool:
    """Whether the web page's process says that it lives."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False


async def test_a_wrong_token_ends_with_a_clear_message(api: BotApi, folder: Path) -> None:
    service = Service(api.url, folder, NOON_TELEGRAM_TOKEN="123456:wrong")
    assert await service.run("telegram") == 2
    assert "NOON_TELEGRAM_TOKEN" in service.printed
    assert "Traceback" not in service.printed
    assert "123456:wrong" not in service.printed


async def test_a_slash_behind_the_servers_address_does_no_harm(api: BotApi, folder: Path) -> None:
    async with served(settings(api, folder, telegram_api=f"{api.url}/")):
        assert (await said(api.user(1, "en"), "/help")).text


async def test_a_stop_lets_answers_go_out_and_repeats_none(
    api: BotApi, service: Service, folder: Path
) -> None:
    people = [api.user(number, "en") for number in range(1, 5)]
    api.script("sendMessage", *[Delayed(0.5, after=True)] * len(people))
    await service.start()
    for person in people:
        person.say("/help")
    for person in people:
        await person.wait_for(1, PATIENCE)
    await service.stop()
    assert rows(folder, "SELECT DISTINCT state FROM telegram_update") == [("done",)]
    assert "Traceback" not in service.printed
    assert [len(person.messages) for person in people] == [1] * len(people)


async def test_a_stop_that_comes_together_with_an_update_stops(api: BotApi, folder: Path) -> None:
    async with served(settings(api, folder)) as noon:
        bot, transport = face.make_bot(noon), Transport(api.url, 1)
        fetches = Fetches(Fetcher(bot, transport, noon.inspector), 1.0)
        worker = Worker(noon, Delivery(bot), Me(1, "noon_bot"), "test", fetches)
        for moment in (0.02, 0.04, 0.06, 0.08):
            running = asyncio.create_task(worker.run())
            await asyncio.wait([running], timeout=moment)
            worker.wake.set()
            running.cancel()
            await asyncio.wait([running], timeout=3)
            assert running.done()
