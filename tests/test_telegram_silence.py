"""What is printed and logged never holds the token, a chat's number or what a person wrote.

Everything is logged (DEBUG) and everything fails once: the address, the server, the store, a
handler, a message that is refused. Each failure is logged, so that the silence means something.
"""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.settings import BadSettings, load_settings
from tests.botapi import BotApi, Failed, Refused, TooMany, User
from tests.telegram.service import PATIENCE, Service
from tests.telegram.store import FILE, all_done, until, without
from tests.telegram.talking import label, pressed, said

pytest_plugins = ("tests.telegram.fixtures",)

TOKEN = "7731994:AAF-planted_token-Zq9"
CHAT = 773_199_441_122
WRITTEN = "Planted-Ābols-7731"
UNREACHED = ["http://127.0.0.1:1", "http://nobody.invalid"]
WRONG = ["nonsense", "http://", "http://[::1", "ftp://127.0.0.1"]


@pytest.fixture
async def loud(telegram_record: Path) -> AsyncIterator[BotApi]:
    async with BotApi(token=TOKEN, trace=str(telegram_record)) as api:
        yield api


def prepared(server: str, folder: Path) -> Service:
    return Service(server, folder, NOON_TELEGRAM_TOKEN=TOKEN, NOON_SECRET=f"{WRITTEN}-secret")


def person(api: BotApi) -> User:
    return api.user(CHAT, "en", first_name=WRITTEN, username="planted_username")


def silent(printed: str) -> bool:
    """Whether nothing planted was printed, in whatever form JSON may give it."""
    planted = [TOKEN, TOKEN.partition(":")[2], str(CHAT), WRITTEN, "planted_username"]
    forms = [form for text in planted for form in (text, json.dumps(text).strip('"'))]
    return not [form for form in forms if form in printed]


async def test_addresses_that_lead_nowhere_are_told_without_the_token(folder: Path) -> None:
    for number, address in enumerate(UNREACHED, start=1):
        async with prepared(address, folder) as service:
            await service.begin("-m", "tests.telegram.loud")
            await until(partial(told, service, number))
        assert silent(service.printed)


def told(service: Service, times: int) -> bool:
    return service.printed.count("cannot be reached") == times


def test_an_empty_token_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOON_TELEGRAM_TOKEN", "")
    assert load_settings().telegram_token is None


@pytest.mark.parametrize("address", WRONG)
def test_what_is_no_address_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOON_TELEGRAM_API", address)
    with pytest.raises(BadSettings, match="NOON_TELEGRAM_API"):
        load_settings()


async def test_nothing_private_is_printed_whatever_fails(loud: BotApi, folder: Path) -> None:
    anna = person(loud)
    async with prepared(loud.url, folder) as service:
        await service.begin("-m", "tests.telegram.loud")
        await talking(loud, anna)
        await all_done(folder, loud.network.feed.emitted)
        await a_handler_fails(anna, folder)
        await the_store_fails(anna, service, folder)
        await telegram_refuses(loud, anna, service)
        await service.stop()
    logged = service.printed
    for failure in ("a turn was not answered", "database cannot be used", "was dropped"):
        assert failure in logged
    assert silent(logged)
    assert all(json.loads(line)["what"] for line in logged.splitlines()), "a record is a line"


async def talking(api: BotApi, anna: User) -> None:
    api.script("getUpdates", Failed(500))
    api.script("sendMessage", Failed(502, page=True), TooMany(1))
    await said(anna, WRITTEN)
    await said(anna, f"/deadlines {WRITTEN}")
    await said(anna, "/eligibility KA210")
    await said(anna, WRITTEN)
    await said(anna, "/cancel")
    anna.send_document(b"x", f"{WRITTEN}.pdf", caption=WRITTEN)
    api.network.press(anna.face, anna.messages[-1].raw, WRITTEN)


async def a_handler_fails(anna: User, folder: Path) -> None:
    """A value in the store that cannot be read stands for a fault of ours."""
    opening = await said(anna, "/start oid-register")
    await pressed(anna, opening, label("steps.choice.begin", "en"))
    with closing(sqlite3.connect(folder / FILE, timeout=PATIENCE)) as connection:
        connection.execute("UPDATE answer SET value = ? WHERE form = 'steps'", (WRITTEN,))
        connection.commit()
    assert "Something went wrong" in (await said(anna, "/start oid-register")).text


async def the_store_fails(anna: User, service: Service, folder: Path) -> None:
    async with without(folder, "answer"):
        anna.say(f"/deadlines {WRITTEN}2")
        await until(lambda: "database cannot be used" in service.printed)
    await anna.wait_for(lambda message: f"{WRITTEN}2" in message.text, PATIENCE)


async def telegram_refuses(api: BotApi, anna: User, service: Service) -> None:
    for refusal in (Refused(400, f"can't parse entities in {WRITTEN}"), Refused(403, WRITTEN)):
        count = service.printed.count("was dropped")
        api.script("sendMessage", refusal)
        anna.say(f"/deadlines {WRITTEN}")
        await until(partial(dropped, service, count + 1))
    anna.say(f"/deadlines {WRITTEN}")
    anna.block()
    await api.settled(PATIENCE)


def dropped(service: Service, times: int) -> bool:
    return service.printed.count("was dropped") == times
