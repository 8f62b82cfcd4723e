"""Notions of the field: words of either language that mean the same (`phrases/notions.toml`).

A notion is written as beginnings of words; a dot after one means the whole word; words joined by
`+` follow each other. The longest beginning wins.
"""

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path

from rules.folding import fold

WRITTEN = Path(__file__).parent.parent / "phrases" / "notions.toml"
ELSEWHERE = "elsewhere"
"""How the notions begin whose questions are outside, whatever else they say."""

_FIRST = 2

Parts = tuple[str, ...]
Table = dict[str, list[tuple[Parts, str]]]


def notions(words: Sequence[str]) -> list[str]:
    """Return the notions in folded `words`, each once, in their order."""
    found: dict[str, None] = {}
    for place, word in enumerate(words):
        alone, joined = _beginning(word, WRITTEN)
        if alone:
            found[alone] = None
        found |= {name: None for parts, name in joined if _follow(words[place:], parts)}
    return list(found)


def _follow(words: Sequence[str], parts: Parts) -> bool:
    return len(words) >= len(parts) and all(map(_fits, words, parts))


def _fits(word: str, part: str) -> bool:
    return word == part[:-1] if part.endswith(".") else word.startswith(part)


@lru_cache(maxsize=1 << 15)
def _beginning(word: str, path: Path) -> tuple[str, tuple[tuple[Parts, str], ...]]:
    """Return the notion of a word alone, if any, and the notions that may begin with it."""
    known = _table(path).get(word[:_FIRST], ())
    fitting = [(parts, name) for parts, name in known if _fits(word, parts[0])]
    alone = [(len(parts[0]), name) for parts, name in fitting if len(parts) == 1]
    joined = tuple(each for each in fitting if len(each[0]) > 1)
    return max(alone, key=itemgetter(0), default=(0, ""))[1], joined


@cache
def _table(path: Path) -> Table:
    table: Table = defaultdict(list)
    for name, written in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for entry in written.split():
            parts = tuple(_part(one) for one in entry.split("+") if one)
            table[parts[0][:_FIRST]].append((parts, name))
    return dict(table)


def _part(written: str) -> str:
    return fold(written) + ("." if written.endswith(".") else "")
