"""Files sent in Telegram for a notice: fetched before the answer, in order, none lost."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.faces.telegram import fetching
from bot.service import Noon
from handlers.words import words
from tests.botapi import BotApi, Delayed, Dropped, Failed, Message, Refused, User
from tests.hostile.documents import filled, pdf
from tests.hostile.pictures import encoded, screen
from tests.telegram.service import PATIENCE, Service, served, settings
from tests.telegram.store import all_done, rows, states
from tests.telegram.talking import pressed, said

pytest_plugins = ("tests.telegram.fixtures",)

BEFORE_NOON = "2026-03-05T10:30:00Z"
"""Half an hour before the deadlines of 5 March 2026."""

LATVIAN = words("lv")
MB = 1_000_000


@pytest.fixture
async def noon(api: BotApi, folder: Path) -> AsyncIterator[Noon]:
    """Yield a Noon half an hour before the deadline, whose face runs inside the test."""
    async with served(settings(api, folder, now=BEFORE_NOON)) as noon:
        yield noon


async def preparing(api: BotApi, number: int = 42) -> User:
    """Return a person who has begun to prepare a notice."""
    person = api.user(number, "lv")
    advice = await said(person, "/incident")
    await pressed(person, advice, 0)
    return person


def shot(number: int = 0) -> bytes:
    return encoded(screen(800, 600 + number))


def kept(folder: Path) -> list[tuple[Any, ...]]:
    return rows(folder, "SELECT kind, size, problem FROM evidence ORDER BY at, size")


def problem(name: str) -> str:
    return LATVIAN.say(f"incident.problem.{name}", agency="VIAA")


async def answered(person: User, before: int, count: int = 1) -> list[Message]:
    return (await person.wait_for(before + count, PATIENCE))[before:]


async def sent(person: User, content: bytes, name: str = "a.png", **more: Any) -> str:
    """Send a document and return what is said to it."""
    before = len(person.messages)
    person.send_document(content, name, **more)
    return (await answered(person, before))[-1].text


def fetched(api: BotApi) -> int:
    return sum(call.method == "getFile" for call in api.calls)


async def test_a_photo_and_documents_are_kept(api: BotApi, noon: Noon, folder: Path) -> None:
    anna = await preparing(api)
    before = len(anna.messages)
    photo = encoded(screen(1280, 720), "JPEG", quality=90)
    anna.send_photo(photo)
    await answered(anna, before)
    form = pdf()
    await sent(anna, form, "veidlapa.pdf", mime="application/pdf")
    await sent(anna, shot(), "no size.png")
    sizes = sorted(row[:2] for row in kept(folder))
    assert sizes == sorted(
        [("screenshot", len(photo)), ("form", len(form)), ("screenshot", len(shot()))]
    )


async def test_without_a_notice_nothing_is_fetched(api: BotApi, noon: Noon) -> None:
    anna = api.user(42, "lv")
    assert LATVIAN.say("router.file") in await sent(anna, shot())
    group = api.supergroup("Project", by=await preparing(api, 43))
    anna.send_document(shot(), "a.png", to=group)
    await said(anna, "/help")
    await api.settled()
    assert fetched(api) == 0


async def test_an_album_comes_in_order_and_all_of_it_is_kept(
    api: BotApi, noon: Noon, folder: Path
) -> None:
    anna = await preparing(api)
    before = len(anna.messages)
    shots = [shot(number) for number in range(6)]
    for content in shots:
        anna.send_photo(content)
    anna.say("/help")
    answers = await answered(anna, before, 7)
    assert [row[1] for row in kept(folder)] == [len(content) for content in shots]
    assert LATVIAN.say("menu.deadlines").split()[0] in answers[-1].text or answers[-1].labels


@pytest.mark.parametrize(
    ("size", "content", "asked"),
    [(21 * MB, b"", 0), (None, bytes(21 * MB), 1), (100, bytes(21 * MB), 1)],
    ids=["it says so", "it does not say", "it lies"],
)
async def test_what_is_larger_than_20_mb_is_not_taken(
    api: BotApi, noon: Noon, folder: Path, size: int | None, content: bytes, asked: int
) -> None:
    anna = await preparing(api)
    before = len(anna.messages)
    untold(anna, content or b"x", size)
    assert problem("too-large") in (await answered(anna, before))[-1].text
    assert fetched(api) == asked
    assert kept(folder) == []


def untold(person: User, content: bytes, size: int | None) -> None:
    """Send a document whose message says `size`, or no size at all."""
    message = person.network.files.store(content, "a.pdf", "application/pdf", "documents", 5)
    fields = message.document() | {"file_size": size}
    if size is None:
        del fields["file_size"]
    raw = person.network.post(person.chat, person.face, {"document": fields})
    person.network.emit("message", raw, person.id)


async def test_a_download_that_fails_is_tried_again(api: BotApi, noon: Noon, folder: Path) -> None:
    anna = await preparing(api)
    api.script("getFile", Failed(502, page=True), Dropped())
    await sent(anna, shot())
    assert [row[0] for row in kept(folder)] == ["screenshot"]


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([Failed(500)] * 3, "missed"),
        ([Refused(400, "Bad Request: wrong file_id")], "missed"),
        ([Refused(400, "Bad Request: file is too big")], "too-large"),
    ],
    ids=["broken", "unknown", "too big"],
)
async def test_a_download_that_goes_on_failing_is_told_with_what_to_do(
    api: BotApi, noon: Noon, folder: Path, steps: list[Any], why: str
) -> None:
    anna = await preparing(api)
    api.script("getFile", *steps)
    assert problem(why) in await sent(anna, shot())
    assert kept(folder) == []
    await sent(anna, shot())
    assert len(kept(folder)) == 1


async def test_nothing_is_fetched_from_anywhere_else(
    api: BotApi, noon: Noon, tmp_path: Path
) -> None:
    anna = await preparing(api)
    secret = tmp_path / "secret.png"
    secret.write_bytes(shot())
    files = api.network.files
    real = files.download
    for path in (str(secret), "../../bot123:x/getMe", "documents/../../x"):
        vars(files)["download"] = lambda file_id, path=path: real(file_id) | {"file_path": path}
        assert problem("missed") in await sent(anna, shot())
    assert api.network.files.by_path(str(secret)) is None


async def test_others_are_answered_while_a_file_is_fetched(api: BotApi, noon: Noon) -> None:
    people = [await preparing(api, number) for number in range(50, 58)]
    api.script("getFile", *[Delayed(3)] * len(people))
    before = [len(person.messages) for person in people]
    for person in people:
        person.send_document(shot(), "a.png")
    await api.called("getFile", fetching.AT_ONCE, PATIENCE)
    assert await said(api.user(99, "lv"), "/help")
    assert fetched(api) == fetching.AT_ONCE
    for person, count in zip(people, before, strict=True):
        await answered(person, count)


async def test_a_kill_while_a_file_is_fetched_loses_nothing(api: BotApi, folder: Path) -> None:
    async with Service(api.url, folder, NOON_NOW=BEFORE_NOON) as service:
        await service.start()
        anna = await preparing(api)
        await all_done(folder, 2)
        before = len(anna.messages)
        api.script("getFile", Delayed(30))
        anna.send_document(shot(), "a.png")
        anna.say("/help")
        await api.called("getFile", 1, PATIENCE)
        assert states(folder) == {"done": 2, "received": 2}
        await service.kill()
        assert kept(folder) == []
        await service.start()
        await answered(anna, before, 2)
        assert len(kept(folder)) == 1
        await all_done(folder, 4)
        assert "Traceback" not in service.printed
        assert api.token not in service.printed


async def test_twenty_chats_with_20_mb_each_take_little_memory(
    api: BotApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Service(api.url, folder, NOON_NOW=BEFORE_NOON) as service:
        await service.start()
        people = [await preparing(api, number) for number in range(60, 80)]
        large = filled(19 * MB)
        before = [len(person.messages) for person in people]
        at_rest = peak(service), peak(service, "VmRSS")
        for person in people:
            untold(person, large, None)
        for person, count in zip(people, before, strict=True):
            await answered(person, count)
        most = peak(service)
    with capsys.disabled():
        print(
            f"\npeak memory of the service with twenty files of 19 MB: {most} MB, before: {at_rest}"
        )
    assert 0 < most < 300


def peak(service: Service, what: str = "VmHWM") -> int:
    """Return the most memory that the service has held, in MB."""
    with open(f"/proc/{service.pid}/status") as status:
        (held,) = [line.split()[1] for line in status if line.startswith(what)]
    return int(held) // 1000
