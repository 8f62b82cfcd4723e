"""What is taken out of a text before it is kept for editors, and what stays."""

import unicodedata
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.masking import LONGEST, READ, mask, readable
from rules.loader import said

MASKED = [
    ("Mani sauc Anna Bērziņa un netieku iekšā", "Mani sauc [name] un netieku iekšā"),
    ("mani sauc anna berzina, ko darit", "mani sauc [name], ko darit"),
    ("my name is John O'Neil and I need help", "my name is [name] and I need help"),
    ("Esmu Anna Liepiņa no Cēsīm", "Esmu [name] no Cēsīm"),
    ("rakstiet anna.berzina@skola.lv", "rakstiet [e-mail]"),
    ("rakstiet anna (at) skola.lv", "rakstiet [e-mail]"),
    ("tel. +371 29 123 456", "tel. [number]"),
    ("personas kods 010190-12345", "personas kods [number]"),
    ("mūsu OID ir E10123456", "mūsu OID ir [OID]"),
    ("mūsu OID ir e 1012 3456", "mūsu OID ir [OID]"),
    ("KA220-SCH-1A2B3C4D neatveras", "[Form ID] neatveras"),
    ("ka220-sch-1a2b3c4d neatveras", "[Form ID] neatveras"),
    ("projekts 2023-1-LV01-KA220-SCH-000123456", "projekts [project]"),
    ("https://webgate.ec.europa.eu/app?token=a1b2 nav", "[webgate.ec.europa.eu/…] nav"),
    ("https://example.org/anna", "[link]"),
    ("skola.lv/anna?x=1", "[link]"),
    ("konts LV80BANK0000435195001", "konts [number]"),
    ("atslēga eyJhbGciOiJIUzI1NiIsInR5cCI6", "atslēga [code]"),
    ("personas kods 010190–12345", "personas kods [number]"),
    ("personas kods 010190 - 12345", "personas kods [number]"),
    ("pk.010190-12345 un p.k.010190-12345", "pk.[number] un p.k.[number]"),
    ("tel.29123456, t.29123456, tālr.29123456", "tel.[number], t.[number], tālr.[number]"),
    ("tel.nr.29123456 vai mob29123456", "tel.nr.[number] vai mob[number]"),
    ("29 12–34 56", "[number]"),
    ("\uff12\uff19\uff11\uff12 34\u200b56", "[number]"),
    ("pase LV1234567, pase PA1234567", "pase [number], pase [number]"),
    ("dzimusi 01.02.1990", "dzimusi [number]"),
    ("raksti anna.berzina at gmail.com", "raksti [e-mail]"),
    ("raksti anna (et) inbox.lv", "raksti [e-mail]"),
    ("parole: Suns2024!", "parole: [code]"),
    ("mana parole ir Suns", "mana parole ir [code]"),
    ("kods 482913", "kods [number]"),
    ("PIN kods 4829", "PIN kods [code]"),
    ("OIDE10123456 vai E101234567", "OID[OID] vai [OID]"),
    ("lv80 bank 0000 4351 9500 1", "[number]"),
    ("fb: anna.berzina.5", "fb: [account]"),
    ("Brīvības ielā 45-12, LV-1010", "[address], [address]"),
    ("mani sauc: Anna Bērziņa", "mani sauc: [name]"),
    ("Mani sauc Jānis Kārlis Bērziņš Kalniņš", "Mani sauc [name]"),
    ("mans uzvārds ir Bērziņa", "mans uzvārds ir [name]"),
    ("Te Anna", "Te [name]"),
    ("Esmu Anna, ko darīt?", "Esmu [name], ko darīt?"),
    ("Paldies! Ilze Kalniņa", "Paldies! [name]"),
    ("Thanks, John Smith", "Thanks, [name]"),
    ("Ar cieņu skolas direktore A. Bērziņa", "Ar cieņu [name]"),
    ("mana kolēģe Ilze Ozola aizgājusi", "mana kolēģe [name] aizgājusi"),
    ("Jāņa Kalniņa konts ir bloķēts", "[name] konts ir bloķēts"),
    ("http://[x", "[link]"),
]
WHOLE = [
    *("Inga Ozola", "Ingai Ozolai", "Dace Liepa", "Daces Liepas", "Jānis Kalns", "Jānim Kalnam"),
    *("Ilze Bergs", "Ilzes Bergas", "Anna Vītola", "Jānis Balodis", "Jāņa Baloža", "Zane Balode"),
    *("Līga Vanaga", "Māris Lācis", "Māra Lāča", "Ieva Krūma", "Anna Kļava", "Jura Zvirbuļa"),
    *("Ritas Egles", "Laura Priede", "Ilzei Rozei", "Juris Kalējs", "Pēteris Vilks", "Anna Grīva"),
    *("Anna Jansone", "Jāņa Jansona", "Jura Freimaņa", "Zanei Zālītei", "Mārtiņam Bērziņam"),
    *("Aija Zariņa-Ozola", "Aija Zariņa-Kviese", "Ilze Liepa-Kalniņa", "Anna Marija Ozola"),
    *("Anna Kalnina", "Annas Kalninas", "Janis Berzins", "Janis Eglitis", "Inese Rudzite"),
    *("Anna Vitola", "Maris Lacis", "Anna Klava", "Bērziņš Jānis", "Ozola Inga Marija"),
    *("Наталья Иванова", "Наталья Петровна Иванова", "Анна-Мария Петрова", "Ілона Шевченко"),
]
"""Names that stand alone: given name and surname, one of the most frequent, in any case."""

PLAIN = [
    *("Esmu skolotāja, ar ko sākt?", "termiņš 05.03.2026 plkst. 12:00 ir nepareizs"),
    *("60 000 vai 250 000 EUR, 20 %", "KA220-SCH un KA210", "2026-10-01 ir sākums"),
    *("EU Login prasa otro faktoru", "I am a teacher at a school", "Vai drīkst ES logo?"),
    *("kods no telefona nenāk", "Te nekas nestrādā", "programma 2021-2027", "kļūdas kods 500"),
    *("Te EU Login nestrādā", "This is KA220", "Paldies! Kā pieteikties?", "parole ir nepareiza"),
    *("Application Deadline", "Contact Person", "Grīziņkalna Vidusskola", "Ogres Kalna vidusskola"),
    *("partneris Ukrainas skola", "Paroles Maiņa", "Как получить OID?", "Европейская Комиссия"),
    *("With a dozen Riga Secondary Schools in the list", "May Gemini be used?", "Help Desks"),
    *("30 000/60 000 EUR", "no 2026-10-01 - 2027-01-01", "mans uzvārds ir mainīts", "kods KA220"),
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_what_says_who_somebody_is_does_not_stay(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(mask(text)) == masked


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("around", ["{} nevar ieiet", "Kā {} var ieiet?", "rakstīja {}, ko darīt"])
def test_a_whole_name_does_not_stay(name: str, around: str) -> None:
    assert mask(around.format(name)) == around.format("[name]")
    assert mask(mask(around.format(name))) == around.format("[name]")


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_question_needs_stays(text: str) -> None:
    assert mask(text) == text


def test_an_official_page_may_be_named_without_its_query() -> None:
    assert mask("www.agency.example/lv/jauns", {"agency.example"}) == "[agency.example/lv/jauns]"
    assert mask("www.agency.example/lv?u=1", {"agency.example"}) == "[agency.example/…]"


@pytest.mark.parametrize("before", ["a " * 147, f"https://webgate.ec.europa.eu/x?{'q' * 560} "])
def test_a_long_text_is_cut_after_it_is_masked(before: str) -> None:
    masked = mask(f"{before}+371 29123456")
    assert len(masked) <= LONGEST
    assert "371" not in masked


def test_of_a_paste_nothing_stays() -> None:
    assert mask("a" * READ + " anna@skola.lv") == "…"


PIECES = (
    *(
        "http://[",
        "https://user:[x]@",
        "www.[::1",
        "@",
        "mani sauc ",
        "Te Anna",
        "parole: ",
        "E1012",
    ),
    *("\x1b]0;x\x07", "\x1b[2J", "\x9b", "\0", "\ud800", "\u202e", "\u200b", "\u2028", "LV80", "("),
)
ANYTHING = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=())), max_size=12
).map("".join)


@given(ANYTHING)
def test_masking_raises_nothing_and_leaves_no_control_signs(text: str) -> None:
    masked = mask(text)
    assert len(masked) <= LONGEST
    assert not [sign for sign in masked if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl")]
    assert len(mask(masked)) <= LONGEST


@pytest.mark.parametrize(
    "again",
    [
        *("a", "aA", "A.", "1.", "a@", "Anna ", "mani sauc ", "kods a ", '" <', "KA", "Aa-"),
        *("Ozola ", "Anna-Ozola ", "Aiņa-", "Asonson", "Иван ", "Иван-"),
    ],
)
def test_the_longest_text_is_masked_at_once(again: str) -> None:
    began = perf_counter()
    mask((again * READ)[:READ])
    assert perf_counter() - began < 2


PARTINGS = ("", "", " ", "-", "–", "—", ".", "/", " - ", "\u00a0", "\u200b", "\u00ad", ") ")


@given(
    st.sampled_from(("29123456", "67123456", "01019012345", "32123456789", "37129123456")),
    st.lists(st.sampled_from(PARTINGS), min_size=10, max_size=10),
    st.sampled_from(("", "tel.", "t.", "mob", "nr_", "+", "(", "pk ", "Ā")),
)
def test_a_number_of_a_person_does_not_stay_however_it_is_parted(
    number: str, partings: list[str], before: str
) -> None:
    written = "".join(
        sign + between for sign, between in zip(number, [*partings, ""], strict=False)
    )
    assert not [sign for sign in mask(f"{before}{written} zvanu") if sign.isdigit()]


def test_hardly_a_question_loses_a_word() -> None:
    asked = [each for spoken in said().values() for many in spoken.values() for each in many[::3]]
    lost = [each for each in asked if "@" not in each and mask(each) != readable(each)]
    assert len(asked) > 2_000
    named = [each for each in asked if "[name]" in mask(each)]
    assert len(named) < len(asked) / 500, named
    assert len(lost) < len(asked) / 500, lost
