"""The file of what was learned (`phrases/learned.bin`), read in milliseconds.

A line of JSON tells the topics, the digest and how long each part is; then come the parts,
compressed together: the features and the phrasings by checksum, the words, the networks' weights.
"""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from rules.understanding.model import Model, Readers, Said
from rules.understanding.spelling import Spelling

PLACE = Path(__file__).parent.parent / "phrases" / "learned.bin"

_NUMBERS = {
    "features": "<u4",
    "inner": "i1",
    "outer": "<f2",
    "checksums": "<u4",
    "topics": "u1",
}
_TEXTS = ("words", "stems")


def write(model: Model, path: Path = PLACE) -> None:
    """Write `model` to `path`."""
    arrays = {**vars(model.readers), **vars(model.said)}
    parts = {name: arrays[name].astype(kind).tobytes() for name, kind in _NUMBERS.items()}
    parts["words"] = " ".join(model.spelling.words).encode()
    parts["stems"] = " ".join(sorted(model.stems)).encode()
    head = {
        "topics": model.topics,
        "digest": model.digest,
        "scale": model.readers.scale,
        "outer": model.readers.outer.shape,
        "bytes": {name: len(part) for name, part in parts.items()},
    }
    body = zlib.compress(b"".join(parts.values()), 9)
    path.write_bytes(json.dumps(head).encode() + b"\n" + body)


def read(path: Path = PLACE) -> Model:
    """Return the model in `path`; OSError when there is none."""
    first, _, body = path.read_bytes().partition(b"\n")
    head = json.loads(first)
    parts = _parted(zlib.decompress(body), head["bytes"])
    arrays = {name: np.frombuffer(parts[name], kind) for name, kind in _NUMBERS.items()}
    words, stems = (parts[name].decode().split() for name in _TEXTS)
    return Model(
        topics=tuple(head["topics"]),
        readers=_readers(arrays, head),
        said=Said(arrays["checksums"], arrays["topics"]),
        spelling=Spelling(words),
        stems=frozenset(stems),
        digest=head["digest"],
    )


def _parted(body: bytes, lengths: dict[str, int]) -> dict[str, bytes]:
    parts, start = {}, 0
    for name, length in lengths.items():
        parts[name] = body[start : start + length]
        start += length
    return parts


def _readers(arrays: dict[str, Any], head: dict[str, Any]) -> Readers:
    features = arrays["features"]
    outer = arrays["outer"].astype(np.float32).reshape(head["outer"])
    return Readers(features, arrays["inner"].reshape(len(features), -1), head["scale"], outer)
