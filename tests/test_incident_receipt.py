"""The receipt: every fact with both times, nothing said that the notice does not say."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incident import printing
from bot.incident.receipt import STEPS, as_pdf, as_text
from handlers.cases import Kept, Notice, Standing, Step
from handlers.words import LANGUAGES, words
from rules.incident import Case
from tests.mail import paper
from tests.mail.notices import (
    AGENCY,
    CASE,
    MINUTE,
    NAME,
    NOON,
    PERSON,
    RIGA,
    clock,
    notice,
)
from tests.talk import the_desk
from tests.test_incident_letter_hostile import DECEPTIVE, NASTY, TEXTS

DESK = the_desk()
TAKEN = {Standing.ACCEPTED, Standing.DELIVERED}


def squeezed(said: str) -> str:
    """Return a text without its spaces and line ends, which differ from medium to medium."""
    return "".join(said.split())


def both(shown: Notice, language: str) -> tuple[str, str]:
    """Return a receipt as text and what is read out of it as PDF."""
    return as_text(shown, DESK, RIGA, language), paper.read(
        as_pdf(shown, DESK, RIGA, language)
    ).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_stands_in_text_and_pdf(language: str) -> None:
    shown = notice()
    moments = (NOON, shown.closes, shown.made, shown.accepted_at, CASE.attempt, CASE.first_failure)
    zones = ("Europe/Brussels", "Europe/Riga")
    hours = [clock(one, zone) for one in moments if one for zone in zones]
    steps = [f"{clock(step.at, zone)}" for step in shown.steps for zone in zones]
    hashes = [file.sha256 for file in shown.files]
    case = (CASE.organisation, CASE.oid, CASE.title, CASE.form_id, "KA220-SCH")
    facts = (*case, *hours, *steps, *hashes, AGENCY, PERSON, NAME, shown.answer, shown.id)
    for said in map(squeezed, both(shown, language)):
        for fact in facts:
            assert squeezed(fact) in said, fact


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("standing", Standing)
def test_text_and_pdf_say_the_same(standing: Standing, language: str) -> None:
    written, printed = both(notice(standing=standing, steps=()), language)
    status = words(language).say(f"receipt.standing.{standing.value}")
    for said in (written, printed):
        assert squeezed(status) in squeezed(said)
    read = squeezed(printed).casefold()
    for line in written.split("\n")[1:]:
        for part in line.removeprefix("> ").split(": "):
            assert squeezed(part).rstrip(":").casefold() in read, line


def test_accepted_and_delivered_are_said_only_where_the_notice_says_so() -> None:
    good = {words("en").say(f"receipt.standing.{one.value}") for one in TAKEN}
    for standing in Standing:
        shown = notice(standing=standing, accepted_at=None, answer="", steps=())
        written = as_text(shown, DESK, RIGA, "en")
        assert any(status in written for status in good) is (standing in TAKEN)
        assert words("en").say("receipt.accepted-at") not in written
    delivered = words("en").say("receipt.standing.delivered")
    assert delivered not in as_text(notice(), DESK, RIGA, "en")
    assert words("en").say("receipt.step.delivered") not in as_text(notice(), DESK, RIGA, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_the_record_is_told_in_its_order(language: str) -> None:
    steps = tuple(Step(NOON + n * MINUTE, what) for n, what in enumerate(STEPS))
    written = as_text(notice(steps=steps), DESK, RIGA, language)
    told = [words(language).say(f"receipt.step.{what}") for what in STEPS]
    lines = [line for line in written.split("\n") if line.startswith("2026-03-05 ")]
    assert [line.partition(": ")[2] for line in lines] == told
    assert len({*told}) == len(STEPS)


def test_a_moved_deadline_tells_the_new_end_and_an_unknown_step_its_name() -> None:
    moved = Step(NOON, "moved", (NOON + 300 * MINUTE).isoformat())
    off, strange = Step(NOON, "moved", "cancelled"), Step(NOON, "teleported\n", "words\nof it")
    written = as_text(notice(steps=(moved, off, strange)), DESK, RIGA, "en")
    assert "17:00 Brussels time (18:00 Latvian time)" in written
    assert words("en").say("receipt.called-off") in written
    assert ": teleported\n> words of it\n" in written


def test_local_time_is_that_of_the_person() -> None:
    brussels = as_text(notice(), DESK, ZoneInfo("Europe/Paris"), "en")
    assert "5 March 2026, 12:13 Brussels time –" in brussels
    far = as_text(notice(), DESK, ZoneInfo("Pacific/Auckland"), "en")
    assert "2026-03-05 12:13:12 / 2026-03-06 00:13:12" in far


def test_the_link_of_the_person_is_not_in_what_may_be_shown_around() -> None:
    for said in both(notice(), "en"):
        assert "secret-of-the-person" not in squeezed(said)


def test_it_says_what_it_does_not_prove_and_that_it_is_rehearsed() -> None:
    desk = replace(DESK, rehearsed=True, controller="Someone <someone@example.org>")
    written = as_text(notice(), desk, RIGA, "lv")
    assert words("lv").say("receipt.rehearsal") in written
    assert "Someone <someone@example.org>" in written
    for language in LANGUAGES:
        for doubt in ("read", "application", "decision", "true", "clock"):
            said = words(language).say(f"receipt.doubt.{doubt}", agency="VIAA")
            assert said in as_text(notice(), DESK, RIGA, language)


def test_a_file_that_goes_by_hand_is_marked() -> None:
    active = Kept("a", "form", "form.pdf", 9, "0" * 64, problem="active")
    mark = words("en").say("receipt.file.by-hand")
    assert mark in as_text(notice(files=(active,)), DESK, RIGA, "en")
    assert mark not in as_text(notice(), DESK, RIGA, "en")


ONCE_MORE = """
import sys
from bot.incident.receipt import as_pdf
from tests.mail.notices import RIGA, notice
from tests.talk import the_desk
sys.stdout.buffer.write(as_pdf(notice(), the_desk(), RIGA, "lv"))
"""


def test_the_same_receipt_has_the_same_bytes_in_every_process() -> None:
    here = as_pdf(notice(), DESK, RIGA, "lv")
    made = subprocess.run(
        [sys.executable, "-W", "error", "-c", ONCE_MORE],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        cwd=printing.FONTS.parents[2],
    )
    assert made.stdout == here
    assert len(here) < 60_000


ACTING = {
    "/OpenAction",
    "/AA",
    "/JavaScript",
    "/JS",
    "/Annots",
    "/A",
    "/URI",
    "/Names",
    "/AcroForm",
}


def hostile(written: dict[str, str]) -> Notice:
    """Return a notice with bad texts in every place."""
    case = replace(CASE, **dict.fromkeys(WRITTEN, written["case"]))
    step = Step(NOON, written["what"], written["words"])
    kept = Kept("a", "form", written["name"], 9, written["sha256"])
    return notice(
        case=case,
        steps=(step, Step(NOON, "moved", written["words"])),
        files=(kept,),
        answer=written["words"],
        message_id=NAME,
    )


WRITTEN = [field.name for field in fields(Case) if field.type in ("str", str)]
PLACES = ("case", "what", "words", "name", "sha256")
PLAIN = dict.fromkeys(PLACES, "plain")


def check(written: dict[str, str]) -> None:
    plain, bad = as_text(hostile(PLAIN), DESK, RIGA, "en"), hostile(written)
    said = as_text(bad, DESK, RIGA, "en")
    unquoted = [line for line in said.splitlines() if not line.startswith(">")]
    assert len(unquoted) == len([line for line in plain.splitlines() if not line.startswith(">")])
    assert DECEPTIVE.search(said) is None
    read = paper.read(as_pdf(bad, DESK, RIGA, "en"))
    assert not read.keys & ACTING
    assert read.pages < 8
    for heading in ("receipt.sent", "receipt.doubts", "receipt.whom"):
        assert words("en").say(heading) in read.text


@pytest.mark.parametrize("written", NASTY)
def test_what_is_known_to_be_nasty_stays_data(written: str) -> None:
    check(dict.fromkeys(PLACES, written))


@settings(max_examples=25, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)))
def test_nothing_that_is_written_becomes_a_line_or_an_action(written: dict[str, str]) -> None:
    check(written)


@pytest.mark.parametrize(
    "written",
    ["**b** __i__ --u-- [l](https://x.example)", "<b>x</b> &amp;", "{nb} {0}", "(a) \\( /JS << >>"],
)
def test_markup_is_printed_as_it_is(written: str) -> None:
    for said in both(notice(case=replace(CASE, title=written)), "en"):
        assert squeezed(written) in squeezed(said)


def test_letters_of_latvia_and_its_neighbours_are_printed_and_others_are_marked() -> None:
    ours = "āčēģīķļņšūž ĀČĒĢĪĶĻŅŠŪŽ õäöü łąę ėų Škoda “x” – … € Рига Αθήνα"
    _, printed = both(notice(case=replace(CASE, title=ours)), "lv")
    assert squeezed(ours) in squeezed(printed)
    assert printing.HIDDEN not in printed
    _, printed = both(notice(case=replace(CASE, title="שלום 漢字")), "lv")
    assert "□□□□□□" in squeezed(printed)
    assert squeezed(words("lv").say("receipt.hidden")) in squeezed(printed)


def test_two_hours_of_attempts_make_a_receipt_too() -> None:
    answer = "primary, transient: 451 4.7.1 " + "greylisted " * 20
    steps = tuple(Step(NOON + n * MINUTE, "attempt", answer) for n in range(130))
    content: Any = as_pdf(notice(steps=steps), DESK, RIGA, "lv")
    read = paper.read(content)
    assert read.text.count("greylisted") == 130 * 20
    assert f"Noon·{read.pages}/{read.pages}" in squeezed(read.text)


def test_the_fonts_have_their_licence_beside_them() -> None:
    licence = (printing.FONTS / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Bitstream" in licence
    assert "DejaVu" in licence
    assert {path.suffix for path in printing.FONTS.iterdir()} == {".ttf", ".txt"}
