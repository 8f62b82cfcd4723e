"""Messages about a deadline for Telegram: short HTML and buttons."""

import json
import re
from collections.abc import Sequence
from html import escape, unescape

from bot.faces.telegram.buttons import sealed
from bot.post.content import Alarm, Moved, Reminder
from bot.post.letters import about
from bot.post.letters.about import News
from bot.post.letters.letter import Link
from bot.post.letters.occasion import Occasion
from bot.post.letters.operating import warning
from bot.post.letters.reminding import moments, source
from bot.post.letters.tasks import can_report, hours_left, most_urgent
from rules.deadlines import Deadline

LONGEST = 500
"""Characters a reader sees: longer messages meet Telegram's limits earlier."""

LONGEST_WARNING = 1_000
"""A warning is rare, and must not lose what is to be done."""

_LONGEST_NAME, _LONGEST_TITLE = 90, 140
_TAG = re.compile(r"<[^>]*>")
_LONGEST_DEADLINE = 30
"""Characters of a deadline's id that a sealed button has room for (Bot API: 64 bytes in all)."""

Rows = tuple[tuple[tuple[str, str], ...], ...]
"""Buttons in rows, each a label and the choice it stands for."""


def reminder(occasion: Occasion, content: Reminder, deadline: Deadline) -> str:
    """Return the text that a deadline comes nearer."""
    uncertain = occasion.say("letter.unconfirmed.note", agency=occasion.desk.agency.short)
    lines = [
        escape(about.when(occasion, deadline)),
        escape(_shortened(about.long_name(occasion, deadline))),
        escape(uncertain if deadline.status == "conditional" else most_urgent(occasion, deadline)),
        *_failure(occasion, deadline),
        _source(occasion, deadline),
    ]
    return _text(occasion, about.title(occasion, content, deadline), lines)


def moved(occasion: Occasion, content: Moved, deadline: Deadline) -> str:
    """Return the text that a deadline is at another moment, or called off."""
    rows = moments(occasion, content, deadline)
    lines = [escape(f"{label}: {told}") for label, told in rows]
    if about.news(content, deadline) is News.UNCONFIRMED:
        agency = occasion.desk.agency.short
        lines.append(escape(occasion.say("letter.unconfirmed.note", agency=agency)))
    lines.append(_source(occasion, deadline))
    return _text(occasion, about.title(occasion, content, deadline), lines)


def alarm(occasion: Occasion, content: Alarm) -> str:
    """Return the text that warns the operator."""
    title, lines = warning(occasion, content)
    return _text(occasion, title, [escape(_shortened("\n".join(lines), LONGEST_WARNING))])


def buttons(occasion: Occasion, content: Reminder | Moved) -> Rows:
    """Return what can be done about a reminder or a moved deadline.

    Where a button has no room for the deadline's name, the list of all reminders is a tap away.
    """
    stop = (occasion.say("letter.chat.stop"), "reminders:stop")
    if isinstance(content, Moved):
        return ((stop,),)
    if len(content.deadline) > _LONGEST_DEADLINE:
        return ((occasion.say("letter.chat.list"), "reminders:show"),), (stop,)
    handed = (occasion.say("letter.chat.handed"), f"reminders:handed:{content.deadline}")
    if occasion.deadline is not None and hours_left(occasion, occasion.deadline):
        # No reminder is to come that could be waited for.
        return (*_failed(occasion, occasion.deadline), (handed,), (stop,))
    snooze = (occasion.say("letter.chat.snooze"), f"reminders:snooze:{content.deadline}")
    return (handed,), (snooze, stop)


def _failure(occasion: Occasion, deadline: Deadline) -> list[str]:
    """Return the line that says what to press when the form fails, in the last hours."""
    if not can_report(occasion, deadline):
        return []
    return [escape(occasion.say("letter.chat.failure", button=occasion.say("letter.chat.failed")))]


def _failed(occasion: Occasion, deadline: Deadline) -> Rows:
    if not can_report(occasion, deadline):
        return ()
    return (((occasion.say("letter.chat.failed"), "incident:start"),),)


def message(text: str, rows: Rows, key: bytes, chat: str) -> bytes:
    """Return a message for `chat` as it is kept: JSON of its text and its sealed buttons."""
    keyboard = [[[label, sealed(key, chat, choice)] for label, choice in row] for row in rows]
    return json.dumps({"text": text, "keyboard": keyboard}, ensure_ascii=False).encode()


def _text(occasion: Occasion, title: str, lines: Sequence[str]) -> str:
    rehearsed = [occasion.say("letter.chat.rehearsal")] if occasion.desk.rehearsed else []
    heading = escape(_shortened(title, _LONGEST_TITLE))
    kept = [*map(escape, rehearsed), f"<b>{heading}</b>", *lines]
    place = len(rehearsed) + 2
    while _visible(kept) > LONGEST and len(kept) > place + 1:
        # The moment above and the source below stay; what lies between is on the web page too.
        del kept[place]
    return "\n".join(kept)


def _visible(lines: Sequence[str]) -> int:
    """Return how many characters a reader sees."""
    return len(unescape(_TAG.sub("", "\n".join(lines))))


def _source(occasion: Occasion, deadline: Deadline) -> str:
    found = source(occasion, deadline)
    if isinstance(found, Link):
        return f'<a href="{escape(found.address)}">{escape(found.label)}</a>'
    return escape(found.text)


def _shortened(text: str, longest: int = _LONGEST_NAME) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
