"""What was learned from the phrasings, and what it makes of a question.

Several small networks, the readers, see the same features and were taught apart; their shares are
averaged, so that a topic is certain only where they agree. Each has one inner layer, in which words
that are asked about the same things come to lie together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.understanding.features import Looked, checksum, weighed
from rules.understanding.spelling import Spelling

Floats = NDArray[np.float32]

STEEPNESS = 4.0
"""What the sums of the inner layer are multiplied with before they are bent."""


@dataclass(frozen=True, eq=False)
class Said:
    """The phrasings themselves: sorted checksums, and the number of each one's topic."""

    checksums: NDArray[np.uint32]
    topics: NDArray[np.uint8]

    def topic(self, folded: str) -> int | None:
        """Return the number of the topic whose phrasing `folded` is, or None."""
        wanted = checksum(folded)
        place = int(np.searchsorted(self.checksums, np.uint32(wanted)))
        found = place < len(self.checksums) and int(self.checksums[place]) == wanted
        return int(self.topics[place]) if found else None


@dataclass(frozen=True, eq=False)
class Readers:
    """The networks: `features` are sorted checksums, one row of `inner` each.

    `inner` holds small whole numbers of `scale` each, the readers side by side; `outer` is
    readers x width x topics.
    """

    features: NDArray[np.uint32]
    inner: NDArray[np.int8]
    scale: float
    outer: Floats

    def shares(self, looked: Looked) -> Floats:
        """Return each topic's share of likelihood, the readers' mean."""
        weights = weighed(looked)
        asked = np.fromiter(weights, np.uint32, len(weights))
        places = np.searchsorted(self.features, asked)
        places[places == len(self.features)] = 0
        known = self.features[places] == asked
        heavy = np.fromiter(weights.values(), np.float32, len(weights))[known] * self.scale
        sums = heavy @ self.inner[places[known]].astype(np.float32)
        bent = np.tanh(sums * STEEPNESS).reshape(len(self.outer), 1, -1)
        shares: Floats = softmax(np.matmul(bent, self.outer))[:, 0].mean(axis=0)
        return shares


@dataclass(frozen=True, eq=False)
class Model:
    """All that was learned: `topics` by number, and the words; `digest` names what it is from.

    `stems` are those of the topics' own phrasings, without the outside's.
    """

    topics: tuple[str, ...]
    readers: Readers
    said: Said
    spelling: Spelling
    stems: frozenset[str]
    digest: str

    def word_for_word(self, folded: str) -> str | None:
        """Return the topic of the phrasing that a folded question is, or None."""
        number = self.said.topic(folded)
        return None if number is None else self.topics[number]

    def familiar(self, looked: Looked) -> float:
        """Return which part of the telling words stood in some topic's phrasings, 0 to 1."""
        known = sum(word in self.stems for word in looked.words)
        return known / len(looked.words) if looked.words else 0.0


def softmax(scores: Floats) -> Floats:
    """Return scores along the last axis as shares of one."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares
