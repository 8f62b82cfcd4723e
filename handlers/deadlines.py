"""Deadlines: what is open, what has closed and when, what depends on the agency; and the file.

Everything is told from `now`, in Brussels time and in the agency's own.
"""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from handlers import ics
from handlers.markup import escape
from handlers.moments import (
    BRUSSELS,
    action_name,
    both_times,
    deadline_sources,
    start_window,
    zone_name,
)
from handlers.turn import Attachment, Choice, Reply
from handlers.visit import Capability, Visit
from handlers.words import Words
from rules.deadlines import KA2, Deadline, State
from rules.selection import Selection, UnknownSelection, in_order, parse, select


async def show(visit: Visit, argument: str) -> list[Reply]:
    """Tell the KA2 deadlines of the newest call and offer their file; or those of a selection."""
    if not argument:
        files = tuple(_file_choice(visit, name) for name in ("KA2", *KA2))
        choices = (*cannot_submit(visit), *files, *remind(visit, "KA2"))
        return [Reply(_pressed_for_time(visit) + block(visit), choices)]
    selection = _parsed(visit, argument)
    if isinstance(selection, Reply):
        return [selection]
    chosen = select(selection, _newest(visit))
    text = "\n\n".join([*(told(visit, deadline) for deadline in chosen), _sources(visit, chosen)])
    choices = (_file_choice(visit, str(selection)), *remind(visit, str(selection)))
    return [Reply(text, choices)]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Send the file of a selection, or show the list again."""
    what, _, name = argument.partition(":")
    if what != "file":
        return await show(visit, "")
    selection = _parsed(visit, name)
    if isinstance(selection, Reply):
        return [selection]
    content = ics.build(visit.desk, selection, visit.words)
    file = Attachment(f"noon-{selection}.ics", content, "text/calendar")
    address = feed_address(visit.desk.public_url, selection, visit.words.language)
    said = visit.say("deadlines.file", address=address)
    return [Reply(said, remind(visit, str(selection)), (file,))]


def feed_address(public_url: str, selection: Selection, language: str) -> str:
    """Return the address under which `selection` can be subscribed to."""
    return f"{public_url.rstrip('/')}/calendar/{selection}.ics?lang={language}"


def block(visit: Visit) -> str:
    """Return the KA2 deadlines of the newest call as a block of text."""
    ours = in_order(deadline for deadline in _newest(visit) if deadline.action in KA2)
    sure = [told(visit, deadline) for deadline in ours if deadline.status != "conditional"]
    perhaps = [told(visit, deadline) for deadline in ours if deadline.status == "conditional"]
    parts = [visit.say("deadlines.title", call=visit.desk.facts.newest.year), *sure]
    if perhaps:
        parts += [_perhaps(visit, ours), *perhaps]
    if not any(_is_ahead(visit, deadline) for deadline in ours):
        parts.append(visit.say("deadlines.none-ahead", website=visit.desk.agency.website))
    return "\n\n".join([*parts, _sources(visit, ours)])


def _perhaps(visit: Visit, deadlines: list[Deadline]) -> str:
    """Return the heading of rounds that the agency may open, or might have opened."""
    ahead = any(d.status == "conditional" and visit.now <= d.instant for d in deadlines)
    return visit.say(
        "deadlines.perhaps" if ahead else "deadlines.perhaps-past", agency=visit.desk.agency.short
    )


def clock(visit: Visit) -> str | None:
    """Return what the clock says of KA2 now: time left on the last day, or time left to report.

    None where no confirmed deadline is within a day and none has just passed.
    """
    window = timedelta(hours=visit.desk.agency.incident_window.hours)
    near = [
        deadline
        for deadline in in_order(d for d in _newest(visit) if d.action in KA2)
        if deadline.status == "confirmed"
        and -window < deadline.instant - visit.now <= timedelta(days=1)
    ]
    if not near:
        return None
    actions = visit.words.listed([d.action for d in near if d.instant == near[0].instant])
    return "\n".join([_both_clocks(visit), _pressing(visit, near[0], actions, window)])


def cannot_submit(visit: Visit) -> tuple[Choice, ...]:
    """Return the way to a notice to the agency while a deadline presses; none in a group."""
    if visit.cases is None or clock(visit) is None:
        return ()
    return (Choice("incident:start", visit.say("welcome.door.incident")),)


def _pressed_for_time(visit: Visit) -> str:
    """Return the clock with an empty line after it, where a deadline presses."""
    told = clock(visit)
    return f"{told}\n\n" if told else ""


def _both_clocks(visit: Visit) -> str:
    there, here = visit.now.astimezone(BRUSSELS), visit.now.astimezone(visit.desk.zone)
    return visit.say(
        "deadlines.clock",
        hour=visit.words.clock(there),
        zone=zone_name(visit.words, str(BRUSSELS)),
        local_hour=visit.words.clock(here),
        local_zone=zone_name(visit.words, str(visit.desk.zone)),
    )


def _pressing(visit: Visit, deadline: Deadline, actions: str, window: timedelta) -> str:
    if visit.now <= deadline.instant:
        left = _open(visit, deadline)
        return visit.say("deadlines.clock-left", actions=actions, left=left)
    end = replace(deadline, wall=deadline.wall + window)
    until = both_times(visit.words, end, visit.desk.zone)
    agency = visit.desk.agency.short
    return visit.say("deadlines.clock-report", actions=actions, until=until, agency=agency)


def told(visit: Visit, deadline: Deadline) -> str:
    """Return a few lines: what the deadline is, when, and how it stands at the visit's `now`."""
    what = visit.say(
        "deadlines.what" if deadline.sectors else "deadlines.what-any",
        action=deadline.action,
        name=action_name(visit.desk, deadline.action, visit.words.language),
        sectors=", ".join(deadline.sectors),
    )
    when = both_times(visit.words, deadline, visit.desk.zone)
    window = start_window(visit.words, deadline)
    return "\n".join([what, when, standing(visit, deadline), *([window] if window else [])])


def standing(visit: Visit, deadline: Deadline) -> str:
    """Return how the deadline stands at `now`, in words."""
    state = deadline.state(visit.now, visit.desk.facts.newest.year)
    if deadline.status == "cancelled":
        return visit.say("deadlines.cancelled")
    if state is State.CONDITIONAL:
        past = "past" if visit.now > deadline.instant else "ahead"
        return visit.say(f"deadlines.conditional-{past}", agency=visit.desk.agency.short)
    if state is State.HISTORICAL:
        return visit.say("deadlines.historical", call=deadline.call)
    return _open(visit, deadline) if state is State.OPEN else _closed(visit, deadline)


def unknown_selection(words: Words, unknown: UnknownSelection) -> str:
    """Return what is said to a selection that names nothing."""
    return words.say(
        "deadlines.unknown-selection", name=unknown.selection[:40], known=", ".join(unknown.known)
    )


def _open(visit: Visit, deadline: Deadline) -> str:
    left = deadline.instant - visit.now
    if left >= timedelta(days=2):
        return visit.say("deadlines.open-days", n=left.days)
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    if hours:
        return visit.say("deadlines.open-hours", hours=hours, minutes=minutes)
    return (
        visit.say("deadlines.open-minutes", n=minutes)
        if minutes
        else visit.say("deadlines.open-now")
    )


def _closed(visit: Visit, deadline: Deadline) -> str:
    today = visit.now.astimezone(ZoneInfo(deadline.zone)).date()
    days = (today - deadline.wall.date()).days
    if days == 0:
        return visit.say("deadlines.closed-today")
    return visit.say("deadlines.closed-days", n=days)


def _parsed(visit: Visit, written: str) -> Selection | Reply:
    try:
        return parse([written], _newest(visit))
    except UnknownSelection as unknown:
        return Reply(escape(unknown_selection(visit.words, unknown)))


def _newest(visit: Visit) -> list[Deadline]:
    return list(visit.desk.facts.newest.deadlines.values())


def _is_ahead(visit: Visit, deadline: Deadline) -> bool:
    return deadline.state(visit.now, visit.desk.facts.newest.year) is State.OPEN


def _sources(visit: Visit, deadlines: list[Deadline]) -> str:
    return deadline_sources(visit.desk, deadlines, visit.words)


def _file_choice(visit: Visit, selection: str) -> Choice:
    return Choice(f"deadlines:file:{selection}", visit.say("deadlines.get-file", name=selection))


def remind(visit: Visit, selection: str) -> tuple[Choice, ...]:
    """Return the way to reminders of a selection; none in a group, or for several selections."""
    if visit.ledger is None or selection.partition("-")[0] not in ("KA2", *KA2):
        return ()
    if "+" in selection:
        return ()
    return (Choice(f"reminders:about:{selection}", visit.say("deadlines.remind")),)


CAPABILITY = Capability("deadlines", choose, {"deadlines": show, "termini": show})
