"""A changed deadline: its announcement and the day it was known are told alike everywhere."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from bot.checks import problems
from bot.faces import tables
from handlers import deadlines as told
from handlers import ics
from handlers.markup import plain
from handlers.words import LANGUAGES, words
from rules.deadlines import ChangeLine
from rules.selection import Selection
from tests.mail.reader import Page
from tests.mail.samples import CLOSING, Writing, desk, moved, parsed
from tests.talk import visit
from tests.test_deadlines import changed
from tests.test_letters_chat import message

NEWS = "https://erasmus-plus.ec.europa.eu/news/deadline-moved"
KNOWN = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
"""Half past midnight of the next day in Brussels."""

NAMES = {"lv": "Eiropas Komisijas paziņojums", "en": "Announcement of the European Commission"}


def change(**given: object) -> ChangeLine:
    usual = {"recorded": KNOWN, "source": "ec-announcement:news, 11:20", "url": NEWS}
    return changed(**(usual | given))


CHANGES = {"moved": {"wall": "2026-03-07T12:00:00"}, "cancelled": {"state": "cancelled"}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", CHANGES.values(), ids=CHANGES)
def test_the_announcement_is_told_with_the_day_it_was_known(
    what: dict[str, object], language: str
) -> None:
    changed_desk = desk(change(**what))
    day = words(language).day(KNOWN.replace(day=5))
    where = f"{NAMES[language]}: news, 11:20"
    line = words(language).say("source.known", sources=where, day=day)
    content = moved(sequence=1, language=language, before=CLOSING.isoformat())
    mail = parsed(Writing(changed_desk).mail(content))
    page = Page(mail.get_body(("html",)).get_content())
    feed = Calendar.from_ical(ics.build(changed_desk, Selection(("all",)), words(language)))
    (event,) = feed.events
    chat = message(Writing(changed_desk), content)["text"]
    shown = plain(told.block(visit(language=language, desk=changed_desk)))
    texts = (mail.get_body(("plain",)).get_content(), page.text, event["DESCRIPTION"], chat, shown)
    assert [text for text in texts if line not in text] == []
    assert NEWS in page.links
    assert event["URL"] == NEWS
    assert NEWS in chat
    (record,) = [
        one for one in tables.deadlines(changed_desk, KNOWN, every=True) if one["sequence"]
    ]
    assert (record["source"]["url"], record["source"]["as_of"]) == (NEWS, "2026-03-05")


def test_what_never_changed_is_told_with_the_day_of_its_check() -> None:
    plain_desk = desk()
    checked = words("en").day(plain_desk.facts.library.cite("pg-2026:238").as_of)
    assert f"checked on {checked}" in told.block(visit(desk=plain_desk))


def test_a_later_change_does_not_inherit_the_page_of_an_earlier_one() -> None:
    later = change(recorded=KNOWN.replace(minute=45), url=None, source="viaa-announcement:x")
    twice = desk(change(wall="2026-03-07T12:00:00"), later)
    cited = twice.facts.announced(twice.facts.newest.deadlines["2026-ka220-r1"])
    assert cited.url == "https://erasmusplus.lv/"
    assert cited.named("lv") == "VIAA paziņojums"


ADDRESSES = {
    NEWS: None,
    "https://erasmusplus.lv/jaunums/x": None,
    "https://www.erasmusplus.lv/jaunums/x": None,
    "https://www.viaa.gov.lv/lv/jaunums": None,
    "https://jaunatne.gov.lv/x": None,
    "http://erasmus-plus.ec.europa.eu/x": "https",
    "https://news.example/x": "news.example",
    "https://europa.eu.example/x": "europa.eu.example",
    "https://noteuropa.eu/x": "noteuropa.eu",
    "https://x@erasmusplus.lv/": "https",
    "javascript:alert(1)": "https",
    "https://erasmusplus.lv/a b": "https",
}


@pytest.mark.parametrize(("address", "wrong"), ADDRESSES.items())
def test_only_official_pages_announce_a_change(
    tmp_path: Path, address: str, wrong: str | None
) -> None:
    (tmp_path / "2026.toml").write_text(
        "call = 2026\n[[change]]\nid = '2026-ka220-r1'\nrecorded = 2026-03-05T08:00:00Z\n"
        f"source = 'ec-announcement:x'\nurl = '{address}'\n"
    )
    found = problems(tmp_path)
    assert bool(found) == (wrong is not None), found
    assert all("2026-ka220-r1" in line and "url" in line and str(wrong) in line for line in found)
