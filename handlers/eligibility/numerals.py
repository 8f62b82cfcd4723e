"""Numbers in words, as far as people write them in answers."""

from handlers import phrases
from rules.folding import fold


def figure(word: str) -> int | None:
    """Return the whole number that one word or its digits say."""
    if word.isdecimal() and len(word) <= 3:
        return int(word)
    said = numbered("eligibility.numbers.heard").get(fold(word))
    return int(said) if said is not None else None


def numbered(key: str) -> dict[str, str]:
    """Return the number that ends each phrase of a message, by what leads it."""
    parted = (phrase.rpartition(" ") for phrase in phrases.every(key))
    return {said: number for said, _, number in parted}
