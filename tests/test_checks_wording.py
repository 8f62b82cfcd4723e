"""`noon check` names texts that lead elsewhere, say nothing, or are in the other language."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.checks import translated
from rules import checks
from rules.guides import Guide, Item
from rules.loader import LANGUAGES, Facts
from tests.planting import as_loaded

TOPIC = "oid-what"
ELSEWHERE = {
    "[x](HTTPS://evil.example/)": "evil.example",
    "[x](mailto:a@evil.example)": "evil.example",
    "Write to a@evil.example.": "evil.example",
    "Open evil.example.com/login first.": "evil.example.com",
    "Open //evil.example first.": "evil.example",
    "Open WWW.Evil.Example now.": "evil.example",
    "Open webgate-ec-europa.eu now.": "webgate-ec-europa.eu",
    "[x](https://webgate.ec.europa.eu:443@evil.example/)": "evil.example",
}
FINE = (
    "Open webgate.ec.europa.eu/erasmus-esc/ or www.erasmusplus.lv.",
    "Write to someone@viaa.gov.lv or to noreply@nomail.ec.europa.eu.",
    "Attach declaration-skola.pdf, e.g. in two files, i.e. both.",
)


def planted(change: Callable[[Guide], Guide], *languages: str) -> Facts:
    """Return the facts with a guide changed in those languages."""
    facts = as_loaded()
    made = {(TOPIC, one): change(facts.guides[TOPIC, one]) for one in languages}
    return replace(facts, guides={**facts.guides, **made})


def noted(text: str) -> Callable[[Guide], Guide]:
    return lambda guide: replace(guide, notes=(*guide.notes, replace(guide.steps[0], text=text)))


def first_step(text: str) -> Callable[[Guide], Guide]:
    def change(guide: Guide) -> Guide:
        first: Item = replace(guide.steps[0], text=text)
        return replace(guide, steps=(first, *guide.steps[1:]))

    return change


@pytest.mark.parametrize("text", ELSEWHERE)
def test_a_place_that_is_not_official_is_named_however_it_is_written(text: str) -> None:
    answer = checks.problems(planted(noted(text), *LANGUAGES))
    for language in LANGUAGES:
        where = f"guides/{language}/{TOPIC}.md: notes"
        assert [one for one in answer if where in one and f" {ELSEWHERE[text]} " in one], answer


@pytest.mark.parametrize("text", FINE)
def test_an_official_place_and_the_name_of_a_file_are_fine(text: str) -> None:
    assert [one for one in checks.problems(planted(noted(text), "en")) if "host" in one] == []


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_step_is_named_in_both_languages(nothing: str) -> None:
    answer = checks.problems(planted(first_step(nothing), *LANGUAGES))
    expected = {f"guides/{language}/{TOPIC}.md: steps 1: is empty" for language in LANGUAGES}
    assert expected <= set(answer)


def test_latvian_steps_in_the_english_guide_are_named_one_by_one() -> None:
    latvian = as_loaded().guides[TOPIC, "lv"]
    answer = checks.problems(planted(lambda guide: replace(guide, steps=latvian.steps), "en"))
    numbers = range(1, len(latvian.steps) + 1)
    assert {f"guides/en/{TOPIC}.md: steps {n}: is in Latvian" for n in numbers} <= set(answer)


def test_english_in_the_latvian_guide_is_named() -> None:
    english = as_loaded().guides[TOPIC, "en"]
    answer = checks.problems(planted(lambda guide: english, "lv"))
    assert f"guides/lv/{TOPIC}.md: is not in Latvian" in answer


def test_it_is_counted_how_many_topics_have_guides_in_both_languages() -> None:
    around = sum(topic.programme for topic in as_loaded().topics.values())
    steps = len(as_loaded().topics) - around - 1
    assert translated() == f"{steps} of {steps}; about the programme {around} of {around}"
