"""A crowd in Telegram: people who write and press, and how fast they are answered."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from tests.botapi import BotApi, Press, User

TEXTS = ("/deadlines", "/steps", "/help", "/language")
"""Answered with one message each that has buttons."""

PRESSED = 0.5
"""How many of the updates are presses, once a chat shows a button."""


@dataclass
class Crowd:
    """People with numbers from `first` on, each as likely to act as any other."""

    api: BotApi
    first: int
    size: int
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
        never = float("inf")
        return [answers.get(press.query.id, never) - at for at, press in self.presses]

    def _turns(self) -> Iterator[tuple[User, str]]:
        texts = cycle(TEXTS)
        while True:
            for number in range(self.first, self.first + self.size):
                yield self.api.user(number, "lv"), next(texts)

    def _act(self, person: User, text: str) -> None:
        shown = next((m for m in reversed(person.messages) if m.buttons), None)
        if shown is None or self.rng.random() >= PRESSED:
            person.say(text)
            return
        labels = [button["text"] for button in shown.buttons if "callback_data" in button]
        self.presses.append((time.monotonic(), person.press(shown, self.rng.choice(labels))))
