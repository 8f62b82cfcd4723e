"""A notice on the wire: recipients, headers, files; as a draft to send by hand; as a link."""

from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bot.incident.letter import by_hand, compose, mailto, subject, text
from handlers.markup import Style
from handlers.markup import read as read_markup
from tests.mail.notices import (
    AGENCY,
    CASE,
    MINUTE,
    NAME,
    NOON,
    OURS,
    PERSON,
    form,
    notifying,
    screenshot,
)
from tests.mail.reader import read
from tests.mail.samples import parsed

LARGEST_MAIL = 10_240_000
LONG = "a" * 40 + "." + "b" * 60 + "." + "c" * 60 + ".example"


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_it_goes_to_the_agency_and_to_the_person_and_asks_for_an_answer() -> None:
    mail = parsed(compose(notifying(), NAME))
    assert mail.keys() == [
        *("From", "To", "Cc", "Reply-To", "Message-ID", "Subject", "Date"),
        *("MIME-Version", "Content-Type", "Content-Language"),
    ]
    assert [mail[name] for name in ("To", "Cc", "Reply-To")] == [AGENCY, PERSON, PERSON]
    assert mail["From"].addresses[0].addr_spec == OURS
    assert mail["Date"].datetime == NOON + 13 * MINUTE
    assert mail["Message-ID"] == NAME
    assert mail["Subject"] == subject(notifying(), "lv")
    assert body(mail) == text(notifying(), "lv")


def test_without_a_mailbox_of_the_agency_nothing_is_made_to_be_sent() -> None:
    with pytest.raises(ValueError, match="no mailbox"):
        compose(notifying(to=None), NAME)


def test_a_correction_answers_the_first_notice() -> None:
    first = f"<incident.{'f' * 32}@{LONG}>"
    mail = parsed(compose(notifying(number=1, first=(first, NOON)), NAME))
    assert [mail[name] for name in ("In-Reply-To", "References")] == [first, first]


def test_long_addresses_and_ids_stay_as_they_are() -> None:
    name, person = f"<incident.{'e' * 32}@{LONG}>", f"{'p' * 64}@{LONG}"
    first = (name.replace("e", "d"), NOON)
    given: dict[str, Any] = {"copy": person, "to": person, "number": 1, "first": first}
    head = compose(notifying(**given), name).partition(b"\r\n\r\n")[0].decode("ascii")
    for line in (
        f"Cc: {person}",
        f"To: {person}",
        f"Message-ID: {name}",
        f"References: {first[0]}",
    ):
        assert line in head.split("\r\n")


def test_the_form_is_the_first_file_and_byte_for_byte_the_same() -> None:
    n = notifying(files=(screenshot(1), screenshot(2), form(100_000)))
    files = list(parsed(compose(n, NAME)).iter_attachments())
    assert [file.get_filename() for file in files] == [
        "form-KA220-SCH.pdf",
        "incident-KA220-SCH-1.png",
        "incident-KA220-SCH-2.png",
    ]
    assert [file.get_content_type() for file in files] == [
        "application/pdf",
        "image/png",
        "image/png",
    ]
    assert files[0].get_payload(decode=True) == n.files[2].content
    assert [file.get_payload(decode=True) for file in files[1:]] == [
        n.files[0].content,
        n.files[1].content,
    ]


@pytest.mark.parametrize(
    ("variant", "names"),
    [
        ("full", ["form-KA220-SCH.pdf", "incident-KA220-SCH-1.png", "incident-KA220-SCH-2.png"]),
        ("small", ["form-KA220-SCH.pdf", "incident-KA220-SCH-1.jpg", "incident-KA220-SCH-2.jpg"]),
        ("bare", []),
    ],
)
def test_a_smaller_variant_carries_less_and_lists_every_hash(
    variant: Any, names: list[str]
) -> None:
    n = notifying()
    mail = parsed(compose(n, NAME, variant))
    assert [file.get_filename() for file in mail.iter_attachments()] == names
    for file in n.files:
        assert file.sha256 in body(mail)


@pytest.mark.parametrize("size", [2_500_000, 5_500_000])
def test_the_fullest_mail_fits_a_server_that_takes_ten_megabytes(size: int) -> None:
    shots = tuple(screenshot(number, 700_000, 240_000) for number in range(6))
    n = notifying(files=(form(size), *shots), happened="ā " * 10_000)
    content = compose(n, NAME)
    assert 8_000_000 < len(content) <= LARGEST_MAIL
    assert len(list(parsed(content).iter_attachments())) == 7


@pytest.mark.parametrize("variant", ["full", "small", "bare"])
def test_every_line_is_ascii_short_and_ends_in_crlf(variant: Any) -> None:
    mails = [
        compose(notifying(happened="x" * 10_000, organisation="ā" * 300), NAME, variant),
        by_hand(notifying(happened="."))[0].content,
    ]
    for mail in mails:
        assert mail.endswith(b"\r\n")
        lines = mail.split(b"\r\n")
        assert not any(b"\r" in line or b"\n" in line for line in lines)
        assert max(map(len, lines)) <= 76
        assert mail.isascii()


def test_the_same_notice_makes_the_same_bytes() -> None:
    assert compose(notifying(), NAME) == compose(notifying(), NAME)
    assert by_hand(notifying()) == by_hand(notifying())


def test_another_parser_reads_the_same() -> None:
    first = (NAME.replace("0", "f"), NOON)
    given: list[dict[str, Any]] = [{}, {"number": 1, "first": first}, {"files": ()}]
    written = [notifying(**one) for one in given]
    for n, seen in zip(written, read(compose(n, NAME) for n in written), strict=True):
        assert seen.to == [("", AGENCY)]
        assert seen.reply_to == [("", PERSON)]
        assert seen.lines["cc"] == f"Cc: {PERSON}"
        assert seen.subject == subject(n, "lv")
        assert seen.text.rstrip() == text(n, "lv").rstrip()
        assert {"auto-submitted", "list-id", "list-unsubscribe"}.isdisjoint(seen.names)
        assert seen.message_id == NAME
        assert [file.content for file in seen.attachments[:1]] == [
            file.content for file in n.files if file.kind == "form"
        ]


def test_by_hand_everything_goes_what_noon_does_not_send_too() -> None:
    active, large = form(9_000, "active"), form(6_000_000, "large")
    for pdf in (active, large):
        n = notifying(files=(screenshot(1), pdf))
        draft, plain = by_hand(n, "en")
        mail = parsed(draft.content)
        assert mail["X-Unsent"] == "1"
        assert [mail["From"], mail["To"], mail["Cc"]] == [PERSON, AGENCY, None]
        assert "Message-ID" not in mail
        files = list(mail.iter_attachments())
        assert [file.get_filename() for file in files] == [
            "form-KA220-SCH.pdf",
            "incident-KA220-SCH-1.png",
        ]
        assert files[0].get_payload(decode=True) == pdf.content
        told = plain.content.decode()
        assert told.endswith(body(mail))
        for part in (AGENCY, subject(n, "lv"), "form-KA220-SCH.pdf", "incident-KA220-SCH-1.png"):
            assert part in told
        assert [draft.name, plain.name] == ["incident-KA220-SCH.eml", "incident-KA220-SCH.txt"]


def test_by_hand_without_a_mailbox_the_contacts_are_named() -> None:
    draft, plain = by_hand(notifying(to=None), "lv")
    assert "To" not in parsed(draft.content)
    assert "https://erasmusplus.lv/kontakti" in plain.content.decode()


@pytest.mark.parametrize("happened", ["", "Error 500", "ā" * 20_000, "&?#%=\r\n" * 500])
def test_a_link_holds_the_essential_facts_and_opens_everywhere(happened: str) -> None:
    link = mailto(notifying(happened=happened))
    assert len(link) < 1900
    assert link.isascii()
    parts = urlsplit(link)
    assert (parts.scheme, unquote(parts.path), parts.fragment) == ("mailto", AGENCY, "")
    fields = parse_qs(parts.query, strict_parsing=True)
    assert fields.keys() == {"subject", "body"}
    assert fields["subject"] == [subject(notifying(), "lv")]
    (told,) = fields["body"]
    for part in (CASE.organisation, CASE.oid, CASE.form_id, CASE.phone, "11:58", "12:58"):
        assert part in told
    assert "\n" not in told.replace("\r\n", "")


def test_a_link_without_a_mailbox_asks_for_one() -> None:
    assert mailto(notifying(to=None)).startswith("mailto:?subject=")


def test_a_link_can_stand_in_a_reply() -> None:
    link = mailto(notifying(organisation="(A) [b](c) *d* `e` \\f"))
    (line,) = read_markup(f"[x]({link})")
    assert [(span.style, span.address) for span in line] == [(Style.LINK, link)]
