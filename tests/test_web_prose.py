"""How the markup of replies becomes blocks of a page."""

import pytest

from bot.faces.web.prose import blocks, unbroken
from handlers.moments import cited
from handlers.words import LANGUAGES, words
from tests.talk import the_facts

ENGLISH = words("en")


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("a\nb\n\nc", ["paragraph", "paragraph"]),
        ("**Title**\nsummary", ["title", "paragraph"]),
        ("text\n\n**Head**\n• a\n• b", ["paragraph", "heading", "list"]),
        ("text\n**Closed.**\nmore", ["paragraph"]),
        ("1. a\n2. b\n3. c", ["steps"]),
        ("1. a\n\ntext\n\n2. b", ["steps", "paragraph", "steps"]),
        ("2026. gada 5. marts\n5. marts", ["paragraph"]),
        ("→ [a](https://a.example)\nSource: b (checked on c)\nCall 2026.", ["links", "source"]),
        ("", []),
    ],
)
def test_replies_become_blocks(written: str, kinds: list[str]) -> None:
    assert [block.kind for block in blocks(written, ENGLISH)] == kinds


def test_steps_go_on_counting_after_something_between() -> None:
    assert [block.start for block in blocks("1. a\n2. b\n\ntext\n\n3. c", ENGLISH)] == [1, 1, 3]


@pytest.mark.parametrize(
    ("written", "commands"),
    [
        ("press /help.", ["/help"]),
        ("/steps – all; /delete", ["/steps", "/delete"]),
        ("and/or /nothing /helpless a/help /help/me /help.html", []),
        ("https://example.org/help", []),
    ],
)
def test_only_commands_become_buttons(written: str, commands: list[str]) -> None:
    pieces = [piece for block in blocks(written, ENGLISH) for line in block.lines for piece in line]
    assert [piece.text for piece in pieces if piece.kind == "command"] == commands


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_sources_are_folded_apart_from_their_day_and_few_are_not(language: str) -> None:
    speech = words(language)
    for some, kinds in ((["a", "b"], ["source"]), (["a", "b", "c"], ["sources", "source"])):
        line = speech.say("source.line", sources="; ".join(some), day="5.3.")
        found = blocks(f"{line}\nAs of 6.3.", speech)
        assert [block.kind for block in found] == kinds
        assert found[-1].lines[-1][0].text == "As of 6.3."
    assert [piece.text for (piece,) in found[0].lines] == some
    assert found[0].day == "5.3."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guide_has_as_many_sources_in_its_list_as_documents(language: str) -> None:
    facts, speech = the_facts(), words(language)
    for (_, spoken), guide in facts.guides.items():
        citations = [facts.library.cite(one) for one in guide.sources]
        documents = {one.named(language) for one in citations}
        if spoken == language and len(documents) > 2:
            line = speech.say("source.line", sources=cited(speech, citations), day="5.3.")
            (block,) = blocks(line, speech)
            assert (block.kind, len(block.lines)) == ("sources", len(documents))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tā e-pasts ir", ["tā ", "e-pasts", " ir"]),
        ("E-mails, re-mailed", ["", "E-mails", ", re-mailed"]),
        ("none", ["none"]),
    ],
)
def test_the_name_of_mail_stays_on_one_line(text: str, parts: list[str]) -> None:
    assert unbroken(text) == parts
