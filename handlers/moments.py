"""How moments and deadlines are told: always with the hour and both zones."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from handlers.visit import Desk
from handlers.words import Words
from rules.deadlines import Deadline
from rules.sources import Citation

BRUSSELS = ZoneInfo("Europe/Brussels")
"""The zone of the programme's own times (Programme Guide 2026, p. 434)."""

_AREAS = frozenset(
    {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
"""Where the zones of the IANA database are named after places that people know."""


def both_times(words: Words, deadline: Deadline, local: ZoneInfo) -> str:
    """Return day and hour of `deadline` in its own zone, then in `local` where that differs."""
    return moment(words, deadline.instant, ZoneInfo(deadline.zone), local)


def moment(words: Words, instant: datetime, zone: ZoneInfo, local: ZoneInfo) -> str:
    """Return day and hour of `instant` in `zone`, then the hour in `local` where that differs.

    Where it is another day there, the day is told again too.
    """
    there, here = instant.astimezone(zone), instant.astimezone(local)
    own, other = _on_clock(words, there), _on_clock(words, here)
    if here.utcoffset() == there.utcoffset():
        return own
    if here.date() != there.date():
        return words.say("moment.both-days", own=own, local=other)
    return words.say(
        "moment.both", own=own, hour=words.clock(here), zone=zone_name(words, str(local))
    )


def _on_clock(words: Words, moment: datetime) -> str:
    return words.say(
        "moment.own",
        day=words.day(moment),
        hour=words.clock(moment),
        zone=zone_name(words, str(moment.tzinfo)),
    )


def zone_name(words: Words, zone: str) -> str:
    """Return what a zone's time is called, as in `Brussels time`; its name in brackets at worst."""
    key = f"zone.{zone}"
    if words.has(key):
        return words.say(key)
    city = _city(zone, words.language)
    return words.say("zone.city", city=city) if city else f"({zone})"


@cache
def _city(zone: str, language: str) -> str:
    """Return the city that a zone is named after, or nothing where it is named after none."""
    area, _, place = zone.partition("/")
    if area not in _AREAS or "/" in place:
        return ""
    try:
        return get_timezone_location(ZoneInfo(zone), locale=language, return_city=True)
    except (LookupError, ValueError, OSError):
        return ""


def start_window(words: Words, deadline: Deadline) -> str | None:
    """Return when projects of this round start, or None where the source gives no window."""
    if deadline.starts is None:
        return None
    first, last = (words.day(day) for day in deadline.starts)
    return words.say(
        "moment.start-day" if first == last else "moment.starts", first=first, last=last
    )


def action_name(desk: Desk, action: str, language: str) -> str:
    """Return the official name of an action, or its code where the data have no name."""
    names = desk.facts.actions.get(action)
    return names.in_language(language) if names else action


def source_line(desk: Desk, references: list[str], words: Words) -> str:
    """Return one line with the sources of `references`, each once, and the day of the check.

    Where the sources were checked on different days, the earliest is told.
    """
    return _checked(words, [desk.facts.library.cite(reference) for reference in references])


def deadline_sources(desk: Desk, deadlines: Iterable[Deadline], words: Words) -> str:
    """Return the sources of `deadlines`, each once, with the day of the check.

    A change is told on a line of its own, with the day on which it became known.
    """
    citations = dict.fromkeys(desk.facts.announced(deadline) for deadline in deadlines)
    checked = [citation for citation in citations if not citation.announced]
    lines = [_known(words, citation) for citation in citations if citation.announced]
    return "\n".join([*([_checked(words, checked)] if checked else []), *lines])


def _known(words: Words, citation: Citation) -> str:
    day = words.day(citation.as_of)
    return words.say("source.known", sources=cited(words, [citation]), day=day)


def _checked(words: Words, citations: list[Citation]) -> str:
    day = words.day(min(citation.as_of for citation in citations))
    return words.say("source.line", sources=cited(words, citations), day=day)


def cited(words: Words, citations: Iterable[Citation], *, short: bool = False) -> str:
    """Return citations in words, the pages or sections of one document together.

    `short` calls a document by its short name, where the place gives the whole one.
    """
    places: dict[str, list[str]] = {}
    paged: set[str] = set()
    for citation in citations:
        document = citation.named(words.language, short=short)
        where = places.setdefault(document, [])
        place = citation.pages or citation.section
        if citation.pages:
            paged.add(document)
        if place and place not in where:
            where.append(place)
    return "; ".join(_places(words, *found, found[0] in paged) for found in places.items())


def _places(words: Words, document: str, where: list[str], paged: bool) -> str:
    if not where:
        return document
    key = "source.pages" if paged else "source.sections"
    return words.say(key, document=document, where=", ".join(where))
