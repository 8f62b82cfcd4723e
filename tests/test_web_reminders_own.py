"""The page behind the link in every mail, and the chat beside it: all that is held of one."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from handlers.words import LANGUAGES, words
from tests.reminding import FEBRUARY, everything, quick_start, traces
from tests.web.document import Element, read
from tests.web.reminding import ADDRESS, KA220, OURS, signed_up, title, waiting
from tests.web.serving import Person, Site, serving

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


async def press(client: httpx.AsyncClient, address: str, act: str, **fields: str) -> Element:
    """Press a button of the own page, which must be there, and return the page."""
    page = read((await client.get(address)).text)
    assert [each for each in page.all("button") if each.attributes.get("value") == act], act
    return read((await client.post(address, data={"do": act, **fields})).text)


async def test_the_own_page_does_all_that_can_be_done(
    site: Site, client: httpx.AsyncClient
) -> None:
    own = f"{await signed_up(site, client)}?lang=en"
    first = read((await client.get(f"{own}&deadline={KA220}")).text).all("ol", class_="held")
    assert first[0].all("li")[0].words.startswith("KA220")
    await press(client, own, f"handed:{KA220}")
    assert await waiting(site) == 6
    back = await press(client, own, f"due:{KA220}")
    assert "3 February 2026" in back.words
    assert await waiting(site) == 12
    snooze = f"snooze:{KA220}"
    assert f'value="{snooze}"' not in (await client.get(own)).text
    async with site.noon.database.write() as connection:
        await connection.execute(
            text("UPDATE outbox SET due_at = :now WHERE deadline = :which AND key LIKE '%T-30d'"),
            {"now": site.noon.clock.now().timestamp() - 60, "which": KA220},
        )
    later = await press(client, own, snooze)
    assert "Next reminder" in later.words
    (change,) = (
        each.attributes["value"]
        for each in read((await client.get(own)).text).all("button")
        if each.attributes.get("value", "").startswith("change:")
    )
    fields = {"leads": "5d", "language": "lv", "zone": "Europe/Lisbon"}
    changed = await press(client, own, change, **fields)
    for shown in ("5 days before", "Europe/Lisbon", "Latvian"):
        assert shown in changed.words
    assert "T-" not in changed.words
    assert await waiting(site) == 2
    await press(client, own, change.replace("change:", "end:"))
    assert await waiting(site) == await site.count("subscription") == 0


WRONG = [
    ({"leads": "100 days"}, "reminders.unreadable.leads"),
    ({"leads": "", "lead": []}, "reminders.unreadable.leads"),
    ({"zone": "Europe/Rga"}, "reminders.unreadable.zone"),
]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_change_that_is_not_right_keeps_what_was_typed_and_shows_it_open(
    site: Site, client: httpx.AsyncClient, language: str
) -> None:
    own = f"{await signed_up(site, client)}?lang={language}"
    (one,) = (await client.post(own, data={"do": "export"})).json()["subscriptions"]
    right = {"leads": "5 d", "lead": ["T-7d", "T-2h"], "language": "en", "zone": "Europe/Vilnius"}
    for wrong, problem in WRONG:
        sent = {**right, **wrong, "do": f"change:{one['id']}"}
        page = read((await client.post(own, data=sent)).text)
        panel = next(each for each in page.all("details") if "open" in each.attributes)
        assert panel.one("p", role="alert").words == words(language).say(problem)
        fields = {each.attributes["name"]: each for each in panel.all("input")}
        assert fields["leads"].attributes["value"] == sent["leads"]
        assert fields["zone"].attributes["value"] == sent["zone"]
        ticked = [e.attributes["value"] for e in panel.all("input") if "checked" in e.attributes]
        assert ticked == sent["lead"]
        marked = [name for name, each in fields.items() if "aria-invalid" in each.attributes]
        assert marked == [problem.rpartition(".")[2]]
    await client.post(own, data={**right, "do": f"change:{one['id']}"})
    (now,) = (await client.post(own, data={"do": "export"})).json()["subscriptions"]
    assert now["leads"] == "T-7d T-5d T-2h"


async def test_a_reload_after_a_button_does_nothing_again_and_says_it_for_a_while(
    site: Site, client: httpx.AsyncClient
) -> None:
    own = f"{await signed_up(site, client)}?lang=en"
    act = {"do": f"handed:{KA220}"}
    answer = await client.post(own, data=act, follow_redirects=False)
    assert answer.status_code == 303
    shown = str(answer.headers["location"])
    done = read((await client.get(shown)).text).one("div", class_="done").words
    assert "the application is submitted" in done
    for made_up in (shown[:-1] + ("0" if shown[-1] != "0" else "1"), f"{own}&done=1.eA.x"):
        assert read((await client.get(made_up)).text).all("div", class_="done") == []
    other = await signed_up(site, client, "ben@example.org")
    elsewhere = f"{other}?{shown.partition('?')[2]}"
    assert read((await client.get(elsewhere)).text).all("div", class_="done") == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_held_is_told_in_words(
    site: Site, client: httpx.AsyncClient, language: str
) -> None:
    spoken = words(language)
    own = f"{await signed_up(site, client)}?lang={language}"
    (one,) = (await client.post(own, data={"do": "export"})).json()["subscriptions"]
    assert LATVIAN.say("reminders.consent-mail") in read((await client.get(own)).text).words
    zone = {"do": f"change:{one['id']}", "leads": "5 d", "language": "lv", "zone": "Asia/Tokyo"}
    page = read((await client.post(own, data=zone)).text)
    for told in (
        # Other lead times are no new consent: it stays in the words that were agreed to.
        LATVIAN.say("reminders.consent-mail"),
        spoken.say("privacy.state.planned"),
        spoken.say("privacy.kind.reminder"),
        spoken.say("language.name.lv"),
        "18:00",  # nine in the morning in UTC is six in the evening in Tokyo
    ):
        assert told in page.words, told
    for code in ("T-5d", "09:00", "reminders.consent", "needs_human", one["id"]):
        assert code not in page.words


async def test_everything_held_is_taken_along_and_then_erased(
    site: Site, client: httpx.AsyncClient
) -> None:
    own = await signed_up(site, client)
    file = await client.post(own, data={"do": "export"})
    assert file.headers["content-disposition"] == 'attachment; filename="noon-mydata.json"'
    held = file.json()
    assert held["contacts"][0]["address"] == ADDRESS
    assert held["subscriptions"][0]["selection"] == "KA210-VET+KA220-VET"
    assert held["subscriptions"][0]["consent"]["words"] == "reminders.consent-mail/1/lv"
    erased = await client.post(own, data={"do": "erase"})
    assert title(erased) == LATVIAN.say("web.erased.title")
    assert await traces(site.noon.database, ADDRESS, own.rpartition("/")[2][:11]) == []
    assert (await client.get(own)).status_code == 410


async def test_what_is_typed_on_the_own_page_never_becomes_markup(
    site: Site, client: httpx.AsyncClient
) -> None:
    hostile = "'\"><img src=x onerror=alert(1)><script>alert(1)</script>"
    own = await signed_up(site, client, "a'&{x}`b|c@example.org")
    fields = dict.fromkeys(("leads", "language", "zone"), hostile)
    (one,) = (await client.post(own, data={"do": "export"})).json()["subscriptions"]
    for act in (f"change:{one['id']}", f"handed:{hostile}", hostile, "", "end:x"):
        answer = await client.post(own, data={"do": act, **fields})
        page = read(answer.text)
        assert answer.status_code == (400 if act.startswith("change:") else 200)
        assert "a'&{x}`b|c@example.org" in page.words
        assert page.all("script") == []
        assert all(each.attributes["src"].startswith("/static/") for each in page.all("img"))
    page = read((await client.get(f"{own}?deadline={quote(hostile)}&lang={quote(hostile)}")).text)
    assert page.all("script") == []
    assert await waiting(site) == 12


async def test_the_chat_of_the_page_has_reminders_and_the_file_of_all_that_is_held(
    site: Site,
) -> None:
    async with site.client(**{"accept-language": "en"}) as client:
        person = Person(client)
        await person.open()
        await person.press(ENGLISH.say("welcome.door.reminders"))
        assert ENGLISH.say("reminders.none") in person.replies
        await person.press(ENGLISH.say("reminders.choice.add"))
        await person.press(ENGLISH.say("eligibility.action.KA240"))
        await person.ask(ADDRESS)
        await person.press(person.choices[0])
        await person.press(ENGLISH.say("reminders.choice.agree"))
        assert ADDRESS in person.replies
        await person.ask("/mydata")
        link = person.page.one("div", id="log").one("a", class_="button").attributes["href"]
        before = await everything(site.noon.database)
        file = await client.get(link)
        assert ADDRESS in file.text
        assert await everything(site.noon.database) == before
        async with site.client() as stranger:
            assert ADDRESS not in (await stranger.get(link)).text
        await person.ask("/delete")
        await person.press(ENGLISH.say("privacy.choice.delete"))
    assert await traces(site.noon.database, ADDRESS) == []
