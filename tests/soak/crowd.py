"""A crowd in Telegram: people who write and press, and how fast they are answered."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from math import inf
from random import Random

from tests.botapi import BotApi, Message, Press, User

TEXTS = ("/deadlines", "/steps", "/help", "/language")
"""Answered with one message each that has buttons."""

PRESSED = 0.6
"""How many of the updates are presses, by those who press and once a chat shows a button."""


@dataclass
class Crowd:
    """People with numbers from `first` on, who act in turn; the first `pressing` press buttons too.

    They press any, also what erases them and ends their reminders.
    """

    api: BotApi
    first: int
    size: int
    pressing: int = 0
    rng: Random = field(default_factory=lambda: Random(13))
    presses: list[tuple[float, Press]] = field(default_factory=list)
    sent: int = 0

    async def storm(self, a_second: float, seconds: float) -> None:
        """Let somebody do something so often for so long."""
        begun = time.monotonic()
        turns = self._turns()
        for number in range(int(a_second * seconds)):
            await asyncio.sleep(max(0.0, begun + number / a_second - time.monotonic()))
            self._act(*next(turns))
            self.sent += 1

    def answered_after(self) -> list[float]:
        """Return for each press the seconds until the bot answered it; infinite where it did not.

        Counted from the answers that Telegram took: a press that is too old cannot be answered.
        """
        answers = {
            str(call.parameters["callback_query_id"]): call.at
            for call in self.api.calls
            if call.method == "answerCallbackQuery" and call.outcome == 200
        }
        return [answers.get(press.query.id, inf) - at for at, press in self.presses]

    def _turns(self) -> Iterator[tuple[User, str]]:
        texts = cycle(TEXTS)
        while True:
            for number in range(self.first, self.first + self.size):
                yield self.api.user(number, "lv"), next(texts)

    def _act(self, person: User, text: str) -> None:
        presses = person.id < self.first + self.pressing and self.rng.random() < PRESSED
        shown = next((m for m in reversed(person.messages) if _labels(m)), None)
        if not presses or shown is None:
            person.say(text)
            return
        press = person.press(shown, self.rng.choice(_labels(shown)))
        self.presses.append((time.monotonic(), press))


def _labels(message: Message) -> list[str]:
    """Return the labels of the buttons that tell the bot something."""
    return [button["text"] for button in message.buttons if "callback_data" in button]
