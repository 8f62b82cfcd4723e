"""`noon check` names every term that goes by another name, and old names that nothing corrects."""

from dataclasses import replace
from pathlib import Path

import pytest

from handlers.words import MESSAGES, catalog
from rules import checks
from rules.checks import terms
from rules.checks.standards import Glossary, Old, Term, standards
from rules.checks.terms import matches
from rules.loader import LANGUAGES, RULES, Facts
from tests.planting import HOUSE, as_loaded, assert_named_in_guide, with_guide
from tests.test_checks import Cases

LV = "rules/guides/lv/oid-what.md"
SEEN = {language: f"rules/guides/{language}/visibility.md" for language in LANGUAGES}
GLOSSARY = standards(RULES).glossary
FILES = sorted(MESSAGES.rglob("*.po"))

CORRECTIONS: Cases = {
    "a correction that is not marked": (
        (LV, "; rs-oid; corrects pic}", "; rs-oid}"),
        ("guides/lv/oid-what.md: steps 2", "PIC", "corrects pic"),
    ),
    "a correction marked in one language alone": (
        (LV, "; rs-oid; corrects pic}", "; rs-oid}"),
        ("guides/en/oid-what.md: steps 2", "corrections"),
    ),
    "a mark where nothing old is named": (
        (SEEN["lv"], "{cy-visibility}", "{cy-visibility; corrects pic}"),
        ("guides/lv/visibility.md: steps 8", "pic"),
    ),
    "a mark of something nobody knows": (
        (LV, "; rs-oid; corrects pic}", "; rs-oid; corrects pick}"),
        ("guides/lv/oid-what.md: steps 2", "pick", "glossary.toml"),
    ),
    "a summary with an old name": (
        (LV, 'corrects = ["pic"]\n', ""),
        ("guides/lv/oid-what.md: summary", "PIC"),
    ),
    "a head that corrects what it does not name": (
        (LV, 'corrects = ["pic"]', 'corrects = ["pic", "sms-code"]'),
        ("guides/lv/oid-what.md: corrects", "sms-code"),
    ),
    "a term in one language alone": (
        (SEEN["en"], "add the **disclaimer**", "add the **notice**"),
        ("guides/en/visibility.md: steps 3", "disclaimer", "one language"),
    ),
    "a step of our own that does not say so": (
        ("rules/guides/lv/prp-file-types.md", "4. Ieteikums: prezentāciju", "4. Prezentāciju"),
        ("guides/lv/prp-file-types.md: steps 4", "advice"),
    ),
}


@pytest.mark.parametrize("what", CORRECTIONS)
def test_a_planted_mistake_is_named_by_file_and_key(what: str) -> None:
    assert_named_in_guide(*CORRECTIONS[what])


def with_notes(language: str, forms: tuple[str, ...]) -> Facts:
    """Return the facts where a guide in `language` has one more note for each of `forms`."""
    notes = "".join(f"- {written(form)} {{noon:advice}}\n" for form in forms)
    text = (HOUSE / SEEN[language]).read_text(encoding="utf-8")
    return with_guide(SEEN[language], text + notes)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("old", GLOSSARY.old)
def test_every_old_name_is_refused_where_it_is_not_corrected(old: str, language: str) -> None:
    names = GLOSSARY.old[old].names
    alone = Glossary(advice=GLOSSARY.advice, term={}, old={old: GLOSSARY.old[old]})
    answer = terms.problems(with_notes(language, names), alone)
    told = [line for line in answer if line.endswith(f"corrects {old}")]
    assert len(told) == len(names), told
    assert all(line.startswith(f"guides/{language}/visibility.md: notes") for line in told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("term", [name for name, term in GLOSSARY.term.items() if term.avoid])
def test_every_term_is_refused_under_another_name(term: str, language: str) -> None:
    names = GLOSSARY.term[term].avoid
    alone = Glossary(advice=GLOSSARY.advice, term={term: GLOSSARY.term[term]}, old={})
    answer = terms.problems(with_notes(language, names), alone)
    told = [line.split(": ") for line in answer if "the glossary has" in line]
    assert {file for file, *_ in told} == {f"guides/{language}/visibility.md"}
    assert len({place for _, place, *_ in told}) == len(names)


def test_a_topic_by_its_old_name_is_refused() -> None:
    facts = as_loaded()
    old = facts.topics["bm-access"].model_copy(update={"en": "Mobility Tool+"})
    answer = checks.problems(replace(facts, topics=facts.topics | {"bm-access": old}))
    assert [line for line in answer if line.startswith("topics.toml: bm-access.en: ")]


def written(form: str) -> str:
    """Return a form of the glossary as somebody would write it."""
    return form.replace("*", "a")


@pytest.mark.parametrize(
    ("form", "text", "hits"),
    [
        ("galīg* ziņojum*", "Galīgā ziņojuma un galīgais  ziņojums", 2),
        ("galīg* ziņojum*", "galīgais projekta ziņojums", 0),
        ("PIC", "PIC, (PIC) un „PIC”", 3),
        ("PIC", "pic TOPIC PICS Picture", 0),
        ("Mobility Tool*", "mobility tool+ Mobility Tools", 2),
        ("ec.europa.eu/projects", "https://ec.europa.eu/projects/ ec.europa.eu/projects.", 2),
        ("ec.europa.eu/projects", "ec.europa.eu/projects/legal ec.europa.eu/projects-1x", 1),
    ],
)
def test_a_form_finds_its_endings_and_nothing_else(form: str, text: str, hits: int) -> None:
    assert len(matches((form,), text)) == hits


def test_no_old_name_is_a_term_and_no_term_is_avoided() -> None:
    ours: list[Term] = list(GLOSSARY.term.values())
    olds: list[Old] = list(GLOSSARY.old.values())
    refused = [form for term in ours for form in term.avoid] + [n for o in olds for n in o.names]
    for term in ours:
        for form in (*term.lv, *term.en):
            assert not matches(tuple(refused), written(form)), form


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_message_has_an_old_name_or_another_name_for_a_term(path: Path) -> None:
    refused = [form for term in GLOSSARY.term.values() for form in term.avoid]
    refused += [name for old in GLOSSARY.old.values() for name in old.names]
    for message in catalog(path):
        texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        listed = any(";" in text and "; " not in text for text in texts)
        told = [] if listed else [text for text in texts if matches(tuple(refused), text)]
        assert not told, message.id
