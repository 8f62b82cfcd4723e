"""Finds what a question is about: deterministic, local, in a millisecond or two.

Each example phrasing, title and symptom is a vector of character n-grams over folded text (no
case, no diacritics), so that endings and typing errors matter little. An n-gram counts the more,
the fewer topics use it. A question goes to the topic whose nearest phrasings are nearest; what is
outside has phrasings too and competes like any topic.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from rules.folding import fold
from rules.topics import OUTSIDE

SIZES = (3, 4, 5)

NEAREST = 4
"""How many of a topic's nearest phrasings speak for it."""

SURE = 0.45
"""Below this score nothing is answered as certain (set by leave-one-out on the phrasings)."""

LEAD = 0.15
"""How far the best topic must be ahead of the next to be certain."""

OFFERED = 0.26
"""Below this score a topic is not even offered."""

CLOSE = 0.0
"""A topic this little behind the outside is still offered."""


REMEMBERED = 2_000
"""Findings kept: before a deadline many ask the same."""


@dataclass(frozen=True)
class Candidate:
    """A topic that a question may mean; `score` grows with likeness, from 0."""

    topic: str
    score: float


@dataclass(frozen=True)
class Finding:
    """What a question is about.

    `topic` is set when it is certain; else `candidates` are what may be meant, best first, and
    none of them means that the question is outside.
    """

    topic: str | None
    candidates: tuple[Candidate, ...]

    @property
    def confident(self) -> bool:
        """Whether the finder is sure of what it says, be it a topic or that there is none."""
        return self.topic is not None or not self.candidates


class Finder:
    """Knows example phrasings by topic and finds the topic of a question."""

    def __init__(self, phrasings: Mapping[str, Iterable[str]]) -> None:
        said = [(topic, fold(text)) for topic, many in phrasings.items() for text in many]
        self._known = {text: topic for topic, text in said}
        texts = [(topic, _grams(text)) for topic, text in said]
        self._weight = _rarity(texts)
        self._topics = [topic for topic, _ in texts]
        self._lately: dict[str, Finding] = {}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (_, grams) in enumerate(texts):
            for gram, share in self._vector(grams).items():
                self._postings[gram].append((number, share))

    def find(self, question: str) -> Finding:
        """Return what `question` is about; what was asked lately is remembered."""
        folded = fold(question)
        if folded not in self._lately:
            if len(self._lately) >= REMEMBERED:
                self._lately.clear()
            self._lately[folded] = self._find(folded)
        return self._lately[folded]

    def _find(self, question: str) -> Finding:
        ranked = self.rank(question)
        inside = [candidate for candidate in ranked if candidate.topic != OUTSIDE]
        outside = next((c.score for c in ranked if c.topic == OUTSIDE), 0.0)
        best, second = (_score(inside, place) for place in (0, 1))
        known = self._known.get(question)
        if known is not None and inside and inside[0].topic == known:
            return Finding(known, tuple(inside[:3]))
        if best >= SURE and best - max(second, outside) >= LEAD:
            return Finding(inside[0].topic, tuple(inside[:3]))
        if best < OFFERED or outside - best > CLOSE:
            return Finding(None, ())
        return Finding(None, tuple(c for c in inside[:3] if c.score >= OFFERED / 2))

    def rank(self, question: str) -> list[Candidate]:
        """Return all topics that share anything with `question`, likeliest first."""
        likeness: dict[int, float] = defaultdict(float)
        for gram, share in self._vector(_grams(question)).items():
            for number, other in self._postings.get(gram, ()):
                likeness[number] += share * other
        by_topic: dict[str, list[float]] = defaultdict(list)
        for number, score in likeness.items():
            by_topic[self._topics[number]].append(score)
        ranked = (Candidate(topic, _voice(scores)) for topic, scores in by_topic.items())
        return sorted(ranked, key=lambda candidate: (-candidate.score, candidate.topic))

    def _vector(self, grams: Counter[str]) -> dict[str, float]:
        raw = {
            gram: (1 + math.log(count)) * self._weight[gram]
            for gram, count in grams.items()
            if gram in self._weight
        }
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {gram: value / length for gram, value in raw.items()}


def _score(candidates: list[Candidate], place: int) -> float:
    return candidates[place].score if len(candidates) > place else 0.0


def _voice(scores: list[float]) -> float:
    nearest = sorted(scores, reverse=True)[:NEAREST]
    return (nearest[0] + sum(nearest) / 2) / 2


def _grams(text: str) -> Counter[str]:
    words = (f" {word} " for word in fold(text).split())
    return Counter(chain.from_iterable(_of_word(word) for word in words))


def _of_word(word: str) -> Iterable[str]:
    return (
        word[start : start + size]
        for size in SIZES
        for start in range(max(1, len(word) - size + 1))
    )


def _rarity(texts: list[tuple[str, Counter[str]]]) -> dict[str, float]:
    users: dict[str, set[str]] = defaultdict(set)
    for topic, grams in texts:
        for gram in grams:
            users[gram].add(topic)
    topics = len({topic for topic, _ in texts})
    return {gram: math.log((1 + topics) / (1 + len(by))) + 0.1 for gram, by in users.items()}
