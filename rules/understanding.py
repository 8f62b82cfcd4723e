"""Finds what a question is about: deterministic, local, in well under a millisecond.

Each example phrasing, title and guide sentence becomes a vector of character n-grams over folded
text (no case, no diacritics), so that endings and typing errors matter little. A question goes to
the topic of its nearest phrasings; phrasings that are outside compete like any topic.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules.folding import fold
from rules.topics import OUTSIDE

SIZES = (3, 4, 5)
NEAREST = 3
"""How many of a topic's nearest phrasings speak for it."""

SURE = 0.34
"""Below this likeness nothing is answered as certain (set on leave-one-out runs)."""

LEAD = 0.05
"""How far the best topic must be ahead of the next to be certain."""

OFFERED = 0.13
"""Below this likeness a topic is not even offered."""


@dataclass(frozen=True)
class Candidate:
    """A topic that a question may mean; `score` is a likeness between 0 and 1."""

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
        texts = [(topic, _grams(text)) for topic, many in phrasings.items() for text in many]
        self._weight = _rarity([grams for _, grams in texts])
        self._topics = [topic for topic, _ in texts]
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (_, grams) in enumerate(texts):
            for gram, share in self._vector(grams).items():
                self._postings[gram].append((number, share))

    def find(self, question: str) -> Finding:
        """Return what `question` is about."""
        ranked = self.rank(question)
        best = ranked[0] if ranked else Candidate(OUTSIDE, 0.0)
        inside = [candidate for candidate in ranked if candidate.topic != OUTSIDE]
        offered = tuple(c for c in inside if c.score >= OFFERED)[:3]
        if best.topic == OUTSIDE:
            return Finding(None, offered if best.score - _top(inside) < LEAD else ())
        ahead = best.score - (ranked[1].score if len(ranked) > 1 else 0.0)
        sure = best.score >= SURE and ahead >= LEAD
        return Finding(best.topic if sure else None, offered)

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


def _top(candidates: list[Candidate]) -> float:
    return candidates[0].score if candidates else 0.0


def _voice(scores: list[float]) -> float:
    best = sorted(scores, reverse=True)[:NEAREST]
    return 0.8 * best[0] + 0.2 * sum(best) / NEAREST


def _grams(text: str) -> Counter[str]:
    grams: Counter[str] = Counter()
    for word in fold(text).split():
        padded = f" {word} "
        for size in SIZES:
            grams.update(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return grams


def _rarity(texts: list[Counter[str]]) -> dict[str, float]:
    seen = Counter(gram for grams in texts for gram in grams)
    return {gram: math.log((1 + len(texts)) / (1 + count)) + 1 for gram, count in seen.items()}
