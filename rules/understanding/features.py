"""What a question is looked at by: pieces of words, stems, pairs of words, and notions.

Four views weigh in: pieces of three to five letters forgive endings and typing errors, stems and
pairs of stems tell what is asked, notions say the same thing in either language. Every feature is
known by a checksum.
"""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from rules.understanding.notions import ELSEWHERE, notions
from rules.understanding.stems import FILLERS, stem

SIZES = (3, 4, 5)
VIEWS = {"pieces": 1.0, "stems": 0.7, "pairs": 0.5, "notions": 0.65, "together": 0.5}
"""How much each view weighs in a question's vector."""


@dataclass(frozen=True)
class Looked:
    """A question as features: `views` by name; `words` are the stems that carry meaning.

    `elsewhere` says that it names a programme that is not ours, or attacks.
    """

    views: dict[str, tuple[str, ...]]
    words: tuple[str, ...]
    elsewhere: bool


def look(words: Sequence[str]) -> Looked:
    """Return the features of a question, given as folded `words`."""
    telling = [word for word in words if word not in FILLERS]
    stems = [stem(word) for word in words]
    meant = notions(words)
    views = {
        "pieces": tuple(piece for word in telling for piece in _pieces(word)),
        "stems": tuple(_stems(words)),
        "pairs": tuple(_pairs(stems)),
        "notions": tuple(f"n {one}" for one in meant),
        "together": tuple(f"t {one} {two}" for one, two in combinations(sorted(meant), 2)),
    }
    known = tuple(stem(word) for word in telling if len(word) > 1)
    return Looked(views, known, any(one.startswith(ELSEWHERE) for one in meant))


def weighed(looked: Looked) -> dict[int, float]:
    """Return the weight of every feature by its checksum; all of a question have length one."""
    present = {name: set(found) for name, found in looked.views.items() if found}
    length = math.sqrt(sum(VIEWS[name] ** 2 for name in present)) or 1.0
    weights: dict[int, float] = {}
    for name, found in present.items():
        weight = VIEWS[name] / length / math.sqrt(len(found))
        weights |= {checksum(feature): weight for feature in found}
    return weights


def checksum(text: str) -> int:
    """Return a number for `text` that is the same on every machine."""
    return zlib.crc32(text.encode())


def _pieces(word: str) -> Iterator[str]:
    padded = f" {word} "
    for size in SIZES:
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


def _stems(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield f"s {stem(word)}"
        yield f"b {word[:5]}"


def _pairs(stems: list[str]) -> Iterator[str]:
    short = [one[:6] for one in stems]
    for one, two in pairwise(short):
        yield f"p {one} {two}"
    for one, two in zip(short, short[2:], strict=False):
        yield f"g {one} {two}"
