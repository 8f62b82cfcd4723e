"""Every topic has a guide and phrasings in both languages, and somebody to ask."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rules.checks.passages import file_of
from rules.folding import fold
from rules.loader import LANGUAGES, Facts, said
from rules.topics import OUTSIDE

WITHOUT_GUIDE = ("eligibility",)
"""Topics that lead to another capability of Noon."""


def problems(facts: Facts, rules: Path) -> Iterator[str]:
    """Yield what is wrong with topics, and with the phrasings in the folder `rules`.

    Raises `DataError` where phrasings cannot be read.
    """
    spoken = said(rules)
    yield from _phrasings(facts, spoken)
    yield from _several(facts, spoken)
    for name, topic in facts.topics.items():
        if topic.asks != "agency" and facts.agencies.desk(topic.asks) is None:
            yield f"topics.toml: {name}: asks: nobody is named {topic.asks!r}"
        for follows in topic.next:
            if follows not in facts.topics:
                yield f"topics.toml: {name}: next: {follows!r} is not a topic"
        yield from _guides(facts, name)


def _phrasings(facts: Facts, spoken: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    for language, phrases in spoken.items():
        for unknown in sorted(phrases.keys() - {*facts.topics, OUTSIDE}):
            yield f"phrases/{language}/{unknown}.txt: is not a topic of topics.toml"
        for name in facts.topics:
            if not phrases.get(name):
                yield f"phrases/{language}/{name}.txt: has no phrasings"


def _several(facts: Facts, spoken: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    """Yield what is wrong with the words that may mean several topics."""
    where = "phrases/several.toml"
    own = {
        fold(text): name
        for named in spoken.values()
        for name, many in named.items()
        for text in many
    }
    seen = set()
    for one in facts.several:
        for unknown in sorted(set(one.topics) - facts.topics.keys()):
            yield f"{where}: {one.said[0]}: {unknown!r} is not a topic"
        for text in one.said:
            if fold(text) in own:
                yield f"{where}: {text}: stands in {own[fold(text)]}.txt too"
            if fold(text) in seen:
                yield f"{where}: {text}: stands there twice"
            seen.add(fold(text))


def translated(facts: Facts, programme: bool) -> tuple[int, int]:
    """Return how many topics have guides in all languages, and how many should.

    Those about the programme are counted apart from the steps.
    """
    due = [
        name
        for name, topic in facts.topics.items()
        if topic.programme is programme and name not in WITHOUT_GUIDE
    ]
    have = [name for name in due if all(facts.guide(name, one) for one in LANGUAGES)]
    return len(have), len(due)


def _guides(facts: Facts, name: str) -> Iterator[str]:
    written = [language for language in LANGUAGES if facts.guide(name, language)]
    for language in LANGUAGES:
        where = file_of(name, language)
        if name in WITHOUT_GUIDE and language in written:
            yield f"{where}: stands where another capability answers"
        elif name not in WITHOUT_GUIDE and language not in written:
            yield f"{where}: the {'translation' if written else 'guide'} is missing"
