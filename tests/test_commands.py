"""The commands as a person runs them: answers on stdout, diagnostics on stderr, exit codes."""

from pathlib import Path

import pytest

from tests.commands import Command, Done, command, run_all

FINE: dict[str, Command] = {
    "register": command("ask", "ka iegut oid kodu", "--lang", "lv", "--json"),
    "weather": command("ask", "kāds rīt būs laiks Rīgā", "--json"),
    "asked in words": command("ask", "how", "do", "I", "register", "for", "an", "OID"),
    "calendar": command("ics"),
    "calendar of two": command("ics", "ka220", "KA210", "--lang", "en", "--alarm", "2h"),
    "calendar in a file": command("ics", "all", "-o", "all.ics"),
    "eligible": command("eligibility", "KA220", "--answers", "good.json", "--json"),
    "not eligible": command("eligibility", "KA220", "--answers", "late.json", "--json"),
    "unclear": command("eligibility", "ka220", "--answers", "few.json", "--json"),
    "verdict to read": command("eligibility", "KA220", "--answers", "late.json", "--lang", "en"),
    "check": command("check"),
}
NO = ("weather", "not eligible", "verdict to read")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commands")


@pytest.fixture(scope="module")
def done(folder: Path) -> dict[str, Done]:
    return run_all(FINE, folder)


@pytest.mark.parametrize("name", FINE)
def test_the_exit_code_says_fine_or_no_and_nothing_is_complained_of(
    name: str, done: dict[str, Done]
) -> None:
    assert done[name].code == (1 if name in NO else 0), done[name].err
    assert done[name].err == ("all data are in order\n" if name == "check" else "")


def test_an_answer_has_its_topic_its_text_and_its_sources(done: dict[str, Done]) -> None:
    answer = done["register"].value
    assert set(answer) == {"topic", "confident", "candidates", "text", "sources", "call"}
    assert answer["topic"] in ("oid-register", "oid-what")
    assert (answer["confident"], answer["call"]) == (True, 2026)
    assert all(set(each) == {"topic", "score"} for each in answer["candidates"])
    assert answer["sources"]
    assert all(set(s) == {"document", "section", "url", "as_of"} for s in answer["sources"])
    assert len(answer["text"].splitlines()) > 8


def test_a_question_from_outside_has_no_topic(done: dict[str, Done]) -> None:
    answer = done["weather"].value
    assert (answer["topic"], answer["sources"], answer["call"]) == (None, [], None)
    assert answer["text"]


def test_an_answer_may_be_asked_for_in_plain_words(done: dict[str, Done]) -> None:
    assert "OID" in done["asked in words"].out
    assert not done["asked in words"].out.startswith("{")


def test_a_calendar_is_printed_as_it_is_or_written_to_a_file(
    done: dict[str, Done], folder: Path
) -> None:
    assert done["calendar"].out.startswith("BEGIN:VCALENDAR\n")
    assert done["calendar"].out.count("BEGIN:VEVENT") == 3
    assert done["calendar of two"].out.count("BEGIN:VEVENT") == 2
    assert done["calendar of two"].out.count("BEGIN:VALARM") == 2
    assert done["calendar in a file"].out == ""
    assert (folder / "all.ics").read_bytes().count(b"BEGIN:VEVENT\r\n") > 40


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("eligible", "eligible"), ("not eligible", "not_eligible"), ("unclear", "unclear")],
)
def test_a_verdict_has_a_reason_and_a_source_for_each_criterion(
    name: str, verdict: str, done: dict[str, Done]
) -> None:
    said = done[name].value
    assert (said["verdict"], said["call"]) == (verdict, 2026)
    for criterion in said["criteria"]:
        assert set(criterion) == {"id", "kind", "met", "reason", "source"}
        assert criterion["kind"] in ("rule", "advice")
        assert criterion["met"] in (True, False, None)
        assert criterion["reason"]
        assert set(criterion["source"]) == {"document", "section", "url", "as_of"}
    broken = [c["id"] for c in said["criteria"] if c["met"] is False]
    assert broken == (["duration"] if name == "not eligible" else [])
