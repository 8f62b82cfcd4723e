"""Words without their endings, for Latvian and English, and words that only carry a question."""

from functools import lru_cache

KEPT = 4
"""So many letters of a word are never cut off."""

_LATVIAN = (
    "am ai as ajam ajai ajas ajos ajiem a ais e ei es em ejiem im is iem s u us um os o ot at i ies"
    " iet ieties sies simies ties ities ita iju usi usies usas usos uso ina inat it t ts ta to tas"
    " tie tiem tos st sti ju ja jat"
)
_ENGLISH = "ing ings ed es er s ers ly ion ions ment ments"
ENDINGS = tuple(sorted({*_LATVIAN.split(), *_ENGLISH.split()}, key=lambda one: (-len(one), one)))
"""Folded endings of nouns, adjectives, participles and verbs, the longest first."""

_ASKING = (
    "ka kas ko kam kur kad kads kada kadi kadu vai un ar uz no par pie pec pa ja ir man mums mus es"
    " mes tu jus to tas ta tad nav bet lai jau vel vairs te tur savu musu mans mana mani ludzu"
    " labdien sveiki sveicinati paldies pasakiet sakiet pastastiet gribetu"
)
_ASKING_ENGLISH = (
    "how what where when which who why do does did is are am be can may must should we i you my our"
    " us me the a an of to in on for and or at with it if that this there not no please hello hi"
    " dear thanks thank tell could would"
)
FILLERS = frozenset({*_ASKING.split(), *_ASKING_ENGLISH.split()})
"""Words that say nothing about the topic: their letters are not looked at."""


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return `word` without the longest known ending; short words and codes stay whole."""
    if len(word) <= KEPT or not word.isalpha():
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= KEPT:
            return word[: -len(ending)]
    return word
