"""Single typing errors: a word that nobody wrote is taken for one that people do write."""

from collections import Counter
from collections.abc import Iterable, Iterator
from string import ascii_lowercase

SHORTEST = 5
"""Shorter words are left as they are: too many others are one letter away."""

LONGEST = 24
"""Longer words are nobody's, and looking at all their slips would take a while."""

TWICE = 2
"""A word written once may itself be an error; so many times and it is a word."""


class Spelling:
    """The words people write, by how often; corrects a word that is one slip away from one."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words` come most frequent first: of two that are as near, the more frequent is meant."""
        self.words = tuple(words)
        self._place = {word: place for place, word in enumerate(self.words)}

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Spelling":
        """Return the spelling that folded `texts` teach."""
        counts = Counter(word for text in texts for word in text.split())
        often = [word for word, count in counts.items() if count >= TWICE]
        return cls(sorted(often, key=lambda word: (-counts[word], word)))

    def corrected(self, folded: str) -> list[str]:
        """Return the words of a folded text, each single slip put right."""
        return [self._meant(word) for word in folded.split()]

    def _meant(self, word: str) -> str:
        if word in self._place or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return word
        near = self._place.keys() & set(_slips(word))
        return min(near, key=self._place.__getitem__, default=word)


def _slips(word: str) -> Iterator[str]:
    """Yield what `word` may have been before a letter was added, lost, changed, or two swapped."""
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    for before, after in parts:
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in ascii_lowercase)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in ascii_lowercase)
