"""A guide's texts with their places, for checks that look at words."""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.guides import Guide, Item, Trouble
from rules.loader import Facts

SECTIONS = ("before", "steps", "trouble", "notes")
HEAD = ("title", "summary", "links")
"""The places of a guide's head: what it corrects, it corrects in one of them."""


@dataclass(frozen=True)
class Passage:
    """One text of a guide: its file, its place there ("steps 3"), the old things it corrects."""

    file: str
    place: str
    text: str
    corrects: tuple[str, ...] = ()

    @property
    def in_head(self) -> bool:
        """Whether this is of the guide's head, and so marked there."""
        return self.place.split(" ")[0] in HEAD

    def problem(self, what: str) -> str:
        """Return the line that tells `what` is wrong here."""
        return f"{self.file}: {self.place}: {what}"


def file_of(topic: str, language: str) -> str:
    """Return how a guide's file is named in what `noon check` says."""
    return f"guides/{language}/{topic}.md"


def passages(guide: Guide, language: str) -> Iterator[Passage]:
    """Yield every text of `guide`: title, summary, labels of links, and all items."""
    file, head = file_of(guide.head.topic, language), guide.head
    yield Passage(file, "title", head.title, head.corrects)
    yield Passage(file, "summary", head.summary, head.corrects)
    for number, link in enumerate(head.links, start=1):
        yield Passage(file, f"links {number}", f"{link.label} {link.url}", head.corrects)
    for section in SECTIONS:
        items: tuple[Item | Trouble, ...] = getattr(guide, section)
        for number, item in enumerate(items, start=1):
            yield Passage(file, f"{section} {number}", said(item), item.corrects)


def said(item: Item | Trouble) -> str:
    """Return all that an item says, in one text."""
    return item.text if isinstance(item, Item) else f"{item.sign} {item.fix}"


def everywhere(facts: Facts) -> Iterator[tuple[str, Passage]]:
    """Yield every passage of every guide with its language."""
    for (_, language), guide in facts.guides.items():
        for passage in passages(guide, language):
            yield language, passage
