"""Answers that cannot be read are refused, naming the place and what to write instead."""

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from rules.eligibility import Answers, BadAnswers
from rules.eligibility.codes import known_codes
from rules.loader import load

the_facts = cache(load)

# What is answered besides the action, the place that is refused, and a word that must be told.
REFUSED: list[tuple[str, str, str]] = [
    ('{"sectors": "VET"}', "sectors", "sector?"),
    ('{"colour": 1}', "colour", "unknown key"),
    ('{"coordinator": {"county": "LV"}}', "coordinator.county", "country?"),
    (
        '{"partners": [{"country": "LV"}, {"applications": 1}]}',
        "partners.1.applications",
        "unknown",
    ),
    ('{"action": "KA201"}', "action", "KA220"),
    ('{"sector": "vet"}', "sector", "VET"),
    ('{"coordinator": {"kind": "ngo"}}', "coordinator.kind", "organisation"),
    ('{"coordinator": {"country": "lv"}}', "coordinator.country", "LV"),
    ('{"coordinator": {"country": "EL"}}', "coordinator.country", "GR"),
    ('{"partners": [{"country": "UK"}]}', "partners.0.country", "GB"),
    ('{"partners": [{"country": "IC"}]}', "partners.0.country", "ES"),
    ('{"partners": [{"country": "QQ"}]}', "partners.0.country", "ISO 3166-1"),
    ('{"partners": [{"country": "ZZ"}]}', "partners.0.country", "ISO 3166-1"),
    ('{"partners": [{"country": "EU"}]}', "partners.0.country", "ISO 3166-1"),
    ('{"partners": [{"country": "LVA"}]}', "partners.0.country", "ISO 3166-1"),
    ('{"partners": [{"country": ""}]}', "partners.0.country", "ISO 3166-1"),
    ('{"partners": [{"country": 371}]}', "partners.0.country", "text"),
    ('{"associated_partners": [{"country": "Ukraine"}]}', "associated_partners.0.country", "ISO"),
    ('{"venues": ["LV", "Riga"]}', "venues.1", "ISO 3166-1"),
    ('{"partners": {"country": "LV"}}', "partners", "list"),
    ('{"partners": "EE"}', "partners", "list"),
    ('{"partners": [null]}', "partners.0", "object"),
    ('{"coordinator": "LV"}', "coordinator", "object"),
    ('{"months": "24"}', "months", "whole number"),
    ('{"months": 24.5}', "months", "whole number"),
    ('{"months": true}', "months", "whole number"),
    ('{"months": -1}', "months", "0"),
    ('{"lump_sum": "250 000"}', "lump_sum", "whole number"),
    ('{"tasks": {"teaching_learning": 2}}', "tasks.teaching_learning", "teaching_and_learning?"),
    ('{"management_share": 20}', "management_share", "0.2"),
    ('{"management_share": -0.1}', "management_share", "0.2"),
    ('{"management_share": "20 %"}', "management_share", "number"),
    ('{"management_share": NaN}', "management_share", "number"),
    ('{"same_consortium_elsewhere": "no"}', "same_consortium_elsewhere", "true or false"),
    ('{"coordinator": {"eche": 1}}', "coordinator.eche", "true or false"),
    ('{"start": "1.10.2026"}', "start", "2026-03-05"),
    ('{"start": "2026-02-30"}', "start", "no such day"),
    ('{"start": "2026-10"}', "start", "2026-03-05"),
    ('{"start": "2026-10-01T00:00:00Z"}', "start", "2026-03-05"),
    ('{"start": 20261001}', "start", "2026-03-05"),
    ('{"coordinator": {"established": 2020}}', "coordinator.established", "2026-03-05"),
    ('{"as_of": "2026-03-05T12:00:00"}', "as_of", "offset"),
    ('{"as_of": "2026-03-05T25:00:00Z"}', "as_of", "instant"),
    ('{"as_of": "yesterday"}', "as_of", "instant"),
    ('{"as_of": 1772704800}', "as_of", "2026-03-05"),
    ('{"as_of": "0001-01-01"}', "as_of", "2000"),
    ('{"as_of": "9999-12-31T23:59:59-11:00"}', "as_of", "2100"),
]

MOMENTS = [
    ("2026-03-05", datetime(2026, 3, 4, 23, tzinfo=UTC)),
    ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ("2026-03-05T12:00:00+01:00", datetime(2026, 3, 5, 11, tzinfo=UTC)),
    ("2026-03-05T11:00:00Z", datetime(2026, 3, 5, 11, tzinfo=UTC)),
    (date(2026, 3, 5), datetime(2026, 3, 4, 23, tzinfo=UTC)),
    (datetime(2026, 3, 5, 11, tzinfo=UTC), datetime(2026, 3, 5, 11, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "place", "told"), REFUSED)
def test_a_bad_answer_is_refused_at_its_place_with_a_hint(text: str, place: str, told: str) -> None:
    with pytest.raises(BadAnswers) as refused:
        Answers.read({"action": "KA220"} | json.loads(text))
    assert len(refused.value.problems) == 1
    where, _, problem = str(refused.value).partition(": ")
    assert where == place
    assert told in problem


@pytest.mark.parametrize(("data", "place"), [([], "answers"), ("KA220", "answers"), ({}, "action")])
def test_answers_without_an_action_are_refused(data: object, place: str) -> None:
    with pytest.raises(BadAnswers, match=f"^{place}: "):
        Answers.read(data)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(BadAnswers) as refused:
        Answers.read({"action": "KA220", "months": -1, "venues": ["UK"], "vanue": []})
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(("given", "instant"), MOMENTS)
def test_a_day_begins_in_brussels_and_an_instant_is_itself(given: object, instant: Any) -> None:
    assert Answers.read({"action": "KA210", "as_of": given}).as_of == instant


def test_a_missing_key_and_null_are_both_not_answered() -> None:
    keys = [name for name in Answers.model_fields if name != "action"]
    assert Answers.read({"action": "KA210"} | dict.fromkeys(keys)) == Answers(action="KA210")


def test_every_country_and_territory_of_the_call_may_be_answered() -> None:
    listed = the_facts().call(2026).countries
    named = {member for group in listed.groups for member in group.members}
    overseas = {code for entry in listed.overseas for code in entry.states}
    assert named | overseas <= known_codes()
