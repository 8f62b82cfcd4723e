"""Which addresses are taken, in which form, and which are refused for what."""

import re
import string
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.addresses import LONGEST, LONGEST_LOCAL, Address, BadAddress, Problem, parse

LABEL = "a" * 63
LATVIAN = "āē" * 27
"""54 letters; more octets as an A-label."""
ATEXT = string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  anna@example.org ", "anna@example.org"),
        ("Anna.Ozola@Example.ORG", "Anna.Ozola@example.org"),
        ("anna+noon@example.org", "anna+noon@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("a!#$%&'*+-/?=^_`{|}~@example.org", "a!#$%&'*+-/?=^_`{|}~@example.org"),
        ("1@2.example", "1@2.example"),
        ("anna@mail.riga.example.org", "anna@mail.riga.example.org"),
        ("anna@piemērs.lv", "anna@xn--piemrs-s3a.lv"),
        ("anna@PIEMĒRS.LV", "anna@xn--piemrs-s3a.lv"),
        ("anna@pieme\u0304rs.lv", "anna@xn--piemrs-s3a.lv"),
        ("anna@xn--piemrs-s3a.lv", "anna@xn--piemrs-s3a.lv"),
        ("anna@straße.example", "anna@xn--strae-oqa.example"),
        ("anna@пример.рф", "anna@xn--e1afmkfd.xn--p1ai"),
        ("anna@example。org", "anna@example.org"),
        (f"{'a' * LONGEST_LOCAL}@example.org", f"{'a' * LONGEST_LOCAL}@example.org"),
        (f"{'a' * 62}@{LABEL}.{LABEL}.{LABEL}", f"{'a' * 62}@{LABEL}.{LABEL}.{LABEL}"),
    ],
)
def test_an_address_is_taken_in_its_normal_form(written: str, normal: str) -> None:
    assert str(parse(written)) == normal


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", Problem.EMPTY),
        ("   ", Problem.EMPTY),
        ("anna", Problem.NO_AT),
        ("anna.example.org", Problem.NO_AT),
        ("anna＠example.org", Problem.NO_AT),
        ("@example.org", Problem.LOCAL),
        ("anna@", Problem.DOMAIN),
        ("anna.@example.org", Problem.LOCAL),
        (".anna@example.org", Problem.LOCAL),
        ("an..na@example.org", Problem.LOCAL),
        ("=?utf-8?q?berta?=@example.org", Problem.LOCAL),
        ("=?utf-8?q?berta=40example.org=2C?=@example.com", Problem.LOCAL),
        ("anna=?us-ascii?b?Pg==?=@example.org", Problem.LOCAL),
        ("jānis@piemērs.lv", Problem.LOCAL_LETTERS),
        (f"{'a' * 65}@example.org", Problem.LOCAL_TOO_LONG),
        (f"{'a' * 63}@{LABEL}.{LABEL}.{LABEL}", Problem.TOO_LONG),
        (f"{'a' * 64}@{LATVIAN}.{LATVIAN}.{LATVIAN}.lv", Problem.TOO_LONG),
        ("a" * 10**6 + "@example.org", Problem.TOO_LONG),
        ("anna@example.org, berta@example.org", Problem.SEVERAL),
        ("anna@example.org;berta@example.org", Problem.SEVERAL),
        ("anna@example.org berta@example.org", Problem.SEVERAL),
        ("<a@b>, <c@d>", Problem.SEVERAL),
        ("alice@example.org)bob@example.org", Problem.SEVERAL),
        ("anna@berta@example.org", Problem.SEVERAL),
        ("Anna <anna@example.org>", Problem.NOT_BARE),
        ("<anna@example.org>", Problem.NOT_BARE),
        ("mailto:anna@example.org", Problem.NOT_BARE),
        ("team:anna@example.org", Problem.NOT_BARE),
        ("anna(home)@example.org", Problem.NOT_BARE),
        ('"anna"@example.org', Problem.NOT_BARE),
        ("anna\\berta@example.org", Problem.NOT_BARE),
        ("anna ozola@example.org", Problem.SPACE),
        ("anna@exam ple.org", Problem.SPACE),
        ("anna\u00a0@example.org", Problem.SPACE),
        ("anna@example.org\r\nBcc: all@example.org", Problem.INVISIBLE),
        ("anna@example.org\n", Problem.INVISIBLE),
        ("anna\t@example.org", Problem.INVISIBLE),
        ("anna\x00@example.org", Problem.INVISIBLE),
        ("anna\x7f@example.org", Problem.INVISIBLE),
        ("anna\u0085@example.org", Problem.INVISIBLE),
        ("anna@example.org\u2028", Problem.INVISIBLE),
        ("anna@exam\u200bple.org", Problem.INVISIBLE),
        ("\ufeffanna@example.org", Problem.INVISIBLE),
        ("anna@exam\u202eple.org", Problem.INVISIBLE),
        ("anna\ud800@example.org", Problem.INVISIBLE),
        ("anna@[192.0.2.1]", Problem.DOMAIN),
        ("anna@192.0.2.1", Problem.DOMAIN),
        ("anna@example.1", Problem.DOMAIN),
        ("anna@example.org.", Problem.DOMAIN),
        ("anna@.example.org", Problem.DOMAIN),
        ("anna@example..org", Problem.DOMAIN),
        ("anna@-example.org", Problem.DOMAIN),
        ("anna@example-.org", Problem.DOMAIN),
        ("anna@exam_ple.org", Problem.DOMAIN),
        ("anna@exam%ple.org", Problem.DOMAIN),
        ("anna@☃.example", Problem.DOMAIN),
        ("anna@xn--zzzzzz.lv", Problem.DOMAIN),
        (f"anna@{'a' * 64}.org", Problem.DOMAIN),
        ("anna@gmail", Problem.DOMAIN_ENDING),
        ("anna@localhost", Problem.DOMAIN_ENDING),
    ],
)
def test_anything_else_is_refused_with_what_to_do(written: str, problem: Problem) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(written)
    assert refused.value.problem is problem


def test_an_address_with_an_ipv6_literal_is_refused() -> None:
    with pytest.raises(BadAddress):
        parse("anna@[IPv6:2001:db8::1]")


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("anna.ozola@example.org", "annaozola@example.org"),
        ("AnnaOzola@Example.org", "annaozola@example.org"),
        ("a.n.n.a.ozola+noon+2@example.org", "annaozola@example.org"),
        ("anna-ozola@example.org", "anna-ozola@example.org"),
        ("annaozola@mail.example.org", "annaozola@mail.example.org"),
        ("+noon@example.org", "+noon@example.org"),
    ],
)
def test_limits_count_addresses_without_dots_tags_and_case(written: str, counted: str) -> None:
    address = parse(written)
    assert address.counted == counted
    assert str(address) != counted or written == counted


def test_neither_a_representation_nor_an_error_repeats_the_address() -> None:
    assert "anna" not in repr(parse("anna@example.org"))
    assert "example" not in f"{[parse('anna@example.org')]}"
    with pytest.raises(BadAddress) as refused:
        parse("anna@exam_ple.org")
    assert "anna" not in str(refused.value)


def dot_atoms(longest: int) -> st.SearchStrategy[str]:
    """Return local parts, some of them near an encoded word."""
    atom = st.one_of(st.text(ATEXT, min_size=1, max_size=20), st.text("=?qb_a", min_size=1))
    atoms = st.lists(atom, min_size=1, max_size=4).map(".".join)
    return atoms.filter(lambda text: len(text) <= longest and "=?" not in text)


LABELS = st.from_regex(r"[a-zA-Z0-9āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽäöüéñ]{1,20}", fullmatch=True)
DOMAINS = st.builds(
    lambda labels, last: ".".join([*labels, last]),
    st.lists(LABELS, min_size=1, max_size=3),
    st.sampled_from(["lv", "org", "example", "рф"]),
)
LIKELY = st.one_of(
    st.text(),
    st.from_regex(r"[^@]{1,10}@[^@]{1,10}\.[a-z]{2}", fullmatch=True),
    st.builds("{}@{}".format, st.text(), DOMAINS),
    st.builds("{}@{}.org".format, dot_atoms(LONGEST_LOCAL), st.text()),
)


def taken(written: str) -> Address | None:
    try:
        return parse(written)
    except BadAddress:
        return None


@given(dot_atoms(LONGEST_LOCAL), DOMAINS)
def test_every_dot_atom_at_a_domain_is_taken_and_keeps_its_local_part(
    local: str, domain: str
) -> None:
    address = parse(f"{local}@{domain}")
    assert address.local == local
    assert parse(str(address)) == address


@given(LIKELY)
def test_what_is_taken_is_one_plain_ascii_address_that_stays_as_it_is(written: str) -> None:
    address = taken(written)
    if address is None:
        return
    text = str(address)
    assert parse(text) == address
    assert len(text) <= LONGEST
    assert len(address.local) <= LONGEST_LOCAL
    assert re.fullmatch(rf"[{re.escape(ATEXT)}.]+@[a-z0-9.-]+", text)
    assert Address(*address.counted.split("@")).counted == address.counted


@given(LIKELY)
def test_what_is_taken_is_the_one_address_of_its_header_and_starts_no_other(written: str) -> None:
    address = taken(written)
    if address is None:
        return
    message = EmailMessage(policy=SMTP)
    message["To"] = str(address)
    lines = message.as_bytes().split(b"\r\n")
    assert [line for line in lines if line and not line.startswith(b" ")] == lines[:1]
    assert b"".join(lines) == b"To: " + str(address).encode()
    assert message["To"].addresses[0].addr_spec == str(address)
