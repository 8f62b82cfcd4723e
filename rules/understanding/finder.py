"""The finder of topics: sure, unsure with up to three offers, or outside.

The wrong topic told with confidence is the worst outcome, so being sure takes a high share, a lead
over the next topic, and a question whose words are mostly known. The bounds were set on phrasings
held out of learning (docs/decisions/understanding.md has the figures).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rules.folding import fold
from rules.topics import OUTSIDE
from rules.understanding.features import Looked, look
from rules.understanding.model import Model

SURE = 0.98
"""The share of the best topic below which nothing is answered as certain."""

AGREED = 0.8
"""The same for a question that is one of the phrasings word for word."""

LEAD = 0.5
"""How far the best topic must be ahead of the next one and of the outside to be certain."""

KNOWN = 0.67
"""The part of a question's words that must be known for a certain answer."""

FOREIGN = 0.4
"""Where fewer of the words than this are known, nothing is offered either."""

OFFERED = 0.06
"""Below this share the best topic is not even offered."""

OUT = 0.9
"""From this share on the outside is certain, whatever topic comes next."""

OFFERS = 3
REMEMBERED = 2_000
"""Findings kept: before a deadline many ask the same."""


@dataclass(frozen=True)
class Candidate:
    """A topic that a question may mean; `score` is its share of likelihood, from 0 to 1."""

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
    """Finds the topic of a question from what was learned; only `topics` are ever named.

    `several` are folded texts that are never certain, with the topics that they may mean.
    """

    def __init__(
        self,
        model: Model,
        topics: Collection[str],
        several: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._model = model
        self._topics = frozenset(topics)
        self._several = several or {}
        self._lately: dict[str, Finding] = {}

    def find(self, question: str) -> Finding:
        """Return what `question` is about; what was asked lately is remembered."""
        folded = fold(question)
        if folded not in self._lately:
            if len(self._lately) >= REMEMBERED:
                self._lately.clear()
            self._lately[folded] = self._find(folded)
        return self._lately[folded]

    def rank(self, question: str) -> list[Candidate]:
        """Return all topics, the outside too, likeliest first."""
        return self._ranked(self._look(fold(question)))

    def _look(self, folded: str) -> Looked:
        return look(self._model.spelling.corrected(folded))

    def _ranked(self, looked: Looked) -> list[Candidate]:
        pairs = zip(self._model.topics, self._model.readers.shares(looked).tolist(), strict=True)
        ranked = [Candidate(topic, share) for topic, share in pairs if topic in self._topics]
        return sorted(ranked, key=lambda candidate: (-candidate.score, candidate.topic))

    def _find(self, question: str) -> Finding:
        meant = [topic for topic in self._several.get(question, ()) if topic in self._topics]
        if meant:
            return Finding(None, tuple(Candidate(topic, 1 / len(meant)) for topic in meant))
        looked = self._look(question)
        ranked = self._ranked(looked)
        inside = [candidate for candidate in ranked if candidate.topic != OUTSIDE]
        outside = sum(one.score for one in ranked if one.topic == OUTSIDE)
        first = ranked[0]
        if first.score >= AGREED and self._model.word_for_word(question) == first.topic:
            return _certain(first.topic)
        familiar = self._model.familiar(looked)
        if looked.elsewhere or outside >= OUT or inside[0].score < OFFERED or familiar < FOREIGN:
            return Finding(None, ())
        sure = familiar >= KNOWN and _is_sure(inside, outside)
        return Finding(inside[0].topic if sure else None, tuple(inside[:OFFERS]))


def _certain(topic: str) -> Finding:
    if topic == OUTSIDE:
        return Finding(None, ())
    return Finding(topic, (Candidate(topic, 1.0),))


def _is_sure(inside: list[Candidate], outside: float) -> bool:
    best, second = inside[0].score, inside[1].score
    return best >= SURE and best - max(second, outside) >= LEAD
