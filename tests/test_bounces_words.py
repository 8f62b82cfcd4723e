"""What a report says, whom it was sent to, and how the mailbox's address is written."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.post.bounces import envelope_sender, reports
from bot.post.bounces.reports import Fate
from bot.post.bounces.verp import Forged, returned_to
from bot.post.mailboxes import parse
from bot.post.server_url import BadServerUrl
from bot.settings import Settings
from rules import addresses
from tests.imap.post import KEY, SENDER, claimed_as
from tests.imap.samples import SAMPLES, Sample

ORIGINAL = "<reminder.0123456789abcdef0123456789abcdef@noon.example>"
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


def settings(sender: str = SENDER, bounces: str | None = "imaps://a:b@example.org") -> Settings:
    """Settings with a sender and, unless it is None, a mailbox for what comes back."""
    return Settings(_env_file=None, mail_from=sender, bounces=bounces)


@pytest.mark.parametrize("server", sorted(set(SAMPLES) - {"qmail"}))
@pytest.mark.parametrize(
    ("action", "status", "fate", "hard"),
    [
        ("failed", "5.1.1", Fate.FAILED, True),
        ("failed", "5.2.2", Fate.FAILED, False),
        ("failed", "4.4.7", Fate.FAILED, False),
        ("delayed", "4.4.1", Fate.DELAYED, False),
        ("delivered", "2.1.5", Fate.DELIVERED, False),
    ],
)
def test_each_server_is_understood(
    server: str, action: str, status: str, fate: Fate, hard: bool
) -> None:
    told = f"{status[0]}50 {status} as <anna@example.org> is"
    mail = reports.read(
        SAMPLES[server](Sample("noon@noon.example", ORIGINAL, action, status, told))
    )
    assert mail.report is not None
    assert (mail.report.fate, mail.report.hard, mail.report.original) == (fate, hard, ORIGINAL)
    assert status in mail.report.words
    assert "anna" not in mail.report.words
    assert mail.addressed[0].casefold() == "noon@noon.example"


def test_the_worst_that_is_said_of_several_recipients_counts() -> None:
    one = SAMPLES["postfix"](Sample(SENDER, ORIGINAL, "delivered", "2.0.0", "ok"))
    block = b"\r\nFinal-Recipient: rfc822; b@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    several = one.replace(b"\r\nRemote-MTA", b"\r\n" + block + b"Remote-MTA", 1)
    report = reports.read(several).report
    assert report is not None
    assert (report.fate, report.hard) == (Fate.FAILED, True)


@given(st.binary(max_size=2_000))
def test_nothing_that_arrives_breaks_the_reading(raw: bytes) -> None:
    assert reports.read(raw).report is None


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_nothing_that_a_broken_report_holds_breaks_the_reading(
    server: str, data: st.DataObject
) -> None:
    whole = SAMPLES[server](Sample(SENDER, ORIGINAL))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    broken = whole[:start] + data.draw(st.binary(max_size=30)) + whole[end:]
    report = reports.read(broken).report
    assert report is None or report.fate in Fate


@given(IDS)
def test_what_comes_back_names_its_message(number: str) -> None:
    address = envelope_sender(settings(), KEY, claimed_as(number))
    assert str(addresses.parse(address)) == address
    for written in (address, address.upper()):
        assert returned_to(SENDER, KEY, ["other@example.org", written]) == number[:12]


@given(IDS, st.integers(5, 33), st.sampled_from("0123456789abcdefgā+"))
def test_a_changed_address_is_forged(number: str, place: int, sign: str) -> None:
    address = envelope_sender(settings(), KEY, claimed_as(number))
    changed = address[:place] + sign + address[place + 1 :]
    if changed != address:
        with suppress(Forged):
            assert returned_to(SENDER, KEY, [changed]) is None


def test_an_address_sealed_with_another_key_is_forged() -> None:
    address = envelope_sender(settings(), b"other", claimed_as("0" * 32))
    with pytest.raises(Forged):
        returned_to(SENDER, KEY, [address])


@pytest.mark.parametrize(
    ("sender", "bounces", "tagged"),
    [
        (SENDER, None, False),
        (f"{'a' * 34}@noon.example", "imaps://a:b@example.org", True),
        (f"{'a' * 35}@noon.example", "imaps://a:b@example.org", False),
    ],
)
def test_the_sender_stays_plain_where_nobody_reads_or_no_room_is_left(
    sender: str, bounces: str | None, tagged: bool
) -> None:
    address = envelope_sender(settings(sender, bounces), KEY, claimed_as("0" * 32))
    assert (address != sender) == tagged
    assert len(address.partition("@")[0]) <= 64


@pytest.mark.parametrize(
    ("url", "means"),
    [
        ("imaps://u:p@mail.example.org", ("mail.example.org", 993, True, "u", "p", "INBOX")),
        ("imaps://u:p@mail.example.org:1993/", ("mail.example.org", 1993, True, "u", "p", "INBOX")),
        (
            "imaps://u:p@h.example/Returned%20mail",
            ("h.example", 993, True, "u", "p", "Returned mail"),
        ),
        ("imaps://u%40h:p%2F%3F%23@h.example/a/b", ("h.example", 993, True, "u@h", "p/?#", "a/b")),
        ("imap://u:p@127.0.0.1/x", ("127.0.0.1", 143, False, "u", "p", "x")),
        ("imap://u:p@[::1]:1143/x", ("::1", 1143, False, "u", "p", "x")),
        ("imap://u:p@localhost", ("localhost", 143, False, "u", "p", "INBOX")),
    ],
)
def test_an_address_names_a_mailbox(url: str, means: tuple[str, int, bool, str, str, str]) -> None:
    box = parse(SecretStr(url))
    password = box.password.get_secret_value()
    assert (box.host, box.port, box.tls, box.user, password, box.folder) == means
    assert "p/?#" not in f"{box} {box!r}"


def test_an_address_may_name_certificates() -> None:
    box = parse(SecretStr("imaps://u:p@h.example/?ca=/etc/ca.pem"))
    assert box.ca == Path("/etc/ca.pem")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secret",
        "imaps://",
        "pop3://u:secret@h.example",
        "imap://u:secret@h.example",
        "imap://u:secret@127.0.0.1.example.org",
        "imaps://secret@h.example",
        "imaps://:secret@h.example",
        "imaps://u:secret@",
        "imaps://u:secret@h.example:0",
        "imaps://u:secret@h.example:99999",
        "imaps://u:secret@h.example:secret",
        "imaps://u:secret@sec ret",
        "imaps://u:secret@h_/ā",
        "imaps://u:secret@h.example/%ff",
        "imaps://u:secret@h.example/%0D%0ALOGOUT",
        "imaps://u:secret%00@h.example",
        "imaps://u:secret@h.example/%C4%81",
        "imaps://u:secret@h.example/#x",
        "imaps://u:secret@h.example/?tls=none",
        "imaps://u:secret@h.example/?ca=",
        "imaps://u:secret@h.example/?ca=a&ca=b",
        "imap://u:secret@127.0.0.1/?ca=a",
        "imaps://u:sec[ret@h.example",
        "imaps://u:secret@[::1",
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadServerUrl) as refused:
        parse(SecretStr(url))
    assert "secret" not in str(refused.value)
    assert len(str(refused.value)) > 20
