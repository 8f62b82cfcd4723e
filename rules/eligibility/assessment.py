"""What an assessment says: a verdict, and for each criterion whether it is met and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rules.eligibility.logic import Met

Verdict = Literal["eligible", "not_eligible", "unclear"]
CriterionKind = Literal["rule", "advice"]


@dataclass(frozen=True)
class Reason:
    """A message id and the plain values it speaks of; words are not made here."""

    key: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Criterion:
    """One criterion: `met` is None where the answers, or the facts, do not decide it."""

    id: str
    kind: CriterionKind
    met: Met
    reason: Reason
    source: str


@dataclass(frozen=True)
class Assessment:
    """The verdict over all criteria of one action in one call year."""

    verdict: Verdict
    criteria: tuple[Criterion, ...]
    call: int


@dataclass(frozen=True)
class Finding:
    """What a criterion's function found; `source` only where it is not the fact's own."""

    met: Met
    outcome: str
    values: Mapping[str, object] = field(default_factory=dict)
    source: str | None = None


def found(met: Met, **values: object) -> Finding:
    """Return a finding with the plain outcome of `met`: met, not-met or unanswered."""
    outcome = "unanswered" if met is None else "met" if met else "not-met"
    return Finding(met, outcome, values)


def verdict(criteria: Iterable[Criterion]) -> Verdict:
    """Return the verdict: any rule not met decides, then any rule undecided; advice never does."""
    rules = {criterion.met for criterion in criteria if criterion.kind == "rule"}
    if False in rules:
        return "not_eligible"
    return "unclear" if None in rules else "eligible"
