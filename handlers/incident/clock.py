"""The clock of an incident: now, what is left, and until when it is safe; each in both zones."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.moments import BRUSSELS, zone_name
from handlers.visit import Visit
from handlers.words import Words
from rules.incident import Case, Phase, Window


def hours(speech: Words, instant: datetime, local: ZoneInfo) -> str:
    """Return the hour of `instant` in Brussels, then in `local` where that differs."""
    there, here = instant.astimezone(BRUSSELS), instant.astimezone(local)
    own = speech.say(
        "incident.hour", hour=speech.clock(there), zone=zone_name(speech, str(BRUSSELS))
    )
    if there.utcoffset() == here.utcoffset():
        return own
    zone = zone_name(speech, str(local))
    return speech.say("incident.hours", own=own, hour=speech.clock(here), zone=zone)


def left(speech: Words, time: timedelta) -> str:
    """Return a time that is left, whole minutes of it, as in `1 h 42 min`."""
    passing, minutes = divmod(int(time.total_seconds()) // 60, 60)
    if passing:
        return speech.say("incident.left.hours", hours=passing, minutes=minutes)
    if minutes:
        return speech.say("incident.left.minutes", minutes=minutes)
    return speech.say("incident.left.seconds")


def told(visit: Visit, within: Window | None, case: Case) -> str:
    """Return what the clock says: now, the time left, and the safe moment.

    That is counted from the first failure, or from the last attempt where only that was told.
    """
    local = visit.desk.zone
    lines = [visit.say("incident.clock.now", now=hours(visit.words, visit.now, local))]
    if within is not None:
        lines += _within(visit, within, case)
    return "\n".join(lines)


def _within(visit: Visit, within: Window, case: Case) -> list[str]:
    now, phase = visit.now, within.phase(visit.now)
    if phase is Phase.EARLY:
        return [_line(visit, "incident.clock.early", within.deadline)]
    if phase is Phase.AFTER:
        return [_line(visit, "incident.clock.after", within.closes)]
    ahead = (
        [_line(visit, "incident.clock.deadline", within.deadline)] if now <= within.deadline else []
    )
    closing = _line(visit, "incident.clock.window", within.closes)
    return [*ahead, closing, *_safe(visit, within, case)]


def _safe(visit: Visit, within: Window, case: Case) -> list[str]:
    since = case.first_failure or case.attempt
    until = within.closes if since is None else within.safe_until(since)
    if until >= within.closes:
        return []
    of_attempt = case.first_failure is None
    if until <= visit.now:
        key = "incident.clock.safe-over-attempt" if of_attempt else "incident.clock.safe-over"
    else:
        key = "incident.clock.safe-attempt" if of_attempt else "incident.clock.safe"
    return [_line(visit, key, until)]


def _line(visit: Visit, key: str, moment: datetime) -> str:
    local = visit.desk.zone
    return visit.words.say(
        key,
        left=left(visit.words, moment - visit.now),
        when=hours(visit.words, moment, local),
        day=visit.words.day(moment.astimezone(local)),
        agency=visit.desk.agency.short,
    )
