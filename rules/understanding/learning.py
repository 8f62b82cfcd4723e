"""Learns from the phrasings: multinomial logistic regression by stochastic gradient steps.

What people say counts in full; what the guides say is read along with a small weight, for the words
that no phrasing has. Deterministic: the order and the features left out come from checksums.
Takes a minute; done when phrasings change (`python -m rules.understanding`), never at a start.
"""

import math
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.folding import fold
from rules.topics import OUTSIDE
from rules.understanding.features import BUCKETS, bucket, look, weighed
from rules.understanding.model import SEEN, Model, digest

EPOCHS = 6
RATE = 6.0
"""The first step's length; steps shorten to nothing in the last epoch."""

READ = 0.1
"""How much a sentence of a guide counts beside a phrasing."""

LEFT_OUT = 0.15
"""This share of features is left out of each step, so that none is relied on alone."""

FAINT = 0.004
"""A smaller error of a topic is not worth a step."""

Texts = Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class Example:
    """A text to learn from: the right topic's number, its features, and how much it counts."""

    right: int
    features: tuple[tuple[int, float], ...]
    counts: float


def learn(phrasings: Texts, sentences: Texts | None = None) -> Model:
    """Return what `phrasings` by topic teach, with the guides' `sentences` read along."""
    said = {topic: sorted({fold(text) for text in many}) for topic, many in phrasings.items()}
    topics = tuple(sorted(said))
    seen = bytearray(SEEN >> 3)
    examples = [*_examples(topics, said, 1.0, seen)]
    examples += _examples(topics, sentences or {}, READ, seen)
    rows, bias = _fitted(examples, len(topics))
    largest = max(abs(value) for row in rows for value in row)
    scale = largest / 127 or 1.0
    table = array("b", (round(value / scale) for row in rows for value in row)).tobytes()
    known = {bucket(text): topic for topic in topics for text in said[topic]}
    return Model(topics, scale, tuple(bias), table, bytes(seen), known, digest(phrasings))


def _examples(
    topics: tuple[str, ...], texts: Texts, counts: float, seen: bytearray
) -> Iterator[Example]:
    for number, topic in enumerate(topics):
        for text in texts.get(topic, ()):
            looked = look(text)
            features = [(bucket(feature), weight) for feature, weight in weighed(looked)]
            known = () if topic == OUTSIDE else looked.words
            for place in (*(f for f, _ in features), *(bucket(f"known {word}") for word in known)):
                seen[place % SEEN >> 3] |= 1 << (place % SEEN & 7)
            kept = tuple((place % BUCKETS, weight) for place, weight in features)
            yield Example(number, kept, counts)


def _fitted(examples: list[Example], width: int) -> tuple[list[list[float]], list[float]]:
    rows = [[0.0] * width for _ in range(BUCKETS)]
    bias = [0.0] * width
    steps, step = EPOCHS * len(examples), 0
    for epoch in range(EPOCHS):
        for number in sorted(range(len(examples)), key=lambda one: _mixed(one, epoch)):
            example = examples[number]
            rate = RATE * example.counts * (1 - step / steps)
            step += 1
            kept = [one for one in example.features if _mixed(one[0], step) >= LEFT_OUT]
            _step(rows, bias, example.right, kept, rate)
    return rows, bias


def _mixed(one: int, other: int) -> float:
    """Return a number from 0 to 1 that looks like chance and is the same every time."""
    return zlib.crc32(b"%d %d" % (one, other)) / 0xFFFFFFFF


def _step(
    rows: list[list[float]],
    bias: list[float],
    right: int,
    features: list[tuple[int, float]],
    rate: float,
) -> None:
    sums = list(bias)
    for place, weight in features:
        sums = [total + weight * value for total, value in zip(sums, rows[place], strict=True)]
    errors = shares(sums)
    errors[right] -= 1.0
    told = [(number, rate * error) for number, error in enumerate(errors) if abs(error) > FAINT]
    for place, weight in features:
        row = rows[place]
        for number, error in told:
            row[number] -= weight * error
    for number, error in told:
        bias[number] -= 0.01 * error


def shares(scores: list[float]) -> list[float]:
    """Return scores as shares of one (softmax)."""
    highest = max(scores)
    raised = [math.exp(score - highest) for score in scores]
    total = sum(raised)
    return [value / total for value in raised]
