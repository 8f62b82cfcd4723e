"""`/attach PATH` in the terminal: a file for a notice, or words where there is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from handlers import markup
from handlers.words import words
from tests.commands import Done, command, run_all
from tests.hostile.documents import pdf
from tests.hostile.pictures import encoded, screen

ENGLISH = words("en")
BEFORE_NOON = {"NOON_NOW": "2026-03-05T10:30:00Z"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return what is said to each line."""
    folder = tmp_path_factory.mktemp("attached")
    (folder / "my shot.png").write_bytes(encoded(screen(800, 600)))
    (folder / "form.pdf").write_bytes(pdf())
    (folder / "letter.docx").write_bytes(b"PK\x03\x04..word/document.xml")
    lines = [
        f"/attach {folder / 'form.pdf'}",
        "/incident",
        f"/attach {folder / 'none.png'}",
        f"/attach {folder}",
        "#1",
        f'/attach "{folder / "my shot.png"}"',
        f"/attach {folder / 'form.pdf'}",
        f"/attach {folder / 'letter.docx'}",
    ]
    chat = command("chat", "--json", "--lang", "en", said="\n".join(lines) + "\n", **BEFORE_NOON)
    return [reply["text"] for reply in replies(run_all({"chat": chat}, folder)["chat"])]


def replies(done: Done) -> list[dict[str, Any]]:
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


def test_without_a_notice_no_file_is_taken(told: list[str]) -> None:
    assert ENGLISH.say("router.file") in told[0]


def test_a_path_that_leads_to_no_file_is_told(told: list[str]) -> None:
    for text, name in ((told[2], "none.png"), (told[3], "")):
        assert text.startswith(ENGLISH.say("terminal.attach", path="\0").partition("\0")[0])
        assert name in text


def test_files_are_kept_or_refused_with_the_reason(told: list[str]) -> None:
    assert markup.plain(ENGLISH.say("incident.problem.word")) in told[-1]
    for text in told[-3:-1]:
        assert markup.plain(ENGLISH.say("router.file")) not in text
        assert "problem" not in text


def test_how_a_file_is_sent_is_said_while_files_are_taken_and_in_the_help(tmp_path: Path) -> None:
    hint = ENGLISH.say("terminal.attach-hint")
    for said, told in (("/help", True), ("/incident\n#1", True), ("/deadlines", False)):
        chat = command("chat", "--lang", "en", said=f"{said}\n", **BEFORE_NOON)
        assert (hint in run_all({"chat": chat}, tmp_path)["chat"].out) is told
