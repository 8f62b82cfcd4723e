"""A newcomer's walk, on the terminal and on the web: from "where do I start?" to the form sent.

The newcomer knows nothing but what the answers offer: each guide is gone through step by step to
its end, and what follows is what is offered first.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from handlers.steps import way
from handlers.words import words
from tests.commands import HOUSE
from tests.system import environment
from tests.talk import the_facts
from tests.web.serving import Person, serving

QUESTIONS = {"lv": "Esmu skolotāja, ar ko sākt?", "en": "I am a teacher, where do I start?"}
LANDMARKS = ("eulogin-create", "oid-register", "form-open", "form-submit", "form-confirmation")
MOST = 400
"""Presses: the walk ends long before."""


class Walk:
    """What a newcomer presses next, and which guides were gone through."""

    def __init__(self, language: str) -> None:
        say = words(language).say
        self.forward = [say(f"steps.choice.{name}") for name in ("begin", "next", "worked")]
        self.titles = {
            guide.head.title: topic
            for (topic, spoken), guide in the_facts().guides.items()
            if spoken == language
        }
        self.passed: list[str] = []

    @property
    def arrived(self) -> bool:
        return bool(self.passed) and self.passed[-1] == way.stages(the_facts())[-1]

    def press(self, offered: list[str]) -> str:
        """Return the label to press: on in the guide, else into the first one that is offered."""
        assert offered, f"a dead end after {self.passed}"
        for label in self.forward:
            if label in offered:
                return label
        guides = [label for label in offered if self.titles.get(label) not in (None, *self.passed)]
        assert guides, f"nothing leads on after {self.passed}: {offered}"
        self.passed.append(self.titles[guides[0]])
        return guides[0]


def check(walk: Walk, end: list[str]) -> None:
    """The walk passed every landmark in order and ended where something is still offered."""
    assert [topic for topic in walk.passed if topic in LANDMARKS] == list(LANDMARKS)
    assert walk.passed == list(way.stages(the_facts()))
    assert end


class Terminal:
    """`noon chat --json` as a program that reads and answers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def say(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))


@contextmanager
def terminal(language: str, folder: Path) -> Iterator[Terminal]:
    command = [sys.executable, "-m", "bot", "chat", "--json", "--lang", language]
    variables = environment(
        PYTHONPATH=str(HOUSE), PYTHONUTF8="1", NOON_DATA_DIR=str(folder / "var")
    )
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=variables,
        encoding="utf-8",
    ) as process:
        yield Terminal(process)


@pytest.mark.parametrize("language", QUESTIONS)
def test_on_the_terminal(language: str, tmp_path: Path) -> None:
    walk = Walk(language)
    with terminal(language, tmp_path) as noon:
        reply = noon.say(QUESTIONS[language])
        for _ in range(MOST):
            offered = {each["label"]: each["id"] for each in reply["choices"]}
            if walk.arrived and walk.forward[0] not in offered and walk.forward[1] not in offered:
                break
            reply = noon.say(offered[walk.press(list(offered))])
    check(walk, [each["id"] for each in reply["choices"]])


@pytest.mark.parametrize("language", QUESTIONS)
async def test_on_the_web(language: str, tmp_path: Path) -> None:
    walk = Walk(language)
    accept = {"Accept-Language": language}
    async with serving(data_dir=tmp_path) as site, site.client(**accept) as client:
        person = Person(client)
        await person.open("/")
        await person.ask(QUESTIONS[language])
        for _ in range(MOST):
            offered = person.choices
            if walk.arrived and not {*walk.forward[:2]} & {*offered}:
                break
            await person.press(walk.press(offered))
        check(walk, person.choices)
