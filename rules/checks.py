"""What the data files must keep among themselves, beyond what each file's model refuses.

`problems` returns every mistake as one line naming file and key; an empty list is good data.
"""

from collections.abc import Collection, Iterator
from datetime import date, time
from itertools import chain
from urllib.parse import urlsplit

from rules.calls import Call
from rules.deadlines import Deadline
from rules.facts import Dated
from rules.guides import Guide
from rules.loader import LANGUAGES, Facts
from rules.sources import BadReference
from rules.topics import OUTSIDE

LIVE_BLOCKS = ("deadlines", "contacts")
"""What a guide may leave to be filled in when it is told."""

_UNION = ".europa.eu"
"""The domain of the institutions, which nobody else gets names in."""

_HOURS = {"agency": time(12), "executive-agency": time(17)}


def problems(facts: Facts) -> list[str]:
    """Return every mistake in the data, one line each."""
    found = chain(
        _references(facts),
        chain.from_iterable(_hours(call) for call in facts.calls.values()),
        _addresses(facts),
        chain.from_iterable(_ids(call) for call in facts.calls.values()),
        _names(facts),
        _pairs(facts),
        chain.from_iterable(_guide(facts, name, guide) for name, guide in facts.guides.items()),
        _topics(facts),
    )
    return list(found)


def _references(facts: Facts) -> Iterator[str]:
    for place, reference, current in _all_references(facts):
        try:
            facts.library.cite(reference)
            if current and facts.library.document(reference).superseded:
                yield f"{place}: {reference!r} is superseded and may not back a current fact"
        except BadReference as problem:
            yield f"{place}: {problem}"


def _all_references(facts: Facts) -> Iterator[tuple[str, str, bool]]:
    newest = facts.newest.year
    for deadline in chain.from_iterable(map(_versions, facts.deadlines)):
        where = f"calendar/{deadline.call}.toml: {deadline.id}"
        yield where, deadline.source, deadline.call == newest
    for call in facts.calls.values():
        yield from _call_references(call, call.year == newest)
    for key, value in facts.general:
        for fact in value.root if isinstance(value, Dated) else ():
            current = fact.valid_to is None
            yield f"{facts.general.call}/general.toml: {key}", fact.source, current
    for key, agency in facts.agencies.agencies.items():
        people = ((f"contact {c.matter}", c.source) for c in agency.contact)
        parts = [("incident_mailbox", agency.incident_mailbox.source), ("source", agency.source)]
        parts.append(("incident_window", agency.incident_window.source))
        for name, source in chain(people, parts):
            yield f"agencies.toml: {key}.{name}", source, True
    bodies = ((body.id, body.source) for body in facts.agencies.body)
    desks = ((desk.id, desk.source) for desk in facts.agencies.helpdesk)
    for name, source in chain(desks, bodies):
        yield f"agencies.toml: {name}", source, True
    for key, sector in facts.sectors.items():
        yield f"sectors.toml: {key}", sector.source, True
    for (topic, language), guide in facts.guides.items():
        for source in guide.sources:
            yield f"guides/{language}/{topic}.md", source, True


def _versions(deadline: Deadline) -> Iterator[Deadline]:
    """Yield the deadline as it stands and as it stood before each of its changes."""
    version: Deadline | None = deadline
    while version is not None:
        yield version
        version = version.previous


def _addresses(facts: Facts) -> Iterator[str]:
    """A change of a deadline is told only with a page of the EU or of a body that runs it."""
    sites = [agency.website for agency in facts.agencies.agencies.values()]
    sites += [body.website for body in facts.agencies.body]
    published = (document.url for document in facts.library.of_kind("agency") if document.url)
    hosts = {_host(address) for address in chain(sites, published)}
    for deadline in chain.from_iterable(map(_versions, facts.deadlines)):
        if deadline.url is not None and not _official(_host(deadline.url), hosts):
            where = f"calendar/{deadline.call}.toml: {deadline.id}"
            yield f"{where}: url: {_host(deadline.url)} is no official site"


def _official(host: str, hosts: Collection[str]) -> bool:
    return host.endswith(_UNION) or any(host in (own, f"www.{own}") for own in hosts)


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _call_references(call: Call, newest: bool) -> Iterator[tuple[str, str, bool]]:
    for action, facts in call.actions.items():
        for key, value in facts:
            for fact in value.root if isinstance(value, Dated) else ():
                current = newest and fact.valid_to is None
                yield f"{call.year}/{action.lower()}.toml: {key}", fact.source, current
    for group in call.countries.groups:
        yield f"{call.year}/countries.toml: {group.id}", group.source, newest
    for overseas in call.countries.overseas:
        yield f"{call.year}/countries.toml: overseas", overseas.source, newest


def _hours(call: Call) -> Iterator[str]:
    """Agencies close at 12:00 Brussels time, the executive agency at 17:00 (guide 2026, p. 434).

    A deadline that was moved may close at any hour: it is the announcement that says when.
    """
    for deadline in call.deadlines.values():
        where = f"calendar/{call.year}.toml: {deadline.id}"
        if (
            not deadline.sequence
            and deadline.zone == "Europe/Brussels"
            and deadline.wall.time() != _HOURS[deadline.managed_by]
        ):
            hour = _HOURS[deadline.managed_by]
            yield f"{where}: closes at {deadline.wall:%H:%M}, by rule {hour:%H:%M}"
        if deadline.starts and deadline.starts[0] > deadline.starts[1]:
            yield f"{where}: the start window ends before it begins"
        if not _in_call_year(deadline, call):
            yield f"{where}: lies outside call year {call.year}"


def _ids(call: Call) -> Iterator[str]:
    """An id says call, action and round: calendar programs know a deadline by it for good."""
    for deadline in call.deadlines.values():
        expected = f"{call.year}-{deadline.action.lower()}-r{deadline.round}"
        if deadline.id != expected:
            yield f"calendar/{call.year}.toml: {deadline.id}: id: should be {expected}"


def _in_call_year(deadline: Deadline, call: Call) -> bool:
    return date(call.year, 1, 1) <= deadline.wall.date() <= date(call.year, 12, 31)


def _names(facts: Facts) -> Iterator[str]:
    for deadline in facts.deadlines:
        if deadline.action not in facts.actions:
            yield f"actions.toml: {deadline.action}: has a deadline but no name"
        for sector in deadline.sectors:
            if sector not in facts.sectors:
                yield f"calendar/{deadline.call}.toml: {deadline.id}: unknown sector {sector!r}"


def _pairs(facts: Facts) -> Iterator[str]:
    for topic in sorted({name for name, _ in facts.guides}):
        ours = {language: facts.guide(topic, language) for language in LANGUAGES}
        missing = [language for language, guide in ours.items() if guide is None]
        if missing:
            yield f"guides/{missing[0]}/{topic}.md: the translation is missing"
        else:
            first, second = (guide for guide in ours.values() if guide is not None)
            yield from _differences(topic, first, second)


def _differences(topic: str, first: Guide, second: Guide) -> Iterator[str]:
    for section in ("before", "steps", "trouble", "notes"):
        ours, theirs = getattr(first, section), getattr(second, section)
        if len(ours) != len(theirs):
            yield f"guides/en/{topic}.md: {section}: has {len(theirs)} items, Latvian {len(ours)}"
            continue
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
            if one.sources != other.sources:
                yield f"guides/en/{topic}.md: {section} {number}: other sources than in Latvian"
    if [link.url for link in first.head.links] != [link.url for link in second.head.links]:
        yield f"guides/en/{topic}.md: links: others than in Latvian"
    for key in ("call", "as_of", "contact", "next"):
        if getattr(first.head, key) != getattr(second.head, key):
            yield f"guides/en/{topic}.md: {key}: differs from Latvian"


def _guide(facts: Facts, name: tuple[str, str], guide: Guide) -> Iterator[str]:
    where = f"guides/{name[1]}/{name[0]}.md"
    for topic in (guide.head.topic, *guide.head.next):
        if topic not in facts.topics:
            yield f"{where}: {topic!r} is not a topic of topics.toml"
    if guide.head.call not in facts.calls:
        yield f"{where}: call: there is no call {guide.head.call}"
    if guide.head.contact != "agency" and facts.agencies.desk(guide.head.contact) is None:
        yield f"{where}: contact: nobody is named {guide.head.contact!r}"
    for item in (*guide.before, *guide.steps, *guide.notes):
        if item.live is not None and item.live not in LIVE_BLOCKS:
            yield f"{where}: nothing fills in {{{{{item.live}}}}}"


def _topics(facts: Facts) -> Iterator[str]:
    for language, phrases in facts.phrases.items():
        for unknown in sorted(phrases.root.keys() - {*facts.topics, OUTSIDE}):
            yield f"phrases/{language}.toml: {unknown}: is not a topic of topics.toml"
    for name, topic in facts.topics.items():
        if topic.asks != "agency" and facts.agencies.desk(topic.asks) is None:
            yield f"topics.toml: {name}: asks: nobody is named {topic.asks!r}"
        for language in LANGUAGES:
            if not facts.phrases[language].of(name):
                yield f"phrases/{language}.toml: {name}: has no phrasings"
