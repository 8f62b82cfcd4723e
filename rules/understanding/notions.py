"""Notions of the field: words of either language that mean the same (`phrases/notions.toml`).

A notion is written as beginnings of words; a dot after one means the whole word; words joined by
`+` follow each other. The longest beginning wins.
"""

import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

from rules.folding import fold

WRITTEN = Path(__file__).parent.parent / "phrases" / "notions.toml"
ELSEWHERE = "elsewhere"
"""How the notions begin whose questions are outside, whatever else they say."""

_FIRST = 2

Parts = tuple[str, ...]
Table = dict[str, list[tuple[Parts, str]]]


def notions(words: list[str]) -> list[str]:
    """Return the notions in folded `words`, each once, in their order."""
    found: dict[str, None] = {}
    table = _table(WRITTEN)
    for place in range(len(words)):
        known = table.get(words[place][:_FIRST], ())
        fitting = [(parts, name) for parts, name in known if _fits(words[place:], parts)]
        single = [each for each in fitting if len(each[0]) == 1]
        if single:
            found[max(single, key=lambda each: len(each[0][0]))[1]] = None
        found |= {name: None for parts, name in fitting if len(parts) > 1}
    return list(found)


def _fits(words: list[str], parts: Parts) -> bool:
    if len(words) < len(parts):
        return False
    pairs = zip(words, parts, strict=False)
    return all(
        word == part[:-1] if part.endswith(".") else word.startswith(part) for word, part in pairs
    )


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
