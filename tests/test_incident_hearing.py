"""How people say that the form fails, minutes before a deadline, and what is not that."""

import pytest

from handlers.incident.hearing import asks_for_own, is_distress

FAILING = (
    "submit nestrādā",
    "nestrada submit",
    "sistēma neļauj iesniegt",
    "platforma nestrādā",
    "portals nestrada",
    "sistēma karājas",
    "nospiedu submit un nekas nenotiek",
    "submit poga nereaģē",
    "neiet submit",
    "nespēju iesniegt",
    "kļūda iesniedzot pieteikumu",
    "pieteikums neaizgāja",
    "EU Login nestrādā nevaru iesniegt",
    "lapa neatveras",
    "griežas aplītis",
    "PALIGA NEKAS NESTRADA",
    "nosprāga serveris",
    "timeout",
    "error",
    "it won't let me submit",
    "the form hangs",
    "it says internal server error",
    "webgate down",
    "deadline passed and not submitted",
    "submission failed",
    "Nevaru iesniegt, palīdziet!",
    "504 when I press the button",
)
NOT_FAILING = (
    "Kā labot kļūdu iesniegtā pieteikumā?",
    "Kur var atvērt pieteikuma veidlapu",
    "how can I share the form with a partner",
    "Kad ir KA220 termiņš?",
    "kas ir OID",
    "paldies",
    "OID",
    "Kā iegūt OID?",
    "what is a work package",
    "vai projektā var piedalīties partneris no Norvēģijas",
)


@pytest.mark.parametrize("text", FAILING)
def test_a_cry_for_help_is_heard(text: str) -> None:
    assert is_distress(text)


@pytest.mark.parametrize("text", NOT_FAILING)
def test_a_question_is_no_cry(text: str) -> None:
    assert not is_distress(text)


@pytest.mark.parametrize("text", ["kā stāv mans paziņojums", "where is my notice?"])
def test_the_own_notice_is_asked_for(text: str) -> None:
    assert asks_for_own(text)
