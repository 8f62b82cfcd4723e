"""Texts on their way to Telegram: what people typed stays text, what is long comes in pieces."""

import re
from bisect import bisect

import pytest

from bot.faces.telegram import face
from bot.faces.telegram.delivery import Delivery
from bot.faces.telegram.outgoing import render, split
from bot.faces.telegram.reading import Incoming
from bot.service import Noon
from handlers.markup import escape
from handlers.turn import Choice, Reply
from tests.botapi import BotApi, Message
from tests.telegram.store import until
from tests.telegram.talking import label, pressed, said

pytest_plugins = ("tests.telegram.fixtures",)

LONGEST = 4096
HOSTILE = [
    "<b>bold",
    "</a></pre>",
    "<a href='http://x.example'>x",
    "&amp; &lt; &#60; &",
    "<>&\"'",
    "*x* **y** `z`",
    "[x](https://x.example)",
    "\\*x\\\\",
    "<tg-emoji emoji-id='1'>",
    "<script>alert(1)</script>",
    "_x_ ~y~ |z|",
    "%s {name} {0}",
]


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


async def test_what_a_person_typed_comes_back_as_text(api: BotApi, noon: Noon) -> None:
    for number, text in enumerate(HOSTILE, start=1):
        anna = api.user(number, "en", first_name=text)
        word = text.replace(" ", "")
        comes_back(word, await said(anna, f"/deadlines {word}"))
        await said(anna, "/eligibility KA210")
        await said(anna, "?")
        comes_back(re.split("[,;]", text)[0][:30], await said(anna, text))


def comes_back(text: str, answer: Message) -> None:
    assert text in answer.text
    assert not made_by_markup(answer, text)


def made_by_markup(answer: Message, text: str) -> list[str]:
    """The entities in `answer` that markup made where the typed `text` stands."""
    start = utf16(answer.text[: answer.text.index(text)])
    inside = range(start, start + utf16(text))
    return [e["type"] for e in answer.entities if e["offset"] in inside and e["type"] != "url"]


LONG = {
    "one line": "vārds " * 3000,
    "no spaces": "ķ" * 9000,
    "signs outside the first plane": "😀" * 5000,
    "many lines": "\n".join(f"{number}. rinda ar tekstu" for number in range(900)),
    "signs that markup would change": "<&>*`[" * 2000,
    "a line just too long": "a" * 4000 + "\n" + "b" * 97,
    "blank lines": "\n\n".join("x" * 1500 for _ in range(6)),
}


async def test_a_long_text_comes_whole_in_pieces_with_the_buttons_under_the_last(
    api: BotApi, noon: Noon
) -> None:
    bot = face.make_bot(noon)
    await bot.initialize()
    for number, (name, text) in enumerate(LONG.items(), start=1):
        anna = api.user(number)
        reply = Reply(escape(text), (Choice("steps:menu", "All"),))
        messages = render([reply], None, lambda choice: "f" * 32)
        await Delivery(bot).deliver(Incoming(chat=anna.id), messages, lambda: True)
        shown = anna.messages
        assert len(shown) == len(messages) > 1, name
        assert all(utf16(message.text) <= LONGEST for message in shown), name
        assert "".join("".join(m.text for m in shown).split()) == "".join(text.split()), name
        assert [bool(m.buttons) for m in shown] == [False] * (len(shown) - 1) + [True], name
    await bot.shutdown()


def test_pieces_are_cut_between_lines() -> None:
    pieces = split(LONG["many lines"])
    assert len(pieces) > 1
    assert "\n".join(pieces) == LONG["many lines"]


@pytest.mark.parametrize("language", ["lv", "en"])
async def test_every_guide_can_be_shown_whole(api: BotApi, noon: Noon, language: str) -> None:
    anna = api.user(1, language)
    worked = label("steps.choice.worked", language)
    for topic in noon.almanac.desk.facts.topics:
        if noon.almanac.desk.facts.guide(topic, language) is None:
            continue
        opening = await said(anna, f"/start {topic}")
        count = bisect([message.id for message in anna.messages], opening.id)
        await pressed(anna, opening, label("steps.choice.all", language))
        await until(lambda: worked in anna.messages[-1].labels)
        pieces = anna.messages[count - 1 :]
        assert pieces[0].id == opening.id
        assert not any(piece.buttons for piece in pieces[:-1])
