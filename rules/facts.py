"""Facts: a value with its source, its validity and the day it was checked.

A fact is never overwritten. A changed value is one more entry under the same key with its own
validity, so that the past stays computable; two entries may not hold on the same day.
"""

from datetime import date
from itertools import pairwise
from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, model_validator

T = TypeVar("T")

Confidence = Literal["programme-guide", "agency", "other", "derived"]


class Frozen(BaseModel):
    """Base of every data model: immutable, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(Frozen, Generic[T]):
    """One value in force from `valid_from` to `valid_to`, both days included.

    `unknown` is a legal value: the fact was looked for in `source` and is not established.
    """

    value: T | None = None
    unknown: bool = False
    source: str
    confidence: Confidence = "programme-guide"
    valid_from: date
    valid_to: date | None = None
    checked_on: date

    @model_validator(mode="after")
    def _says_something_once(self) -> Self:
        if (self.value is None) is not self.unknown:
            raise ValueError("give either a value or unknown = true")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether the fact is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Dated(RootModel[tuple[Fact[T], ...]], Generic[T]):
    """The values of one key over time, oldest first, never two on one day."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _never_two_on_one_day(self) -> Self:
        ordered = sorted(self.root, key=lambda fact: fact.valid_from)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
                raise ValueError(f"overlapping validity: two values hold on {later.valid_from}")
        return self

    def on(self, day: date) -> Fact[T] | None:
        """Return the fact in force on `day`, or None: then it is not confirmed for that day."""
        return next((fact for fact in self.root if fact.holds_on(day)), None)


def with_defaults(table: dict[str, Any]) -> dict[str, Any]:
    """Return a data file's table with `valid_from` and `checked_on` of the file put into each fact.

    The file says them once at its top; a fact that differs says its own.
    """
    shared = {key: table[key] for key in ("valid_from", "checked_on") if key in table}
    return {
        key: [{**shared, **entry} for entry in value] if _is_dated(value) else value
        for key, value in table.items()
        if key not in shared
    }


def _is_dated(value: object) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)
    )
