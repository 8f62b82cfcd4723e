"""Mails as an independent reader sees them: headers, text, HTML, links, the calendar file."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from bot.post.links import LENGTH, Purpose, opened
from handlers.words import LANGUAGES, words
from rules.deadlines import ChangeLine
from tests.ics.lint import lint
from tests.ics.panel import agree
from tests.mail.reader import Page, Seen, read
from tests.mail.samples import (
    ADDRESS,
    CLOSING,
    EVERY,
    KEY,
    REPLIES,
    SENDER,
    SITE,
    Writing,
    canary,
    confirmation,
    moved,
    people,
    reminder,
)
from tests.talk import the_facts, with_deadlines
from tests.test_deadlines import NOON, changed, made

LISTED = ["list-id", "list-unsubscribe", "list-unsubscribe-post"]
ALWAYS = [
    "from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted",
    "x-auto-response-suppress", "content-language", "mime-version", "content-type",
]  # fmt: skip
TOKEN = re.compile(rf"/(confirm|unsubscribe|reminders)/([\w-]{{{LENGTH}}})")


def seen(content: dict[str, Any], **given: Any) -> Seen:
    (found,) = read([Writing().mail(content, **given)])
    return found


@pytest.fixture(scope="module")
def every() -> dict[tuple[str, str], Seen]:
    """Every kind of mail in every language, as the reader sees it."""
    names = [(kind, language) for kind in EVERY for language in LANGUAGES]
    mails = [Writing().mail(EVERY[kind](language=language)) for kind, language in names]
    return dict(zip(names, read(mails), strict=True))


def test_the_headers_of_every_mail_are_those_and_no_others(
    every: dict[tuple[str, str], Seen],
) -> None:
    for (kind, _), mail in every.items():
        listed = LISTED if kind in ("reminder", "moved") else []
        assert sorted(mail.names) == sorted(ALWAYS + listed)
        assert mail.sender == [("Noon", SENDER)]
        assert mail.to == [("", ADDRESS)]
        assert mail.reply_to == [("", REPLIES)]
        assert mail.date == "2026-02-26T11:00:00.000Z"
        assert mail.lines["auto-submitted"] == "Auto-Submitted: auto-generated"


def test_the_latvian_subject_arrives_as_it_was_written() -> None:
    assert seen(reminder()).subject == (
        "KA220: pieteikums līdz 5. martam plkst. 12:00 pēc Briseles laika, vēl 7 dienas"
    )


def test_list_headers_are_neither_folded_nor_encoded() -> None:
    for make in (reminder, moved):
        head = Writing().mail(make()).partition(b"\r\n\r\n")[0].split(b"\r\n")
        (link,) = (line for line in head if line.startswith(b"List-Unsubscribe:"))
        value = rf"List-Unsubscribe: <{re.escape(SITE)}/unsubscribe/[\w-]{{22}}>"
        assert re.fullmatch(value.encode(), link)
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
        assert b"List-Id: Noon <reminders.mail.noon.example>" in head


def vocabulary(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_text_and_html_say_the_same_in_the_same_order(
    every: dict[tuple[str, str], Seen],
) -> None:
    for name, mail in every.items():
        page = Page(mail.html)
        links = re.findall(r"https?://\S+", mail.text)
        told = re.sub(r"https?://\S+", " ", mail.text)
        assert vocabulary(told) == vocabulary(page.text), name
        assert links == page.links, name
        assert len(vocabulary(told)) > 15


def test_html_fetches_nothing_and_runs_nothing(every: dict[tuple[str, str], Seen]) -> None:
    for mail in every.values():
        page = Page(mail.html)
        assert page.fetched == []
        bad = {"img", "script", "link", "iframe", "object", "form", "base", "input"}
        assert not bad & set(page.elements)
        assert "url(" not in mail.html
        assert "@import" not in mail.html
        assert "prefers-color-scheme: dark" in mail.html


def test_every_line_is_short_and_ends_with_crlf() -> None:
    for make in EVERY.values():
        mail = Writing().mail(make())
        assert re.search(rb"(?<!\r)\n|\r(?!\n)", mail) is None
        assert mail.isascii()
        body = mail.partition(b"\r\n\r\n")[2]
        assert max(map(len, body.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_has_what_a_reader_needs(language: str) -> None:
    mail = seen(reminder(language=language))
    speech = words(language)
    source = the_facts().library.cite("pg-2026:238")
    told = [
        source.document,
        "238",
        speech.day(source.as_of),
        speech.say("letter.todo"),
        speech.say("letter.foot.why"),
        speech.say("letter.foot.sender", agency="VIAA"),
        *(speech.say(f"letter.link.{name}") for name in ("handed", "snooze", "stop", "manage")),
    ]
    assert [each for each in told if each not in mail.text] == []
    assert mail.text.count("?deadline=2026-ka220-r1") == 2
    assert f"{SITE}/?lang={language}&topic=form-submit" in mail.text


FORMS = "https://webgate.ec.europa.eu/app-forms/af-ui-opportunities/#/erasmus-plus"
"""Where the Commission has the application forms."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_link_of_a_reminder_opens_the_forms_and_the_next_the_guide(language: str) -> None:
    form, guide, *_ = Page(seen(reminder(language=language)).html).links
    assert form == FORMS
    assert guide == f"{SITE}/?lang={language}&topic=form-submit"


def test_what_noon_cannot_guide_or_is_not_certain_opens_no_form() -> None:
    for identifier in ("2026-ka120-r1", "2026-ka220-r2"):
        assert FORMS not in seen(reminder(deadline=identifier)).text


CHANGES: list[tuple[str, list[ChangeLine], tuple[int, str, str]]] = [
    ("as first known", [], (0, "CONFIRMED", "2026-03-05T11:00:00Z")),
    (
        "moved",
        [changed(wall="2026-03-07T12:00:00")],
        (1, "CONFIRMED", "2026-03-07T11:00:00Z"),
    ),
    ("cancelled", [changed(state="cancelled")], (1, "CANCELLED", "2026-03-05T11:00:00Z")),
    ("uncertain", [changed(state="conditional")], (1, "TENTATIVE", "2026-03-05T11:00:00Z")),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("changes", "stands"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_the_calendar_file_is_the_feeds_event_published(
    changes: list[ChangeLine], stands: tuple[int, str, str], language: str
) -> None:
    desk = with_deadlines([made(NOON)], changes)
    before = (CLOSING - timedelta(days=1)).isoformat()
    content = moved(sequence=len(changes), language=language, before=before)
    (mail,) = read([Writing(desk).mail(content)])
    (file,) = mail.attachments
    assert (file.name, file.type) == ("noon-2026-ka220-r1.ics", "text/calendar")
    assert file.parameters["method"] == "PUBLISH"
    assert file.disposition == "attachment"
    assert lint(file.content, feed=False) == []
    (event,) = agree(file.content)
    assert event.uid == "deadline-2026-ka220-r1@noon.invalid"
    assert (event.sequence, event.status, event.start) == stands
    calendar = Calendar.from_ical(file.content)
    (component,) = calendar.events
    assert calendar["METHOD"] == "PUBLISH"
    assert str(component["ORGANIZER"]) == f"mailto:{SENDER}"
    assert "ATTENDEE" not in component
    alarms = component.walk("VALARM")
    assert [str(alarm["ACTION"]) for alarm in alarms] == (
        ["DISPLAY"] if stands[1] == "CONFIRMED" else []
    )


def test_only_letters_about_a_deadline_carry_a_file(every: dict[tuple[str, str], Seen]) -> None:
    for (kind, _), mail in every.items():
        assert len(mail.attachments) == (1 if kind in ("reminder", "moved") else 0)


OPENS = {
    "confirm": Purpose.CONFIRM,
    "unsubscribe": Purpose.UNSUBSCRIBE,
    "reminders": Purpose.MANAGE,
}


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_five_hundred_people_each_get_links_of_their_own(make: Callable[..., Any]) -> None:
    writing = Writing()
    everybody = list(people(500))
    mails = []
    for address, contact in everybody:
        content = make(subscription=contact) if make is confirmation else make()
        mails.append(writing.mail(content, address=address, contact=contact))
    for (address, contact), mail in zip(everybody, read(mails), strict=True):
        assert mail.to == [("", address)]
        header = mail.lines.get("list-unsubscribe", "")
        found = [*TOKEN.findall(mail.text), *TOKEN.findall(mail.html), *TOKEN.findall(header)]
        assert {opened(KEY, OPENS[path], token) for path, token in found} <= {contact}
        assert len(found) == LINKS[make.__name__]


LINKS = {"reminder": 9, "moved": 5, "confirmation": 2, "access": 2, "alarm": 0, "canary": 0}
"""Personal links of a mail: those of text, HTML and header together."""


def test_a_test_mail_can_be_told_from_another() -> None:
    early, late = (seen(canary(at=f"2026-03-05T{hour}:00:00Z")) for hour in ("08", "09"))
    assert early.subject != late.subject


def test_no_link_leads_elsewhere_than_to_us_and_the_source(
    every: dict[tuple[str, str], Seen],
) -> None:
    source = urlsplit(the_facts().library.cite("pg-2026:238").url or "").netloc
    forms = urlsplit(FORMS).netloc
    for mail in every.values():
        hosts = {urlsplit(link).netloc for link in Page(mail.html).links}
        assert hosts <= {urlsplit(SITE).netloc, source, forms}
