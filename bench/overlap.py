"""Whether phrasings repeat the questions they are measured with."""

from collections import defaultdict
from collections.abc import Iterable

from rules.folding import fold

ALIKE = 0.8
"""Four words in five shared: a trivial variant."""


def shared(phrasings: Iterable[str], questions: Iterable[str]) -> list[str]:
    """Return the phrasings that equal a question after folding, or share four words in five."""
    asked = [frozenset(fold(question).split()) for question in questions]
    holding: dict[str, set[int]] = defaultdict(set)
    for number, words in enumerate(asked):
        for word in words:
            holding[word].add(number)
    return [text for text in phrasings if _is_shared(text, asked, holding)]


def _is_shared(text: str, asked: list[frozenset[str]], holding: dict[str, set[int]]) -> bool:
    words = set(fold(text).split())
    near = {number for word in words if word in holding for number in holding[word]}
    return any(
        len(words & asked[number]) >= ALIKE * max(len(words), len(asked[number])) for number in near
    )
