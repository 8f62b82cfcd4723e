"""`noon check` names each mistake that is planted in guides, phrasings, topics and messages."""

from pathlib import Path

import pytest

from tests.test_checks import Cases, assert_named

LV, EN = "rules/guides/lv/oid-what.md", "rules/guides/en/oid-what.md"
LV_WORDS, EN_WORDS = "messages/lv/deadlines.po", "messages/en/deadlines.po"
PHRASES, SEVERAL = "rules/phrases/en", "rules/phrases/several.toml"
CLOSED = 'msgid "deadlines.closed-today"'

PLANTED: Cases = {
    "a guide in one language alone": ((EN, None, ""), ("guides/en/oid-what.md", "translation")),
    "a step fewer in one language": ((EN, "8. ", None), ("guides/en/oid-what.md: steps",)),
    "a step that rests on nothing": (
        (LV, " {pg-2026:414}", ""),
        ("lv/oid-what.md", "references"),
    ),
    "a step that rests on something else": (
        (EN, "{pg-2026:414}", "{pg-2026:415}"),
        ("guides/en/oid-what.md: before 2", "sources"),
    ),
    "a guide on a page outside its document": (
        (LV, "{pg-2026:414}", "{pg-2026:9999}"),
        ("guides/lv/oid-what.md", "pg-2026:9999"),
    ),
    "a guide that leads to no topic": (
        (LV, 'next = ["oid-find"', 'next = ["oid-lost"'),
        ("guides/lv/oid-what.md", "oid-lost"),
    ),
    "a guide that sends people to nobody": (
        (LV, 'contact = "agency"', 'contact = "nobody"'),
        ("guides/lv/oid-what.md: contact", "nobody"),
    ),
    "a guide under another name": (
        (LV, 'topic = "oid-what"', 'topic = "oid-find"'),
        ("lv/oid-what.md: topic", "oid-find"),
    ),
    "a guide with an unknown section": (
        (LV, "## Before", "## First"),
        ("lv/oid-what.md: First",),
    ),
    "a block that nothing fills in": (
        (LV, "## Steps\n", "## Steps\n1. {{weather}}\n"),
        ("guides/lv/oid-what.md", "{{weather}}"),
    ),
    "phrasings of an unknown topic": (
        (f"{PHRASES}/oid-lost.txt", "", "Where is it?\n"),
        ("phrases/en/oid-lost.txt",),
    ),
    "a topic nobody can ask for": ((f"{PHRASES}/visibility.txt", None, ""), ("en/visibility.txt",)),
    "bare words for a topic that is none": (
        (SEVERAL, '"budget-2026", "bm-budget"', '"budget-2026", "bm-budgets"'),
        ("several.toml: how much", "bm-budgets"),
    ),
    "bare words that are one topic's own": (
        (SEVERAL, '"how much money"', '"Find OID?"'),
        ("several.toml: Find OID?", "oid-find.txt"),
    ),
    "bare words that stand there twice": (
        (SEVERAL, '"how much money"', '"withdraw"'),
        ("several.toml: withdraw", "twice"),
    ),
    "bare words for one topic alone": (
        (SEVERAL, '"lump-sums", "budget-2026", "bm-budget"', '"lump-sums"'),
        ("several.toml", "topics"),
    ),
    "a topic with a contact nobody is": (
        ("rules/topics.toml", 'asks = "eu-login-support"', 'asks = "somebody"'),
        ("topics.toml: eulogin-create: asks", "somebody"),
    ),
    "a message in one language alone": (
        (EN_WORDS, CLOSED, 'msgid "deadlines.closed-now"'),
        ("messages/en/deadlines.po: deadlines.closed-today", "missing"),
    ),
    "a file of messages in one language alone": (
        (LV_WORDS, None, ""),
        ("messages/lv/deadlines.po", "missing"),
    ),
    "an empty message": (
        (EN_WORDS, f"{CLOSED}\n", f'{CLOSED}\nmsgstr ""\n# '),
        ("messages/en/deadlines.po: deadlines.closed-today", "empty"),
    ),
    "a message marked as unsure": (
        (EN_WORDS, CLOSED, f"#, fuzzy\n{CLOSED}"),
        ("messages/en/deadlines.po: deadlines.closed-today", "unsure"),
    ),
    "another placeholder in one language": (
        (EN_WORDS, "{n}", "{days}"),
        ("messages/en/deadlines.po: deadlines.open-days", "placeholders"),
    ),
    "a plural form fewer": (
        (LV_WORDS, "msgstr[2] ", None),
        ("messages/lv/deadlines.po: deadlines.open-days", "empty"),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_mistake_is_named_by_file_and_key(what: str, tmp_path: Path) -> None:
    assert_named(tmp_path, *PLANTED[what])
