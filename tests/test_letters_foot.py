"""What every letter says of itself: who runs this Noon, why it comes, how long its link works."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.almanac import Almanac
from bot.clock import Clock
from bot.settings import Settings
from handlers.words import LANGUAGES, words
from tests.mail.reader import Page
from tests.mail.samples import EVERY, SITE, Writing, confirmation, moved, parsed, reminder
from tests.talk import the_desk

WHO = "Society Example, office@example.org"


def text(writing: Writing, content: dict[str, Any]) -> str:
    return str(parsed(writing.mail(content)).get_body(("plain",)).get_content())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EVERY)
def test_every_mail_says_who_sends_it_and_where_privacy_is_told(kind: str, language: str) -> None:
    writing = Writing(replace(the_desk(), controller=WHO))
    mail = parsed(writing.mail(EVERY[kind](language=language)))
    said = words(language).say("letter.foot.controller", controller=WHO)
    assert said in mail.get_body(("plain",)).get_content()
    page = Page(mail.get_body(("html",)).get_content())
    assert said in page.text
    assert f"{SITE}/?lang={language}#privacy" in page.links


def test_where_nobody_is_set_nobody_is_named() -> None:
    nobody = words("lv").say("letter.foot.controller", controller="").strip()
    assert nobody in text(Writing(replace(the_desk(), controller=WHO)), reminder())
    assert nobody not in text(Writing(), reminder())


@pytest.mark.parametrize("wrong", ["x" * 201, "Society\nBcc: x@example.org", "a\u202eb"])
def test_what_breaks_a_line_is_no_name(wrong: str) -> None:
    with pytest.raises(ValidationError, match="controller"):
        Settings(_env_file=None, controller=wrong)


def test_the_desk_knows_who_runs_this_noon() -> None:
    made = Almanac(Settings(_env_file=None, controller=WHO), Clock())
    assert made.desk.controller == WHO


def test_nobody_is_said_to_have_confirmed_who_was_taken_over_from_a_list() -> None:
    for make in (reminder, moved):
        assert "apstiprin" not in text(Writing(), make()).partition("-----")[2]
        assert "confirm" not in text(Writing(), make(language="en")).partition("-----")[2]


@pytest.mark.parametrize(("language", "hours"), [("lv", "48 stundas"), ("en", "48 hours")])
def test_a_confirmation_says_how_long_its_link_works(language: str, hours: str) -> None:
    assert hours in text(Writing(), confirmation(language=language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmation_says_when_no_deadline_is_ahead(language: str) -> None:
    writing, said = Writing(), words(language).say("confirmation.none-ahead")
    assert said not in text(writing, confirmation(language=language))
    writing.clock.time = datetime(2026, 12, 1, tzinfo=UTC)
    late = text(writing, confirmation(language=language))
    assert said in late
    assert the_desk().agency.website in late
    writing.clock.time -= timedelta(days=300)
    assert said not in text(writing, confirmation(language=language))
