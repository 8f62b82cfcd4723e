"""A conversation without a face: what a person does goes straight to the router."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from handlers.notebook import Notebook
from handlers.router import respond
from handlers.turn import Attachment, Reply, Turn
from handlers.visit import Desk, Visit
from handlers.words import words
from rules.asking import finder
from rules.deadlines import ChangeLine, Deadline, DeadlineLine, assemble
from rules.loader import Facts, load

WINTER = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
"""A month before KA220 closes."""


@cache
def the_facts() -> Facts:
    """Return the facts as they are."""
    return load()


@cache
def the_desk() -> Desk:
    """Return what all visits share, set up as by default."""
    facts = the_facts()
    agency = facts.agencies.agencies["LV01"]
    return Desk(facts, finder(facts), agency, "lv", "https://noon.example")


def with_deadlines(lines: list[DeadlineLine], changes: list[ChangeLine] | None = None) -> Desk:
    """Return a desk whose newest call has these deadlines."""
    facts = the_facts()
    call = facts.newest
    made = type(call)(
        call.year, call.actions, call.countries, assemble(call.year, lines, changes or [])
    )
    return replace(the_desk(), facts=replace(facts, calls={**facts.calls, call.year: made}))


def deadline(identifier: str) -> Deadline:
    """Return a deadline of the newest call."""
    return the_facts().newest.deadlines[identifier]


def visit(now: datetime = WINTER, language: str = "en", desk: Desk | None = None) -> Visit:
    """Return a visit at `now`, of somebody of whom nothing is known."""
    return Visit(Turn("test", now), Notebook(), words(language), desk or the_desk())


@dataclass
class Talk:
    """One person's conversation; `language` is what the face knows of theirs."""

    language: str | None = "en"
    now: datetime = WINTER
    desk: Desk = field(default_factory=the_desk)
    notes: Notebook = field(default_factory=Notebook)

    async def say(self, text: str, *files: Attachment) -> list[Reply]:
        """Return the replies to a typed text."""
        return await self._turn(Turn("test", self.now, text, None, self.language, files))

    async def press(self, choice: str) -> list[Reply]:
        """Return the replies to a pressed choice."""
        return await self._turn(Turn("test", self.now, "", choice, self.language))

    async def _turn(self, turn: Turn) -> list[Reply]:
        # What was noted travels through the store between turns, so it must survive being copied.
        self.notes = self.notes.copied()
        return await respond(turn, self.notes, self.desk)
