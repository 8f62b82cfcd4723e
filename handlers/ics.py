"""Deadlines as iCalendar text: the same bytes as long as the data are the same.

Times are UTC only, because calendar programs read generated zone rules differently; Brussels and
local time stand in the text. The UID comes from the deadline's key and never changes; DTSTAMP and
SEQUENCE come from the data's own history of changes (RFC 5545, 3.8.7).
"""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration

from handlers.moments import action_name, both_times, deadline_sources, start_window, zone_name
from handlers.visit import Desk
from handlers.words import Words
from rules.deadlines import Deadline
from rules.selection import Selection, in_order, select

DOMAIN = "noon.invalid"
"""Constant right-hand side of every UID: a reserved name that is nobody's."""

_LASTS = timedelta(minutes=15)
_REFRESH = timedelta(hours=1)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_STATUS = {"confirmed": "CONFIRMED", "conditional": "TENTATIVE", "cancelled": "CANCELLED"}


class BadAlarm(ValueError):
    """An alarm is written as a number of hours or days, such as `2h` or `1d`."""

    def __str__(self) -> str:
        return str(self.__doc__)


def before(written: str) -> timedelta:
    """Return how long before the deadline an alarm `written` like `2h` or `3d` goes off."""
    match = re.fullmatch(r"(?P<number>[1-9]\d?)(?P<unit>[hd])", written)
    if match is None:
        raise BadAlarm
    return timedelta(**{{"h": "hours", "d": "days"}[match["unit"]]: int(match["number"])})


def build(
    desk: Desk,
    selection: Selection,
    words: Words,
    *,
    alarm: timedelta | None = None,
    zone: ZoneInfo | None = None,
) -> bytes:
    """Return the calendar of `selection` in the newest call year, past dates included.

    `alarm` puts one reminder that long before each deadline; feeds have none unless asked.
    Local times are told in `zone`, by default the agency's.
    """
    calendar = _empty(words, selection)
    chosen = in_order(select(selection, desk.facts.newest.deadlines.values()))
    for deadline in chosen:
        calendar.add_component(_event(desk, deadline, words, zone or desk.zone, alarm))
    return bytes(calendar.to_ical())


def publish(
    desk: Desk,
    deadline: Deadline,
    words: Words,
    *,
    organizer: str,
    alarm: timedelta | None = None,
    zone: ZoneInfo | None = None,
) -> bytes:
    """Return one deadline to go with a mail: the same event as in the feeds, as METHOD:PUBLISH.

    `organizer` is the sender's address, which PUBLISH must have (RFC 5546, 3.2.1); nobody is
    invited. A deadline that is not certain has no alarm. Local times are told in `zone`.
    """
    calendar = _bare()
    calendar.add("METHOD", "PUBLISH")
    certain = deadline.status == "confirmed"
    event = _event(desk, deadline, words, zone or desk.zone, alarm if certain else None)
    event.add("ORGANIZER", vCalAddress(f"mailto:{organizer}"))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _bare() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//Noon//Erasmus+ KA2 deadlines//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _empty(words: Words, selection: Selection) -> Calendar:
    calendar = _bare()
    name = words.say("ics.name", selection=str(selection))
    calendar.add("X-WR-CALNAME", name)
    calendar.add("NAME", name)
    refresh = vDuration(_REFRESH)
    refresh.params["VALUE"] = "DURATION"
    calendar.add("REFRESH-INTERVAL", refresh)
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    return calendar


def _event(
    desk: Desk, deadline: Deadline, words: Words, zone: ZoneInfo, alarm: timedelta | None
) -> Event:
    event = Event()
    event.add("UID", f"deadline-{deadline.id}@{DOMAIN}")
    event.add("DTSTAMP", deadline.recorded)
    event.add("LAST-MODIFIED", deadline.recorded)
    event.add("SEQUENCE", deadline.sequence)
    event.add("DTSTART", deadline.instant)
    event.add("DTEND", deadline.instant + _LASTS)
    summary = clean(_summary(desk, deadline, words, zone))
    event.add("SUMMARY", summary)
    event.add("DESCRIPTION", clean(_description(desk, deadline, words, zone)))
    event.add("STATUS", _STATUS[deadline.status])
    event.add("TRANSP", "TRANSPARENT")
    url = desk.facts.announced(deadline).url
    if url:
        event.add("URL", url)
    if alarm is not None:
        event.add_component(_alarm(summary, alarm))
    return event


def clean(text: str) -> str:
    """Return `text` without the control characters that calendar programs choke on."""
    return _CONTROL.sub(" ", text)


def _alarm(summary: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", summary)
    alarm.add("TRIGGER", -before)
    return alarm


def _summary(desk: Desk, deadline: Deadline, words: Words, zone: ZoneInfo) -> str:
    there = deadline.instant.astimezone(ZoneInfo(deadline.zone))
    here = deadline.instant.astimezone(zone)
    hours = words.say(
        "ics.hours",
        hour=words.clock(there),
        zone=zone_name(words, deadline.zone),
        local_hour=words.clock(here),
        local_zone=zone_name(words, str(zone)),
    )
    return words.say(
        f"ics.{_how(deadline)}", action=action_line(desk, deadline, words), hours=hours
    )


def _how(deadline: Deadline) -> str:
    if deadline.status != "confirmed":
        return deadline.status
    return "moved" if deadline.moved else "summary"


def action_line(desk: Desk, deadline: Deadline, words: Words) -> str:
    """Return the action's code and official name."""
    name = action_name(desk, deadline.action, words.language)
    return name if deadline.action in name else f"{deadline.action} {name}"


def _description(desk: Desk, deadline: Deadline, words: Words, zone: ZoneInfo) -> str:
    lines = [both_times(words, deadline, zone)]
    if deadline.moved_from is not None:
        lines.append(words.say("ics.was", when=both_times(words, deadline.moved_from, zone)))
    if deadline.status != "confirmed":
        lines.append(words.say(f"ics.{deadline.status}-note", agency=desk.agency.short))
    window = start_window(words, deadline)
    lines += [window] if window else []
    return "\n".join([*lines, deadline_sources(desk, [deadline], words), words.say("ics.lag")])
