"""What is outdated by the time it would leave is called off, and new facts are told at once."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

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

OUTDATED: list[tuple[str, dict[str, Any], Any, datetime, bool]] = [
    ("as it was planned", reminder(), desk(), WEEK_BEFORE, False),
    ("a second before the deadline", reminder(), desk(), CLOSING - SECOND, False),
    ("at the deadline", reminder(), desk(), CLOSING, True),
    ("moved since", reminder(), desk(MOVED), WEEK_BEFORE, True),
    ("planned after the move", reminder(sequence=1), desk(MOVED), WEEK_BEFORE, False),
    ("cancelled since", reminder(), desk(CANCELLED), WEEK_BEFORE, True),
    ("cancelled and planned after", reminder(sequence=1), desk(CANCELLED), WEEK_BEFORE, True),
    ("a deadline nobody knows", reminder(deadline="2030-x-r1"), desk(), WEEK_BEFORE, True),
    ("a round that may take place", reminder(), desk(status="conditional"), WEEK_BEFORE, False),
    ("news of the last change", moved(sequence=1), desk(MOVED), WEEK_BEFORE, False),
    ("news that it is off", moved(sequence=1), desk(CANCELLED), WEEK_BEFORE, False),
    ("news that is old", moved(sequence=0), desk(MOVED), WEEK_BEFORE, True),
    ("news of the future", moved(sequence=2), desk(MOVED), WEEK_BEFORE, True),
    ("what nobody can read", {"what": "reminder"}, desk(), WEEK_BEFORE, True),
    ("what nobody has heard of", {"what": "poem"}, desk(), WEEK_BEFORE, True),
]


@pytest.mark.parametrize("channel", ["mail", "telegram"])
@pytest.mark.parametrize(
    ("content", "facts", "now", "outdated"), [case[1:] for case in OUTDATED],
    ids=[case[0] for case in OUTDATED],
)  # fmt: skip
def test_what_is_outdated_is_called_off(
    content: dict[str, Any], facts: Any, now: datetime, outdated: bool, channel: str
) -> None:
    address = ADDRESS if channel == "mail" else "4711"
    writing = Writing(facts, Stopped(now))
    found = writing.letters.make(claimed(content, channel=channel, address=address))
    assert (found is None) == outdated


@pytest.mark.parametrize(("after", "outdated"), [(0 * HOUR, False), (DAY, True)])
def test_a_reminder_planned_for_a_later_moment_is_outdated(
    after: timedelta, outdated: bool
) -> None:
    planned = claimed(reminder(), not_after=CLOSING + after)
    assert (Writing(desk()).letters.make(planned) is None) == outdated


def test_what_cannot_be_read_is_told_in_the_log_without_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Writing().letters.make(claimed({"what": "reminder", "zone": "secret"})) is None
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
