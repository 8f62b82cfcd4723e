"""What people type and what forged forms carry comes back as text, or not at all."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.engine import URL

from handlers.router import LONGEST
from tests.web.serving import Person, Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = [
    "<script>alert(1)</script>",
    "</p></article><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "**strong** [label](https://example.org) *em* \\",
    "&lt;b&gt; &amp; &#x27; '",
    "line\nline\ttab",
    "ā\u202eč\u2066ē\u200f 🕛",
    "/deadlines <b>KA220</b>",
    "/deadlines [KA220](https://evil.example) **KA220**",
    "' OR 1=1 --",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One site; everybody in it is new."""
    async with serving(data_dir=tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def person(site: Site) -> AsyncIterator[Person]:
    async with site.client() as client:
        somebody = Person(client)
        await somebody.open()
        yield somebody


@pytest.mark.parametrize("typed", TYPED)
async def test_what_is_typed_comes_back_as_text(person: Person, typed: str) -> None:
    before = {each.tag for each in person.page}
    await person.ask(typed)
    assert person.said.partition(": ")[2] == typed
    assert {each.tag for each in person.page} - before <= {"h2", "h3", "li", "em", "ol", "p"}
    await person.open()
    assert person.said.partition(": ")[2] == typed
    links = [each for each in person.page.all("a") if "evil" in each.attributes["href"]]
    assert all(each.text.startswith(each.attributes["href"]) for each in links), "disguised"


@pytest.mark.parametrize("typed", TYPED)
async def test_a_forged_label_or_choice_comes_back_as_text(person: Person, typed: str) -> None:
    await person.client.post("/chat", data={"choice": typed, "label": typed})
    await person.open()
    assert person.said.partition(": ")[2] == typed
    assert not person.page.all("img", src="x")


async def test_a_text_that_is_too_long_is_refused_in_words_and_not_kept(
    site: Site, person: Person
) -> None:
    await person.ask("ž" * (LONGEST + 1))
    assert str(LONGEST) in person.replies
    async with site.noon.database.read() as connection:
        kept = (await connection.execute(text("SELECT said FROM exchange"))).scalars()
    assert "žž" not in " ".join(kept)


async def test_a_zero_byte_is_left_out_on_both_databases(url: URL) -> None:
    async with serving(url) as site, site.client() as client:
        person = Person(client)
        await person.open()
        await person.ask("Kā\0 iegūt OID?")
        assert person.answer.status_code == 200
        assert person.said.endswith("Kā iegūt OID?")
