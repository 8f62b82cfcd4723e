"""Every text of a guide says something, in the language of its folder."""

import re
from collections.abc import Iterator

from rules.checks.passages import everywhere, file_of, passages
from rules.guides import Guide
from rules.loader import Facts

_LATVIAN = frozenset("āčēģīķļņšūž")
MOST = 0.03
"""The share of Latvian letters from which an English text is not English; Latvian has twice it."""

FEWEST = 4
"""Latvian letters that are never only a name."""

_QUOTED = re.compile(r"„[^”]*”|“[^”]*”|\*[^*]+\*|\(?https?://[^\s)]*\)?")
"""What is quoted in another language than the guide's: labels, slogans, exact sentences."""


def problems(facts: Facts) -> Iterator[str]:
    """Yield every text that is empty, or is in the other language."""
    for language, passage in everywhere(facts):
        if language == "en" and _is_latvian(_QUOTED.sub("", passage.text)):
            yield passage.problem("is in Latvian")
    for (topic, language), guide in facts.guides.items():
        if language == "lv" and not _is_latvian(" ".join(_texts(guide))):
            yield f"{file_of(topic, language)}: is not in Latvian"
        yield from _empty(guide, language)


def _empty(guide: Guide, language: str) -> Iterator[str]:
    live = {f"steps {number}" for number, item in enumerate(guide.steps, start=1) if item.live}
    for passage in passages(guide, language):
        if not passage.text.strip() and passage.place not in live:
            yield passage.problem("is empty")
    for number, link in enumerate(guide.head.links, start=1):
        if not link.label.strip():
            yield f"{file_of(guide.head.topic, language)}: links {number}: has no label"


def _texts(guide: Guide) -> Iterator[str]:
    return (passage.text for passage in passages(guide, "lv"))


def _is_latvian(text: str) -> bool:
    letters = [letter for letter in text.lower() if letter.isalpha()]
    latvian = sum(letter in _LATVIAN for letter in letters)
    return latvian >= FEWEST and latvian > MOST * len(letters)
