"""The two-hour incident notice: when it may leave, what it must say, which conditions hold.

The Programme Guide has no such rule. VIAA's slide asks for screenshots and to tell the agency
within two hours (viaa-2026, "Projekta pieteikumu iesniegšana (1)"), not from when they run; the
Commission's older documentation of the form (about 2020) counts them from the deadline. Whether the
very last second is in time is stated nowhere, so it is taken as late.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.agencies import Agency
from rules.deadlines import Deadline

AHEAD = timedelta(hours=24)
"""A confirmed notice may leave from so long before the deadline on."""

OID = re.compile(r"E\d{8}")
"""An organisation's OID: E and eight digits."""

FORM_ID = re.compile(r"(KA\d{3})-([A-Z]{2,4})-([0-9A-F]{8})")
"""A form's id as in its header, like `KA220-SCH-0A1B2C3D`: action, sector, eight hex digits."""


class Phase(StrEnum):
    """How the moment stands to a deadline and its window."""

    EARLY = "early"
    """More than a day ahead: a notice can be drafted, not sent."""
    BEFORE = "before"
    DURING = "during"
    """The deadline has passed, the window is open."""
    AFTER = "after"


@dataclass(frozen=True)
class Window:
    """From when to when a notice about a deadline may leave; all moments are aware."""

    opens: datetime
    deadline: datetime
    closes: datetime

    def phase(self, now: datetime) -> Phase:
        """Return the phase at `now`; the moment of closing itself is late."""
        if now < self.opens:
            return Phase.EARLY
        if now <= self.deadline:
            return Phase.BEFORE
        return Phase.DURING if now < self.closes else Phase.AFTER

    def safe_until(self, first_failure: datetime) -> datetime:
        """Return the end of two hours counted from the first failure, never after the window.

        The agency does not say from when its two hours run, so this reading is the safe one.
        """
        return min(self.closes, first_failure + (self.closes - self.deadline))


def window(deadline: Deadline, agency: Agency) -> Window:
    """Return the window of `deadline` at `agency`."""
    closes = deadline.instant + timedelta(hours=agency.incident_window.hours)
    return Window(deadline.instant - AHEAD, deadline.instant, closes)


@dataclass(frozen=True)
class Case:
    """What a notice tells, as far as it is known; an empty text is not known.

    `deadline` is the deadline's id. `attempt` is the last attempt to submit, `first_failure` when
    it first failed; both aware. `unchanged` says whether the PDF is as it was after the attempt.
    `corrects` is the id of the notice that the person is correcting, if any.
    """

    deadline: str = ""
    action: str = ""
    sector: str = ""
    organisation: str = field(default="", repr=False)
    oid: str = field(default="", repr=False)
    title: str = field(default="", repr=False)
    form_id: str = field(default="", repr=False)
    attempt: datetime | None = None
    first_failure: datetime | None = None
    happened: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    unchanged: bool | None = None
    corrects: str = ""


MINIMUM = ("organisation", "action", "happened")
"""What a notice needs at the least, beside a mailbox that was confirmed."""


def missing(case: Case) -> list[str]:
    """Return the names of what a notice cannot leave without and `case` does not tell."""
    return [name for name in MINIMUM if not getattr(case, name)]


class Condition(StrEnum):
    """The three conditions of the late-submission rule (Commission's form documentation)."""

    ATTEMPT = "attempt"
    """The last attempt in the Submission History is before the deadline."""
    TOLD = "told"
    """The agency was told within the window."""
    FORM = "form"
    """The complete form came as PDF within the window, unchanged after the attempt."""


def conditions(
    case: Case, within: Window, now: datetime, *, has_form: bool
) -> dict[Condition, bool | None]:
    """Return which conditions hold for a notice that leaves at `now`; None: not known."""
    in_time = now < within.closes
    attempt = None if case.attempt is None else case.attempt < within.deadline
    form: bool | None = False
    if has_form and in_time:
        form = case.unchanged
    return {Condition.ATTEMPT: attempt, Condition.TOLD: in_time, Condition.FORM: form}


def concerned(
    deadlines: Iterable[Deadline], action: str, now: datetime, agency: Agency, sector: str = ""
) -> Deadline | None:
    """Return the confirmed deadline of `action` that a failure at `now` is about.

    That is the one whose window is open; else the next one ahead; else the last one past.
    """
    mine = [
        one
        for one in deadlines
        if one.action == action
        and one.status == "confirmed"
        and (not sector or not one.sectors or sector in one.sectors)
    ]
    ahead = [one for one in mine if window(one, agency).phase(now) is not Phase.AFTER]
    if ahead:
        return min(ahead, key=lambda one: one.instant)
    return max(mine, key=lambda one: one.instant, default=None)
