"""Which deadline a failure is about, at the moment it is told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from handlers.visit import Desk
from rules.agencies import Agency
from rules.deadlines import KA2, Deadline
from rules.incident import Phase, Window, concerned, window

AFTERMATH = timedelta(days=1)
"""For so long after the window closed a failure is still taken to be about that deadline."""

_ORDER = (Phase.DURING, Phase.BEFORE, Phase.AFTER)


def deadlines(desk: Desk) -> list[Deadline]:
    """Return the KA2 deadlines that the agency manages and that are confirmed."""
    return [
        one
        for one in desk.facts.newest.deadlines.values()
        if one.action in KA2 and one.managed_by == "agency" and one.status == "confirmed"
    ]


def pressing(desk: Desk, now: datetime) -> list[Deadline]:
    """Return deadlines from a day ahead until a day after their window, most urgent first."""
    agency = desk.agency
    near = [one for one in deadlines(desk) if _is_near(window(one, agency), now)]
    return sorted(near, key=lambda one: _urgency(one, agency, now))


def deadline(
    desk: Desk, now: datetime, action: str, sector: str = "", before: str = ""
) -> Deadline | None:
    """Return the deadline of `action` that a failure told at `now` is about, or None.

    A near one comes first, then the one that was meant `before` (its id), then the next ahead.
    Without an action it is the most urgent one that is near, else the next one ahead.
    """
    near = _of(pressing(desk, now), action, sector)
    if near:
        return near[0]
    if not action:
        ahead = [one for one in deadlines(desk) if one.instant >= now]
        return min(ahead, key=lambda one: one.instant, default=None)
    meant = _of((one for one in deadlines(desk) if one.id == before), action, sector)
    return meant[0] if meant else concerned(deadlines(desk), action, now, desk.agency, sector)


def sectors(desk: Desk, action: str) -> list[str]:
    """Return the sectors of an action, in the order of the calendar."""
    ours = (one for one in desk.facts.newest.deadlines.values() if one.action == action)
    return list(dict.fromkeys(sector for one in ours for sector in one.sectors))


def other_body(desk: Desk, sector: str) -> str:
    """Return who takes applications of `sector` where that is not this agency, else nothing."""
    known = desk.facts.sectors.get(sector)
    return known.body if known is not None and known.body != desk.agency.short else ""


def _of(found: Iterable[Deadline], action: str, sector: str) -> list[Deadline]:
    return [
        one
        for one in found
        if (not action or one.action == action) and (not sector or sector in one.sectors)
    ]


def _is_near(within: Window, now: datetime) -> bool:
    return within.opens <= now < within.closes + AFTERMATH


def _urgency(one: Deadline, agency: Agency, now: datetime) -> tuple[int, float, str]:
    """Sort: an open window first, then what closes soon, then what closed last."""
    phase = window(one, agency).phase(now)
    at = one.instant.timestamp()
    return _ORDER.index(phase), -at if phase is Phase.AFTER else at, one.id
