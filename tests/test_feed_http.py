"""The calendar feed over real HTTP: the same bytes for everybody, and 304 for who has them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.faces.feed import KEPT
from handlers.words import LANGUAGES, words
from tests.web.serving import Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

KA2 = "/calendar/KA2.ics"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site for all that only read."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.client() as opened:
        yield opened


# The same for everybody


@pytest.mark.parametrize(
    "spelling",
    [
        "KA210+KA220",
        "KA220+KA210",
        "ka220+ka210",
        "Ka220%2BkA210",
        "KA210%20KA220",
        "KA210+KA220+KA210",
        "+KA210++KA220+",
    ],
)
async def test_spellings_of_one_selection_are_one_feed(
    client: httpx.AsyncClient, spelling: str
) -> None:
    one = await client.get("/calendar/KA210+KA220.ics?lang=lv")
    other = await client.get(f"/calendar/{spelling}.ics?x=1&lang=LV")
    assert (other.content, other.headers["etag"]) == (one.content, one.headers["etag"])


async def test_a_thousand_fetches_are_one(client: httpx.AsyncClient) -> None:
    answers = {await fetched(client, KA2) for _ in range(1000)}
    assert len(answers) == 1


async def fetched(
    client: httpx.AsyncClient, address: str
) -> tuple[bytes, frozenset[tuple[str, str]]]:
    answer = await client.get(address)
    told = {(name, value) for name, value in answer.headers.items() if name != "date"}
    return answer.content, frozenset(told)


async def test_two_processes_and_a_rehearsal_serve_the_same_bytes(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    now = datetime(2026, 3, 5, 10, 58, tzinfo=UTC)
    both: list[dict[str, Any]] = [{}, {"now": now}]
    for given in both:
        folder = tmp_path / str(len(given))
        async with serving(data_dir=folder, **given) as other, other.client() as elsewhere:
            for address in (KA2, "/calendar/all.ics?lang=en", "/calendar/VET.ics?alarm=2h"):
                assert await fetched(client, address) == await fetched(elsewhere, address)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Accept": ""},
        {"Accept-Encoding": "gzip, br"},
        {"Accept-Language": "en"},
        {"Cookie": "noon=aaaaaaaaaaaaaaaaaaaaaa"},
        {"User-Agent": "Google-Calendar-Importer"},
        {"Range": "bytes=0-10"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org"},
    ],
)
async def test_nothing_in_a_request_but_its_address_matters(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    plain = await fetched(client, KA2)
    answer = await client.get(KA2, headers=headers)
    assert (answer.status_code, answer.content) == (200, plain[0])
    assert not {"content-encoding", "set-cookie", "vary"} & set(answer.headers)


async def test_the_default_language_is_the_one_that_is_set(tmp_path: Path) -> None:
    async with serving(data_dir=tmp_path, lang="en") as site, site.client() as client:
        default, english = await client.get(KA2), await client.get(f"{KA2}?lang=en")
        latvian = await client.get(f"{KA2}?lang=lv")
    assert default.content == english.content != latvian.content


# Headers, and asking again


async def test_the_headers_are_those_that_calendar_programs_want(
    client: httpx.AsyncClient, site: Site
) -> None:
    answer = await client.get(KA2)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=900"
    assert re.fullmatch('"[0-9a-f]{32}"', answer.headers["etag"])
    assert int(answer.headers["content-length"]) == len(answer.content)
    ours = site.noon.almanac.desk.facts.newest.deadlines.values()
    newest = max(each.recorded for each in ours if each.action in ("KA210", "KA220", "KA240"))
    told = parsedate_to_datetime(answer.headers["last-modified"])
    assert newest - timedelta(hours=1) < told <= newest, "bound to the body, never later"


async def test_a_fetch_for_keeping_is_named_and_else_the_same(client: httpx.AsyncClient) -> None:
    plain = await client.get("/calendar/ka220-vet.ics?lang=lv")
    kept = await client.get("/calendar/ka220-vet.ics?lang=lv&download=1")
    assert kept.headers["content-disposition"] == 'attachment; filename="noon-KA220-VET.ics"'
    assert kept.content == plain.content
    assert "content-disposition" not in plain.headers


@pytest.mark.parametrize("known", [{}, {"If-None-Match": "*"}])
async def test_head_has_the_headers_of_get_and_no_body(
    client: httpx.AsyncClient, known: dict[str, str]
) -> None:
    got, headed = await client.get(KA2, headers=known), await client.head(KA2, headers=known)
    assert headed.content == b""
    assert headed.status_code == got.status_code
    assert sorted(headed.headers.multi_items()) == sorted(got.headers.multi_items())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": "W/{etag}"}, 304),
        ({"If-None-Match": '"other", {etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": ""}, 200),
        ({"If-Modified-Since": "{modified}"}, 304),
        ({"If-Modified-Since": "{tomorrow}"}, 304),
        ({"If-Modified-Since": "Tue, 11 Nov 2025 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Thu, 13 Nov 2025 00:00:00"}, 200),
        # a client that keeps its own date may have fetched before the data were taken over here
        ({"If-Modified-Since": "Thu, 13 Nov 2025 00:00:00 GMT"}, 200),
        # the tag goes before the date
        ({"If-None-Match": '"other"', "If-Modified-Since": "{modified}"}, 200),
        ({"If-None-Match": "{etag}", "If-Modified-Since": "Tue, 11 Nov 2025 00:00:00 GMT"}, 304),
    ],
)
async def test_who_has_it_already_is_told_so(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    first = await client.get(KA2)
    tomorrow = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    known = {"etag": first.headers["etag"], "modified": first.headers["last-modified"]}
    asked = {name: value.format(**known, tomorrow=tomorrow) for name, value in headers.items()}
    again = await client.get(KA2, headers=asked)
    assert again.status_code == status
    assert again.content == (first.content if status == 200 else b"")
    for name in ("etag", "last-modified", "cache-control"):
        assert again.headers[name] == first.headers[name]


# What cannot be had


@pytest.mark.parametrize(
    "selection", ["KA999", "KA220+KA999", "%00", "ā", "KA220-SPO", "a" * 3000, "KA220+" * 200]
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_unknown_selection_is_404_and_says_what_can_be_written(
    client: httpx.AsyncClient, selection: str, language: str
) -> None:
    answer = await client.get(f"/calendar/{selection}.ics?lang={language}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "KA220-VET" in answer.text
    assert len(answer.text) < 1000


@pytest.mark.parametrize("query", ["lang=fr", "lang=lv-LV", "lang=../en"])
async def test_a_language_that_does_not_exist_is_refused_in_words(
    client: httpx.AsyncClient, query: str
) -> None:
    answer = await client.get(f"{KA2}?{query}")
    said = words("lv").say("web.feed.bad-language", known="lv, en")
    assert (answer.status_code, answer.text.strip()) == (400, said)


@pytest.mark.parametrize("alarm", ["soon", "0h", "2m", "100d", "-1d", "1d1d"])
async def test_an_alarm_that_cannot_be_set_is_refused_in_words(
    client: httpx.AsyncClient, alarm: str
) -> None:
    answer = await client.get(f"{KA2}?lang=en&alarm={alarm}")
    assert (answer.status_code, answer.text.strip()) == (400, words("en").say("web.feed.bad-alarm"))


async def test_more_addresses_than_are_kept_in_memory_are_all_answered(
    client: httpx.AsyncClient,
) -> None:
    first = await client.get(KA2)
    for number in range(KEPT + 10):
        answer = await client.get(f"{KA2}?{number}")
        assert (answer.status_code, answer.content) == (200, first.content)
