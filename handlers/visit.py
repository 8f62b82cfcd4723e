"""What a handler is given: the turn, the person's notebook, the words, and the desk."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.cases import Cases
from handlers.editors import Editors
from handlers.ledger import Ledger
from handlers.notebook import Notebook
from handlers.turn import Reply, Turn
from handlers.words import Words
from rules.agencies import Agency
from rules.loader import Facts
from rules.understanding import Finder


@dataclass(frozen=True)
class Desk:
    """What all visits share: the facts, the finder of topics, and how Noon is set up here.

    `public_url` is for texts; `rehearsed` says that the clock is not the real one; `controller` is
    who runs this Noon and answers for its data, with a contact; `telegram` is the bot's name there,
    None where it is not known.
    """

    facts: Facts
    finder: Finder
    agency: Agency
    language: str
    public_url: str
    rehearsed: bool = False
    controller: str | None = None
    telegram: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone that local times are told in: the agency's."""
        return ZoneInfo(self.agency.zone)


@dataclass(frozen=True)
class Visit:
    """One turn being answered; `ledger` and `cases` are None where nothing personal is done.

    `editors` takes notes for those who write the guides; None where nothing is kept at all.
    """

    turn: Turn
    notes: Notebook
    words: Words
    desk: Desk
    ledger: Ledger | None = None
    cases: Cases | None = None
    editors: Editors | None = None

    @property
    def now(self) -> datetime:
        """The moment of the turn, aware."""
        return self.turn.now

    def say(self, key: str, /, **values: object) -> str:
        """Return a message in the person's language."""
        return self.words.say(key, **values)


Handler = Callable[[Visit, str], Awaitable[list[Reply]]]
"""Answers a visit; the text is what followed the command or the choice's prefix."""


@dataclass(frozen=True)
class Capability:
    """Something a person can ask for.

    `name` is the prefix of its choices' ids; `commands` what it answers to after a slash;
    `choose` takes a pressed choice, `answer` free text while its questionnaire is open; `reads`
    says whether such a text is an answer at all, or may be a question that breaks in.
    """

    name: str
    choose: Handler
    commands: Mapping[str, Handler] = field(default_factory=dict)
    answer: Handler | None = None
    reads: Callable[[Visit, str], bool] = lambda visit, text: True
