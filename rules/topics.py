"""What people ask about: topic ids, their titles, and example phrasings."""

from pydantic import RootModel

from rules.facts import Frozen

OUTSIDE = "none"


class Topic(Frozen):
    """One thing people ask about; `asks` is who helps where Noon cannot.

    `next` are the topics that follow on the way to a submitted application, the usual one first.
    """

    lv: str
    en: str
    asks: str
    next: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Return the topic's title in `language`."""
        return self.lv if language == "lv" else self.en


class Asked(Frozen):
    """Example phrasings of one topic in one language."""

    ask: tuple[str, ...]


class Phrases(RootModel[dict[str, Asked]]):
    """Example phrasings by topic; the topic `none` holds what is outside."""

    def of(self, topic: str) -> tuple[str, ...]:
        """Return the phrasings of `topic`, none if there are none yet."""
        return self.root[topic].ask if topic in self.root else ()
