"""Who asks: the cookie, the language, and whether a form came from our own page."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.words import words
from tests.web.document import read
from tests.web.serving import Person, Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
LATVIAN, ENGLISH = words("lv"), words("en")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site for all that leave it as it was."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


async def test_looking_sets_no_cookie_and_writes_nothing(site: Site) -> None:
    async with site.client() as client:
        kept = await site.count("answer") + await site.count("exchange")
        page = read((await client.get("/")).text)
        links = {each.attributes["href"] for each in page.all("a")}
        own = [each for each in links if each.startswith(("/", site.address))]
        answers = [await client.get(each) for each in [*own, "/", "/?lang=en", "/none", "/readyz"]]
        assert len(answers) > 8
        assert not [answer for answer in answers if "set-cookie" in answer.headers]
        assert await site.count("answer") + await site.count("exchange") == kept


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [
        ("https://noon.example", "__Host-noon", True),
        ("http://noon.example", "noon", False),
    ],
)
async def test_the_cookie_is_random_and_guarded(
    tmp_path: Path, public_url: str, name: str, secure: bool
) -> None:
    values = set()
    async with serving(data_dir=tmp_path, public_url=public_url) as site:
        for _ in range(3):
            async with site.client() as client:
                cookie = (await client.post("/chat", data={"text": "?"})).headers["set-cookie"]
            pair, *attributes = cookie.lower().split("; ")
            values.add(pair)
            assert re.fullmatch(rf"{name.lower()}=[\w-]{{22}}", pair)
            guarded = {"httponly", "max-age=7776000", "path=/", "samesite=lax"}
            assert set(attributes) == guarded | ({"secure"} if secure else set())
    assert len(values) == 3


@pytest.mark.parametrize("forged", ["x", "a" * 23, "../../../../etc/passwd", "ā" * 22])
async def test_a_cookie_that_is_not_ours_is_replaced(site: Site, forged: str) -> None:
    headers = {b"Cookie": f"noon={forged}".encode()}
    async with site.client() as client:
        assert (await client.get("/", headers=headers)).status_code == 200
        answer = await client.post("/chat", headers=headers)
    assert not answer.headers["set-cookie"].startswith(f"noon={forged};")


@pytest.mark.parametrize(
    ("chosen", "asked", "accepted", "shown"),
    [
        (None, "", None, "lv"),
        (None, "", "*", "lv"),
        (None, "", "en", "en"),
        (None, "", "en-GB,en;q=0.9,lv;q=0.8", "en"),
        (None, "", "en;q=0.3, lv-LV;q=0.5", "lv"),
        (None, "", "ru,lv;q=0.1", "lv"),
        (None, "", "lv;q=0,en;q=0.1", "en"),
        (None, "", "de", "en"),  # somebody who names other languages only
        (None, "", ";;,=q", "lv"),
        (None, "en", "lv", "en"),
        (None, "EN", "lv", "en"),
        (None, "fr", "en", "en"),
        ("lv", "en", "en", "lv"),
        ("en", "lv", "lv", "en"),
    ],
)
async def test_the_page_speaks_the_language_that_fits(
    site: Site, chosen: str | None, asked: str, accepted: str | None, shown: str
) -> None:
    async with site.client() as client:
        if chosen:
            await client.post("/chat", data={"choice": f"language:{chosen}"})
        client.headers["accept-language"] = accepted or ""
        for address in (f"/?lang={asked}", f"/none?lang={asked}"):
            page = read((await client.get(address)).text)
            assert page.one("html").attributes["lang"] == shown


async def test_the_language_is_switched_by_a_button_and_stays(site: Site) -> None:
    async with site.client() as client:
        person = Person(client)
        await person.open()
        await person.press(ENGLISH.say("language.own-name"))
        assert person.page.one("html").attributes["lang"] == "en"
        assert ENGLISH.say("language.chosen") in person.replies
        await person.open("/?lang=lv")
        assert person.page.one("html").attributes["lang"] == "en"


async def test_who_asks_on_the_english_page_is_answered_in_english(site: Site) -> None:
    async with site.client(**{"accept-language": "lv"}) as client:
        guest = Person(client)
        await guest.open("/?lang=en")
        await guest.ask("How do I get an OID?")
        assert ENGLISH.say("steps.choice.begin") in guest.choices


FORMS = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),  # no-referrer hides the origin
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "something new"}, False),
    ({"Origin": "https://noon.example"}, True),
    ({"Origin": "https://noon.example.evil.example"}, False),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": ""}, False),
]


async def test_forms_of_other_sites_are_refused_and_change_nothing(tmp_path: Path) -> None:
    async with serving(data_dir=tmp_path, public_url="https://noon.example") as site:
        for headers, is_ours in FORMS:
            before = await site.count("answer")
            async with site.client(**headers) as client:
                answer = await client.post("/chat", data={"choice": "language:en"})
            assert answer.status_code == (303 if is_ours else 403), headers
            assert (await site.count("answer") > before) is is_ours
            assert ("set-cookie" in answer.headers) is is_ours
            assert is_ours or LATVIAN.say("web.forbidden") in read(answer.text).words


async def test_a_form_on_the_address_it_was_served_from_is_ours(site: Site) -> None:
    async with site.client(Origin=site.address) as client:
        assert (await client.post("/chat", data={"text": "?"})).status_code == 303
