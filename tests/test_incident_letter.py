"""What a notice tells the agency: the conditions answered, the evidence, nothing promised."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.incident.letter import Attached, parted, subject, text
from bot.incident.notifying import fitted
from handlers.words import LANGUAGES, words
from rules.incident import Condition
from tests.mail.notices import (
    CASE,
    KA220,
    MINUTE,
    NAME,
    NOON,
    PERSON,
    SECOND,
    answers,
    clock,
    form,
    notifying,
    screenshot,
)
from tests.talk import deadline

ATTEMPT, TOLD, FORM = Condition.ATTEMPT, Condition.TOLD, Condition.FORM
CLOSES = NOON + 120 * MINUTE


@pytest.mark.parametrize(
    ("attempt", "answer"),
    [
        (NOON - SECOND, "yes"),
        (NOON, "no"),
        (NOON + SECOND, "no"),
        (NOON - timedelta(days=1), "yes"),
        (None, "not-known"),
    ],
)
def test_an_attempt_counts_only_before_the_deadline(attempt: datetime | None, answer: str) -> None:
    assert answers(notifying(attempt=attempt))[ATTEMPT] == answer


@pytest.mark.parametrize("identifier", ["2026-ka220-r1", "2026-ka240-r1", "2026-ka220-r2"])
@pytest.mark.parametrize(
    ("before_the_end", "told", "with_form"),
    [(120 * MINUTE, "yes", "yes"), (SECOND, "yes", "yes"), (0 * SECOND, "no", "no")],
)
def test_the_window_ends_two_hours_after_noon_in_winter_and_in_summer(
    identifier: str, before_the_end: timedelta, told: str, with_form: str
) -> None:
    closes = deadline(identifier).instant + 120 * MINUTE
    n = notifying(deadline=identifier, now=closes - before_the_end)
    assert answers(n)[TOLD] == told
    assert answers(n)[FORM] == with_form
    said = text(n, "en")
    assert f"{clock(closes, 'Europe/Brussels')} Brussels time" in said
    assert "14:00 Brussels time (15:00 Latvian time)" in said


@pytest.mark.parametrize(
    ("files", "unchanged", "variant", "answer"),
    [
        ((form(),), True, "full", "yes"),
        ((form(),), None, "full", "not-known"),
        ((form(),), False, "full", "no"),
        ((), True, "full", "no"),
        ((form(problem="active"),), True, "full", "not-here"),
        ((form(problem="active"),), True, "hand", "yes-if"),
        ((form(5_500_001),), True, "full", "not-here"),
        ((form(),), True, "bare", "not-here"),
        ((form(),), True, "small", "yes"),
    ],
)
def test_the_form_counts_only_attached_and_unchanged(
    files: tuple[Attached, ...], unchanged: bool | None, variant: Any, answer: str
) -> None:
    n = notifying(files=files, unchanged=unchanged)
    assert answers(n, variant=variant)[FORM] == answer


def test_what_a_person_sends_counts_only_if_it_is_sent_in_time() -> None:
    assert answers(notifying(), variant="hand")[TOLD] == "yes-if"
    assert answers(notifying(now=CLOSES), variant="hand")[TOLD] == "no"
    assert answers(notifying(now=CLOSES), variant="bare")[FORM] == "no"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_is_told_in_either_language(language: str) -> None:
    n = notifying()
    said = text(n, language)
    case = (CASE.organisation, CASE.oid, CASE.title, CASE.form_id, CASE.contact, CASE.phone)
    hashes = [file.sha256 for file in n.files]
    hours = [
        f"{clock(moment, zone)}"
        for moment in (NOON, CLOSES, CASE.attempt, CASE.first_failure, n.now, n.proved)
        for zone in ("Europe/Brussels", "Europe/Riga")
        if moment is not None
    ]
    for fact in (*case, *hashes, *hours, PERSON, "KA220-SCH", n.page, "VIAA"):
        assert fact in said, fact
    for line in CASE.happened.split("\n"):
        assert f"> {line}" in said


@pytest.mark.parametrize("variant", ["full", "small", "bare", "hand"])
@pytest.mark.parametrize("case", [{}, {"attempt": None}, {"files": ()}, {"unchanged": None}])
def test_both_languages_tell_the_same_in_the_same_order(case: Any, variant: Any) -> None:
    n = notifying(**case)
    latvian, english = (text(n, language, variant).split("\n") for language in ("lv", "en"))
    assert [line[:3] == "   " for line in latvian] == [line[:3] == "   " for line in english]
    assert [line[:1] in "->" for line in latvian] == [line[:1] in "->" for line in english]
    assert answers(n, "lv", variant) == answers(n, "en", variant)


def test_what_is_not_known_is_said_to_be_so() -> None:
    empty = dict.fromkeys(("organisation", "oid", "title", "form_id", "contact", "phone"), "")
    said = text(notifying(**empty, attempt=None, first_failure=None), "en")
    assert said.count(words("en").say("notice.unknown")) == 8


def test_what_happened_and_whom_to_call_come_first_then_the_evidence_in_its_order() -> None:
    said = text(notifying(), "en")
    marks = [
        CASE.organisation,
        "> Spiežu",
        CASE.phone,
        "\n1. ",
        "\n2. ",
        "\n3. ",
        "\n4. ",
        "\n5. ",
        "\n6. ",
        CASE.title,
        "- form-",
    ]
    places = [said.index(mark) for mark in marks]
    assert places == sorted(places)
    for once in (CASE.organisation, CASE.contact, CASE.phone, CASE.title, CASE.oid):
        assert said.count(once) == 1


def test_a_correction_names_the_notice_that_it_corrects() -> None:
    first = (NAME, NOON + 5 * MINUTE)
    n = notifying(number=2, first=first)
    assert NAME in text(n, "lv")
    assert "12:05" in text(n, "lv")
    assert subject(n, "lv") != subject(notifying(), "lv")
    assert subject(notifying(), "lv")[-20:] in subject(n, "lv")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [0, 2])
def test_the_subject_names_action_form_and_organisation_and_is_short(
    language: str, number: int
) -> None:
    told = subject(notifying(number=number), language)
    for part in ("KA220-SCH", CASE.form_id, CASE.organisation):
        assert part in told
    assert told.count("KA220-SCH") == 1
    without_form = subject(notifying(form_id="", number=number), language)
    assert "KA220-SCH" in without_form
    strange = subject(notifying(form_id="12345", organisation="ā" * 500), language)
    assert "KA220-SCH, 12345, āāā" in strange
    assert len(strange) == 120


def test_a_rehearsed_notice_is_seen_to_be_one() -> None:
    real, rehearsed = notifying(), notifying(rehearsed=True)
    for language in LANGUAGES:
        said = words(language).say("notice.rehearsal")
        assert text(rehearsed, language) == f"{said}\n\n{text(real, language)}"
        assert subject(real, language) in subject(rehearsed, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_said_to_have_confirmed_what_was_not(language: str) -> None:
    proved, unproved = (
        text(notifying(proved=moment), language) for moment in (NOON - 3 * MINUTE, None)
    )
    assert clock(NOON - 3 * MINUTE, "Europe/Riga") in proved
    assert len(unproved.split("\n")) == len(proved.split("\n")) - 1


SHOTS = tuple(screenshot(number, 700_000, 240_000) for number in range(1, 7))


@pytest.mark.parametrize(
    ("form_size", "variant", "small"),
    [
        (2_500_000, "full", 0),
        (2_800_000, "full", 0),
        (2_800_001, "full", 1),
        (5_500_000, "full", 6),
        (2_500_000, "small", 6),
    ],
)
def test_screenshots_are_taken_smaller_only_as_far_as_it_must_be(
    form_size: int, variant: Any, small: int
) -> None:
    n = notifying(files=(*SHOTS, form(form_size)))
    going = fitted(n, variant)
    assert [one.file for one in going] == [n.files[-1], *SHOTS]
    assert sum(one.content == one.file.small for one in going) == small
    assert sum(len(one.content) for one in going) <= 7_000_000
    assert parted(n, variant) == (tuple(one.file for one in going), ())


def test_what_cannot_fit_is_left_out_and_said_to_be() -> None:
    large = tuple(screenshot(number, 2_000_000, 1_500_000) for number in range(1, 7))
    n = notifying(files=(*large, form()))
    kept, left = parted(n)
    assert len(kept) == 5
    assert kept[0].kind == "form"
    assert {*map(id, (*kept, *left))} == {*map(id, n.files)}
    for file in n.files:
        assert file.sha256 in text(n, "en")


def test_the_last_form_is_the_form() -> None:
    older, newer = form(8_000), form(9_000)
    n = notifying(files=(older, screenshot(1), newer))
    assert parted(n)[0] == (newer, n.files[1])


def test_a_deadline_that_moved_moves_the_answers() -> None:
    n = notifying(now=CLOSES + MINUTE)
    assert answers(n)[TOLD] == "no"
    later = replace(n.within, deadline=NOON + timedelta(days=1), closes=CLOSES + timedelta(days=1))
    assert answers(replace(n, within=later))[TOLD] == "yes"
    assert KA220.instant == datetime(2026, 3, 5, 11, tzinfo=UTC)
