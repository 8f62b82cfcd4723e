"""Letters about a deadline: that it comes nearer, that it has moved or is off."""

from datetime import timedelta

from bot.post.content import Moved, Reminder
from bot.post.letters import about, foot, whom
from bot.post.letters.about import News
from bot.post.letters.letter import Block, Button, Letter, Link, Notice, Paragraph, Rows, Tasks
from bot.post.letters.occasion import Occasion
from bot.post.letters.tasks import FAILURE, GUIDE, can_report, guided, hours_left, tasks
from handlers import ics
from handlers.moments import deadline_sources, start_window
from rules.deadlines import Deadline

ALARM = timedelta(hours=2)
"""How long before the deadline the calendar entry rings by itself."""

_NOTES = {
    News.MOVED: "letter.moved.note",
    News.CANCELLED: "letter.cancelled.note",
    News.UNCONFIRMED: "letter.unconfirmed.note",
    News.RESTORED: "letter.restored.note",
}


def reminder(occasion: Occasion, content: Reminder, deadline: Deadline) -> Letter:
    """Return the letter that a deadline comes nearer, with all that is left to do."""
    items = tasks(occasion, deadline)
    form = _form(occasion, deadline)
    body: tuple[Block, ...] = (
        *foot.rehearsal(occasion),
        Rows((_named(occasion, deadline), _due(occasion, deadline))),
        *_uncertain(occasion, deadline),
        *_starts(occasion, deadline),
        *form,
        *_guide(occasion, deadline),
        Tasks(occasion.say("letter.todo"), items),
        *_failure(occasion, deadline),
        *_contacts(occasion, deadline),
        source(occasion, deadline),
        Button(
            occasion.say("letter.link.handed"),
            occasion.links.about(deadline.id, "handed"),
            first=not form,
        ),
        *_snooze(occasion, deadline),
        Paragraph(occasion.say("letter.one-button")),
        Paragraph(occasion.say("letter.calendar")),
    )
    return _letter(occasion, content, deadline, body)


def moved(occasion: Occasion, content: Moved, deadline: Deadline) -> Letter:
    """Return the letter that a deadline is at another moment, or called off."""
    found = about.news(content, deadline)
    note = occasion.say(_NOTES[found], agency=occasion.desk.agency.short)
    body: tuple[Block, ...] = (
        *foot.rehearsal(occasion),
        Rows((_named(occasion, deadline), *moments(occasion, content, deadline))),
        Notice(note) if found is News.UNCONFIRMED else Paragraph(note),
        *(_starts(occasion, deadline) if deadline.status == "confirmed" else ()),
        source(occasion, deadline),
    )
    return _letter(occasion, content, deadline, body)


def moments(occasion: Occasion, content: Moved, deadline: Deadline) -> tuple[tuple[str, str], ...]:
    """Return the new moment, where there is one, and the old one, each with its label."""
    old = about.at(occasion, content.before, deadline.zone)
    before = (occasion.say("letter.label.before"), old)
    if deadline.status != "confirmed":
        return (before,)
    return (occasion.say("letter.label.now"), about.when(occasion, deadline)), before


def source(occasion: Occasion, deadline: Deadline) -> Paragraph | Link:
    """Return the official source with its page and the day it was checked, or became known."""
    line = deadline_sources(occasion.desk, [deadline], occasion.words)
    address = occasion.desk.facts.announced(deadline).url
    return Link(line, address) if address else Paragraph(line)


def _letter(
    occasion: Occasion, content: Reminder | Moved, deadline: Deadline, body: tuple[Block, ...]
) -> Letter:
    calendar = ics.publish(
        occasion.desk,
        deadline,
        occasion.words,
        organizer=occasion.sender.address,
        alarm=ALARM,
        zone=occasion.zone,
    )
    return Letter(
        language=occasion.words.language,
        subject=about.subject(occasion, content, deadline),
        title=about.title(occasion, content, deadline),
        body=body,
        foot=foot.listed(occasion),
        calendar=(f"noon-{deadline.id}.ics", calendar),
        listed=True,
    )


def _named(occasion: Occasion, deadline: Deadline) -> tuple[str, str]:
    return occasion.say("letter.label.action"), about.long_name(occasion, deadline)


def _due(occasion: Occasion, deadline: Deadline) -> tuple[str, str]:
    return occasion.say("letter.label.deadline"), about.when(occasion, deadline)


def _uncertain(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    if deadline.status != "conditional":
        return ()
    return (Notice(occasion.say("letter.unconfirmed.note", agency=occasion.desk.agency.short)),)


def _starts(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    window = start_window(occasion.words, deadline)
    return (Paragraph(window),) if window else ()


def _form(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    """Return the button that opens the official forms, the first link of the guide."""
    guide = occasion.desk.facts.guide(GUIDE, occasion.words.language)
    if not guided(occasion, deadline) or deadline.status != "confirmed" or guide is None:
        return ()
    forms = (
        Button(occasion.say("letter.link.form"), each.url, first=True) for each in guide.head.links
    )
    return tuple(forms)[:1]


def _contacts(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    """Return the link to whom to write to, where the tasks say to write."""
    wanted = guided(occasion, deadline) and hours_left(occasion, deadline)
    return (whom.link(occasion),) if wanted else ()


def _failure(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    """Return the link to what helps when the form fails, once only hours are left."""
    if not can_report(occasion, deadline):
        return ()
    address = occasion.links.guide(FAILURE, occasion.words.language)
    return (Link(occasion.say("letter.link.cannot-submit"), address),)


def _snooze(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    """Return the button for later; none in the last hours, when no reminder is to come."""
    if hours_left(occasion, deadline):
        return ()
    address = occasion.links.about(deadline.id, "snooze")
    return (Button(occasion.say("letter.link.snooze"), address),)


def _guide(occasion: Occasion, deadline: Deadline) -> tuple[Block, ...]:
    language = occasion.words.language
    if not guided(occasion, deadline) or occasion.desk.facts.guide(GUIDE, language) is None:
        return ()
    address = occasion.links.guide(GUIDE, language)
    return (Link(occasion.say("letter.link.guide"), address),)
