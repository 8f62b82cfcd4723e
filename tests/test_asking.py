"""What the finder is taught: fresh, told once, and from every guide."""

from collections import defaultdict

import pytest

from rules.asking import finder, phrasings, sentences
from rules.folding import fold
from rules.topics import Several
from rules.understanding.learning import digest
from rules.understanding.written import read
from tests.talk import the_facts


def test_what_was_learned_is_from_these_phrasings() -> None:
    told = "phrases, titles or notions have changed: run `make learn`"
    assert read().digest == digest(phrasings(the_facts())), told


def test_no_phrasing_belongs_to_two_topics() -> None:
    topics = defaultdict(set)
    for topic, many in phrasings(the_facts()).items():
        for text in many:
            topics[fold(text)].add(topic)
    assert {text: found for text, found in topics.items() if len(found) > 1} == {}


@pytest.mark.parametrize("one", the_facts().several, ids=lambda one: one.said[0])
def test_bare_words_that_may_mean_several_topics_are_offered(one: Several) -> None:
    find = finder(the_facts()).find
    for said in one.said:
        finding = find(f"{said.upper()}!")
        assert finding.topic is None
        assert tuple(each.topic for each in finding.candidates) == one.topics


def test_no_phrasing_is_empty_once_folded() -> None:
    assert [
        text for many in phrasings(the_facts()).values() for text in many if not fold(text)
    ] == []


def test_every_guide_is_read_without_its_addresses() -> None:
    told = sentences(the_facts())
    assert set(told) == {topic for topic, _ in the_facts().guides}
    assert [text for many in told.values() for text in many if "https:" in text] == []
