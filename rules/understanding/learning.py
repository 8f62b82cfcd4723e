"""Learns from the phrasings: what goes in, and the model that comes out.

What people say counts in full; what the guides say is read along with a small weight, for the words
that no phrasing has. Takes two minutes; done when phrasings change (`python -m
rules.understanding`), never at a start. Order and chance come from a fixed seed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from rules.folding import fold
from rules.topics import OUTSIDE
from rules.understanding.features import Looked, checksum, look, weighed
from rules.understanding.model import Model, Said
from rules.understanding.notions import WRITTEN
from rules.understanding.spelling import Spelling
from rules.understanding.training import Examples, taught

READ = 0.1
"""How much a sentence of a guide counts beside a phrasing."""

FEWEST = 9
"""A feature that fewer texts have teaches nothing that holds elsewhere."""

MANY = 1_000
"""With fewer texts than this every feature counts."""

Texts = Mapping[str, Iterable[str]]


def learn(phrasings: Texts, sentences: Texts | None = None) -> Model:
    """Return what `phrasings` by topic teach, with the guides' `sentences` read along."""
    said = {topic: sorted({fold(text) for text in phrasings[topic]}) for topic in sorted(phrasings)}
    read = {topic: [fold(text) for text in (sentences or {}).get(topic, ())] for topic in said}
    spelling = Spelling.of(text for many in (*said.values(), *read.values()) for text in many)
    looked = {
        topic: [look(spelling.corrected(text)) for text in (*said[topic], *read[topic])]
        for topic in said
    }
    return Model(
        topics=tuple(said),
        readers=taught(_examples(looked, said)),
        said=_said(said),
        spelling=spelling,
        stems=_stems(looked),
        digest=digest(phrasings),
    )


def digest(phrasings: Texts) -> str:
    """Return a short name for exactly these phrasings, looked at as questions are looked at now.

    Notions count too, and the features of one phrasing per topic: what was learned holds only for
    the features it was learned with.
    """
    said = sorted({(topic, fold(text)) for topic, many in phrasings.items() for text in many})
    first = dict(reversed(said))
    samples = {topic: look(text.split()).views for topic, text in first.items()}
    notions = WRITTEN.read_text(encoding="utf-8")
    told = [*map("\t".join, said), str(samples), notions]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _said(said: Mapping[str, list[str]]) -> Said:
    numbers = {checksum(text): place for place, many in enumerate(said.values()) for text in many}
    return Said(
        np.array(sorted(numbers), np.uint32),
        np.array([numbers[one] for one in sorted(numbers)], np.uint8),
    )


def _stems(looked: Mapping[str, list[Looked]]) -> frozenset[str]:
    ours = [many for topic, many in looked.items() if topic != OUTSIDE]
    return frozenset(word for many in ours for one in many for word in one.words)


def _examples(looked: Mapping[str, list[Looked]], said: Mapping[str, list[str]]) -> Examples:
    weights = [weighed(one) for many in looked.values() for one in many]
    found = Counter(feature for one in weights for feature in one)
    fewest = FEWEST if len(weights) > MANY else 1
    features = np.array(sorted(one for one, many in found.items() if many >= fewest), np.uint32)
    place = {feature: number for number, feature in enumerate(features.tolist())}
    kept = [{place[one]: weight for one, weight in row.items() if one in place} for row in weights]
    counts = [
        1.0 if number < len(said[topic]) else READ
        for topic, many in looked.items()
        for number in range(len(many))
    ]
    return Examples(
        features=features,
        starts=np.cumsum([0, *map(len, kept)]),
        places=np.array([one for row in kept for one in row], np.int32),
        weights=np.array([weight for row in kept for weight in row.values()], np.float32),
        right=np.repeat(np.arange(len(looked)), [len(many) for many in looked.values()]),
        counts=np.array(counts, np.float32),
        topics=len(looked),
    )
