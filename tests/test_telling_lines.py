"""Lines under an answer: a round that is over is told in the past, our own advice is called so."""

from datetime import UTC, datetime

import pytest

from handlers import deadlines
from handlers.moments import source_line
from handlers.words import LANGUAGES, words
from tests.talk import WINTER, the_desk, visit


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("now", "key"),
    [
        (WINTER, "deadlines.perhaps"),
        (datetime(2027, 1, 31, tzinfo=UTC), "deadlines.perhaps-past"),
    ],
)
def test_a_round_that_was_possible_is_told_in_the_past(
    now: datetime, key: str, language: str
) -> None:
    said = words(language).say(key, agency="VIAA")
    assert said in deadlines.block(visit(now, language)).split("\n\n")


@pytest.mark.parametrize(("language", "name"), [("lv", "Noon ieteikums"), ("en", "Noon's advice")])
def test_our_own_advice_is_named_without_a_place(language: str, name: str) -> None:
    spoken = words(language)
    day = spoken.day(the_desk().facts.library.cite("noon:advice").as_of)
    expected = spoken.say("source.line", sources=name, day=day)
    assert source_line(the_desk(), ["noon:advice"], spoken) == expected
