"""What people ask about: topic ids, their titles, and bare words that may mean several."""

from typing import Annotated

from pydantic import Field

from rules.facts import Frozen

OUTSIDE = "none"


class Topic(Frozen):
    """One thing people ask about; `asks` is who helps where Noon cannot.

    `programme` is set where it is about the programme around the steps, not a step itself;
    `next` are the topics that follow on the way to a submitted application, the usual one first.
    """

    lv: str
    en: str
    asks: str
    programme: bool = False
    next: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Return the topic's title in `language`."""
        return self.lv if language == "lv" else self.en


class Several(Frozen):
    """Bare words, as `said`, that may mean any of `topics`: two or three, the likeliest first."""

    said: Annotated[tuple[str, ...], Field(min_length=1)]
    topics: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]
