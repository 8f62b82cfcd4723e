"""Laws that every assessment keeps, whatever is answered."""

import copy
from collections.abc import Iterator
from functools import cache
from itertools import product
from string import Formatter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.words import LANGUAGES, words
from rules.eligibility import TABLE, Answers, Assessment, assess
from rules.loader import load

the_facts = cache(load)

Path = tuple[str | int, ...]
Given = dict[str, Any]

RANK = {"not_eligible": 0, "unclear": 1, "eligible": 2}
KINDS = (
    *("organisation", "higher_education_institution", "school", "school_authority"),
    *("school_coordination_body", "informal_group", "natural_person", "school_stakeholder"),
)
COUNTRIES = ["LV", "EE", "NO", "DK", "GL", "FR", "RE", "BE", "UA", "GE", "BY", "RU", "CH", "US"]
STARTS = ["2026-08-31", "2026-09-01", "2026-10-01", "2027-02-01", "2027-07-01", "2027-09-01"]
MOMENTS = ["2026-02-01", "2026-03-05T11:59:59+01:00", "2026-05-01", "2026-12-01"]

countries = st.sampled_from(COUNTRIES)
few = st.integers(0, 12)
participants = st.fixed_dictionaries(
    {},
    optional={
        "country": countries,
        "kind": st.sampled_from(KINDS),
        "eche": st.booleans(),
        "applications_total": few,
    },
)
coordinators = st.builds(
    lambda participant, rest: participant | rest,
    participants,
    st.fixed_dictionaries(
        {},
        optional={
            "established": st.sampled_from(
                ["1990-01-01", "2024-03-05", "2024-07-01", "2026-01-01"]
            ),
            "applications_as_coordinator": few,
        },
    ),
)
answers = st.fixed_dictionaries(
    {"action": st.sampled_from(["KA210", "KA220", "KA240"])},
    optional={
        "sector": st.sampled_from(["SCH", "VET", "HED", "ADU", "YOU", "SPO"]),
        "as_of": st.sampled_from(MOMENTS),
        "coordinator": coordinators,
        "partners": st.lists(participants, max_size=7),
        "associated_partners": st.lists(
            st.fixed_dictionaries({}, optional={"country": countries}), max_size=2
        ),
        "months": st.integers(5, 37),
        "start": st.sampled_from(STARTS),
        "lump_sum": st.sampled_from([30000, 60000, 250000, 400000, 1]),
        "horizontal_priorities": st.integers(0, 2),
        "sector_priorities": st.integers(0, 2),
        "tasks": st.fixed_dictionaries(
            {},
            optional={
                "teaching_and_learning": st.integers(0, 3),
                "capacity_and_internationalisation": st.integers(0, 3),
            },
        ),
        "management_share": st.sampled_from([0, 0.2, 0.21]),
        "work_packages": st.integers(1, 13),
        "venues": st.lists(countries, max_size=3),
        "venue_eu_seat_justified": st.booleans(),
        "same_consortium_elsewhere": st.booleans(),
    },
)

ORGANISATION = {"kind": "organisation", "applications_total": 1}
SCHOOLS = [{"kind": "school"}, {"kind": "school"}, {"kind": "school_authority"}]
COMMON: Given = {
    "as_of": "2026-02-01",
    "start": "2026-10-01",
    "venues": ["LV"],
    "same_consortium_elsewhere": False,
}
ELIGIBLE: dict[str, Given] = {
    "KA210": COMMON
    | {
        "action": "KA210",
        "sector": "VET",
        "coordinator": {"country": "LV", "applications_as_coordinator": 1} | ORGANISATION,
        "partners": [{"country": "EE"} | ORGANISATION],
        "months": 12,
        "lump_sum": 60000,
        "horizontal_priorities": 1,
    },
    "KA220": COMMON
    | {
        "action": "KA220",
        "sector": "VET",
        "coordinator": {"country": "LV", "established": "2020-01-01"} | ORGANISATION,
        "partners": [{"country": "EE"} | ORGANISATION, {"country": "NO"} | ORGANISATION],
        "associated_partners": [],
        "months": 24,
        "lump_sum": 250000,
        "sector_priorities": 1,
        "management_share": 0.2,
    },
    "KA240": COMMON
    | {
        "action": "KA240",
        "sector": "SCH",
        "coordinator": {
            "country": "LV",
            "kind": "school_authority",
            "applications_as_coordinator": 1,
        },
        "partners": [{"country": "LV"} | school for school in SCHOOLS[:2]]
        + [{"country": "EE"} | school for school in SCHOOLS],
        "months": 36,
        "lump_sum": 400000,
        "tasks": {"teaching_and_learning": 2, "capacity_and_internationalisation": 1},
        "management_share": 0.2,
        "work_packages": 12,
    },
}


def assessed(data: Given) -> Assessment:
    """The assessment of plain answers by the facts of call 2026."""
    return assess(Answers.read(data), the_facts().call(2026))


def met(data: Given) -> dict[str, bool | None]:
    """Each criterion of the assessment, and whether it is met."""
    return {criterion.id: criterion.met for criterion in assessed(data).criteria}


def answered(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every key that is answered, `action` excepted."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "action":
                yield (*path, key)
                yield from answered(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from answered(inner, (*path, index))


def without(data: Given, path: Path) -> Given:
    """The answers with one key left unanswered."""
    left = copy.deepcopy(data)
    inner: Any = left
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return left


@given(answers, st.randoms())
def test_the_order_of_partners_never_matters(data: Given, chance: Any) -> None:
    shuffled = copy.deepcopy(data)
    chance.shuffle(shuffled.get("partners", []))
    assert assessed(shuffled) == assessed(data)


@given(answers)
def test_the_verdict_is_eligible_only_when_every_rule_is_met(data: Given) -> None:
    result = assessed(data)
    rules = [criterion.met for criterion in result.criteria if criterion.kind == "rule"]
    assert (result.verdict == "eligible") == all(rule is True for rule in rules)
    assert (result.verdict == "not_eligible") == (False in rules)


@given(answers, st.data())
def test_an_answer_more_never_overturns_what_was_decided(data: Given, draw: Any) -> None:
    """One exception by decision: an unknown kind counts as an organisation until it is answered."""
    paths = list(answered(data))
    assume(paths)
    path = draw.draw(st.sampled_from(paths))
    exempt = {"min-organisations", "min-countries"} if path[-1] == "kind" else set()
    fewer, more = met(without(data, path)), met(data)
    decided = {i: value for i, value in fewer.items() if value is not None and i not in exempt}
    assert {i: more[i] for i in decided} == decided


@pytest.mark.parametrize("action", ELIGIBLE)
def test_leaving_out_any_answer_of_an_eligible_application_makes_it_unclear(action: str) -> None:
    data = ELIGIBLE[action]
    assert assessed(data).verdict == "eligible"
    verdicts = {path: assessed(without(data, path)).verdict for path in answered(data)}
    assert set(verdicts.values()) == {"unclear"}, verdicts


@given(answers, st.sampled_from(["LT", "IS", "DE", "GL"]))
def test_one_more_sound_partner_never_makes_it_worse(data: Given, country: str) -> None:
    assume("partners" in data)
    kind = "school" if data["action"] == "KA240" else "organisation"
    partner = {"country": country, "kind": kind, "applications_total": 1}
    more = data | {"partners": [*data["partners"], partner]}
    worth = {False: 0, None: 1, True: 2}
    before, after = met(data), met(more)
    assert all(worth[after[criterion]] >= worth[before[criterion]] for criterion in before)
    assert RANK[assessed(more).verdict] >= RANK[assessed(data).verdict]


@given(answers)
def test_a_territory_counts_as_the_state_it_belongs_to(data: Given) -> None:
    def at_home(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: at_home(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [at_home(inner) for inner in value]
        return {"GL": "DK", "RE": "FR"}.get(value, value) if isinstance(value, str) else value

    assert met(at_home(data)) == met(data)


@given(answers)
def test_advice_never_changes_the_verdict(data: Given) -> None:
    with_advice = assessed(data)
    rules = {c.id for c in with_advice.criteria if c.kind == "rule"}
    if data["action"] == "KA220":
        assert "work-packages" not in rules
        assert assessed(data | {"work_packages": 40}).verdict == with_advice.verdict
    else:
        assert "associated-partners" not in rules
        assert assessed(data | {"associated_partners": [{}]}).verdict == with_advice.verdict


@given(answers)
def test_before_the_guide_was_published_no_rule_but_the_deadline_is_decided(data: Given) -> None:
    result = assessed(data | {"as_of": "2025-11-11"})
    decided = {criterion.id for criterion in result.criteria if criterion.met is not None}
    assert decided <= {"deadline"}
    assert result.verdict == "unclear"


@given(answers)
def test_every_reason_has_words_in_both_languages_and_a_source_to_look_up(data: Given) -> None:
    for criterion in assessed(data).criteria:
        assert the_facts().library.cite(criterion.source)
        for language in LANGUAGES:
            spoken = words(language)
            assert spoken.has(f"eligibility.criterion.{criterion.id}")
            for form in spoken.messages[criterion.reason.key]:
                named = {name for _, name, _, _ in Formatter().parse(form) if name}
                assert named <= criterion.reason.values.keys(), criterion.reason.key


@given(answers)
def test_criteria_are_listed_in_the_order_of_the_table_and_once_each(data: Given) -> None:
    listed = [criterion.id for criterion in assessed(data).criteria]
    order = list(dict.fromkeys(line.id for line in TABLE))
    assert listed == [identifier for identifier in order if identifier in listed]


PLACES = ("LV", "EE", "FI", "UA")
ROLES = ("school_authority", "school", "organisation")


def completions(participant: Given) -> list[Given]:
    """All ways to answer a participant's country and kind, as far as they could matter."""
    where = [participant["country"]] if "country" in participant else PLACES
    what = [participant["kind"]] if "kind" in participant else ROLES
    return [{"country": country, "kind": kind} for country in where for kind in what]


def complete(consortium: tuple[Given, ...]) -> bool:
    """Whether fully answered participants, the coordinator first, make up a KA240 partnership."""
    taking_part = [one for one in consortium if one["country"] != "UA"]

    def brings(country: str) -> bool:
        roles = [one["kind"] for one in taking_part if one["country"] == country]
        return roles.count("school_authority") >= 1 and roles.count("school") >= 2

    home = consortium[0]["country"]
    return brings(home) and any(brings(other) for other in PLACES if other != home)


consortia = st.lists(
    st.fixed_dictionaries(
        {
            "country": st.sampled_from(PLACES[:2] * 4 + PLACES),
            "kind": st.sampled_from(ROLES[:2] * 4),
        }
    ),
    min_size=6,
    max_size=8,
)
gaps = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["country", "kind"])), max_size=3)


@given(consortia, gaps)
def test_the_composition_is_decided_exactly_when_every_way_to_answer_agrees(
    consortium: list[Given], unanswered: list[tuple[int, str]]
) -> None:
    for index, key in unanswered:
        consortium[index].pop(key, None)
    data = {"action": "KA240", "coordinator": consortium[0], "partners": consortium[1:]}
    outcomes = {complete(ways) for ways in product(*map(completions, consortium))}
    assert met(data)["composition"] == (outcomes.pop() if len(outcomes) == 1 else None)


def partner(country: str, kind: str) -> Given:
    """One partner in place of all others."""
    return {"partners": [{"country": country, "kind": kind, "applications_total": 1}]}


MANY: Given = {"coordinator": {"applications_total": 11}}
PER_ORGANISATION = "applications-per-organisation"
# Action, what differs from its eligible application, the criterion, and whether it is then met.
READ: dict[str, tuple[str, Given, str, bool | None]] = {
    "in time at 12:00:00 sharp": ("KA220", {"as_of": "2026-03-05T11:00:00Z"}, "deadline", True),
    "schools of unknown country may be abroad": (
        ("KA240", {"partners": ELIGIBLE["KA240"]["partners"][:2] + SCHOOLS}, "composition", None)
    ),
    "the field may be one that does not count": (
        ("KA220", MANY | {"sector": None}, PER_ORGANISATION, None)
    ),
    "higher education does not count": ("KA220", MANY | {"sector": "HED"}, PER_ORGANISATION, True),
    "all small-scale fields count": ("KA210", MANY | {"sector": None}, PER_ORGANISATION, False),
    "an associated partner may be in Switzerland": (
        ("KA220", {"venues": ["CH"], "associated_partners": None}, "venues", None)
    ),
    "a partner of unknown kind counts as an organisation": (
        ("KA210", {"partners": [{"country": "EE"}]}, "min-organisations", True)
    ),
    "a Georgian school authority is a public authority": (
        ("KA220", partner("GE", "school_authority"), "excluded-authorities", False)
    ),
    "a Georgian organisation may belong to the state": (
        ("KA220", partner("GE", "organisation"), "country-conditions", None)
    ),
    "what a Ukrainian partner adds is judged": (
        ("KA220", partner("UA", "organisation"), "third-country-value", None)
    ),
    "the chapter on small-scale partnerships is silent": (
        ("KA210", {"associated_partners": [{"country": "UA"}]}, "associated-partners", None)
    ),
}


@pytest.mark.parametrize("point", READ)
def test_points_that_need_reading_are_read_so(point: str) -> None:
    action, changes, criterion, expected = READ[point]
    outcomes = met(ELIGIBLE[action] | changes)
    assert criterion in outcomes
    assert outcomes[criterion] is expected


ONLY_WHEN_NAMED = {"excluded-authorities", "country-conditions", "third-country-value"}


@pytest.mark.parametrize("action", ELIGIBLE)
def test_advice_on_partners_nobody_named_is_not_given(action: str) -> None:
    assert not met(ELIGIBLE[action]).keys() & ONLY_WHEN_NAMED


def test_the_body_that_takes_another_field_is_named() -> None:
    for sector, body in (("YOU", "JSPA"), ("SPO", "EACEA")):
        result = assessed(ELIGIBLE["KA220"] | {"sector": sector})
        reason = next(c.reason for c in result.criteria if c.id == "sector")
        assert reason.values["body"] == body
