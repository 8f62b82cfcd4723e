"""Two baselines for understanding: rapidfuzz over titles, and BM25 over the guides' text."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from bench.tally import Answer, Question
from rules.folding import fold
from rules.loader import Facts

K1, B = 1.5, 0.75
"""The usual values of BM25: how soon a word's count saturates, how much length matters."""


RAPIDFUZZ = "rapidfuzz over titles"


def titles_by_rapidfuzz(facts: Facts) -> dict[str, Callable[[Question], Answer]]:
    """Return, by its name, the baseline that compares a question with the titles in its language.

    Nothing but a line on the screen where rapidfuzz is not installed.
    """
    try:
        from rapidfuzz import fuzz, process
    except ImportError:
        print("no baseline of titles: rapidfuzz is not installed (make install)")
        return {}
    titles = {
        language: {name: fold(topic.title(language)) for name, topic in facts.topics.items()}
        for language in ("lv", "en")
    }

    def asked(question: Question) -> Answer:
        known = titles[question.language]
        found = process.extract(fold(question.text), known, scorer=fuzz.token_set_ratio, limit=3)
        return Answer([name for _, _, name in found], sure=True)

    return {RAPIDFUZZ: asked}


class Bm25:
    """Ranks topics by their guides' words (Okapi BM25), both languages as one text."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        self._counts = {
            topic: Counter(word for text in many for word in fold(text).split())
            for topic, many in texts.items()
        }
        self._lengths = {topic: counts.total() for topic, counts in self._counts.items()}
        self._mean = sum(self._lengths.values()) / len(self._lengths)
        self._users = Counter(word for counts in self._counts.values() for word in counts)

    def rank(self, question: str) -> list[str]:
        """Return the three likeliest topics."""
        words = fold(question).split()
        scores = {topic: sum(self._score(topic, word) for word in words) for topic in self._counts}
        return sorted(scores, key=lambda topic: (-scores[topic], topic))[:3]

    def _score(self, topic: str, word: str) -> float:
        count, users = self._counts[topic][word], self._users[word]
        rarity = math.log(1 + (len(self._counts) - users + 0.5) / (users + 0.5))
        long = 1 - B + B * self._lengths[topic] / self._mean
        return rarity * count * (K1 + 1) / (count + K1 * long)
