"""How the markup of replies becomes blocks of a page."""

import pytest

from bot.faces.web.prose import blocks
from handlers.words import words

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
