"""What people type as answers, in words of their own, and what breaks into the questionnaire."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.eligibility import amounts, days, parsing
from handlers.eligibility.parsing import Unreadable
from handlers.eligibility.questions import Read
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from tests.talk import Talk

BEFORE = {
    "sector": "VET",
    "country": "LV",
    "kind": "organisation",
    "established": "2020-05-01",
    "total": "1",
    "partners": "EE,NO",
    "partner-kinds": "organisation",
    "partner-total": "10",
    "associated": "-",
    "elsewhere": "no",
    "months": "24",
    "start": "2026-10-01",
    "lump-sum": "250000",
    "priorities": "yes",
    "venues": "LV",
    "management": "0.2",
    "packages": "3",
}
"""Answers of KA220, in the order of asking."""


def asking(question: str, language: str = "en", action: str = "KA220") -> Talk:
    """Return a talk in which `question` is open, and all before it are answered."""
    talk = Talk(language)
    talk.notes.language = language
    for earlier, value in BEFORE.items():
        if earlier == question:
            break
        talk.notes.write(f"eligibility.{action}", earlier, value)
    talk.notes.open_form = f"eligibility.{action}"
    return talk


def kept_for(talk: Talk, question: str) -> str | None:
    return talk.notes.read("eligibility.KA220").get(question)


def is_open(reply: Reply, question: str, language: str) -> bool:
    return words(language).say(f"eligibility.ask.{question}") in reply.text


TAKEN = [
    *(("months", text, "24") for text in ("24 months", "24 mēneši", "24.", "2 years", "divi gadi")),
    *(("months", text, "24") for text in ("two years", "2 gadi", "24 mēn.", "24m", "24?")),
    *(("months", text, "18") for text in ("1.5 years", "pusotrs gads", "18 mēnešus", "1,5 gadi")),
    *(
        ("start", text, "2026-10-01")
        for text in ("1 October 2026", "October 1, 2026", "1st Oct 2026")
    ),
    *(("start", text, "2026-10-01") for text in ("2026. gada 1. oktobris", "1. oktobrī 2026")),
    *(("start", text, "2026-10-01") for text in ("1.10.2026", "2026.10.01", "01-10-2026")),
    *(("management", text, "0.2") for text in ("20", "20%", "20 %", "20 percent", "20 procenti")),
    *(("management", text, "0.155") for text in ("15,5%", "15.5 %")),
    *(("lump-sum", text, "250000") for text in ("250000", "250 000", "250.000", "€250,000")),
    *(
        ("lump-sum", text, "250000")
        for text in ("EUR 250 000", "250 000 EUR", "250k", "250 tūkst.")
    ),
    *(("lump-sum", text, "250000") for text in ("250000.00", "250 thousand euros", "250 000,-")),
    *(("total", text, "11") for text in ("11", "11 applications", "eleven", "11 pieteikumi")),
    *(("total", text, "1") for text in ("1", "one", "viens", "vienā")),
    *(("total", text, "15") for text in ("15", "piecpadsmit")),
    *(("packages", text, "5") for text in ("5", "five", "5 work packages", "piecas")),
    *(("established", text, "2005-09-01") for text in ("1 September 2005", "2005-09-01")),
    *(
        ("established", text, "2005")
        for text in ("2005", "2005. gadā", "September 2005", "in 2005")
    ),
    *(("sector", text, "SCH") for text in ("School education", "skola", "skolu izglītība", "SCH")),
    *(("sector", text, "VET") for text in ("VET", "vet", "profesionālā izglītība")),
    *(("sector", text, "ADU") for text in ("adult education", "ADU", "pieaugušo izglītība")),
    *(("sector", text, "?") for text in ("I don't know", "nezinu", "Vēl nezinu", "not sure")),
    *(
        ("kind", text, "organisation")
        for text in ("NGO", "an NGO", "NVO", "biedrība", "we are a company")
    ),
    *(("kind", text, "school") for text in ("skola", "school", "Esam skola", "kindergarten")),
    *(("kind", text, "higher_education_institution") for text in ("university", "augstskola")),
    *(
        ("partners", text, "FI,FI")
        for text in ("Finland x2", "2 from Finland", "2x Finland", "2 FI")
    ),
    *(("partners", text, "FI,FI") for text in ("Finland (2)", "divas no Somijas", "Somija 2")),
    *(("partners", text, "EE,EE") for text in ("divas no Igaunijas", "divi partneri no Igaunijas")),
    ("partners", "two from Estonia and one from Finland", "EE,EE,FI"),
    ("partners", "Igaunija x2, Norvēģija", "EE,EE,NO"),
    ("partners", "2 from Bosnia and Herzegovina", "BA,BA"),
    ("partners", "no Somijas un no Igaunijas", "FI,EE"),
    ("partners", "NO EE", "NO,EE"),
    ("partners", "nezinu", "?"),
    *(("country", text, "LV") for text in ("Latvijā", "no Latvijas", "in Latvia", "Latvia?")),
    *(("partner-kinds", text, "organisation") for text in ("yes", "jā", "Yes.")),
    *(("partner-kinds", text, "mixed") for text in ("no", "nē")),
    *(("elsewhere", text, "no") for text in ("no", "nē", "Nē.")),
    ("priorities", "yes", "yes"),
]
"""A question, what is typed to it, and what is kept."""

ASKED_AGAIN = [
    *(("established", text) for text in ("2005-02-30", "30 February 2005", "2025", "May 2025")),
    *(("established", text) for text in ("2005-02-30?", "31.02.2005.")),
    *(("start", text) for text in ("October 2026", "2026", "1.10.26", "autumn", "rudenī")),
    *(("months", text) for text in ("-1", "2,3", "two and a bit years", "24-36 months", "1000")),
    *(("months", text) for text in ("24-36?", "²")),
    *(("management", text) for text in ("120%", "0.2", "a fifth")),
    *(("lump-sum", text) for text in ("250", "much", "0", "250 000 USD")),
    *(("total", text) for text in ("0", "a few", "11-12")),
    *(("partners", text) for text in ("2", "99 from Finland", "2 no", "Finland x")),
    *(("sector", text) for text in ("20", "1 October 2026", "forestry")),
    *(("country", text) for text in ("24 months", "2005-02-30", "LV EE", "no")),
]
"""A question, and what is no answer to it, nor plainly a question."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("question", "text", "kept"), TAKEN)
async def test_an_answer_in_own_words_is_taken(
    question: str, text: str, kept: str, language: str
) -> None:
    talk = asking(question, language)
    (reply,) = await talk.say(text)
    assert kept_for(talk, question) == kept, reply.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("question", "text"), ASKED_AGAIN)
async def test_what_cannot_be_taken_is_asked_again_and_gets_no_guide(
    question: str, text: str, language: str
) -> None:
    talk = asking(question, language)
    (reply,) = await talk.say(text)
    assert kept_for(talk, question) is None
    assert is_open(reply, question, language)
    assert talk.notes.open_form == "eligibility.KA220"


@pytest.mark.parametrize("question", BEFORE)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["How do I register for an OID?", "How do I register for an OID"])
async def test_a_plain_question_breaks_in_wherever_it_is_asked(
    text: str, language: str, question: str
) -> None:
    talk = asking(question, language)
    (reply,) = await talk.say(text)
    assert reply.choices[0].id == "steps:step:oid-register:1"
    assert reply.choices[-1].id == "eligibility:go:KA220"
    assert kept_for(talk, question) is None


@pytest.mark.parametrize("problem", ["no-such-day", "which-day"])
def test_a_day_that_is_none_is_told_from_what_is_no_day_at_all(problem: str) -> None:
    with pytest.raises(Unreadable) as refused:
        days.day({"no-such-day": "2005-02-30", "which-day": "2005"}[problem])
    assert refused.value.problem == problem


def test_a_year_is_enough_only_where_no_day_of_it_matters() -> None:
    assert days.founded("2023", 2023) == "2023"
    for year in ("2024", "2025"):
        with pytest.raises(Unreadable):
            days.founded(year, 2023)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("year", "verdict"), [("2005", "eligible"), ("2023", "eligible")])
async def test_a_year_that_is_enough_leads_to_a_verdict_and_no_day_is_made_up(
    year: str, verdict: str, language: str
) -> None:
    talk = asking("packages", language)
    talk.notes.write("eligibility.KA220", "established", year)
    (reply,) = await talk.say("3")
    assert words(language).say(f"eligibility.verdict.{verdict}") in reply.text
    assert words(language).say("eligibility.in-year", year=year) in reply.text
    (review,) = await talk.press("eligibility:review:KA220")
    assert any(choice.label.endswith(f": {year}") for choice in review.choices)


@pytest.mark.parametrize(("text", "met"), [("1", True), ("10", True), ("11", False)])
async def test_a_typed_number_lies_in_its_range(text: str, met: bool) -> None:
    talk = asking("total")
    await talk.say(text)
    for question in list(BEFORE)[5:]:
        talk.notes.write("eligibility.KA220", question, BEFORE[question])
    (reply,) = await talk.press("eligibility:go:KA220")
    said = "eligible" if met else "not_eligible"
    assert words("en").say(f"eligibility.verdict.{said}") in reply.text


@pytest.mark.parametrize(("first", "second"), [("KA210", "KA220"), ("210", "ka 240")])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_action_may_be_typed_where_it_is_asked_for(
    first: str, second: str, language: str
) -> None:
    for typed in (first, second, f"{first} partnerships" if language == "en" else first):
        talk = Talk(language)
        await talk.say("/eligibility")
        (reply,) = await talk.say(typed)
        assert is_open(reply, "sector", language)
        assert (talk.notes.open_form or "").endswith(typed.split("partn")[0].strip()[-3:])


async def test_an_action_is_begun_by_its_bare_name_only_where_it_is_asked_for() -> None:
    talk = Talk("en")
    await talk.say("KA210")
    assert talk.notes.open_form is None
    await talk.say("/eligibility")
    await talk.say("KA210 deadline?")
    assert talk.notes.open_form is None


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("drīkstam pieteikties ar KA210?", "KA210"),
        ("May we apply for KA220?", "KA220"),
        ("vai varam pieteikties KA240", "KA240"),
        ("drīkstam pieteikties ar KA210 vai KA220?", None),
        ("drīkstam pieteikties?", None),
    ],
)
async def test_who_asks_for_one_action_begins_with_it(text: str, action: str | None) -> None:
    talk = Talk("lv")
    await talk.say(text)
    assert talk.notes.open_form == (action and f"eligibility.{action}")


READERS = [amounts.count, amounts.months, amounts.share, amounts.money]


@pytest.mark.parametrize("question", BEFORE)
async def test_a_number_picks_no_choice_where_it_is_an_answer(question: str) -> None:
    (reply,) = await asking(question).press("eligibility:go:KA220")
    assert reply.typed_number == (question in NUMBERED)


NUMBERED = {"total", "partner-total", "months", "lump-sum", "management", "packages"}
BACK = ["back", "Back!", "go back", "atpakaļ", "iepriekšējais jautājums"]


@pytest.mark.parametrize("text", BACK)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_back_asks_the_question_before(text: str, language: str) -> None:
    talk = Talk(language)
    await talk.say("/eligibility KA220")
    (first,) = await talk.say(text)
    assert is_open(first, "sector", language)
    await talk.say("VET")
    await talk.say("Latvia")
    for question in ("country", "sector", "sector"):
        (reply,) = await talk.say(text)
        assert is_open(reply, question, language)
    assert talk.notes.open_form == "eligibility.KA220"
    assert talk.notes.read("eligibility.KA220") == {}


async def test_back_after_a_guide_that_broke_in_loses_no_answer() -> None:
    talk = Talk("en")
    await talk.say("/eligibility KA220")
    await talk.say("VET")
    await talk.say("How do I register for an OID?")
    (reply,) = await talk.say("back")
    assert is_open(reply, "country", "en")
    assert talk.notes.read("eligibility.KA220") == {"sector": "VET"}


async def test_back_from_the_partners_kind_asks_for_the_partners() -> None:
    talk = asking("partner-kinds")
    await talk.press("eligibility:go:KA220")
    (reply,) = await talk.say("back")
    assert is_open(reply, "partners", "en")


@given(st.text(max_size=20), st.sampled_from([*READERS, days.day, parsing.country]))
def test_whatever_is_typed_is_read_or_refused(text: str, read: Read) -> None:
    with suppress(Unreadable):
        assert read(text)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", ["", " ", "?", "-", "1e9", "nan", "inf", "9" * 400, "½"])
def test_what_is_no_amount_is_refused_and_breaks_nothing(read: Read, text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)
