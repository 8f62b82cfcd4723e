"""Every guide walked by every button that it ever offers, in both languages: no dead end anywhere.

Within a guide each button is pressed once where it was first offered, and what it answers is looked
at in turn; a button that leads out of the guide is pressed, and its answer must lead on too.
"""

from collections import deque
from collections.abc import Sequence

import pytest

from handlers.notebook import Notebook
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from tests.talk import the_facts
from tests.test_reporting import Person

GUIDED = sorted({topic for topic, _ in the_facts().guides})
VIEWS = ("step", "all", "stuck", "ask", "helped", "worked")
UNSURE = {"lv": "un mana skola?", "en": "and my school?"}
NOTHING = {"lv": "cik maksā?", "en": "and for my cat?"}


class Walker(Person):
    """Somebody who presses every button once; `pressed` is what was, each leading on."""

    def __init__(self, topic: str, language: str) -> None:
        super().__init__(language)
        self.topic = topic
        self.pressed: dict[str, Sequence[Reply]] = {}
        self._ahead: deque[tuple[Notebook, str]] = deque()

    async def walk(self, start: str, *said: str) -> None:
        """Begin at a choice, say the words after it, and press all that is offered from there."""
        await self._look(start, await self.press(start))
        for text in said:
            await self._look(text, await self.say(text))
        while self._ahead:
            self.notes, choice = self._ahead.popleft()
            if choice not in self.pressed:
                self.pressed[choice] = await self.press(choice)
                await self._look(choice, self.pressed[choice])

    async def _look(self, asked: str, replies: Sequence[Reply]) -> None:
        gone = words(self.language).say("router.gone")
        offered = [choice.id for reply in replies for choice in reply.choices]
        assert offered, f"{asked} is a dead end"
        assert all(reply.text.strip() and reply.text != gone for reply in replies), asked
        if self._is_inside(asked):
            self._ahead.extend((self.notes.copied(), choice) for choice in offered)

    def _is_inside(self, asked: str) -> bool:
        """Whether what was pressed or said is of the guide, so that its buttons count."""
        return self.topic in asked.split(":") or not asked.startswith(("steps:", "reporting:"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", GUIDED)
async def test_every_button_of_a_guide_leads_on(topic: str, language: str) -> None:
    walker = Walker(topic, language)
    await walker.walk(f"steps:show:{topic}")
    parts = {choice.split(":")[1] for choice in walker.pressed if topic in choice.split(":")}
    guide = the_facts().guides[topic, language]
    assert {*VIEWS} <= parts | ({"ask", "helped"} if not guide.trouble else set())
    steps = {f"steps:step:{topic}:{number}" for number in range(1, len(guide.steps) + 1)}
    assert steps <= walker.pressed.keys()
    mistakes = [choice for choice in walker.pressed if choice.startswith("reporting:")]
    assert len(mistakes) > len(steps)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_offer_to_few_words_leads_on_and_so_does_none_of_them(language: str) -> None:
    for said in (UNSURE[language], NOTHING[language]):
        walker = Walker("oid-register", language)
        await walker.walk("steps:step:oid-register:2", said)
        assert "steps:outside" in walker.pressed
