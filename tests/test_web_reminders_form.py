"""Signing up for reminders on the web: who asks learns nothing, and nobody is bombed."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.engine import URL
from starlette.requests import Request

from bot.faces.web import visitor
from bot.faces.web.signup import BEAT
from bot.post.suppression import returned
from handlers.words import words
from tests.reminding import FEBRUARY, everything, quick_start, traces
from tests.web.document import read
from tests.web.reminding import ADDRESS, FORM, OURS, signed_up, waiting
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


async def test_whoever_asks_is_told_the_same_of_every_address(
    site: Site, client: httpx.AsyncClient
) -> None:
    noon = site.noon
    await signed_up(site, client, "known@example.org")
    async with noon.database.write() as connection:
        at = noon.clock.now()
        await returned(noon.database, connection, noon.key, "dead@example.org", True, at)

    async def told(form: str, name: str) -> tuple[int, dict[str, str], str]:
        begun = time.monotonic()
        answer = await client.post(form, data={**FORM, "email": f"{name}@example.org"})
        assert time.monotonic() - begun >= BEAT
        heads = {k: v for k, v in answer.headers.items() if k not in ("date", "server")}
        return answer.status_code, heads, answer.text

    for _ in range(3):  # one after the other: those of the same millisecond are one
        await told("/reminders", "full")
    names = ("known", "dead", "full", "new", "f.u.l.l+tag")
    for form in ("/reminders", "/reminders/access"):
        first, *others = await asyncio.gather(*(told(form, name) for name in names))
        assert first[0] == 200
        assert all(other == first for other in others)
    mails = (await everything(noon.database))["outbox"]
    assert not [row for row in mails if "dead@" in row]
    assert sum("confirmation:" in row and "full@" in row for row in mails) == 3
    reached = [name for name in names if any("access:" in r and f"{name}@" in r for r in mails)]
    assert reached == ["known", "new"]


async def test_a_stranger_changes_nothing_of_what_is_confirmed(
    site: Site, client: httpx.AsyncClient
) -> None:
    own = await signed_up(site, client)
    held = (await client.post(own, data={"do": "export"})).json()
    planned = await waiting(site)
    async with site.client(**OURS) as stranger:
        await stranger.post("/reminders?lang=lv", data=FORM)
    again = (await client.post(own, data={"do": "export"})).json()
    assert await waiting(site) == planned
    assert again["contacts"] == held["contacts"]
    assert [one for one in again["subscriptions"] if one["confirmed"]] == held["subscriptions"]


async def test_a_network_that_signs_everybody_up_is_stopped_and_others_are_not(
    site: Site, client: httpx.AsyncClient
) -> None:
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}

    async def status(number: int) -> int:
        form = {**FORM, "email": f"p{number}@example.org"}
        return (await client.post("/reminders", data=form, headers=headers)).status_code

    assert set(await asyncio.gather(*map(status, range(20)))) == {200}
    assert await status(20) == 429
    form = {**FORM, "email": "other@example.org"}
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}
    assert (await client.post("/reminders", data=form, headers=headers)).status_code == 200
    assert await traces(site.noon.database, "203.0.113.9", "198.51.100.1", "127.0.0.1") == []


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, nonsense"], "127.0.0.1"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("2001:db8::9", ["2001:db8::7"], "2001:db8::9"),
    ],
)
def test_the_network_is_the_sockets_or_what_our_own_proxy_says(
    peer: str, forwarded: list[str], network: str
) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    assert (
        visitor.network(Request({"type": "http", "client": (peer, 1), "headers": headers}))
        == network
    )


BAD_FORMS = [
    ({"email": "anna.example.org"}, "address.no-at"),
    ({"email": ""}, "address.empty"),
    ({"email": "a@example.org, b@example.org"}, "address.several"),
    ({"email": "<script>alert(1)</script>@example.org"}, "address.not-bare"),
    ({"email": "a@example.org\r\nBcc: b@example.org"}, "address.invisible"),
    ({"consent": ""}, "web.remind.no-consent"),
    ({"action": []}, "web.remind.no-deadline"),
    ({"action": ["KA240"], "sector": "HED"}, "web.remind.no-deadline"),
    ({"action": ["KA999", "<b>"], "sector": ["*", "x"]}, "web.remind.no-deadline"),
]


async def test_a_form_that_is_not_right_is_shown_again_with_what_is_wrong(
    site: Site, client: httpx.AsyncClient
) -> None:
    sent = (client.post("/reminders?lang=en", data={**FORM, **wrong}) for wrong, _ in BAD_FORMS)
    for answer, (wrong, problem) in zip(await asyncio.gather(*sent), BAD_FORMS, strict=True):
        page = read(answer.text)
        assert (answer.status_code, page.one("p", role="alert").words) == (
            400,
            " ".join(ENGLISH.say(problem).split()),
        )
        field = page.one("form", class_="signup").one("input", name="email")
        assert field.attributes["value"] == str(wrong.get("email", ADDRESS)).replace("\r\n", "\n")
        assert page.all("script") == []
    assert await site.count("contact") == 0


async def test_what_fills_in_the_hidden_field_is_told_the_same_and_kept_nothing_of(
    site: Site, client: httpx.AsyncClient
) -> None:
    honest = await client.post("/reminders", data=FORM)
    before = await everything(site.noon.database)
    trapped = await client.post("/reminders", data={**FORM, "email": "b@e.org", "website": "x"})
    assert trapped.text == honest.text
    await client.post("/reminders/access", data={"email": ADDRESS, "website": "x"})
    assert await everything(site.noon.database) == before


async def test_the_address_of_the_form_leads_to_the_form(client: httpx.AsyncClient) -> None:
    answer = await client.get("/reminders", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/#reminders")
    assert read((await client.get("/")).text).one("section", id="reminders")
