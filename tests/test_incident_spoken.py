"""Whose words stand in a record: a server's are quoted, Noon's told in the reader's language."""

from datetime import UTC, datetime

import pytest

from bot.incident import spoken
from handlers.cases import Step
from handlers.words import LANGUAGES, words

AT = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
BY = "127.0.0.1:25"


@pytest.mark.parametrize(
    ("what", "kept", "said", "ours"),
    [
        ("attempt", f"{BY}, transient: rcpt: 450 4.7.1 later", "450 4.7.1 later", ""),
        ("rejected", f"{BY}, path: dot: 554 no, not: this", "554 no, not: this", ""),
        ("attempt", f"{BY}, transient: mail: 450", "450", ""),
        ("attempt", f"{BY}, connection: connect: timeout", "", "trouble.timeout"),
        ("attempt", f"{BY}, connection: greeting: drop", "", "trouble.drop"),
        ("attempt", f"{BY}, connection: not sent: OSError on this machine", "", "trouble.here"),
        ("unheard", "-, unknown: given up on its way", "", "trouble.here"),
        ("unheard", f"{BY}, unknown: dot: timeout", "", "trouble.timeout"),
        (
            "attempt",
            f"{BY}, size: mail: 552 5.3.4 the message is larger than the server says it takes",
            "",
            "trouble.too-large",
        ),
        ("accepted", "250 2.0.0 queued as 4711", "250 2.0.0 queued as 4711", ""),
        ("bounced", "failed 5.1.1 user unknown", "failed 5.1.1 user unknown", ""),
        ("smaller", "bare", "", ""),
        ("stopped", "unsure", "", "ended.unsure"),
        ("stopped", "anything else", "", ""),
    ],
)
def test_only_what_a_server_said_is_quoted(what: str, kept: str, said: str, ours: str) -> None:
    found = spoken.of(Step(AT, what, kept))
    assert (found.said, found.ours) == (said, ours)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_noon_saw_is_told_with_the_server_that_was_asked(language: str) -> None:
    said = words(language)
    seen = spoken.noticed(said, Step(AT, "attempt", f"{BY}, connection: connect: refused"))
    assert seen == f"{BY}: {said.say('progress.trouble.refused')}"
    assert spoken.noticed(said, Step(AT, "accepted", "250 ok")) == ""
