"""A wrong fact is reported by one tap and, if wanted, a line; what is not placed is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from handlers import reporting
from handlers.editors import Unplaced, Wrong
from handlers.notebook import Notebook
from handlers.router import respond
from handlers.turn import Choice, Reply, Turn
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from tests.talk import WINTER, the_desk, the_facts

PRIVATE = ("Anna", "Bērziņ", "26123456", "anna@skola.lv")
STRANGE = "Kāds laiks rīt būs Rīgā? Mani sauc Anna Bērziņa, 26123456, anna@skola.lv"
LABELS = {words(code).say("reporting.choice") for code in LANGUAGES}


@dataclass
class Person:
    """Somebody whose notes for editors are looked at; None keeps none."""

    language: str = "en"
    notes: Notebook = field(default_factory=Notebook)
    asked: list[tuple[str, str, Unplaced]] = field(default_factory=list)
    told: list[Wrong] = field(default_factory=list)
    kept: bool = True
    now: datetime | None = None

    def unplaced(self, text: str, language: str, why: Unplaced) -> None:
        self.asked.append((text, language, why))

    def wrong(self, report: Wrong) -> str:
        self.told.append(report)
        return str(len(self.told) - 1)

    def take_back(self, report: str) -> None:
        del self.told[int(report)]

    async def say(self, text: str = "", choice: str | None = None) -> list[Reply]:
        self.notes = self.notes.copied()
        turn = Turn("test", self.now or WINTER, text, choice, self.language)
        editors = self if self.kept else None
        return await respond(turn, self.notes, the_desk(), editors=editors)

    async def press(self, choice: str) -> list[Reply]:
        return await self.say(choice=choice)


def mistake(choices: Sequence[Choice]) -> str:
    """Return the choice that reports what was told; it is the last."""
    assert choices[-1].label in LABELS
    return choices[-1].id


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_tap_keeps_which_fact_and_asks_for_a_line(language: str) -> None:
    anna = Person(language)
    (step,) = await anna.press("steps:step:oid-register:3")
    (thanks,) = await anna.press(mistake(step.choices))
    assert anna.told == [Wrong("oid-register/step-3", language, 2026)]
    assert [each.id for each in thanks.choices] == ["steps:step:oid-register:3"]


async def test_a_line_is_kept_masked_shown_as_kept_and_only_right_after_the_tap() -> None:
    anna = Person()
    (guide,) = await anna.press("steps:show:oid-what")
    await anna.press(mistake(guide.choices))
    (thanks,) = await anna.say("It has nine digits. My name is Anna Bērziņa. anna@skola.lv")
    line = anna.told[-1].text
    assert line.startswith("It has nine digits.")
    assert not [each for each in PRIVATE if each in line or each in thanks.text]
    await anna.say("It is still wrong, I think")
    assert len(anna.told) == 2


@pytest.mark.parametrize("open_form", [False, True])
async def test_a_line_is_no_answer_to_a_questionnaire_that_is_open(open_form: bool) -> None:
    anna = Person()
    if open_form:
        await anna.say("/eligibility KA220")
        await anna.press("eligibility:answer:KA220:sector:VET")
    await anna.press("reporting:oid-what")
    await anna.say("Latvia")
    assert anna.told[-1].text == "Latvia"
    assert (anna.notes.open_form == "eligibility.KA220") is open_form


async def test_a_question_after_the_tap_is_answered_and_not_kept() -> None:
    anna = Person()
    await anna.press("reporting:oid-what")
    (answer,) = await anna.say("How do I register for an OID?")
    assert answer.choices
    await anna.press("reporting:oid-what")
    await anna.press("steps:menu")
    await anna.say("This is no line any more")
    assert [one.text for one in anna.told] == [""]


async def test_a_fact_is_reported_once_a_day_in_a_conversation() -> None:
    anna = Person()
    for _ in range(3):
        for choice in ("reporting:oid-what", "reporting:oid-what/step-1", "steps:menu"):
            await anna.press(choice)
    assert [one.fact for one in anna.told] == ["oid-what", "oid-what/step-1"]
    anna.now = WINTER + timedelta(days=1)
    await anna.press("reporting:oid-what")
    assert [one.fact for one in anna.told[2:]] == ["oid-what"]


@pytest.mark.parametrize("unread", ["http://[x", "http://[::1/ https://user:[x]@", "\ud800\x1b\0"])
async def test_no_text_is_too_odd_to_be_answered(unread: str) -> None:
    anna = Person()
    assert await anna.say(unread)
    await anna.press("reporting:oid-what")
    assert await anna.say(unread)
    assert not [each for each in str((anna.asked, anna.told)) if not each.isprintable()]


async def test_a_text_that_cannot_be_masked_is_not_kept_and_the_answer_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(text: str, official: object) -> str:
        raise ValueError(text)

    monkeypatch.setattr(reporting, "mask", broken)
    anna = Person("lv")
    (answer,) = await anna.say(STRANGE)
    assert answer.choices
    await anna.press("reporting:oid-what")
    (said,) = await anna.say("Tur ir deviņi cipari")
    assert said.text == words("lv").say("reporting.line-lost")
    assert (anna.asked, [one.text for one in anna.told]) == ([], [""])
    assert "not masked" in caplog.text
    assert not [each for each in (*PRIVATE, "laiks", "cipari") if each in caplog.text]


GUIDES = sorted({topic for topic, _ in the_facts().guides})


@pytest.mark.parametrize("topic", GUIDES)
async def test_every_view_of_a_guide_can_be_reported(topic: str) -> None:
    for view in ("show", "step", "all", "stuck", "ask"):
        anna = Person()
        (shown,) = await anna.press(f"steps:{view}:{topic}")
        await anna.press(mistake(shown.choices))
        assert anna.told[0].fact.partition("/")[0] == topic


@pytest.mark.parametrize(
    ("asked", "fact"),
    [("/deadlines", "deadlines"), ("/deadlines VET", "deadlines"), (STRANGE, "outside")],
)
async def test_other_answers_can_be_reported_too(asked: str, fact: str) -> None:
    anna = Person()
    (answer,) = await anna.say(asked)
    await anna.press(mistake(answer.choices))
    assert [(one.fact, one.call) for one in anna.told] == [(fact, 2026)]


async def test_a_verdict_can_be_reported_and_a_question_cannot() -> None:
    anna = Person()
    (reply,) = await anna.say(f"/eligibility {KA2[0]}")
    asked = 0
    while anna.notes.open_form:
        asked += 1
        assert not [each for each in reply.choices if each.id.startswith("reporting:")]
        (reply,) = await anna.press(reply.choices[0].id)
    assert asked > 5
    assert mistake(reply.choices) == f"reporting:eligibility/{KA2[0]}"


@pytest.mark.parametrize(
    "made_up",
    ["nothing", "oid-what/x", "", "oid-what/step-" + "9" * 90, "a b", "eligibility/KA9"]
    + [
        f"oid-what/{part}"
        for part in ("", "ask\x1b[2J", "step-zz", "step-0", "whole!!", "step-1\n")
    ],
)
async def test_a_made_up_fact_is_not_kept(made_up: str) -> None:
    anna = Person()
    (said,) = await anna.press(f"reporting:{made_up}")
    assert said.text == words("en").say("router.gone")
    assert anna.told == []


async def test_where_nothing_is_kept_it_is_said_so() -> None:
    (said,) = await Person(kept=False).press("reporting:oid-what")
    assert said.text == words("en").say("reporting.not-kept")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_not_placed_is_counted_masked(language: str) -> None:
    anna = Person(language)
    (answer,) = await anna.say(STRANGE)
    ((text, said_in, why),) = anna.asked
    assert "laiks rīt" in text
    assert not [each for each in PRIVATE if each in text]
    assert said_in == language
    offered = [one for one in answer.choices if one.id.startswith("steps:show:")]
    assert why is (Unplaced.UNSURE if offered else Unplaced.OUTSIDE)


async def test_what_is_placed_is_not_counted() -> None:
    anna = Person()
    for text in ("/help", "Hello", "/start oid-what", "next", "why?", "/deadlines"):
        await anna.say(text)
    assert anna.asked == []


async def test_offers_are_at_most_three_in_the_words_of_people_who_ask() -> None:
    anna = Person()
    (reply,) = await anna.say("OID or form or report platform")
    offered = [one.label for one in reply.choices if one.id.startswith("steps:show:")]
    assert 1 <= len(offered) <= 3
    assert set(offered) <= {topic.en for topic in the_facts().topics.values()}
