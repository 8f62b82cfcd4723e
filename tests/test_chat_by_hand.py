"""`noon chat` at a keyboard goes on where it was; and `noon ask` about what is no guide."""

import io
import sys
from pathlib import Path

import pytest

from bot.faces import terminal
from bot.service import open_noon
from bot.settings import Settings
from handlers import steps
from handlers.table import CAPABILITIES
from handlers.words import LANGUAGES, words
from tests.talk import WINTER, the_desk

MAY_WE = {"lv": "vai bērnudārzs drīkst", "en": "may a kindergarten apply"}


class Keyboard(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


async def typed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: type[io.StringIO], *lines: str
) -> str:
    """Return what one run of the conversation prints."""
    monkeypatch.setattr(sys, "stdin", source("".join(f"{line}\n" for line in lines)))
    out = io.StringIO()
    async with open_noon(Settings(data_dir=folder, _env_file=None), migrate=True) as noon:
        await terminal.chat(noon, "en", as_json=False, out=out)
    return out.getvalue()


@pytest.mark.parametrize(("source", "goes_on"), [(Keyboard, True), (io.StringIO, False)])
async def test_the_next_run_goes_on_at_a_keyboard_alone(
    source: type[io.StringIO], goes_on: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await typed(tmp_path, monkeypatch, source, "/start oid-register", "next", "next")
    again = await typed(tmp_path, monkeypatch, source, "/start", "continue")
    assert ("2/14" in again) is goes_on


async def test_a_number_of_any_length_is_no_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = await typed(tmp_path, monkeypatch, io.StringIO, "/start", "9" * 5000, "²", "#" + "9" * 99)
    assert out.count(words("en").say("welcome.door.steps")) >= 1
    assert len(out.splitlines()) > 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_leads_to_a_questionnaire_is_told_with_its_command(language: str) -> None:
    answer = terminal.ask(the_desk(), MAY_WE[language], language, WINTER)
    assert (answer["topic"], answer["confident"]) == ("eligibility", True)
    assert "/eligibility" in str(answer["text"])
    commands = {name for capability in CAPABILITIES for name in capability.commands}
    assert steps.LEADS.keys() <= commands
