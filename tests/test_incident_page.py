"""The page of a notice: what it says at each standing, in both zones, by its own clock; files."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import delete, select, text
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.incident import stopping
from bot.post.links import Purpose, new_id, sealed
from bot.store.tables import Incident, IncidentStep
from handlers.cases import Way
from handlers.words import LANGUAGES, words
from tests.incident_rows import CLOSES, FORM_ID, NOON, PERSON, notice
from tests.system import require
from tests.web.browser import HAS_CHROMIUM, browser
from tests.web.document import Element, read
from tests.web.serving import Site, serving

ACCEPTED = (("accepted", "250 2.0.0 Ok: queued as 4dHr1x2Qz3"),)
TAKEN: dict[str, Any] = {"state": "accepted", "attempts": 1, "settled_at": NOON.timestamp()}


def address(site: Site, row: Incident, purpose: Purpose = Purpose.INCIDENT) -> str:
    return f"/incident/{sealed(site.noon.key, purpose, row.id)}"


def refreshes(page: Element) -> bool:
    return bool(page.all("meta", **{"http-equiv": "refresh"}))


def served(
    url: URL, folder: Path, now: datetime = NOON + timedelta(minutes=10), **given: Any
) -> Any:
    return serving(url, data_dir=folder, now=now, **given)


async def test_it_tells_how_the_notice_stands_in_both_zones(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        row = await notice(site.noon, outbox_values=TAKEN, steps=ACCEPTED)
        answer = await client.get(address(site, row))
        page = read(answer.text)
        say = words("lv").say
        assert say("receipt.standing.accepted") in page.words
        assert "14:00" in page.words
        assert "15:00" in page.words, "in Riga it is an hour later"
        assert "4dHr1x2Qz3" in page.words
        assert FORM_ID in page.words
        assert page.one("html").attributes["lang"] == "lv"
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == (
            "no-store",
            "no-referrer",
        )
        assert "noindex" in answer.headers["x-robots-tag"]
        assert not page.all("script")
        assert not page.all("form"), "nothing here acts"
        english = read((await client.get(address(site, row), params={"lang": "en"})).text)
        assert words("en").say("receipt.standing.accepted") in english.words


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_standing_says_what_to_do(url: URL, tmp_path: Path, language: str) -> None:
    say = words(language).say
    made: dict[str, dict[str, Any]] = {
        "waiting": {},
        "held": {"way": Way.HELD},
        "failing": {"outbox_values": {"state": "deferred", "attempts": 2}},
        "unheard": {"outbox_values": {"state": "unknown", "silences": 1}},
        "accepted": {"outbox_values": TAKEN},
        "captured": {"outbox_values": TAKEN, "steps": (("captured", ""),)},
        "delivered": {"outbox_values": {"state": "delivered"}},
        "bounced": {"outbox_values": {"state": "bounced"}},
        "stopped": {"outbox_values": {"state": "needs_human"}},
        "by-hand": {"way": Way.BY_HAND},
    }
    async with served(url, tmp_path) as site, site.client() as client:
        for standing, given in made.items():
            row = await notice(site.noon, language=language, **given)
            page = read((await client.get(address(site, row))).text)
            assert say(f"receipt.standing.{standing}") in page.words
            assert page.all("a", href="tel:+37167785418"), "whom to call is always there"
            ways = [a.attributes["href"] for a in page.one("ul", class_="downloads").all("a")]
            taken = standing in ("accepted", "delivered")
            assert ways[0].endswith("receipt.pdf" if taken else "notice.eml")
            again = [one for one in ways if one.endswith("notice.eml") or "mailto:" in one]
            assert bool(again) is not taken, "what has arrived is not sent once more"
            assert (say("web.incident.files") in page.words) is not taken
            assert refreshes(page) == (standing not in ("captured", "delivered", "stopped"))


async def test_a_notice_and_its_corrections_lead_to_each_other(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        first = await notice(site.noon, outbox_values=TAKEN)
        given = {"number": 1, "corrects": first.id, "outbox_values": TAKEN}
        correction = await notice(site.noon, **given)
        alone = await notice(site.noon)
        for row, others in ((first, [correction]), (correction, [first]), (alone, [])):
            page = read((await client.get(address(site, row))).text)
            links = {link.attributes["href"].partition("?")[0] for link in page.all("a")}
            paths = {address(site, one) for one in (first, correction, alone)} & links
            assert paths == {address(site, one) for one in others}


async def test_a_window_that_is_over_says_so_and_the_page_rests(url: URL, tmp_path: Path) -> None:
    async with (
        served(url, tmp_path, CLOSES + timedelta(minutes=6)) as site,
        site.client() as client,
    ):
        lost = await notice(site.noon, outbox_values={"state": "expired"})
        taken = await notice(site.noon, outbox_values=TAKEN, steps=ACCEPTED)
        over = words("lv").say("web.incident.over", agency="VIAA").splitlines()[-1][3:]
        for row, told in ((lost, True), (taken, False)):
            page = read((await client.get(address(site, row))).text)
            assert (over in page.words) == told
            assert not refreshes(page)


@pytest.mark.parametrize(
    ("after", "told"), [(-1, False), (1, True), (7199, True), (7200, False)], ids=str
)
async def test_the_home_page_says_that_the_agency_can_still_be_told(
    url: URL, tmp_path: Path, after: int, told: bool
) -> None:
    now = CLOSES + timedelta(seconds=after - 7200)
    async with served(url, tmp_path, now) as site, site.client() as client:
        page = read((await client.get("/", params={"lang": "lv"})).text)
        closes = "2026. gada 5. marts, plkst. 14:00 pēc Briseles laika (plkst. 15:00"
        notes = [one for one in page.all("p", class_="note-ahead") if closes in one.words]
        assert bool(notes) is told


async def test_refreshing_can_be_stopped(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        row = await notice(site.noon)
        page = read((await client.get(address(site, row))).text)
        (tag,) = page.all("meta", **{"http-equiv": "refresh"})
        assert tag.attributes["content"] == "5"
        still = read((await client.get(address(site, row), params={"still": "1"})).text)
        assert not refreshes(still)


async def test_another_link_opens_nothing(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        row = await notice(site.noon)
        right = address(site, row)
        wrong = [
            address(site, row, Purpose.MANAGE),
            right[:-1],
            right[:-1] + ("A" if right[-1] != "A" else "B"),
            f"/incident/{new_id()}{right[-11:]}",
            f"/incident/{row.id}",
        ]
        for path in wrong:
            for name in ("", "/notice.eml", "/receipt.pdf"):
                assert (await client.get(path + name)).status_code == 404
        assert (await client.post(right)).status_code == 405
        assert (await client.get(f"{right}/other.eml")).status_code == 410
        async with site.noon.database.write() as connection:
            await connection.execute(delete(Incident).where(col(Incident.id) == row.id))
        assert (await client.get(right)).status_code == 410


async def test_the_files_can_be_fetched(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        row = await notice(site.noon, outbox_values=TAKEN, steps=ACCEPTED)
        got: dict[str, httpx.Response] = {}
        for name in ("notice.eml", "sent.eml", "receipt.txt", "receipt.pdf"):
            got[name] = await client.get(f"{address(site, row)}/{name}")
            assert got[name].status_code == 200
            assert got[name].headers["cache-control"] == "no-store"
            assert got[name].headers["content-disposition"].startswith("attachment;")
        draft = message_from_bytes(got["notice.eml"].content, policy=default)
        assert draft["X-Unsent"] == "1"
        assert draft["From"] == PERSON
        assert [part.get_content_type() for part in draft.iter_attachments()] == ["image/png"]
        assert got["sent.eml"].content == b"Subject: the notice\r\n\r\nas it leaves\r\n"
        assert "4dHr1x2Qz3" in got["receipt.txt"].text
        assert got["receipt.pdf"].content.startswith(b"%PDF-")


async def test_looking_changes_nothing(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        row = await notice(site.noon)

        async def kept() -> list[Any]:
            async with site.noon.database.read() as connection:
                tables = ("incident", "incident_step", "outbox", "evidence", "mailbox_proof")
                return [
                    list(await connection.execute(text(f"SELECT * FROM {table}")))
                    for table in tables
                ]

        before = await kept()
        for name in ("", "/notice.eml", "/sent.eml", "/receipt.txt", "/receipt.pdf"):
            await client.get(address(site, row) + name)
        assert await kept() == before


HOSTILE = '<script>alert(1)</script> "onload=x {{7*7}} **b** https://evil.example/'


async def test_what_people_and_servers_wrote_is_text(url: URL, tmp_path: Path) -> None:
    async with served(url, tmp_path) as site, site.client() as client:
        row = await notice(site.noon, mailbox=HOSTILE, steps=(("attempt", HOSTILE), (HOSTILE, "")))
        page = read((await client.get(address(site, row))).text)
        assert not page.all("script")
        assert HOSTILE in page.words
        addresses = [link.attributes["href"] for link in page.all("a")]
        assert not [one for one in addresses if one.startswith("https://evil")]
        async with site.noon.database.read() as connection:
            query = select(col(IncidentStep.words)).where(col(IncidentStep.incident) == row.id)
            assert HOSTILE in (await connection.execute(query)).scalars().all()


async def test_the_agency_can_stop_a_sender_and_nobody_elses_notices(
    url: URL, tmp_path: Path
) -> None:
    told = served(url, tmp_path, operator_email="operator@example.org")
    async with told as site, site.client() as client:
        row = await notice(site.noon)

        async def stopped(who: str) -> bool:
            async with site.noon.database.read() as connection:
                return await stopping.is_stopped(site.noon.books(connection), who)

        async def warned() -> int:
            async with site.noon.database.read() as connection:
                query = text("SELECT count(*) FROM outbox WHERE kind = 'alarm'")
                return int((await connection.execute(query)).scalar_one())

        path = f"/agency/{sealed(site.noon.key, Purpose.AGENCY, row.id)}"
        shown = read((await client.get(path)).text)
        assert len(shown.all("button")) == 1
        assert not await stopped(PERSON)
        foreign = {"sec-fetch-site": "cross-site"}
        assert (await client.post(path, headers=foreign)).status_code == 403
        wrong = f"/agency/{sealed(site.noon.key, Purpose.INCIDENT, row.id)}"
        assert (await client.post(wrong)).status_code == 404
        assert not await stopped(PERSON)
        for _ in range(2):
            answer = await client.post(path)
            assert answer.status_code == 303
        done = read((await client.get(answer.headers["location"])).text)
        assert not done.all("button")
        assert await stopped(PERSON.upper())
        assert not await stopped("somebody.else@example.org"), "a copy of the link stops no others"
        assert await warned() == 1
        async with site.noon.database.write() as connection:
            books = site.noon.books(connection)
            await stopping.block(books)
            assert await stopping.is_stopped(books, "somebody.else@example.org")
            assert await stopping.lift(books) == 2
        assert not await stopped(PERSON)


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    now = NOON + timedelta(minutes=10)
    async with serving(data_dir=tmp_path / "site", now=now) as running:
        yield running


LOOKS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}},
    "narrow, dark": {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}


async def test_in_a_browser_it_fits_and_follows_by_itself(site: Site) -> None:
    require(HAS_CHROMIUM, "Chromium")
    row = await notice(site.noon, outbox_values={"state": "deferred", "attempts": 2})
    async with browser() as chromium:
        for look in LOOKS.values():
            context = await chromium.new_context(java_script_enabled=False, **look)
            page = await context.new_page()
            await page.goto(site.address + address(site, row))
            box = await page.locator("main").bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= look["viewport"]["width"]
            await context.close()
        context = await chromium.new_context(java_script_enabled=False, locale="lv-LV")
        page = await context.new_page()
        await page.goto(site.address + address(site, row))
        async with site.noon.database.write() as connection:
            await connection.execute(
                text("UPDATE outbox SET state = 'delivered' WHERE id = :id"), {"id": row.message}
            )
        told = words("lv").say("receipt.standing.delivered")
        await page.get_by_text(told).wait_for(timeout=15_000)
        await context.close()
