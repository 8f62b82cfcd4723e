"""What a question is looked at by: pieces of words, stems, pairs of words, and notions.

Every feature is hashed into one of `BUCKETS`, so that what was learned is one small table. Four
views weigh in: pieces of three to five letters forgive endings and typing errors, stems and pairs
of stems tell what is asked, notions say the same thing in either language.
"""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from rules.folding import fold
from rules.understanding.notions import ELSEWHERE, notions
from rules.understanding.stems import FILLERS, stem

BUCKETS = 1 << 14
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


def look(question: str) -> Looked:
    """Return the features of `question`; case, diacritics and punctuation do not matter."""
    words = fold(question).split()
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


def weighed(looked: Looked) -> Iterator[tuple[str, float]]:
    """Yield every feature with its weight; the weights of a question have length one."""
    present = {name: set(found) for name, found in looked.views.items() if found}
    length = math.sqrt(sum(VIEWS[name] ** 2 for name in present)) or 1.0
    for name, found in present.items():
        weight = VIEWS[name] / length / math.sqrt(len(found))
        for feature in sorted(found):
            yield feature, weight


def bucket(feature: str) -> int:
    """Return a number for `feature` that is the same on every machine."""
    return zlib.crc32(feature.encode())


def _pieces(word: str) -> Iterator[str]:
    padded = f" {word} "
    for size in SIZES:
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


def _stems(words: list[str]) -> Iterator[str]:
    for word in words:
        yield f"s {stem(word)}"
        yield f"b {word[:5]}"


def _pairs(stems: list[str]) -> Iterator[str]:
    short = [one[:6] for one in stems]
    for one, two in pairwise(short):
        yield f"p {one} {two}"
    for one, two in zip(short, short[2:], strict=False):
        yield f"g {one} {two}"
