"""What is outdated by the time it would leave is called off, and new facts are told at once."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.post.outbox import Claimed, Undecided
from tests.mail.samples import (
    ADDRESS,
    CANCELLED,
    CLOSING,
    MOVED,
    WEEK_BEFORE,
    Stopped,
    Writing,
    claimed,
    desk,
    moved,
    reminder,
)

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)

OUTDATED: list[tuple[str, dict[str, Any], Any, datetime, str]] = [
    ("as it was planned", reminder(), desk(), WEEK_BEFORE, "fine"),
    ("a second before the deadline", reminder(), desk(), CLOSING - SECOND, "fine"),
    ("at the deadline", reminder(), desk(), CLOSING, "outdated"),
    ("moved since", reminder(), desk(MOVED), WEEK_BEFORE, "outdated"),
    ("planned after the move", reminder(sequence=1), desk(MOVED), WEEK_BEFORE, "fine"),
    ("cancelled since", reminder(), desk(CANCELLED), WEEK_BEFORE, "outdated"),
    ("cancelled and planned after", reminder(sequence=1), desk(CANCELLED), WEEK_BEFORE, "outdated"),
    ("a deadline nobody knows", reminder(deadline="2030-x-r1"), desk(), WEEK_BEFORE, "undecided"),
    ("a round that may take place", reminder(), desk(status="conditional"), WEEK_BEFORE, "fine"),
    ("news of the last change", moved(sequence=1), desk(MOVED), WEEK_BEFORE, "fine"),
    ("news that it is off", moved(sequence=1), desk(CANCELLED), WEEK_BEFORE, "fine"),
    ("news that is old", moved(sequence=0), desk(MOVED), WEEK_BEFORE, "outdated"),
    ("news of the future", moved(sequence=2), desk(MOVED), WEEK_BEFORE, "undecided"),
    ("what nobody can read", {"what": "reminder"}, desk(), WEEK_BEFORE, "undecided"),
    ("what nobody has heard of", {"what": "poem"}, desk(), WEEK_BEFORE, "undecided"),
]


@pytest.mark.parametrize("channel", ["mail", "telegram"])
@pytest.mark.parametrize(
    ("content", "facts", "now", "outdated"), [case[1:] for case in OUTDATED],
    ids=[case[0] for case in OUTDATED],
)  # fmt: skip
def test_what_is_outdated_is_called_off(
    content: dict[str, Any], facts: Any, now: datetime, outdated: str, channel: str
) -> None:
    address = ADDRESS if channel == "mail" else "4711"
    writing = Writing(facts, Stopped(now))
    for frozen in (None, b"as it was fixed before"):
        planned = claimed(content, channel=channel, address=address, frozen=frozen)
        assert _judged(writing, planned) == outdated


def _judged(writing: Writing, planned: Claimed) -> str:
    """Return what becomes of a message: with newer dates elsewhere it is for others to tell."""
    try:
        made = writing.letters.make(planned)
    except Undecided:
        return "undecided"
    if made is None:
        return "outdated"
    assert planned.frozen is None or made.content == planned.frozen
    return "fine"


@pytest.mark.parametrize(("after", "outdated"), [(0 * HOUR, False), (DAY, True)])
def test_a_reminder_planned_for_a_later_moment_is_outdated(
    after: timedelta, outdated: bool
) -> None:
    planned = claimed(reminder(), not_after=CLOSING + after)
    assert (Writing(desk()).letters.make(planned) is None) == outdated


def test_what_cannot_be_read_is_told_in_the_log_without_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(Undecided):
        Writing().letters.make(claimed({"what": "reminder", "zone": "secret"}))
    assert "cannot be read" in caplog.text
    assert "secret" not in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


def test_new_facts_are_told_from_the_next_letter_on() -> None:
    writing = Writing(desk())
    first = writing.mail(reminder())
    writing.desk = desk(MOVED)
    assert writing.letters.make(claimed(reminder())) is None
    again = writing.mail(reminder(sequence=1))
    assert again != first
