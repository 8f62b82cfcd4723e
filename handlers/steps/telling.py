"""A guide as text: its opening, the whole of it, its sources, and where to find it again."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from handlers import contacts, deadlines
from handlers.moments import source_line
from handlers.visit import Visit
from rules.guides import Guide, Item

LIVE: dict[str, Callable[[Visit], str]] = {
    "deadlines": deadlines.block,
    "contacts": contacts.block,
}
"""Blocks that guides leave to be filled in when they are told."""

_HERE = ("127.0.0.1", "localhost", "::1")


def opening(visit: Visit, guide: Guide) -> str:
    """Return title, short answer and what to have ready."""
    parts = [*_pressing(visit, guide), f"**{guide.head.title}**\n{guide.head.summary}"]
    if guide.steps[0].live:
        parts.append(told(visit, guide.steps[0]))
    if guide.before:
        ready = "\n".join(f"• {item.text}" for item in guide.before)
        parts.append(f"{visit.say('steps.before')}\n{ready}")
    parts.append(visit.say("steps.count", n=len(guide.steps)))
    parts.append(_footer(visit, guide))
    return "\n\n".join([*parts, shared(visit, guide)])


def whole(visit: Visit, guide: Guide) -> str:
    """Return the whole guide as one text, with its sources and their date."""
    parts = [*_pressing(visit, guide), f"**{guide.head.title}**\n{guide.head.summary}"]
    if guide.before:
        parts.append(section(visit.say("steps.before"), [f"• {i.text}" for i in guide.before]))
    steps = [f"{n}. {told(visit, item)}" for n, item in enumerate(guide.steps, start=1)]
    parts.append(section(visit.say("steps.steps"), steps))
    if guide.trouble:
        parts.append(section(visit.say("steps.trouble"), troubles(guide)))
    if guide.notes:
        parts.append(section(visit.say("steps.notes"), [f"• {i.text}" for i in guide.notes]))
    parts.append(_footer(visit, guide))
    return "\n\n".join(parts)


def section(title: str, lines: list[str]) -> str:
    """Return lines under a heading."""
    return "\n".join([title, *lines])


def troubles(guide: Guide) -> list[str]:
    """Return a line for each thing that goes wrong: how it shows and what to do."""
    return [f"• **{trouble.sign}** — {trouble.fix}" for trouble in guide.trouble]


def told(visit: Visit, item: Item) -> str:
    """Return the text of an item; one that is filled in when told, as it is now."""
    return LIVE[item.live](visit) if item.live else item.text


def links(guide: Guide) -> str:
    """Return the official pages of a guide, one a line."""
    return "\n".join(f"→ [{link.label}]({link.url})" for link in guide.head.links)


def shared(visit: Visit, guide: Guide) -> str:
    """Return the links under which others find the guide, and the one to print it."""
    ways = visit.words.listed([f"[{label}]({to})" for label, to in _addresses(visit, guide)])
    return visit.say("steps.share", links=ways)


def _addresses(visit: Visit, guide: Guide) -> Iterator[tuple[str, str]]:
    """Yield label and address of each way to a guide from outside.

    A page that only this machine reaches is no use to somebody who has the guide in Telegram.
    """
    topic, bot = guide.head.topic, visit.desk.telegram
    if bot:
        yield visit.say("steps.share.telegram"), f"https://t.me/{bot}?start={topic}"
    site = visit.desk.public_url.rstrip("/")
    if not bot or urlsplit(site).hostname not in _HERE:
        yield visit.say("steps.share.web"), f"{site}/?topic={topic}"
        yield visit.say("steps.share.print"), f"{site}/guide/{topic}?lang={visit.words.language}"


def _pressing(visit: Visit, guide: Guide) -> list[str]:
    clock = deadlines.clock(visit) if guide.head.clock else None
    return [clock] if clock else []


def _footer(visit: Visit, guide: Guide) -> str:
    sources = source_line(visit.desk, list(guide.sources), visit.words)
    as_of = visit.say("steps.as-of", call=guide.head.call, day=visit.words.day(guide.head.as_of))
    return "\n".join(filter(None, [links(guide), sources, as_of]))
