"""What is taken out of a text before it is kept for editors, and what stays."""

import pytest

from handlers.masking import LONGEST, mask

MASKED = [
    ("Mani sauc Anna Bērziņa un netieku iekšā", "Mani sauc [name] un netieku iekšā"),
    ("mani sauc anna berzina, ko darit", "mani sauc [name], ko darit"),
    ("my name is John O'Neil and I need help", "my name is [name] and I need help"),
    ("Esmu Anna Liepiņa no Cēsīm", "Esmu [name] no Cēsīm"),
    ("rakstiet anna.berzina@skola.lv", "rakstiet [e-mail]"),
    ("rakstiet anna (at) skola.lv", "rakstiet [e-mail]"),
    ("tel. +371 29 123 456", "tel. [number]"),
    ("personas kods 010190-12345", "personas kods [number]"),
    ("mūsu OID ir E10123456", "mūsu OID ir [OID]"),
    ("mūsu OID ir e 1012 3456", "mūsu OID ir [OID]"),
    ("KA220-SCH-1A2B3C4D neatveras", "[Form ID] neatveras"),
    ("ka220-sch-1a2b3c4d neatveras", "[Form ID] neatveras"),
    ("projekts 2023-1-LV01-KA220-SCH-000123456", "projekts [project]"),
    ("https://webgate.ec.europa.eu/app?token=a1b2 nav", "[webgate.ec.europa.eu/…] nav"),
    ("https://example.org/anna", "[link]"),
    ("skola.lv/anna?x=1", "[link]"),
    ("konts LV80BANK0000435195001", "konts [number]"),
    ("atslēga eyJhbGciOiJIUzI1NiIsInR5cCI6", "atslēga [code]"),
]
PLAIN = [
    *("Esmu skolotāja, ar ko sākt?", "termiņš 05.03.2026 plkst. 12:00 ir nepareizs"),
    *("60 000 vai 250 000 EUR, 20 %", "KA220-SCH un KA210", "2026-10-01 ir sākums"),
    *("EU Login prasa otro faktoru", "I am a teacher at a school", "Vai drīkst ES logo?"),
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_what_says_who_somebody_is_does_not_stay(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(mask(text)) == masked


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_question_needs_stays(text: str) -> None:
    assert mask(text) == text


def test_an_official_page_may_be_named_without_its_query() -> None:
    assert mask("www.agency.example/lv/jauns", {"agency.example"}) == "[agency.example/lv/jauns]"
    assert mask("www.agency.example/lv?u=1", {"agency.example"}) == "[agency.example/…]"


def test_a_long_text_is_cut_after_it_is_masked() -> None:
    masked = mask("a " * (LONGEST // 2 - 5) + "anna@skola.lv")
    assert len(masked) <= LONGEST
    assert "anna" not in masked
