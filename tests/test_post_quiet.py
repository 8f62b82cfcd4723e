"""A late reminder and the night: what waits for the morning where the person is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.post.kinds import Kind
from bot.post.outbox import Claimed
from bot.post.quiet import waits_until

DEADLINE = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)


def reminder(kind: Kind, lead: str, zone: str, until: datetime = DEADLINE) -> Claimed:
    return Claimed(
        id="one", fence=1, kind=kind, channel="mail", address="a@example.org",
        content={"lead": lead, "zone": zone}, contact="", deadline="", due_at=until,
        not_after=until, attempts=0, repeats=0, silences=0, last_verdict="", provider=0,
        first_at=None, message_id="", frozen=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "local", "waits_for"),
    [
        ("Europe/Riga", "2026-03-02 08:00", None),
        ("Europe/Riga", "2026-03-02 13:00", None),
        ("Europe/Riga", "2026-03-02 20:00", None),
        ("Europe/Riga", "2026-03-02 20:01", "2026-03-03 08:00"),
        ("Europe/Riga", "2026-03-02 23:59", "2026-03-03 08:00"),
        ("Europe/Riga", "2026-03-03 00:00", "2026-03-03 08:00"),
        ("Europe/Riga", "2026-03-03 07:59", "2026-03-03 08:00"),
        ("America/New_York", "2026-03-02 03:00", "2026-03-02 08:00"),
        ("Europe/Riga", "2026-03-28 22:00", "2026-03-29 08:00"),
    ],
)
def test_a_reminder_some_days_before_waits_for_the_morning(
    zone: str, local: str, waits_for: str | None
) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    late = reminder(Kind.REMINDER, "T-3d", zone, until=datetime(2026, 4, 9, 10, 0, tzinfo=UTC))
    morning = waits_until(late, now)
    told = morning.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if morning else None
    assert told == waits_for


@pytest.mark.parametrize(
    ("kind", "lead"),
    [(Kind.TWO_HOURS, "T-2h"), (Kind.REMINDER, "T-12h"), (Kind.MOVED, "T-1d")],
)
def test_what_is_urgent_leaves_at_night(kind: Kind, lead: str) -> None:
    night = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    assert waits_until(reminder(kind, lead, "Europe/Riga"), night) is None


def test_better_at_night_than_too_late() -> None:
    night = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    before_morning = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
    assert (
        waits_until(reminder(Kind.REMINDER, "T-1d", "Europe/Riga", before_morning), night) is None
    )
