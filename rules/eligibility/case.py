"""One application seen against the facts of its call: what every criterion's function is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from rules.calls import ActionFacts, Call
from rules.deadlines import Deadline
from rules.eligibility.answers import Answers, Coordinator, Participant
from rules.eligibility.logic import Met
from rules.eligibility.moments import BRUSSELS
from rules.facts import Dated

T = TypeVar("T")

TAKING_PART = ("eu", "associated")
"""The groups whose organisations count in full: Member States and associated countries."""


@dataclass(frozen=True)
class Ground(Generic[T]):
    """The fact a criterion stands on; `confirmed` unless it is unknown or not in force."""

    value: T | None
    source: str
    confirmed: bool


@dataclass(frozen=True)
class Case:
    """The answers, the call they are for and the facts of their action."""

    answers: Answers
    call: Call
    facts: ActionFacts

    @property
    def day(self) -> date:
        """The day whose facts count: that of `as_of` in Brussels, else the call's first closing."""
        if self.answers.as_of is not None:
            return self.answers.as_of.astimezone(BRUSSELS).date()
        return next((closing.wall.date() for closing in self.rounds), date(self.call.year, 1, 1))

    def ground(self, dated: Dated[T]) -> Ground[T]:
        """Return the fact in force on the day, else the newest one, marked as not confirmed."""
        fact = dated.on(self.day)
        if fact is None:
            newest = max(dated.root, key=lambda entry: entry.valid_from)
            return Ground(newest.value, newest.source, confirmed=False)
        return Ground(fact.value, fact.source, confirmed=not fact.unknown)

    def value(self, dated: Dated[T] | None) -> T | None:
        """Return the value in force on the day, or None where there is none."""
        fact = dated.on(self.day) if dated is not None else None
        return fact.value if fact is not None else None

    @property
    def coordinator(self) -> Coordinator:
        """The coordinator; not answered, one of whom nothing is known."""
        return self.answers.coordinator or Coordinator()

    @property
    def partners(self) -> tuple[Participant, ...]:
        """The partners named so far."""
        return self.answers.partners or ()

    @property
    def participants(self) -> tuple[Participant, ...]:
        """The coordinator and the partners named so far."""
        return (self.coordinator, *self.partners)

    @property
    def complete(self) -> bool:
        """Whether all partners are named; a missing list may still hold any."""
        return self.answers.partners is not None

    def takes_part(self, country: str | None) -> Met:
        """Whether a country is a Member State or associated; None where it is not answered."""
        return self.within(country, TAKING_PART)

    def within(self, country: str | None, groups: Iterable[str]) -> Met:
        """Whether a country, or the state it belongs to, is in one of `groups`."""
        if country is None:
            return None
        group = self.call.countries.group_of(country)
        return group is not None and group in groups

    def state(self, country: str) -> str:
        """Return the state that a country or territory counts as."""
        return self.call.countries.state_of(country)

    @property
    def rounds(self) -> list[Deadline]:
        """The rounds of the action, confirmed or not, earliest first."""
        return self.call.rounds(self.answers.action)

    @property
    def candidates(self) -> list[Deadline]:
        """The rounds the application may belong to: those that take its start, else all."""
        start = self.answers.start
        taking = [closing for closing in self.rounds if start is not None and closing.takes(start)]
        return taking or self.rounds
