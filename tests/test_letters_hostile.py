"""Whatever stands in the data, a letter keeps its headers, its parts and its elements."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.visit import Desk
from rules import addresses
from rules.calls import ActionName
from rules.sources import Library
from tests.botapi.markup import HtmlReader
from tests.ics.lint import lint
from tests.mail.reader import Page, read
from tests.mail.samples import (
    ADDRESS,
    Writing,
    access,
    alarm,
    canary,
    claimed,
    confirmation,
    moved,
    parsed,
    reminder,
)
from tests.mail.samples import SENDER as OURS
from tests.talk import the_desk, the_facts

NASTY = [
    "x\r\nBcc: victim@example.org",
    "x\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "\r\n\r\n--=_noon-mixed\r\nContent-Type: text/html\r\n\r\n<b>",
    "--=_noon-alternative--",
    "</td></tr></table><img src=x onerror=alert(1)>",
    '"><a href="https://evil.example">',
    "{{ 7*7 }}{% raw %}",
    "=?utf-8?q?=0D=0ABcc=3A_x=40example=2Eorg?=",
    "END:VEVENT\r\nBEGIN:VALARM",
    "\x00\x01\x0b\x0c\x1b\x7f\x85\u2028\u2029\u202e",
    "<b>unbalanced & <i>",
    "." * 200,
    "ā" * 3_000,
    "\U0001f600 שלום" * 20,
    "{n} {action} %s %(x)s",
    "x" * 10_000,
]
TEXTS = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
)
ZONES = st.sampled_from(
    ["Europe/Riga", "America/Argentina/Buenos_Aires", "../../etc/passwd", "x\r\nBcc: y", ""]
)


@dataclass(frozen=True)
class Public:
    """What data and people's settings say, as bad as it may be."""

    name: str
    title: str
    agency: str
    zone: str


PUBLIC = st.builds(Public, TEXTS, TEXTS, TEXTS, ZONES)


def spoilt(public: Public) -> Desk:
    """Return a desk whose data say `public`."""
    facts, desk = the_facts(), the_desk()
    names = ActionName.model_construct(lv=public.name, en=public.name, key_action="KA2", noon=True)
    guide = facts.library.document("pg-2026:238")
    document = guide.model_copy(update={"title": public.title})
    library = Library({"pg-2026": document})
    agency = desk.agency.model_copy(update={"short": public.agency})
    changed = replace(facts, actions={**facts.actions, "KA220": names}, library=library)
    return replace(desk, facts=changed, agency=agency)


def contents(public: Public) -> Iterator[dict[str, Any]]:
    """Yield every kind of content with hostile values where values may stand."""
    zone = {"zone": public.zone}
    yield reminder(**zone)
    yield moved(**zone)
    yield confirmation(**zone, selection=public.name, leads=public.title)
    yield access(**zone)
    yield alarm(**zone, message=public.name, values={"what": public.title})
    yield canary(**zone)


def shape(mail: bytes) -> tuple[Any, ...]:
    """Return what may not depend on values: header names, parts, elements, calendar lines."""
    message = parsed(mail)
    assert message.defects == []
    parts = [(part.get_content_type(), part.defects) for part in message.walk()]
    page = Page(message.get_body(("html",)).get_content())
    files = [part.get_payload(decode=True) for part in message.iter_attachments()]
    for file in files:
        assert lint(file, feed=False) == []
    elements = [name for name in page.elements if name not in ("p", "li")]
    names = [line.partition(b":")[0] for file in files for line in file.split(b"\r\n")]
    blocks = [name for name in names if name in (b"BEGIN", b"END")]
    return message.keys(), parts, elements, page.fetched, blocks


PLAIN = Public("Sadarbības partnerības", "Erasmus+ Programme Guide", "VIAA", "Europe/Riga")


@pytest.mark.parametrize("text", NASTY)
def test_what_is_known_to_be_nasty_changes_no_shape(text: str) -> None:
    check(Public(text, text, text, "Europe/Riga"))


@settings(max_examples=40)
@given(PUBLIC)
def test_no_public_value_adds_a_header_a_part_or_an_element(public: Public) -> None:
    check(public)


def check(public: Public) -> None:
    hostile, plain = Writing(spoilt(public)), Writing(spoilt(PLAIN))
    for bad, good in zip(contents(public), contents(PLAIN), strict=True):
        mail = hostile.mail(bad)
        assert shape(mail) == shape(plain.mail(good))
        assert len(mail.partition(b"\r\n\r\n")[0].split(b"\r\nSubject")) == 2


def test_the_independent_reader_sees_no_more_than_we_wrote() -> None:
    mails = [
        Writing(spoilt(Public(text, text, text, "Europe/Riga"))).mail(content)
        for text in NASTY
        for content in contents(Public(text, text, text, "Europe/Riga"))
    ]
    for mail in read(mails):
        assert mail.to == [("", ADDRESS)]
        assert mail.sender == [("Noon", OURS)]
        assert "bcc" not in mail.names
        assert len(mail.names) == len(set(mail.names)) <= 14
        assert {file.type for file in mail.attachments} <= {"text/calendar"}
        assert "script" not in Page(mail.html).elements


LOCALS = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}", fullmatch=True)


def is_taken(written: str) -> bool:
    try:
        addresses.parse(written)
    except addresses.BadAddress:
        return False
    return True


ADDRESSES = LOCALS.map(lambda local: f"{local}@example.org").filter(is_taken)


@settings(max_examples=15)
@given(st.lists(ADDRESSES, min_size=20, max_size=20, unique=True))
def test_every_address_that_passes_the_rule_arrives_as_the_only_one(found: list[str]) -> None:
    for address in found:
        message = parsed(Writing().mail(access(), address=address))
        (header,) = message.get_all("To")
        assert str(header) == address
        assert [one.addr_spec for one in header.addresses] == [address]


def test_strange_addresses_reach_the_independent_reader_unchanged() -> None:
    strange = [f"{local}@example.org" for local in ("!#$%&'*+/=?^_`{|}~-", "a.b+c", "=a?=", "x'y")]
    mails = [Writing().mail(access(), address=address) for address in strange]
    assert [mail.to for mail in read(mails)] == [[("", address)] for address in strange]


@settings(max_examples=60)
@given(PUBLIC)
def test_no_public_value_adds_an_entity_in_a_chat(public: Public) -> None:
    writing, plain = Writing(spoilt(public)), Writing(spoilt(PLAIN))
    for make in (reminder, moved, alarm):
        values = {"values": {"what": public.title}} if make is alarm else {}
        given = {"zone": public.zone, **values}
        assert entities(writing, make(**given)) == entities(plain, make())


def entities(writing: Writing, content: dict[str, Any]) -> list[str]:
    found = writing.letters.make(claimed(content, channel="telegram", address="4711"))
    assert found is not None
    _, seen = HtmlReader(json.loads(found.content)["text"]).read()
    return [entity["type"] for entity in seen]
