"""Whatever people write, a notice keeps its headers, its parts, its lines and its links."""

import re
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incident.letter import by_hand, compose, mailto, subject, text
from handlers.words import LANGUAGES, words
from rules.incident import Case
from tests.mail.notices import AGENCY, NAME, OURS, PERSON, notifying
from tests.mail.reader import read
from tests.mail.samples import parsed

SURROGATE = chr(0xD800)
NASTY = [
    "x\r\nBcc: victim@example.org",
    "x\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "\r\n\r\n--=_noon-incident\r\nContent-Type: application/pdf\r\n\r\n%PDF-",
    "--=_noon-incident--",
    "=?utf-8?q?=0D=0ABcc=3A_x=40example=2Eorg?=",
    "=?utf-8?q?=0ABcc:a@b.c?=",
    "==?utf-8?b?DQpCY2M6IHhAeS56?=",
    '"; filename="evil.exe',
    "../../etc/passwd",
    "%0D%0ABcc:x@example.org&bcc=victim@example.org#",
    "[Submit](https://evil.example) **x** `y` <a href=x>",
    "1. Aģentūrai paziņots: JĀ\n-- \nFrom VIAA",
    "{n} {copy} {moment.__class__} %s %(x)s",
    "\x00\x01\x0b\x0c\x1b\x1c\x1d\x1e\x7f\x85\u2028\u2029",
    "fdp.\u202egnp\u2066\u2069\u200f\u061c\ufeff",
    f"{SURROGATE}a{SURROGATE}",
    "." * 200 + "\n.\n..\nFrom x",
    "x" * 10_000,
    "ā\u0300" * 5_000,
    "\U0001f600 שלום" * 500,
    "\n" * 10_000,
]
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=[]), min_size=1),
    st.lists(st.sampled_from([*"\r\n\t\0=?<>:;-\u2028\u202e", "Bcc: ", SURROGATE, "ā"])).map(
        "".join
    ),
)
WRITTEN = [field.name for field in fields(Case) if field.type in ("str", str)]
CASES = st.fixed_dictionaries({name: TEXTS for name in WRITTEN if name != "deadline"})
DECEPTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def shape(mail: bytes) -> tuple[Any, ...]:
    """Return what may not depend on what people write."""
    message = parsed(mail)
    parts = [(part.get_content_type(), part.defects) for part in message.walk()]
    assert message.defects == []
    return message.keys(), parts, [message[name] for name in ("From", "To", "Cc", "Reply-To")]


def labels(said: str) -> list[str]:
    """Return how each line begins that is not a quotation; a line is whatever a reader takes for
    one.
    """
    unknown = {words(language).say("notice.unknown") for language in LANGUAGES}
    lines = [line for line in said.splitlines() if not line.startswith(">")]
    ours = (line for line in lines if not line.startswith("- ") and line not in unknown)
    return [line.partition(":")[0] for line in ours]


def check(case: dict[str, str]) -> None:
    hostile, plain = notifying(**case), notifying()
    mail = compose(hostile, NAME)
    assert shape(mail) == shape(compose(plain, NAME))
    assert max(map(len, mail.split(b"\r\n"))) <= 76
    assert shape(by_hand(hostile)[0].content) == shape(by_hand(plain)[0].content)
    for language in LANGUAGES:
        assert labels(text(hostile, language)) == labels(text(plain, language))
        for told in (text(hostile, language), subject(hostile, language)):
            assert DECEPTIVE.search(told) is None
        assert "\n" not in subject(hostile, language)
        assert len(subject(hostile, language)) <= 120
    for file in parsed(mail).iter_attachments():
        name = file.get_filename()
        assert re.fullmatch(r"(form|incident)-[A-Za-z0-9-]{1,25}(-\d)?\.(pdf|png|jpg)", name)
    check_link(mailto(hostile))


def check_link(link: str) -> None:
    parts = urlsplit(link)
    assert link.isascii()
    assert len(link) < 1900
    assert (parts.scheme, parts.path, parts.fragment) == ("mailto", AGENCY, "")
    values = parse_qs(parts.query, strict_parsing=True)
    assert {name: len(each) for name, each in values.items()} == {"subject": 1, "body": 1}


@pytest.mark.parametrize("written", NASTY)
def test_what_is_known_to_be_nasty_changes_no_shape(written: str) -> None:
    check({name: written for name in WRITTEN if name != "deadline"})


@pytest.mark.parametrize("written", NASTY)
@pytest.mark.parametrize("field", ["organisation", "form_id", "action"])
def test_what_is_nasty_in_the_subject_alone_changes_no_shape(field: str, written: str) -> None:
    check({field: written})


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_nothing_that_is_written_adds_a_header_a_part_or_a_line(case: dict[str, str]) -> None:
    check(case)


def test_the_independent_reader_sees_no_more_than_we_wrote() -> None:
    names = [name for name in WRITTEN if name != "deadline"]
    mails = [compose(notifying(**dict.fromkeys(names, written)), NAME) for written in NASTY]
    (plain,) = read([compose(notifying(), NAME)])
    for seen in read(mails):
        assert seen.names == plain.names
        assert (seen.sender, seen.to, seen.reply_to) == (
            [("Noon", OURS)],
            [("", AGENCY)],
            [("", PERSON)],
        )
        assert seen.lines["cc"] == plain.lines["cc"]
        assert seen.html == ""
        assert [(file.type, file.content) for file in seen.attachments] == [
            (file.type, file.content) for file in plain.attachments
        ]


@pytest.mark.parametrize("field", ["to", "copy", "sender"])
@pytest.mark.parametrize("sign", ["\r", "\n", "\r\nBcc: x@example.org", "\u2028", SURROGATE])
def test_an_address_that_nobody_checked_makes_no_mail(field: str, sign: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose(notifying(**{field: f"a@example.org{sign}"}), NAME)
