"""Guides exist in both languages, are built alike step by step, and lead somewhere."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from rules.checks.addresses import found
from rules.checks.passages import SECTIONS, file_of, said
from rules.guides import Guide, Item, Trouble
from rules.loader import LANGUAGES, Facts

LIVE_BLOCKS = ("deadlines", "contacts")
"""What a guide may leave to be filled in when it is told."""

_NUMBER = re.compile(r"\d+(?:[ ,.\u00a0]\d{3})*(?![\d])")
_HEAD = ("call", "as_of", "contact", "clock", "next", "corrects")


def problems(facts: Facts) -> Iterator[str]:
    """Yield what is wrong with guides."""
    yield from chain.from_iterable(
        _leads(facts, *name, facts.guides[name]) for name in facts.guides
    )
    for topic in sorted({name for name, _ in facts.guides}):
        first, second = (facts.guide(topic, language) for language in LANGUAGES)
        if first is not None and second is not None:
            yield from _differences(topic, first, second)


def _differences(topic: str, first: Guide, second: Guide) -> Iterator[str]:
    where = file_of(topic, LANGUAGES[1])
    for section in SECTIONS:
        ours, theirs = getattr(first, section), getattr(second, section)
        if len(ours) != len(theirs):
            yield f"{where}: {section}: has {len(theirs)} items, Latvian {len(ours)}"
            continue
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
            for what in _unlike(one, other):
                yield f"{where}: {section} {number}: other {what} than in Latvian"
    if [link.url for link in first.head.links] != [link.url for link in second.head.links]:
        yield f"{where}: links: others than in Latvian"
    for key in ("title", "summary"):
        if _numbers(getattr(first.head, key)) != _numbers(getattr(second.head, key)):
            yield f"{where}: {key}: other numbers than in Latvian"
    for key in _HEAD:
        if getattr(first.head, key) != getattr(second.head, key):
            yield f"{where}: {key}: differs from Latvian"


def _unlike(one: Item | Trouble, other: Item | Trouble) -> Iterator[str]:
    """Yield in what two items that say the same in two languages are unlike."""
    if one.sources != other.sources:
        yield "sources"
    if one.corrects != other.corrects:
        yield "corrections"
    if getattr(one, "live", None) != getattr(other, "live", None):
        yield "live block"
    if found(said(one)) != found(said(other)):
        yield "addresses"
    if _numbers(said(one)) != _numbers(said(other)):
        yield "numbers"


def _numbers(text: str) -> Counter[str]:
    """Return the numbers in `text`, written alike: 60 000 in Latvian is 60,000 in English."""
    return Counter(re.sub(r"\D", "", number) for number in _NUMBER.findall(text))


def _leads(facts: Facts, topic: str, language: str, guide: Guide) -> Iterator[str]:
    where = file_of(topic, language)
    for name in (guide.head.topic, *guide.head.next):
        if name not in facts.topics:
            yield f"{where}: {name!r} is not a topic of topics.toml"
    if guide.head.call not in facts.calls:
        yield f"{where}: call: there is no call {guide.head.call}"
    if guide.head.contact != "agency" and facts.agencies.desk(guide.head.contact) is None:
        yield f"{where}: contact: nobody is named {guide.head.contact!r}"
    for item in (*guide.before, *guide.steps, *guide.notes):
        if item.live is not None and item.live not in LIVE_BLOCKS:
            yield f"{where}: nothing fills in {{{{{item.live}}}}}"
