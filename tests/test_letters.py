"""Letters: subjects say what and when, the time left is told from now, the same gives the same."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.post.kinds import Kind
from bot.post.letters.about import LONGEST_SUBJECT
from bot.post.letters.making import MOST_KEPT
from bot.post.letters.remaining import Left, Unit, left
from bot.post.links import LENGTH, Purpose, new_id, sealed
from bot.settings import BadSettings
from handlers.words import LANGUAGES, words
from tests.mail.reader import Page
from tests.mail.samples import (
    ADDRESS,
    CANCELLED,
    CLOSING,
    EVERY,
    KEY,
    MOVED,
    SITE,
    WEEK_BEFORE,
    Stopped,
    Writing,
    claimed,
    desk,
    moved,
    parsed,
    people,
    rehearsed,
    reminder,
)
from tests.talk import deadline, the_facts, with_deadlines
from tests.test_deadlines import NOON, made

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)

SUBJECTS = [
    (reminder(), desk(), "KA220: pieteikums līdz 5. martam plkst. 12:00 pēc Briseles laika, "
     "vēl 7 dienas"),
    (reminder(language="en"), desk(), "KA220: apply by 5 March, 12:00 Brussels time, "
     "7 days left"),
    (moved(sequence=1), desk(MOVED), "KA220: termiņš pārcelts, tagad līdz 7. martam "
     "plkst. 12:00 pēc Briseles laika"),
    (moved(sequence=1, before=CLOSING.isoformat()), desk(CANCELLED),
     "KA220: termiņš atcelts (bija 2026. gada 5. marts, plkst. 12:00 pēc Briseles laika)"),
    (moved(sequence=1, language="en", before=CLOSING.isoformat()), desk(CANCELLED),
     "KA220: deadline cancelled (was 5 March 2026, 12:00 Brussels time)"),
    (moved(before=CLOSING.isoformat()), desk(), "KA220: termiņš atkal ir spēkā, līdz 5. martam "
     "plkst. 12:00 pēc Briseles laika"),
    (moved(before=CLOSING.isoformat()), desk(status="conditional"),
     "KA220: termiņš vairs nav apstiprināts (bija 2026. gada 5. marts, plkst. 12:00 "
     "pēc Briseles laika)"),
    (reminder(), desk(status="conditional"), "KA220: neapstiprināts termiņš līdz 5. martam "
     "plkst. 12:00 pēc Briseles laika, vēl 7 dienas"),
    (reminder(), rehearsed(desk()), "[Izmēģinājums] KA220: pieteikums līdz 5. martam "
     "plkst. 12:00 pēc Briseles laika, vēl 7 dienas"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "facts", "subject"), SUBJECTS)
def test_a_subject_says_what_and_when(content: dict[str, Any], facts: Any, subject: str) -> None:
    assert parsed(Writing(facts).mail(content))["Subject"] == subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_rehearsed", [False, True])
def test_every_subject_is_short_enough(language: str, is_rehearsed: bool) -> None:
    writing = Writing()
    writing.desk = rehearsed(writing.desk) if is_rehearsed else writing.desk
    for one in the_facts().deadlines:
        writing.clock.time = one.instant - 30 * DAY
        content = reminder(deadline=one.id, sequence=one.sequence, language=language)
        subject = str(parsed(writing.mail(content))["Subject"])
        assert 20 < len(subject) <= LONGEST_SUBJECT
        assert words(language).clock(one.wall) in subject
        assert str(one.wall.day) in subject


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (30 * DAY, Left(Unit.DAYS, 30)),
        (7 * DAY, Left(Unit.DAYS, 7)),
        (7 * DAY - 3 * HOUR, Left(Unit.DAYS, 7)),
        (DAY, Left(Unit.DAYS, 1)),
        (18 * HOUR, Left(Unit.DAYS, 1)),
        (17 * HOUR, Left(Unit.HOURS, 17)),
        (2 * HOUR + timedelta(minutes=20), Left(Unit.HOURS, 2)),
        (2 * HOUR, Left(Unit.HOURS, 2)),
        (HOUR + timedelta(minutes=50), Left(Unit.HOURS, 2)),
        (timedelta(minutes=89), Left(Unit.MINUTES, 85)),
        (timedelta(minutes=7), Left(Unit.MINUTES, 5)),
        (SECOND, Left(Unit.MINUTES, 5)),
    ],
)
def test_the_time_left_is_told_from_now(before: timedelta, told: Left) -> None:
    assert left(deadline("2026-ka220-r1"), CLOSING - before) == told


def test_days_are_counted_on_the_calendar_over_a_change_of_the_clocks() -> None:
    april = deadline("2026-ka240-r1")
    assert left(april, april.instant - 719 * HOUR).number == 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_zones_stand_in_every_letter_about_a_deadline(language: str) -> None:
    for content in (reminder, moved):
        mail = parsed(Writing().mail(content(language=language, zone="Europe/Riga")))
        text = mail.get_body(("plain",)).get_content()
        for zone, hour in (("Europe/Brussels", "12:00"), ("Europe/Riga", "13:00")):
            assert f"{hour} {words(language).say(f'zone.{zone}')}" in text


def test_a_zone_that_is_gone_and_a_language_not_spoken_fall_back() -> None:
    writing = Writing()
    assert b"Latvijas laika" in writing.mail(reminder(zone="Europe/Atlantis", language="xx"))


def test_the_same_claimed_message_gives_the_same_bytes() -> None:
    for make in EVERY.values():
        held = claimed(make())
        one, other = (Writing().letters.make(held) for _ in range(2))
        assert one == other
        assert one is not None
        assert one.content.count(one.message_id.encode()) == 1


def test_the_message_id_is_of_the_row_the_kind_and_the_senders_domain() -> None:
    found = Writing().letters.make(claimed(reminder(), id="4711", kind=Kind.TWO_HOURS))
    assert found is not None
    assert found.message_id == "<two-hours.4711@mail.noon.example>"


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_mail_made_from_a_kept_form_is_the_one_made_anew(make: Callable[..., Any]) -> None:
    warm = Writing()
    warm.mail(make(), contact=new_id())
    for address, contact in people(20):
        given = {"address": address, "contact": contact}
        assert warm.mail(make(), **given) == Writing().mail(make(), **given)


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_nobody_gets_the_links_of_another(make: Callable[..., Any]) -> None:
    writing = Writing()
    mine, others = new_id(), new_id()
    subscriptions = {"subscription": others} if make is EVERY["confirmation"] else {}
    mail = writing.mail(make(**subscriptions), contact=mine)
    other = writing.mail(make(), contact=others, address="other@example.org")
    flat = other.replace(b"=\r\n", b"")
    for purpose in Purpose:
        assert sealed(KEY, purpose, mine).encode() not in flat
        assert sealed(KEY, purpose, others).encode() not in mail.replace(b"=\r\n", b"") or (
            subscriptions and purpose is Purpose.CONFIRM
        )
    assert ADDRESS.encode() not in other


def test_making_for_one_more_person_takes_far_less_than_sending() -> None:
    writing = Writing()
    held = [claimed(reminder(), address=a, contact=c) for a, c in people(2_000)]
    writing.letters.make(held[0])
    begun = perf_counter()
    for one in held:
        assert writing.letters.make(one) is not None
    each = (perf_counter() - begun) / len(held)
    print(f"a person's mail takes {each * 1e6:.0f} µs to make")
    assert each < 0.0005


@pytest.mark.parametrize(
    ("site", "trouble"),
    [
        (SITE, None),
        ("https://" + "a" * 32, None),
        ("https://" + "a" * 33, "1 characters too long"),
        ("https://noon.example/a path", "must be an address"),
        ("https://noon.example>,<https://evil.example", "must be an address"),
        ("https://piemērs.lv", "must be an address"),
        ("https://noon.example\r\nBcc: x@example.org", "must be an address"),
        ("noon.example", "must be an address"),
    ],
)
def test_an_address_of_the_page_that_headers_cannot_hold_is_refused(
    site: str, trouble: str | None
) -> None:
    if trouble is None:
        value = re.search(rb"List-Unsubscribe: (.*)\r\n", Writing(site=site).mail(reminder()))
        assert value is not None
        assert len(value[1]) == 2 + len(site) + len("/unsubscribe/") + LENGTH <= 77
        return
    with pytest.raises(BadSettings, match=f"NOON_PUBLIC_URL.*{trouble}"):
        Writing(site=site)


def test_a_warning_reaches_the_operator_even_without_words() -> None:
    text = parsed(Writing().mail(EVERY["alarm"]())).get_body(("plain",)).get_content()
    assert "no-such-words" in text
    assert "what: x" in text


@pytest.mark.parametrize(("language", "content"), [*product(LANGUAGES, ("reminder", "moved"))])
def test_a_rehearsal_is_said_to_be_one(language: str, content: str) -> None:
    writing = Writing(rehearsed(Writing().desk))
    mail = parsed(writing.mail(EVERY[content](language=language)))
    today = words(language).day(WEEK_BEFORE.astimezone(ZoneInfo("Europe/Riga")))
    warned = words(language).say("letter.rehearsal", day=today)
    assert warned in mail.get_body(("plain",)).get_content()
    assert warned in Page(mail.get_body(("html",)).get_content()).text
    writing.clock.time += DAY
    assert warned.encode() not in writing.mail(EVERY[content](language=language))
    plain = parsed(writing.mail(EVERY[content](language=language))).get_body(("plain",))
    assert warned not in plain.get_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_noon_cannot_guide_is_not_made_up(language: str) -> None:
    """An action of the executive agency has another form: its steps are not told."""
    elsewhere = words(language).say("letter.todo.elsewhere")
    for one in the_facts().newest.deadlines.values():
        writing = Writing(clock=Stopped(one.instant - DAY))
        content = reminder(deadline=one.id, sequence=one.sequence, language=language)
        text = parsed(writing.mail(content)).get_body(("plain",)).get_content()
        ours = one.action in ("KA210", "KA220", "KA240") and one.managed_by == "agency"
        assert (elsewhere in text) != ours, one.id
        assert ("topic=form-submit" in text) == ours, one.id


def test_what_is_left_to_do_grows_more_urgent() -> None:
    writing, seen = Writing(), []
    for before in (7 * DAY, DAY, 2 * HOUR):
        writing.clock.time = CLOSING - before
        text = parsed(writing.mail(reminder())).get_body(("plain",)).get_content()
        seen.append([key for key in URGENT if words("lv").say(f"letter.todo.{key}") in text])
    assert seen == [["early"], ["today"], ["now"]]


URGENT = ("early", "today", "now")


def test_a_deadline_in_its_own_zone_alone_is_told_once() -> None:
    text = parsed(Writing().mail(reminder(zone="Europe/Brussels"))).get_body(("plain",))
    assert "13:00" not in text.get_content()


def test_a_reply_is_promised_only_where_somebody_reads_it() -> None:
    promise = words("lv").say("letter.foot.reply")
    for replies in (None, "people@noon.example"):
        mail = parsed(Writing(reply_to=replies).mail(reminder()))
        assert mail["Reply-To"] == replies
        assert (promise in mail.get_body(("plain",)).get_content()) == (replies is not None)


def test_only_so_many_forms_are_kept() -> None:
    writing = Writing(with_deadlines([made(NOON)]))
    zones = ["Europe/Riga", "Europe/Tallinn"]
    for number, zone in product(range(MOST_KEPT // 2 + 5), zones):
        writing.mail(EVERY["confirmation"](selection=f"x{number}", zone=zone))
    assert len(writing.letters._forms) == MOST_KEPT
