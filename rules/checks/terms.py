"""Guides use the field's terms, and old names only where they correct them."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from rules.checks.passages import Passage, everywhere, file_of, passages
from rules.checks.standards import Glossary, Old, Term
from rules.loader import LANGUAGES, Facts

ADVICE = "noon:advice"
"""What an item rests on that is our own advice."""

_LABEL = re.compile(r"(?<!\*)\*(?!\*)[^*]+\*(?!\*)")
"""What a screen says, quoted."""


def problems(facts: Facts, glossary: Glossary) -> Iterator[str]:
    """Yield every term that is called something else, and every old name that is not corrected."""
    told = list(everywhere(facts))
    for language, passage in told:
        yield from _misnamed(passage, language, glossary)
        yield from _outdated(passage, glossary)
    yield from _heads(facts, glossary)
    yield from _pairs(facts, glossary)
    yield from _unsaid(facts, glossary)
    for identifier, old in glossary.old.items():
        corrected = {language for language, said in told if _corrects(said, identifier, old)}
        for language in LANGUAGES:
            if language not in corrected:
                where = f"glossary.toml: old.{identifier}"
                yield f"{where}: no guide in {language} says what came instead, and when"


def _misnamed(passage: Passage, language: str, glossary: Glossary) -> Iterator[str]:
    for identifier, term in glossary.term.items():
        for named in matches(term.avoid, passage.text):
            ours = ", ".join(term.in_language(language)) or f"the words of {identifier}"
            yield passage.problem(f"says {named!r}; the glossary has: {ours}")


def matches(forms: tuple[str, ...], text: str) -> list[str]:
    """Return the places of `text` that are one of `forms`, as they are written there."""
    low = _lower(text)
    if not any(stem in low for stem in _stems(forms)):
        return []
    return [match[0] for match in _pattern(forms).finditer(text)]


@lru_cache(maxsize=64)
def _lower(text: str) -> str:
    return text.lower()


@cache
def _stems(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Return how the forms begin; a text without any of that need not be searched."""
    return tuple(form.split()[0].split("*")[0].lower() for form in forms)


@cache
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of the forms: `*` is any ending; capitals alone are meant as they are."""
    said = "|".join(_form(form) for form in forms)
    return re.compile(rf"(?<!\w)(?:{said})(?!\w|/\w)")


def _form(form: str) -> str:
    words = [re.escape(word).replace(r"\*", r"\w*") for word in form.split()]
    spaced = r"\s+".join(words)
    return spaced if form.isupper() else f"(?i:{spaced})"


def _outdated(passage: Passage, glossary: Glossary) -> Iterator[str]:
    for identifier, old in glossary.old.items():
        named = matches(old.names, passage.text)
        marked = identifier in passage.corrects
        if named and not marked:
            yield passage.problem(f"says {named[0]!r} and is not marked: corrects {identifier}")
        if marked and not named and not passage.in_head:
            yield passage.problem(f"corrects {identifier}, but does not name it")
    for identifier in passage.corrects:
        if identifier not in glossary.old:
            yield passage.problem(f"corrects {identifier}, which rules/glossary.toml does not know")


def _corrects(passage: Passage, identifier: str, old: Old) -> bool:
    """Whether the passage names the old thing, what came instead, and when."""
    forms = (old.names, old.now, old.when)
    return identifier in passage.corrects and all(matches(form, passage.text) for form in forms)


def _heads(facts: Facts, glossary: Glossary) -> Iterator[str]:
    """A topic's title may name what its guide's head corrects, and the head corrects no more."""
    for name, topic in facts.topics.items():
        for language in LANGUAGES:
            guide = facts.guide(name, language)
            title = topic.title(language)
            told = " ".join(p.text for p in passages(guide, language) if p.in_head) if guide else ""
            for identifier, old in glossary.old.items():
                marked = guide is not None and identifier in guide.head.corrects
                named = matches(old.names, title)
                if named and not marked:
                    yield f"topics.toml: {name}.{language}: says {named[0]!r}: {identifier} is old"
                if marked and not matches(old.names, f"{title} {told}"):
                    where = file_of(name, language)
                    yield f"{where}: corrects: {identifier} is not named in title or summary"


def _pairs(facts: Facts, glossary: Glossary) -> Iterator[str]:
    """What has the term in one language has it in the other."""
    for topic in sorted({name for name, _ in facts.guides}):
        ours, theirs = (_texts(facts, topic, language) for language in LANGUAGES)
        for place in sorted(ours.keys() & theirs.keys()):
            for identifier, term in glossary.term.items():
                if term.pair and _one_alone(term, ours[place], theirs[place]):
                    where = f"{file_of(topic, LANGUAGES[1])}: {place}"
                    yield f"{where}: the term {identifier} is in one language alone"


def _unsaid(facts: Facts, glossary: Glossary) -> Iterator[str]:
    """A step that rests on our own advice alone says that it is advice."""
    for (topic, language), guide in facts.guides.items():
        for number, step in enumerate(guide.steps, start=1):
            told = matches(glossary.advice.in_language(language), step.text)
            if step.sources == (ADVICE,) and not told:
                where = f"{file_of(topic, language)}: steps {number}"
                yield f"{where}: rests on our advice alone and does not say that it is advice"


def _texts(facts: Facts, topic: str, language: str) -> dict[str, str]:
    guide = facts.guide(topic, language)
    told = passages(guide, language) if guide else ()
    return {passage.place: _LABEL.sub("", passage.text) for passage in told}


def _one_alone(term: Term, latvian: str, english: str) -> bool:
    return bool(matches(term.lv, latvian)) is not bool(matches(term.en, english))
