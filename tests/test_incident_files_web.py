"""Files sent from the page while a notice is prepared: with a browser's form, large ones, many."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.faces.web import uploads
from bot.faces.web.limits import MOST_WITH_FILES
from handlers.words import words
from tests.hostile.documents import pdf
from tests.hostile.pictures import encoded, screen
from tests.web.browser import browser, tab
from tests.web.document import Element, read
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEFORE_NOON = "2026-03-05T10:30:00Z"
LATVIAN = words("lv")
FRAGMENT = {"X-Noon": "fragment"}
BEGIN = {"choice": "incident:begin", "label": "x"}

Files = list[tuple[str, tuple[str, bytes, str]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    async with serving(data_dir=folder, now=BEFORE_NOON) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def anna(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Yield somebody who has begun to prepare a notice."""
    async with site.client(**{"accept-language": "lv"}) as client:
        await client.post("/chat", data={"text": "/incident"})
        page = read((await client.get("/")).text)
        begin = next(each for each in page.all("button") if "incident:" in value(each))
        await client.post("/chat", data={"choice": value(begin), "label": "x"})
        yield client


def value(button: Element) -> str:
    return button.attributes.get("value", "")


def png(number: int = 0) -> bytes:
    return encoded(screen(800, 600 + number))


def sending(*files: tuple[str, bytes]) -> Files:
    return [("files", (name, content, "application/octet-stream")) for name, content in files]


async def kept(site: Site) -> int:
    return await site.count("evidence")


async def test_the_form_takes_files_while_a_notice_is_prepared(
    site: Site, anna: httpx.AsyncClient
) -> None:
    page = read((await anna.get("/")).text)
    form = page.one("form", class_="ask")
    assert form.attributes["enctype"] == "multipart/form-data"
    assert "disabled" not in page.one("input", type="file").attributes
    async with site.client() as stranger:
        page = read((await stranger.get("/")).text)
    assert "enctype" not in page.one("form", class_="ask").attributes
    assert "disabled" in page.one("input", type="file").attributes


async def test_several_files_and_a_text_come_at_once(site: Site, anna: httpx.AsyncClient) -> None:
    before = await kept(site)
    files = sending(("../../a.png", png()), ("b.png", png(1)), ("form.pdf", pdf()))
    answer = await anna.post("/chat", data={"text": "KA220"}, files=files)
    assert answer.status_code == 303
    assert await kept(site) == before + 3
    page = read((await anna.get("/")).text)
    assert page.one("p", class_="said").words.endswith(
        f"KA220 ({LATVIAN.say('web.files.sent', n=3)})"
    )
    assert "a.png" not in page.words


async def test_an_empty_field_for_files_is_no_file(site: Site, anna: httpx.AsyncClient) -> None:
    before = await kept(site)
    answer = await anna.post("/chat", data={"text": "KA220"}, files=sending(("", b"")))
    assert answer.status_code == 303
    assert await kept(site) == before


async def test_of_very_many_files_the_first_are_looked_at(
    site: Site, anna: httpx.AsyncClient
) -> None:
    files = sending(*((f"{n}.txt", b"x") for n in range(uploads.LOOKED_AT + 2)))
    await anna.post("/chat", files=files)
    page = read((await anna.get("/")).text)
    assert page.words.count(LATVIAN.say("incident.problem.many")) == 2


async def test_from_somebody_without_a_notice_no_file_is_taken(site: Site) -> None:
    before = await kept(site)
    async with site.client(**{"accept-language": "lv"}) as client:
        for _ in range(2):
            await client.post("/chat", files=sending(("a.png", png()[:9000])))
            page = read((await client.get("/")).text)
            assert LATVIAN.say("router.file") in page.words
        large = await client.post("/chat", files=sending(("a.png", bytes(70_000))))
    assert large.status_code == 413
    assert await kept(site) == before


async def test_a_form_from_another_site_is_refused_before_it_is_read(
    site: Site, anna: httpx.AsyncClient
) -> None:
    before = await kept(site)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = await anna.post("/chat", files=sending(("a.png", png())), headers=foreign)
    assert answer.status_code == 403
    assert await kept(site) == before


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["a page", "its script"])
@pytest.mark.parametrize("announced", [True, False])
async def test_what_is_too_large_is_told_in_words(
    site: Site, anna: httpx.AsyncClient, headers: dict[str, str], announced: bool
) -> None:
    before = await kept(site)
    body = multipart(bytes(MOST_WITH_FILES))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 2**20):
            yield body[start : start + 2**20]

    kind = {"content-type": "multipart/form-data; boundary=x", **headers}
    answer = await anna.post("/chat", content=body if announced else pieces(), headers=kind)
    assert answer.status_code == 413
    assert LATVIAN.say("web.files-too-large") in read(answer.text).words
    assert ("x-noon" in answer.headers) is (headers == FRAGMENT)
    assert await kept(site) == before


def multipart(content: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    return head + content + b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"--x\r\n\r\n", b"nothing", b"--x\r\nA: " + b"b" * 100_000),
        multipart(b"1").replace(b'name="files"; ', b""),
    ],
    ids=["empty", "no name", "no form", "a long header", "nameless"],
)
async def test_a_broken_form_is_told_in_words(anna: httpx.AsyncClient, body: bytes) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await anna.post("/chat", content=body, headers=kind)
    assert answer.status_code in (303, 400)
    if answer.status_code == 400:
        assert LATVIAN.say("web.files-broken") in read(answer.text).words


async def test_from_one_address_only_some_are_read_at_once(
    site: Site, anna: httpx.AsyncClient
) -> None:
    place = urlsplit(site.address)
    cookie = "; ".join(f"{name}={held}" for name, held in anna.cookies.items())
    head = (
        f"POST /chat HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookie}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000\r\n\r\n--x\r\n"
    )
    slow = []
    for _ in range(uploads.READ_AT_ONCE_EACH):
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(head.encode())
        await writer.drain()
        slow.append(writer)
    await asyncio.sleep(0.5)
    answer = await anna.post("/chat", files=sending(("a.png", png())))
    assert answer.status_code == 503
    assert LATVIAN.say("web.files-busy") in read(answer.text).words
    for writer in slow:
        writer.close()
    await asyncio.sleep(0.5)
    assert (await anna.post("/chat", files=sending(("a.png", png())))).status_code == 303


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


@pytest.mark.parametrize("scripts", [True, False], ids=["with its script", "without"])
async def test_files_are_sent_in_a_browser(
    site: Site, chromium: Browser, tmp_path: Path, scripts: bool
) -> None:
    names = [tmp_path / "a.png", tmp_path / "form.pdf"]
    names[0].write_bytes(png(7))
    names[1].write_bytes(pdf())
    large = tmp_path / "large.png"
    large.write_bytes(bytes(MOST_WITH_FILES + 1000))
    before = await kept(site)
    async with tab(chromium, site, java_script_enabled=scripts) as opened:
        page = opened.page
        await expect(page.locator("#files")).to_be_hidden()
        await page.locator("#question").fill("/incident")
        await page.locator(".ask button").click()
        await expect(page.locator("#answer .said")).to_contain_text("/incident")
        await page.locator("#answer .choices button").first.click()
        await expect(page.locator("#files")).to_be_visible()
        await page.locator("#files").set_input_files(names)
        await page.locator(".ask button").click()
        sent = LATVIAN.say("web.files.sent", n=2)
        await expect(page.locator("#answer .said")).to_contain_text(sent, timeout=20_000)
        assert await kept(site) == before + 2
        await page.locator("#files").set_input_files(large)
        await page.locator(".ask button").click()
        told = page.get_by_text(LATVIAN.say("web.files-too-large"))
        await expect(told).to_be_visible(timeout=20_000)
        opened.complaints[:] = [each for each in opened.complaints if "413" not in each]
    assert await kept(site) == before + 2
