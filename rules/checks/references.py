"""Every reference points into a document that exists, at a page or section that it has."""

from collections.abc import Iterator, Mapping
from itertools import chain

from rules.calls import Call
from rules.checks.passages import file_of
from rules.checks.standards import Sections, Standards
from rules.deadlines import Deadline
from rules.facts import Dated
from rules.loader import Facts
from rules.sources import BadReference


def problems(facts: Facts, measure: Standards) -> Iterator[str]:
    """Yield what is wrong with references, and section lists of documents that are not there."""
    for place, reference, current in chain(_all(facts), _of_standards(measure)):
        try:
            cited = facts.library.cite(reference)
        except BadReference as problem:
            yield f"{place}: {problem}"
            continue
        if current and facts.library.document(reference).superseded:
            yield f"{place}: {reference!r} is superseded and may not back a current fact"
        if cited.pages is None and not _has(measure.sections, reference):
            yield f"{place}: {reference!r}: rules/sections.toml knows no such section"
    for document in measure.sections:
        if document not in facts.library:
            yield f"sections.toml: {document}: no document has this name"


def _has(sections: Mapping[str, Sections], reference: str) -> bool:
    document, colon, section = reference.partition(":")
    known = sections.get(document.strip(), Sections())
    return not colon or known.any or section.strip() in known.sections


def _all(facts: Facts) -> Iterator[tuple[str, str, bool]]:
    newest = facts.newest.year
    for deadline in chain.from_iterable(map(versions, facts.deadlines)):
        where = f"calendar/{deadline.call}.toml: {deadline.id}"
        yield where, deadline.source, deadline.call == newest
    for call in facts.calls.values():
        yield from _of_call(call, call.year == newest)
    for key, value in facts.general:
        for fact in value.root if isinstance(value, Dated) else ():
            current = fact.valid_to is None
            yield f"{facts.general.call}/general.toml: {key}", fact.source, current
    yield from _of_bodies(facts)
    for key, sector in facts.sectors.items():
        yield f"sectors.toml: {key}", sector.source, True
    yield from _of_guides(facts)


def versions(deadline: Deadline) -> Iterator[Deadline]:
    """Yield the deadline as it stands and as it stood before each of its changes."""
    version: Deadline | None = deadline
    while version is not None:
        yield version
        version = version.previous


def _of_call(call: Call, newest: bool) -> Iterator[tuple[str, str, bool]]:
    for action, facts in call.actions.items():
        for key, value in facts:
            for fact in value.root if isinstance(value, Dated) else ():
                current = newest and fact.valid_to is None
                yield f"{call.year}/{action.lower()}.toml: {key}", fact.source, current
    for group in call.countries.groups:
        yield f"{call.year}/countries.toml: {group.id}", group.source, newest
    for overseas in call.countries.overseas:
        yield f"{call.year}/countries.toml: overseas", overseas.source, newest


def _of_bodies(facts: Facts) -> Iterator[tuple[str, str, bool]]:
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


def _of_standards(measure: Standards) -> Iterator[tuple[str, str, bool]]:
    for identifier, old in measure.glossary.old.items():
        yield f"glossary.toml: old.{identifier}", old.source, True
    yield "quoted.toml: disclaimer", measure.quoted.disclaimer.source, True
    yield "quoted.toml: files", measure.quoted.files.source, True


def _of_guides(facts: Facts) -> Iterator[tuple[str, str, bool]]:
    for (topic, language), guide in facts.guides.items():
        for section in ("before", "steps", "trouble", "notes"):
            for number, item in enumerate(getattr(guide, section), start=1):
                for source in item.sources:
                    yield f"{file_of(topic, language)}: {section} {number}", source, True
