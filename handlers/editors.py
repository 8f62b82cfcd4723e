"""What the people who write the guides learn from conversations: masked texts, and nobody's name.

`bot` brings it. Nothing that is handed over here says whose it is.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Unplaced(StrEnum):
    """Why a question was not answered."""

    OUTSIDE = "outside"
    """Nothing was near enough to be offered."""
    UNSURE = "unsure"
    """Topics were offered instead of an answer."""


@dataclass(frozen=True)
class Wrong:
    """Somebody says that a fact is wrong.

    `fact` is a topic, a part of it (`oid-register/step-3`), or what else answered (`deadlines`);
    `text` is masked, empty where only the button was pressed.
    """

    fact: str
    language: str
    call: int
    text: str = ""


class Editors(Protocol):
    """Takes notes for editors. It never fails: a note may not cost a person the answer."""

    def unplaced(self, text: str, language: str, why: Unplaced) -> None:
        """Count a question that could not be placed; `text` is masked already."""

    def wrong(self, report: Wrong) -> str:
        """Keep a report of a wrong fact; return by what it can be taken back."""

    def take_back(self, report: str) -> None:
        """Keep a report no longer."""
