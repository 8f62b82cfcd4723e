"""What was learned from the phrasings: one table of small numbers, read in milliseconds.

The file (`phrases/learned.bin`) is a line of JSON, then, compressed: which features were seen, as
bits; the phrasings as five bytes each (a checksum and the topic); the table, a row per bucket with
a signed byte per topic.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rules.folding import fold
from rules.understanding.features import BUCKETS, Looked, bucket, weighed

SEEN = 1 << 20
"""Bits that remember which features were seen at all."""

_SAID = struct.Struct("<IB")

WRITTEN = Path(__file__).parent.parent / "phrases" / "learned.bin"


@dataclass(frozen=True)
class Model:
    """Weights of features by topic; `scale` is what one step of a weight is worth.

    `bias` is what a topic has before anything is asked; `said` the topics of the phrasings by their
    checksum; `digest` names the phrasings it is from.
    """

    topics: tuple[str, ...]
    scale: float
    bias: tuple[float, ...]
    table: bytes
    seen: bytes
    said: dict[int, str]
    digest: str

    def scores(self, looked: Looked) -> list[float]:
        """Return a score for each of `topics`; features never seen say nothing."""
        width = len(self.topics)
        sums = [0.0] * width
        signed = memoryview(self.table).cast("b")
        for feature, weight in weighed(looked):
            number = bucket(feature)
            if not self._was_seen(number):
                continue
            start = number % BUCKETS * width
            row = signed[start : start + width]
            sums = [total + weight * step for total, step in zip(sums, row, strict=True)]
        return [total * self.scale + bias for total, bias in zip(sums, self.bias, strict=True)]

    def word_for_word(self, question: str) -> str | None:
        """Return the topic of the phrasing that `question` is, or None."""
        return self.said.get(bucket(fold(question)))

    def knows(self, word: str) -> bool:
        """Whether a stem stood in some topic's phrasings, outside `none`."""
        return self._was_seen(bucket(f"known {word}"))

    def _was_seen(self, number: int) -> bool:
        place = number % SEEN
        return bool(self.seen[place >> 3] & 1 << (place & 7))


def digest(phrasings: Mapping[str, Iterable[str]]) -> str:
    """Return a short name for exactly these phrasings."""
    lines = sorted({f"{topic}\t{fold(text)}" for topic, many in phrasings.items() for text in many})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def write(model: Model, path: Path = WRITTEN) -> None:
    """Write `model` to `path`."""
    head = {
        "topics": model.topics,
        "scale": model.scale,
        "bias": [round(value, 4) for value in model.bias],
        "said": len(model.said),
        "digest": model.digest,
    }
    number = {topic: place for place, topic in enumerate(model.topics)}
    said = b"".join(_SAID.pack(key, number[topic]) for key, topic in sorted(model.said.items()))
    body = zlib.compress(model.seen + said + model.table, 9)
    path.write_bytes(json.dumps(head).encode() + b"\n" + body)


def read(path: Path = WRITTEN) -> Model:
    """Return the model in `path`; OSError when there is none."""
    head, _, body = path.read_bytes().partition(b"\n")
    told = json.loads(head)
    topics, bits = tuple(told["topics"]), zlib.decompress(body)
    begin, end = SEEN >> 3, (SEEN >> 3) + told["said"] * _SAID.size
    said = {key: topics[place] for key, place in _SAID.iter_unpack(bits[begin:end])}
    bias = tuple(told["bias"])
    return Model(topics, told["scale"], bias, bits[end:], bits[:begin], said, told["digest"])
