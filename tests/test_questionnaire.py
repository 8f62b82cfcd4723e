"""The eligibility questionnaire: typed answers, answers changed later, and what may be written."""

import pytest
from babel.core import Locale
from hypothesis import given
from hypothesis import strategies as st

from handlers.eligibility import amounts, days, parsing
from handlers.eligibility.parsing import Unreadable
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from rules.eligibility.codes import known_codes
from rules.folding import fold
from tests.talk import Talk, the_facts

PROGRAMME = {code for group in the_facts().newest.countries.groups for code in group.members}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(PROGRAMME & known_codes()))
def test_every_country_of_the_programme_is_read_by_name_and_code(code: str, language: str) -> None:
    name = str(Locale(language).territories[code])
    for written in (name, name.upper(), fold(name), code, f" {name}. "):
        assert parsing.country(written) == code


@pytest.mark.parametrize("written", ["no", "No", "No.", "nē", "Nē", "ne", "nav", "none"])
def test_a_no_is_no_country(written: str) -> None:
    with pytest.raises(Unreadable):
        parsing.country(written)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("written", ["no", "nē"])
async def test_a_no_where_the_country_is_asked_is_asked_again(written: str, language: str) -> None:
    talk, _ = await begin("KA220", language)
    await talk.press("eligibility:answer:KA220:sector:VET")
    (reply,) = await talk.say(written)
    assert question_of(reply) == "country"
    assert talk.notes.read("eligibility.KA220") == {"sector": "VET"}


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Latvija, Igaunija", "LV,EE"),
        ("latvija igaunija", "LV,EE"),
        ("Igaunija un Norvēģija", "EE,NO"),
        ("Estonia and Norway", "EE,NO"),
        ("Čehija; Vācija", "CZ,DE"),
        ("cehija\nvacija\n", "CZ,DE"),
        ("Czech Republic, Germany", "CZ,DE"),
        ("EE EE NO", "EE,EE,NO"),
        ("ee,no", "EE,NO"),
        ("NO", "NO"),
        ("UK, EL", "GB,GR"),
        ("Lielbritānija, Holande, Turcija", "GB,NL,TR"),
        ("Great Britain, the Netherlands, Turkey", "GB,NL,TR"),
        ("Bosnija un Hercegovina, Ziemeļmaķedonija", "BA,MK"),
        ("Bosnia and Herzegovina, North Macedonia", "BA,MK"),
        ("Kosova, Kosovo", "XK,XK"),
        ("-", "-"),
        ("nav", "-"),
        ("No", "-"),
        ("none", "-"),
        ("Latvija, Igaunija un vēl kāda", None),
        ("EU", None),
        ("UN", None),
        ("Latvija Igaunjia", None),
        ("–", "-"),
        ("\r\n", "-"),
        (",;", None),
        ("🇱🇻", None),
        ("Латвия", None),
        ("LV, Эстония", None),
        ("LV," * 40, ",".join(["LV"] * 40)),
        ("LV," * 41, None),
        ("LV " * 41, None),
    ],
)
def test_lists_of_countries(written: str, codes: str | None) -> None:
    if codes is None:
        with pytest.raises(Unreadable):
            parsing.countries(written)
    else:
        assert parsing.countries(written) == codes


@given(st.text(max_size=40))
def test_whatever_is_read_as_countries_is_known_to_the_rules(text: str) -> None:
    try:
        read = parsing.countries(text)
    except Unreadable:
        return
    assert read == "-" or set(read.split(",")) <= known_codes()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2020-05-01", "2020-05-01"),
        ("1.5.2020", "2020-05-01"),
        ("01.05.2020.", "2020-05-01"),
        ("1/10/2026", "2026-10-01"),
        (" 2020-05-01 ", "2020-05-01"),
        ("31.2.2020", None),
        ("2020", None),
        ("May 2020", None),
        ("1.5.20", None),
        ("", None),
    ],
)
def test_days(written: str, day: str | None) -> None:
    if day is None:
        with pytest.raises(Unreadable):
            days.day(written)
    else:
        assert days.day(written) == day


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(("24", "24"), (" 024 ", "24"), ("0", "0"), ("24 mēneši", None), ("-1", None)),
        *(("1000", None), ("²", None), ("2,5", None), ("", None)),
    ],
)
def test_numbers(written: str, number: str | None) -> None:
    if number is None:
        with pytest.raises(Unreadable):
            amounts.count(written)
    else:
        assert amounts.count(written) == number


async def begin(action: str, language: str = "en") -> tuple[Talk, Reply]:
    talk = Talk(language)
    (reply,) = await talk.say(f"/eligibility {action}")
    return talk, reply


def question_of(reply: Reply) -> str:
    return reply.choices[0].id.split(":")[3]


ANSWERS = {
    "sector": "Vocational education and training (VET)",
    "country": "Latvia",
    "kind": "Organisation with legal personality",
    "established": "1.5.2020",
    "total": "Only this one",
    "partners": "Estonia and Norway",
    "partner-kinds": "Yes, all",
    "partner-total": "At most 10",
    "associated": "none",
    "elsewhere": "no",
    "months": "24",
    "start": "2026-10-01",
    "lump-sum": "EUR 250 000",
    "priorities": "YES",
    "venues": "LV EE",
    "management": "At most 20 %",
    "packages": "From 2 to 5",
}
"""What a person types to each question of KA220, where pressing a button would do as well."""


async def filled() -> tuple[Talk, Reply]:
    talk, reply = await begin("KA220")
    while talk.notes.open_form:
        question = question_of(reply)
        labels = {
            choice.label.casefold().replace("\u00a0", " "): choice for choice in reply.choices
        }
        typed = ANSWERS[question]
        exact = labels.get(typed.casefold())
        (reply,) = await talk.say(exact.label if exact else typed)
        assert question in talk.notes.read("eligibility.KA220"), (question, reply.text)
    return talk, reply


async def test_every_answer_may_be_typed_and_leads_to_a_verdict() -> None:
    talk, verdict = await filled()
    assert set(talk.notes.read("eligibility.KA220")) == set(ANSWERS)
    assert words("en").say("eligibility.verdict.eligible") in verdict.text


async def test_an_answer_changed_later_leaves_the_others_and_changes_the_verdict() -> None:
    talk, _ = await filled()
    before = talk.notes.read("eligibility.KA220")
    (review,) = await talk.press("eligibility:review:KA220")
    change = next(c for c in review.choices if c.id == "eligibility:change:KA220:months")
    (asked,) = await talk.press(change.id)
    assert question_of(asked) == "months"
    (again,) = await talk.say("48")
    assert talk.notes.read("eligibility.KA220") == {**before, "months": "48"}
    assert words("en").say("eligibility.verdict.not_eligible") in again.text
    (fresh,) = await talk.press("eligibility:fresh:KA220")
    assert question_of(fresh) == "sector"
    assert talk.notes.read("eligibility.KA220") == {}


async def test_the_three_questionnaires_do_not_touch_each_other() -> None:
    talk, _ = await begin("KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (other,) = await talk.say("/eligibility ka240")
    assert question_of(other) == "sector"
    await talk.press("eligibility:answer:KA240:sector:SCH")
    assert talk.notes.read("eligibility.KA220") == {"sector": "VET"}
    assert talk.notes.open_form == "eligibility.KA240"


@pytest.mark.parametrize("action", KA2)
async def test_not_knowing_anything_is_unclear_and_never_a_refusal(action: str) -> None:
    talk, reply = await begin(action)
    for _ in range(40):
        if not talk.notes.open_form:
            break
        (reply,) = await talk.say("?")
    assert words("en").say("eligibility.verdict.unclear") in reply.text


async def test_what_cannot_be_read_is_said_shown_as_typed_and_asked_again() -> None:
    talk, _ = await begin("KA220")
    await talk.press("eligibility:answer:KA220:sector:VET")
    (reply,) = await talk.say("**Wonder**[land](http://evil.example)")
    assert question_of(reply) == "country"
    assert r"\*\*Wonder\*\*\[land\]" in reply.text
    assert talk.notes.read("eligibility.KA220") == {"sector": "VET"}
