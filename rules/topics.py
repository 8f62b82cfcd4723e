"""What people ask about: topic ids and their titles."""

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
