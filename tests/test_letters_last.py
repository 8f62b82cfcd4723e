"""The last mail before a deadline, when the system may fail: whom to write to, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.words import LANGUAGES, words
from rules.agencies import Mailbox
from tests.mail.reader import Page
from tests.mail.samples import CLOSING, Stopped, Writing, parsed, reminder
from tests.talk import deadline, the_desk, the_facts

TOLD = {
    "lv": "Ja sistēma nedarbojas: līdz termiņam turpiniet mēģināt, uzņemiet ekrānšāviņus un"
    " rakstiet VIAA (KA220-VET: kristine.belisova@viaa.gov.lv; Sadarbības partnerību nodaļas"
    " vadītāja: sarmite.rutkovska@viaa.gov.lv) līdz 5. martam plkst. 14:00 pēc Briseles laika"
    " (plkst. 15:00 pēc Latvijas laika). Nav garantēts, ka pieteikumu pieņems.",
    "en": "If the system fails: keep trying until the deadline, take screenshots and write to"
    " VIAA (KA220-VET: kristine.belisova@viaa.gov.lv; Head of the Cooperation Partnerships Unit:"
    " sarmite.rutkovska@viaa.gov.lv) by 5 March, 14:00 Brussels time (15:00 Latvian time)."
    " There is no guarantee that the application will be accepted.",
}
AGENCY = the_facts().agencies.agencies["LV01"]


def told(writing: Writing, **given: object) -> str:
    return str(parsed(writing.mail(reminder(**given))).get_body(("plain",)).get_content())


def last(identifier: str = "2026-ka220-r1", **given: object) -> str:
    """Return the text of the mail two hours before a deadline."""
    closing = deadline(identifier).instant
    writing = Writing(clock=Stopped(closing - timedelta(hours=2)))
    return told(writing, deadline=identifier, **given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_whom_to_write_to_and_until_when(language: str) -> None:
    text = last(language=language)
    assert TOLD[language] in text
    day = words(language).day(AGENCY.contact[0].checked_on)
    assert words(language).say("letter.link.contacts", agency="VIAA", day=day) in text
    assert AGENCY.contacts_page in text


def test_only_published_contacts_of_the_action_and_the_head_are_told() -> None:
    emails = {one.email for one in AGENCY.contact if one.email}
    for identifier, wanted in {
        "2026-ka210-r1": {"meldra.berzina@viaa.gov.lv", "sarmite.rutkovska@viaa.gov.lv"},
        "2026-ka240-r1": {"sarmite.rutkovska@viaa.gov.lv"},
        "2026-ka151-r1": set(),
    }.items():
        text = last(identifier)
        assert {email for email in emails if email in text} == wanted


def test_an_established_mailbox_for_failures_is_the_one_to_write_to() -> None:
    mailbox = Mailbox(address="incidents@viaa.example", source="viaa-2026")
    agency = AGENCY.model_copy(update={"incident_mailbox": mailbox})
    desk = replace(the_desk(), agency=agency)
    text = told(Writing(desk, Stopped(CLOSING - timedelta(hours=2))))
    assert "VIAA (incidents@viaa.example)" in text
    assert "belisova" not in text


def test_days_before_nobody_is_named_and_later_can_be_chosen() -> None:
    later = words("lv").say("letter.link.snooze")
    early = told(Writing())
    assert later in early
    assert "belisova" not in early
    assert later not in last()


def test_a_reader_for_whom_it_is_another_day_is_told_both() -> None:
    text = last(language="en", zone="Pacific/Auckland")
    assert "by 5 March, 14:00 Brussels time (6 March, 02:00 Auckland time)" in text


def test_no_line_of_the_html_breaks_within_an_hour_or_a_word() -> None:
    writing = Writing(clock=Stopped(CLOSING - timedelta(days=1)))
    html = parsed(writing.mail(reminder())).get_body(("html",)).get_content()
    assert "plkst.\u00a012:00" in html
    assert "e\u2011pastu" in html
    assert not [link for link in Page(html).links if "\u2011" in link or "\u00a0" in link]
