"""The eligibility answer agrees with tables a programme officer can review.

One table per action lies in `cases/eligibility/`. A case starts from the table's base answers, sets
and removes single answers by dotted path, and names the verdict and the criteria it is about.
"""

import copy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, Json, StrictBool

from rules.eligibility import Answers, assess
from rules.loader import load

TABLES = Path(__file__).parent / "cases" / "eligibility"
ACTIONS = ("KA210", "KA220", "KA240")
the_facts = cache(load)

Outcome = StrictBool | Literal["unknown"]
OUTCOMES: tuple[Outcome, ...] = (True, False, "unknown")

EVERYWHERE = (
    {"coordinator-country", "coordinator-kind", "participant-kinds", "partner-countries"}
    | {"min-organisations", "min-countries", "sector", "duration", "start-date", "lump-sum"}
    | {"venues", "deadline"}
)
APPLIES = {
    "KA210": EVERYWHERE
    | {"eche", "applications-per-organisation", "applications-as-coordinator"}
    | {"same-consortium", "priorities"},
    "KA220": EVERYWHERE
    | {"coordinator-age", "eche", "applications-per-organisation", "same-consortium"}
    | {"priorities", "management-share", "work-packages", "associated-partners"},
    "KA240": EVERYWHERE
    | {"composition", "applications-as-coordinator", "tasks", "management-share"}
    | {"work-packages"},
}
# Listed or not: the guide is silent or can be read either way, so no case is about them.
LEFT_OPEN: dict[str, dict[str, str]] = {
    "KA210": {"associated-partners": "pp. 244-246 neither allow nor exclude associated partners"},
    "KA220": {},
    "KA240": {
        "associated-partners": "p. 253 neither allows nor excludes associated partners",
        "same-consortium": "p. 253 is silent; p. 433 speaks of the application, not the consortium",
        "eche": "p. 253 admits no higher education institutions and asks for no charter",
    },
}
LEFT_OUT = {
    "KA210": {
        "coordinator-age",
        "composition",
        "tasks",
        "management-share",
        "work-packages",
    },
    "KA220": {"applications-as-coordinator", "composition", "tasks"},
    "KA240": {"coordinator-age", "applications-per-organisation", "priorities"},
}
NEVER_SHOWN: dict[tuple[str, str, Outcome], str] = {
    (
        "KA220",
        "sector",
        False,
    ): "p. 238: every field handled by some National Agency is open; "
    "whether youth is, depends on the agency one applies to",
}
ADVICE: dict[str, set[str]] = {"KA210": set(), "KA220": {"work-packages"}, "KA240": set()}


class Case(BaseModel):
    """One row of a table; an unknown key, a wrong type or broken JSON fails the load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    changes: Json[dict[str, Any]] = Field(default_factory=dict, alias="set")
    remove: tuple[str, ...] = ()
    verdict: Literal["eligible", "not_eligible", "unclear"]
    met: dict[str, Outcome] = Field(default_factory=dict)
    absent: tuple[str, ...] = ()
    why: str = Field(min_length=5)


class Table(BaseModel):
    """The answers every case of an action starts from, and its cases."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: dict[Literal["answers"], Json[dict[str, Any]]]
    case: tuple[Case, ...] = Field(min_length=1)


def read_table(action: str) -> Table:
    """The reviewed table of an action; raises `ValidationError` on anything unexpected."""
    file = TABLES / f"{action.lower()}.toml"
    return Table.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


CASES = {action: read_table(action) for action in ACTIONS}
EACH_CASE = [
    pytest.param(action, case, id=f"{action}: {case.name}")
    for action in ACTIONS
    for case in CASES[action].case
]


def descend(answers: Any, path: str) -> tuple[Any, str | int]:
    """Return the container a dotted path ends in and its last key; raise when it is not there."""
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in parents:
        answers = answers[step]
    if isinstance(answers, list) and not (isinstance(last, int) and last < len(answers)):
        raise LookupError(f"{path}: no such item")
    return answers, last


def answers_of(action: str, case: Case) -> dict[str, Any]:
    """The base answers with the case's changes; raises when a path leads nowhere."""
    answers = copy.deepcopy(CASES[action].base["answers"])
    for path, value in case.changes.items():
        container, key = descend(answers, path)
        container[key] = value
    for path in case.remove:
        container, key = descend(answers, path)
        assert isinstance(container, dict), f"{path}: only a key can be left unanswered"
        del container[key]
    return answers


def test_three_actions_have_a_table_and_no_other_file_lies_unread() -> None:
    assert {file.name for file in TABLES.iterdir()} == {f"{a.lower()}.toml" for a in ACTIONS}


@pytest.mark.parametrize("action", ACTIONS)
def test_case_names_are_unique_and_the_base_is_of_its_action(action: str) -> None:
    names = [case.name for case in CASES[action].case]
    assert len(names) == len(set(names))
    assert CASES[action].base["answers"]["action"] == action


@pytest.mark.parametrize(("action", "case"), EACH_CASE)
def test_a_case_names_only_criteria_of_its_action(action: str, case: Case) -> None:
    assert case.met or case.absent
    assert set(case.met) <= APPLIES[action]
    assert set(case.absent) <= LEFT_OUT[action]


@pytest.mark.parametrize(("action", "case"), EACH_CASE)
def test_the_answer_is_the_reviewed_one(action: str, case: Case) -> None:
    result = assess(Answers.model_validate(answers_of(action, case)), the_facts().call(2026))
    listed = {c.id: "unknown" if c.met is None else c.met for c in result.criteria}
    named = {criterion: listed.get(criterion, "not listed") for criterion in case.met}
    assert (named, result.verdict) == (case.met, case.verdict), case.why
    assert not listed.keys() & set(case.absent), case.why


@pytest.mark.parametrize(("action", "case"), EACH_CASE)
def test_each_criterion_of_the_action_is_listed_once_and_names_its_source(
    action: str, case: Case
) -> None:
    result = assess(Answers.model_validate(answers_of(action, case)), the_facts().call(2026))
    listed = [criterion.id for criterion in result.criteria]
    assert len(listed) == len(set(listed))
    assert set(listed) >= APPLIES[action]
    assert not set(listed) & LEFT_OUT[action]
    assert all(criterion.source for criterion in result.criteria)


@pytest.mark.parametrize(("action", "case"), EACH_CASE)
def test_only_advice_is_added_to_the_rules_of_the_action(action: str, case: Case) -> None:
    result = assess(Answers.model_validate(answers_of(action, case)), the_facts().call(2026))
    rules = {criterion.id for criterion in result.criteria if criterion.kind == "rule"}
    assert {criterion.kind for criterion in result.criteria} <= {"rule", "advice"}
    assert rules - LEFT_OPEN[action].keys() == APPLIES[action] - ADVICE[action]


@pytest.mark.parametrize(("action", "case"), EACH_CASE)
def test_the_verdict_follows_from_the_rules_and_never_from_advice(action: str, case: Case) -> None:
    result = assess(Answers.model_validate(answers_of(action, case)), the_facts().call(2026))
    rules = [c.met for c in result.criteria if c.kind == "rule"]
    expected = "not_eligible" if False in rules else "unclear" if None in rules else "eligible"
    assert result.verdict == expected


@pytest.mark.parametrize("action", ACTIONS)
def test_the_tables_show_every_criterion_met_not_met_and_not_answered(action: str) -> None:
    shown = {(action, *row) for case in CASES[action].case for row in case.met.items()}
    wanted = {(action, criterion, outcome) for criterion in APPLIES[action] for outcome in OUTCOMES}
    assert wanted - shown == {row for row in NEVER_SHOWN if row[0] == action}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_criterion_left_out_is_shown_to_be_absent(action: str) -> None:
    shown = {criterion for case in CASES[action].case for criterion in case.absent}
    assert shown == LEFT_OUT[action]
