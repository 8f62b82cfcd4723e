"""How a line of the table of criteria comes to its criterion: fact, function, reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rules.calls import ActionFacts
from rules.eligibility.assessment import Criterion, CriterionKind, Finding, Reason
from rules.eligibility.case import Case
from rules.facts import Dated

T = TypeVar("T")

Sourced = tuple[Finding, str]
_NOT_CONFIRMED = "not-confirmed"


@dataclass(frozen=True)
class Line:
    """One line of the table; `judge` returns None where the criterion is not listed."""

    id: str
    kind: CriterionKind
    judge: Callable[[Case], Sourced | None]

    def criterion(self, case: Case) -> Criterion | None:
        """Return the criterion for `case`, or None where it does not apply."""
        judged = self.judge(case)
        if judged is None:
            return None
        finding, source = judged
        known = {name: value for name, value in finding.values.items() if value is not None}
        reason = Reason(_key(self.id, finding), {"action": case.facts.action, **known})
        return Criterion(self.id, self.kind, finding.met, reason, finding.source or source)


def by_fact(
    fact: Callable[[ActionFacts], Dated[T] | None], judge: Callable[[T, Case], Finding | None]
) -> Callable[[Case], Sourced | None]:
    """Return a judge that looks at the value of `fact`; no fact: the action has no such rule.

    While the fact is unknown or not in force, the criterion is undecided and says so.
    """

    def judged(case: Case) -> Sourced | None:
        dated = fact(case.facts)
        if dated is None:
            return None
        ground = case.ground(dated)
        unconfirmed = Finding(None, _NOT_CONFIRMED, {"day": case.day})
        finding = unconfirmed if ground.value is None else judge(ground.value, case)
        if finding is None:
            return None
        return (finding if ground.confirmed else unconfirmed), ground.source

    return judged


def by_answers(
    fact: Callable[[ActionFacts], Dated[T] | None], judge: Callable[[Case], Finding | None]
) -> Callable[[Case], Sourced | None]:
    """Return a judge for actions that have `fact`, of which it only needs the source."""

    def judged(case: Case) -> Sourced | None:
        dated = fact(case.facts)
        finding = judge(case) if dated is not None else None
        return None if dated is None or finding is None else (finding, case.ground(dated).source)

    return judged


def _key(identifier: str, finding: Finding) -> str:
    about = "any" if finding.outcome == _NOT_CONFIRMED else identifier
    return f"eligibility.{about}.{finding.outcome}"
