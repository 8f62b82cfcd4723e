"""What follows "Mistake?": a line about it, or a question; and every answer has the button."""

from datetime import timedelta

import pytest

from handlers.router import LONGEST
from handlers.words import LANGUAGES, words
from tests import test_reporting
from tests.talk import WINTER
from tests.test_reporting import mistake

QUESTIONS = (
    *("kā iesniegt pieteikumu", "kur to atrast", "kad ir termiņš", "ka atvert veidlapu"),
    *("tālāk", "kāpēc", "nesanāk", "ar ko sākt", "esmu aizmirsis EU Login paroli"),
    *("how do I submit the application", "where is the draft", "can we change a partner"),
    *("next", "do we need a PIC", "it does not work", "I forgot my EU Login password"),
)
LINES = (
    *("Tam jābūt deviņi cipari", "Datums nav pareizs", "The date is wrong", "Step 2 is too old"),
    *("Poga saucas citādi", "2FA ar SMS vairs nestrādā", "EU Login app ir obligāta"),
    *(
        "Kas tur rakstīts, ir nepareizi",
        "Ko jūs rakstāt, nav taisnība",
        "vai tiešām? VIAA saka citādi",
    ),
    *("Kad spiež pogu, atveras cita lapa", "Kur rakstīts Submit, tagad ir Send"),
    *("What you say about step 3 is wrong", "Where it says Submit, it is now Send"),
    *("When you press the button, another page opens", "The 2FA is no longer SMS"),
    *("Is wrong: the deadline is 5 March", "Please correct: the deadline is 5 March at 12:00"),
    *("Tur vajag rakstīt OID", "How to begin is wrong here", "Ar ko sākt, te ir kļūdaini"),
)
MARKED = ("Vai tas nav nepareizi?", "Ko darīt, ja OID ir kļūda?", "What is wrong with my form?")


class Person(test_reporting.Person):
    """Somebody who may come back later."""

    async def tapped(self) -> None:
        await self.press("steps:step:oid-register:2")
        await self.press("reporting:oid-register/step-2")

    @property
    def lines(self) -> list[str]:
        return [report.text for report in self.told if report.text]


@pytest.mark.parametrize("said", QUESTIONS)
async def test_a_question_without_its_mark_is_answered_and_not_kept(said: str) -> None:
    anna = Person("lv")
    await anna.tapped()
    (answer,) = await anna.say(said)
    assert anna.lines == []
    assert answer.choices


@pytest.mark.parametrize("said", LINES)
async def test_a_remark_is_kept(said: str) -> None:
    anna = Person("lv")
    await anna.tapped()
    await anna.say(said)
    assert anna.lines == [said]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", LINES[4:])
async def test_what_was_kept_in_doubt_can_be_called_a_question(said: str, language: str) -> None:
    anna = Person(language)
    await anna.tapped()
    (thanks,) = await anna.say(said)
    assert "following:question" in [each.id for each in thanks.choices]


@pytest.mark.parametrize("said", MARKED)
async def test_what_ends_in_a_question_mark_is_answered_whatever_it_says(said: str) -> None:
    anna = Person("lv")
    await anna.tapped()
    await anna.say(said)
    assert anna.lines == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_after_a_text_too_long_the_shorter_one_is_the_line(language: str) -> None:
    anna = Person(language)
    await anna.tapped()
    for _ in range(2):
        (refused,) = await anna.say("x " * LONGEST)
        assert refused.text == words(language).say("router.too-long", longest=LONGEST)
    await anna.say(LINES[0])
    await anna.say(LINES[1])
    assert anna.lines == [LINES[0]]


@pytest.mark.parametrize(
    ("later", "kept"), [(timedelta(minutes=14), True), (timedelta(minutes=16), False)]
)
async def test_a_line_comes_soon_after_the_tap(
    later: timedelta, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Person("en")
    await anna.tapped()
    monkeypatch.setattr(test_reporting, "WINTER", WINTER + later)
    await anna.say(LINES[2])
    assert bool(anna.lines) is kept


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_that_was_kept_as_a_line_is_answered_at_one_tap(language: str) -> None:
    anna = Person(language)
    await anna.tapped()
    (thanks,) = await anna.say("OID or form or report platform")
    (was_question,) = [each for each in thanks.choices if each.id.startswith("following:")]
    assert [one.text for one in anna.told] == ["", "OID or form or report platform"]
    (answer,) = await anna.press(was_question.id)
    assert [one.text for one in anna.told] == [""]
    assert [each for each in answer.choices if each.id.startswith("steps:")]
    (gone,) = await anna.press(was_question.id)
    assert gone.text == words(language).say("router.gone")


async def test_a_line_is_forgotten_with_the_next_answer() -> None:
    anna = Person("en")
    await anna.tapped()
    await anna.say(LINES[2])
    assert anna.notes.read("report")["line"] == LINES[2]
    await anna.say("/deadlines")
    assert anna.notes.read("report") == {}


@pytest.mark.parametrize(("language", "said"), [("lv", "ar ko sākt?"), ("en", "where do I start?")])
async def test_the_way_can_be_reported(language: str, said: str) -> None:
    anna = Person(language)
    (way,) = await anna.say(said)
    await anna.press(mistake(way.choices))
    assert [(one.fact, one.call) for one in anna.told] == [("way", 2026)]
