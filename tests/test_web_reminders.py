"""Reminders on the web, by plain forms over HTTP: the links of mails show, and buttons act."""

import time
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from bot.post import links
from bot.post.links import Purpose
from handlers.words import LANGUAGES, words
from tests.reminding import FEBRUARY, NOVEMBER, everything, quick_start, sealed
from tests.web.document import read
from tests.web.reminding import ADDRESS, FOREIGN, FORM, KA220, OURS, signed_up, title, waiting
from tests.web.serving import Site, serving

LATVIAN, ENGLISH = words("lv"), words("en")


@pytest.fixture
async def site(url: URL) -> AsyncIterator[Site]:
    with quick_start():
        async with serving(url, now=FEBRUARY) as running:
            yield running


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.client(**OURS) as opened:
        opened.follow_redirects = True
        yield opened


async def test_from_the_form_to_the_reminders_and_to_the_end(
    site: Site, client: httpx.AsyncClient
) -> None:
    page = read((await client.get("/?lang=en")).text)
    form = page.one("form", class_="signup")
    asked = await client.post(form.attributes["action"], data=FORM)
    assert title(asked) == ENGLISH.say("web.remind.asked.title")
    assert await waiting(site) == 0
    token = await sealed(site.noon, Purpose.CONFIRM, ADDRESS)
    looked = await client.get(f"/confirm/{token}")
    assert title(looked) == ENGLISH.say("web.confirm.title")
    assert ADDRESS in read(looked.text).words
    for _ in range(2):
        done = await client.post(f"/confirm/{token}")
        assert (done.status_code, title(done)) == (200, ENGLISH.say("web.confirmed.title"))
        assert await waiting(site) == 12
    assert title(await client.get(f"/confirm/{token}")) == ENGLISH.say("web.confirmed.title")
    own = await sealed(site.noon, Purpose.MANAGE, ADDRESS)
    await client.post(f"/reminders/{own}", data={"do": f"handed:{KA220}"})
    assert await waiting(site) == 6
    leave = await sealed(site.noon, Purpose.UNSUBSCRIBE, ADDRESS)
    await client.post(f"/unsubscribe/{leave}")
    assert await waiting(site) == await site.count("subscription") == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_speaks_the_language_of_the_form(
    site: Site, client: httpx.AsyncClient, language: str
) -> None:
    spoken = words(language)
    await client.post(f"/reminders?lang={language}", data=FORM)
    other = {"accept-language": "en" if language == "lv" else "lv"}
    token = await sealed(site.noon, Purpose.CONFIRM, ADDRESS)
    answers = [
        await client.get(f"/confirm/{token}", headers=other),
        await client.post(f"/confirm/{token}", headers=other),
        await client.get(
            f"/reminders/{await sealed(site.noon, Purpose.MANAGE, ADDRESS)}", headers=other
        ),
    ]
    titles = [spoken.say(f"web.{kind}.title") for kind in ("confirm", "confirmed", "manage")]
    assert [title(answer) for answer in answers] == titles
    switched = read((await client.get(f"/confirm/{token}?lang=en")).text)
    assert switched.one("html").attributes["lang"] == "en"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_form_leads_to_a_page_that_can_be_loaded_again(
    site: Site, client: httpx.AsyncClient, language: str
) -> None:
    say = words(language).say

    async def sent(address: str, **data: str | list[str]) -> httpx.Response:
        answer = await client.post(f"{address}?lang={language}", data=data, follow_redirects=False)
        assert answer.status_code == 303
        assert "example.org" not in answer.headers["location"]
        before = await everything(site.noon.database)
        shown = await client.get(answer.headers["location"])
        assert await everything(site.noon.database) == before
        return shown

    asked = await sent("/reminders", **FORM)
    assert title(asked) == say("web.remind.asked.title")
    confirm = f"/confirm/{await sealed(site.noon, Purpose.CONFIRM, ADDRESS)}"
    confirmed = await sent(confirm)
    assert title(confirmed) == say("web.confirmed.title")
    first = say("reminders.first", when="|").partition("|")[0]
    assert first in read(confirmed.text).words
    access = await sent("/reminders/access", email=ADDRESS)
    assert title(access) == say("web.remind.access.title")
    own = f"/reminders/{await sealed(site.noon, Purpose.MANAGE, ADDRESS)}"
    leave = f"/unsubscribe/{await sealed(site.noon, Purpose.UNSUBSCRIBE, ADDRESS)}"
    stopped = await sent(leave)
    assert title(stopped) == say("web.unsubscribed.title")
    again = await client.get(f"{leave}?lang={language}")
    assert title(again) == say("web.stopped-already.title")
    assert read(again.text).all("button") == []
    assert (await client.get(own)).status_code in (200, 410)


async def test_a_mail_program_is_not_redirected(site: Site, client: httpx.AsyncClient) -> None:
    await signed_up(site, client)
    leave = f"/unsubscribe/{await sealed(site.noon, Purpose.UNSUBSCRIBE, ADDRESS)}"
    one_click = {"List-Unsubscribe": "One-Click"}
    answer = await client.post(leave, data=one_click, follow_redirects=False)
    assert answer.status_code == 200
    assert await site.count("subscription") == 0


async def test_that_nothing_is_ahead_is_said_before_the_yes_and_after(url: URL) -> None:
    with quick_start():
        async with serving(url, now=NOVEMBER) as site, site.client(**OURS) as client:
            await client.post("/reminders", data=FORM)
            confirm = f"/confirm/{await sealed(site.noon, Purpose.CONFIRM, ADDRESS)}?lang=en"
            website = site.noon.almanac.desk.agency.website
            none = ENGLISH.say("reminders.none-ahead", website=website).partition(". ")[0]
            asked = await client.get(confirm)
            assert none in read(asked.text).words.partition(ENGLISH.say("web.confirm.button"))[0]
            await client.post(confirm)
            own = f"/reminders/{await sealed(site.noon, Purpose.MANAGE, ADDRESS)}?lang=en"
            assert none in read((await client.get(own)).text).words


async def test_looking_at_every_link_changes_nothing(site: Site, client: httpx.AsyncClient) -> None:
    own = await signed_up(site, client)
    await client.post("/reminders", data={**FORM, "email": "ben@example.org"})
    before = await everything(site.noon.database)
    links_of_mails = [
        f"/confirm/{await sealed(site.noon, Purpose.CONFIRM, 'ben@example.org')}",
        f"/unsubscribe/{await sealed(site.noon, Purpose.UNSUBSCRIBE, ADDRESS)}",
        own,
        f"{own}?deadline={KA220}",
    ]
    seen = {"/"}
    while links_of_mails:
        address = links_of_mails.pop()
        async with site.client() as scanner:
            answer = await scanner.get(address)
            await scanner.head(address)
        assert answer.status_code == 200, address
        seen.add(address)
        for each in read(answer.text).all("a"):
            target = each.attributes["href"]
            target = address.partition("?")[0] + target if target.startswith("?") else target
            if target.startswith("/") and target not in seen:
                links_of_mails.append(target)
    assert len(seen) > 6
    assert await everything(site.noon.database) == before


@pytest.mark.parametrize("headers", [{}, FOREIGN])
async def test_one_click_needs_no_cookie_and_may_come_from_anywhere(
    site: Site, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await signed_up(site, client)
    token = await sealed(site.noon, Purpose.UNSUBSCRIBE, ADDRESS)
    assert await waiting(site) == 12
    async with site.client(**headers) as machine:
        for _ in range(2):
            begun = time.monotonic()
            body = {"List-Unsubscribe": "One-Click"}
            answer = await machine.post(f"/unsubscribe/{token}", data=body)
            assert answer.status_code == 200
            assert time.monotonic() - begun < 2
            assert await waiting(site) == await site.count("subscription") == 0
        assert not machine.cookies


async def test_every_other_form_must_be_our_own(site: Site, client: httpx.AsyncClient) -> None:
    own = await signed_up(site, client)
    await client.post("/reminders", data={**FORM, "email": "ben@example.org"})
    confirm = f"/confirm/{await sealed(site.noon, Purpose.CONFIRM, 'ben@example.org')}"
    before = await everything(site.noon.database)
    acts = [{"do": act} for act in ("stop", "erase", "export", f"handed:{KA220}")]
    sent = [("/reminders", FORM), ("/reminders/access", FORM), (confirm, {})]
    async with site.client(**FOREIGN) as elsewhere:
        for address, data in [*sent, *((own, act) for act in acts)]:
            assert (await elsewhere.post(address, data=data)).status_code == 403, address
    assert await everything(site.noon.database) == before


async def test_links_we_did_not_make_say_so(site: Site, client: httpx.AsyncClient) -> None:
    await signed_up(site, client)
    confirm = await sealed(site.noon, Purpose.CONFIRM, ADDRESS)
    manage = await sealed(site.noon, Purpose.MANAGE, ADDRESS)
    before = await everything(site.noon.database)
    other = "A" if manage[-1] != "A" else "B"
    wrong = [confirm, manage[:-1], manage[:-1] + other, "x", quote("<script>"), "%00", "a" * 5000]
    for kind, tokens in {
        "reminders": wrong,
        "confirm": [manage, *wrong[1:]],
        "unsubscribe": [manage, *wrong[1:]],
    }.items():
        for token in tokens:
            for answer in (
                await client.get(f"/{kind}/{token}"),
                await client.post(f"/{kind}/{token}", data={"do": "erase"}),
            ):
                assert (answer.status_code, title(answer)) == (
                    404,
                    LATVIAN.say("web.link-bad.title"),
                )
    assert await everything(site.noon.database) == before


async def test_a_link_of_two_days_ago_or_of_erased_data_says_what_to_do(
    site: Site, client: httpx.AsyncClient
) -> None:
    await client.post("/reminders", data=FORM)
    token = await sealed(site.noon, Purpose.CONFIRM, ADDRESS)
    manage = await sealed(site.noon, Purpose.MANAGE, ADDRESS)
    over = text("UPDATE subscription SET made_at = made_at - 48 * 3600 - 1")
    async with site.noon.database.write() as connection:
        await connection.execute(over)
    gone = links.sealed(site.noon.key, Purpose.MANAGE, links.new_id())
    for answer in (
        await client.get(f"/confirm/{token}"),
        await client.post(f"/confirm/{token}"),
        await client.get(f"/reminders/{gone}"),
        await client.post(f"/reminders/{gone}", data={"do": "erase"}),
    ):
        assert (answer.status_code, title(answer)) == (410, LATVIAN.say("web.link-old.title"))
    assert await waiting(site) == 0
    assert manage


async def test_pages_behind_links_are_kept_and_listed_nowhere(
    site: Site, client: httpx.AsyncClient
) -> None:
    own = await signed_up(site, client)
    leave = await sealed(site.noon, Purpose.UNSUBSCRIBE, ADDRESS)
    confirm = await sealed(site.noon, Purpose.CONFIRM, ADDRESS)
    for address in (own, f"/unsubscribe/{leave}", f"/confirm/{confirm}", "/confirm/x"):
        answer = await client.get(address)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
    for address in (own, "/reminders", "/reminders/access", f"/confirm/{confirm}"):
        assert (await client.post(address, content=b"a" * 70_000)).status_code == 413
