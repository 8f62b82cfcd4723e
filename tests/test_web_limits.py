"""What is refused (long bodies, addresses that lead nowhere), and the headers of it all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from bot.faces.headers import SECURITY
from handlers.words import LANGUAGES, words
from tests.web.document import read
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
LATVIAN = words("lv")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site for all that leave it as it was."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.mark.parametrize(
    ("size", "status"), [(64 * 1024, 303), (64 * 1024 + 1, 413), (5_000_000, 413)]
)
async def test_a_body_over_64_kib_is_refused(site: Site, size: int, status: int) -> None:
    body = b"text=" + b"a" * (size - 5)
    kept = await site.count("exchange")

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, size, 16 * 1024):
            yield body[start : start + 16 * 1024]

    for content in (body, chunks()):
        async with site.client() as client:
            try:
                answer = await client.post("/chat", content=content)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                assert status == 413  # hung up in the middle of the body
            else:
                assert answer.status_code == status
    assert await site.count("exchange") == kept + (2 if status == 303 else 0)


@pytest.mark.parametrize("announced", ["Content-Length: 1000000000", "Transfer-Encoding: chunked"])
async def test_nothing_is_read_beyond_the_limit(site: Site, announced: str) -> None:
    place = urlsplit(site.address)
    kept = await site.count("exchange")
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"POST /chat HTTP/1.1\r\nHost: {place.netloc}\r\n{announced}\r\n\r\n".encode())
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    written = 0
    with suppress(ConnectionError):
        while written < 200 * len(chunk):
            writer.write(chunk)
            await asyncio.wait_for(writer.drain(), 10)
            written += len(chunk)
            await asyncio.sleep(0.001)
    assert written < 100 * len(chunk), "the server should have hung up"
    assert reader.exception() or (await reader.read(1000)).startswith(b"HTTP/1.1 413")
    assert await site.count("exchange") == kept


async def test_a_refused_body_gets_its_answer_before_it_is_sent(site: Site) -> None:
    place = urlsplit(site.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = f"POST /chat HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 1000000000\r\n\r\n"
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer
    assert LATVIAN.say("web.too-large.title").encode() in answer
    writer.close()


async def test_somebody_who_hangs_up_in_a_form_does_no_harm(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    place = urlsplit(site.address)
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    head = f"POST /chat HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 100\r\n\r\ntext="
    writer.write(head.encode())
    await writer.drain()
    writer.close()
    await asyncio.sleep(0.2)
    async with site.client() as client:
        assert (await client.get("/")).status_code == 200
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("method", "address", "status", "kind"),
    [
        ("GET", "/none", 404, "not-found"),
        ("GET", "/static/noon.css", 404, "not-found"),
        ("GET", "/static/../bot/settings.py", 404, "not-found"),
        ("GET", "/calendar/", 404, "not-found"),
        ("GET", "/chat", 405, "method"),
        ("POST", "/", 405, "method"),
        ("DELETE", "/calendar/KA2.ics", 405, "method"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_address_that_leads_nowhere_says_so_and_leads_home(
    site: Site, method: str, address: str, status: int, kind: str, language: str
) -> None:
    async with site.client(**{"accept-language": language}) as client:
        answer = await client.request(method, address)
    page = read(answer.text)
    assert answer.status_code == status
    assert page.one("html").attributes["lang"] == language
    assert page.one("h1").words == words(language).say(f"web.{kind}.title")
    assert "/" in [each.attributes["href"] for each in page.all("a")]
    assert ("allow" in answer.headers) is (status == 405)


async def answers(site: Site) -> dict[str, httpx.Response]:
    """Return an answer of every kind that there is."""
    async with site.client() as client:
        page = read((await client.get("/")).text)
        style = page.one("link", rel="stylesheet").attributes["href"]
        feed = await client.get("/calendar/KA2.ics")
        known = {"If-None-Match": feed.headers["etag"]}
        asked = await client.post("/chat", data={"choice": "deadlines:file:KA220"})
        file = read((await client.get("/")).text).one("a", class_="button").attributes["href"]
        return {
            "page": await client.get("/"),
            "head": await client.head("/"),
            "redirect": asked,
            "fragment": await client.post("/chat", data={}, headers={"X-Noon": "fragment"}),
            "file": await client.get(file),
            "style": await client.get(style),
            "style known": await client.get(style, headers={"If-None-Match": "*"}),
            "feed": feed,
            "feed known": await client.get("/calendar/KA2.ics", headers=known),
            "feed unknown": await client.get("/calendar/KA999.ics"),
            "feed refused": await client.post("/calendar/KA2.ics"),
            "alive": await client.get("/healthz"),
            "ready": await client.get("/readyz"),
            "not found": await client.get("/none"),
            "not allowed": await client.put("/"),
            "foreign": await client.post("/chat", headers={"Sec-Fetch-Site": "cross-site"}),
            "too large": await client.post("/chat", content=b"a" * 70_000),
        }


async def test_every_answer_has_the_security_headers_once(site: Site) -> None:
    for kind, answer in (await answers(site)).items():
        for name, value in SECURITY.items():
            assert answer.headers.get_list(name) == [value], f"{kind}: {name}"
        assert "content-encoding" not in answer.headers, kind


async def test_an_unexpected_error_has_them_too(site: Site) -> None:
    almanac = site.noon.almanac
    whole = almanac.desk
    almanac.desk = replace(whole, facts=replace(whole.facts, sectors={}))
    async with site.client() as client:
        answer = await client.get("/")
    almanac.desk = whole
    assert answer.status_code == 500
    assert read(answer.text).one("h1").words == LATVIAN.say("web.failed.title")
    for name, value in SECURITY.items():
        assert answer.headers.get_list(name) == [value], name


async def test_what_is_personal_is_stored_nowhere_and_what_is_not_is(site: Site) -> None:
    told = {
        kind: answer.headers.get("cache-control") for kind, answer in (await answers(site)).items()
    }
    lasting = {kind: told.pop(kind) for kind in ("style", "style known", "feed", "feed known")}
    assert lasting["style"] == lasting["style known"] == "public, max-age=31536000, immutable"
    assert lasting["feed"] == lasting["feed known"] == "private, max-age=900"
    del told["feed unknown"]
    assert set(told.values()) == {"no-store"}
