"""Teaches the readers: stochastic gradient steps over phrasings, in small groups.

Each reader has an inner layer of its own and forgets other parts of it at each step; some features
are left out of each step for all, so that none is relied on alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.understanding.model import STEEPNESS, Floats, Readers, softmax

READERS = 3
WIDTH = 64
EPOCHS = 15
TOGETHER = 64
"""Phrasings per step."""

LEFT_OUT = 0.4
"""This share of features, and of the inner layer, is left out of each step."""

INNER_RATE, OUTER_RATE = 0.006, 0.002
"""The first steps' length; steps shorten to nothing in the last epoch."""

FADING = 0.99
"""How slowly the remembered size of earlier steps fades (RMSprop)."""

BEGIN = 0.015
"""How far from nothing the inner layer begins."""

TINY = 1e-7

FINEST = 31
"""The weights of the inner layer are kept as whole numbers up to this; finer change nothing."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Texts to learn from, as rows one after the other.

    Row `n` has the features `places[starts[n]:starts[n + 1]]` with `weights` beside them; `right`
    is the number of its topic and `counts` how much it matters. `features` are the checksums by
    place.
    """

    starts: NDArray[np.int64]
    places: NDArray[np.int32]
    weights: Floats
    right: NDArray[np.int64]
    counts: Floats
    features: NDArray[np.uint32]
    topics: int

    def __len__(self) -> int:
        return len(self.right)


def taught(examples: Examples) -> Readers:
    """Return readers who have learned from `examples`."""
    training = Training(examples)
    training.run()
    scale = float(np.abs(training.inner).max()) / FINEST or 1.0
    small = np.round(training.inner / scale).astype(np.int8)
    return Readers(examples.features, small, scale, training.outer)


class Training:
    """The networks while they learn."""

    def __init__(self, examples: Examples, seed: int = 0) -> None:
        self._examples = examples
        self._chance = np.random.default_rng(seed)
        self.inner = self._small(len(examples.features), READERS * WIDTH) * np.float32(BEGIN)
        self.outer = self._small(READERS, WIDTH, examples.topics) * np.float32(0.1)
        self._inner_size = np.zeros((len(examples.features), 1), np.float32)
        self._outer_size = np.zeros_like(self.outer)

    def run(self) -> None:
        """Go through all examples `EPOCHS` times."""
        groups = -(-len(self._examples) // TOGETHER)
        for epoch in range(EPOCHS):
            order = self._chance.permutation(len(self._examples))
            for number in range(groups):
                done = (epoch * groups + number) / (EPOCHS * groups)
                self._step(order[number * TOGETHER : (number + 1) * TOGETHER], 1 - done)

    def _step(self, group: NDArray[np.int64], pace: float) -> None:
        columns, seen = self._seen(group)
        bent = np.tanh(seen @ self.inner[columns] * STEEPNESS)
        kept = self._kept(bent.shape)
        parted = (bent * kept).reshape(len(group), READERS, WIDTH).transpose(1, 0, 2)
        errors = softmax(np.matmul(parted, self.outer))
        errors[:, np.arange(len(group)), self._examples.right[group]] -= 1
        errors *= (self._examples.counts[group] / len(group))[:, None]
        back = np.matmul(errors, self.outer.transpose(0, 2, 1)).transpose(1, 0, 2)
        bending = back.reshape(len(group), -1) * kept * (1 - bent * bent) * STEEPNESS
        self._move_outer(np.matmul(parted.transpose(0, 2, 1), errors), pace * OUTER_RATE)
        self._move_inner(columns, seen.T @ bending, pace * INNER_RATE)

    def _move_outer(self, slope: Floats, rate: float) -> None:
        self._outer_size = FADING * self._outer_size + (1 - FADING) * slope**2
        self.outer -= rate * slope / (np.sqrt(self._outer_size) + TINY)

    def _move_inner(self, columns: NDArray[np.int32], slope: Floats, rate: float) -> None:
        size = FADING * self._inner_size[columns]
        size += (1 - FADING) * (slope**2).mean(axis=1, keepdims=True)
        self._inner_size[columns] = size
        self.inner[columns] -= rate * slope / (np.sqrt(size) + TINY)

    def _seen(self, group: NDArray[np.int64]) -> tuple[NDArray[np.int32], Floats]:
        """Return the features that this step looks at, and the group's weights of them."""
        texts = self._examples
        spans = [np.arange(texts.starts[one], texts.starts[one + 1]) for one in group]
        rows = np.repeat(np.arange(len(group)), [len(span) for span in spans])
        flat = np.concatenate(spans)
        stay = self._chance.random(len(flat), np.float32) >= LEFT_OUT
        columns, places = np.unique(texts.places[flat[stay]], return_inverse=True)
        seen = np.zeros((len(group), len(columns)), np.float32)
        seen[rows[stay], places] = texts.weights[flat[stay]]
        return columns, seen

    def _kept(self, shape: tuple[int, ...]) -> Floats:
        kept = self._chance.random(shape, np.float32) >= LEFT_OUT
        return (kept / (1 - LEFT_OUT)).astype(np.float32)

    def _small(self, *shape: int) -> Floats:
        return self._chance.standard_normal(shape, np.float32)
