"""A letter signed with DKIM goes over a real wire and still verifies; one changed byte does not."""

import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import which

import dkim
import pytest

from bot.post.outbox import Claimed
from bot.post.outcomes import Verdict
from tests.mail.reader import read
from tests.mail.samples import ADDRESS, EVERY, Writing, claimed, reminder
from tests.mailing import USERS, carrying, provider
from tests.smtp import SmtpServer
from tests.system import require

DOMAIN = b"mail.noon.example"
SIGNED = [
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"list-id",
    b"list-unsubscribe", b"list-unsubscribe-post", b"mime-version", b"content-type",
]  # fmt: skip
STRICT = (b"simple", b"simple")
"""Not a space may change on the way (RFC 6376, 3.4)."""

Verify = Callable[[bytes], bool]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a signing key as a PEM file."""
    require(which("openssl") is not None, "openssl")
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    openssl("genrsa", "-traditional", "-out", str(path), "2048")
    return path


def openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def verify(key: Path) -> Verify:
    """Return what says whether a mail is as it was signed."""
    public = openssl("rsa", "-in", str(key), "-pubout", "-outform", "DER")
    record = b"v=DKIM1; k=rsa; p=" + b64encode(public)
    return lambda mail: bool(dkim.verify(mail, dnsfunc=lambda name, timeout=5: record))


def signed(mail: bytes, key: Path) -> bytes:
    head = mail.partition(b"\r\n\r\n")[0].lower()
    fields = [name for name in SIGNED if b"\r\n" + name + b":" in b"\r\n" + head]
    signature = dkim.sign(
        mail, b"noon", DOMAIN, key.read_bytes(), canonicalize=STRICT, include_headers=fields
    )
    return bytes(signature) + mail


async def sent(mail: bytes, message: Claimed) -> bytes:
    """Return a mail as a server got it from the carrier."""
    async with SmtpServer(USERS) as smtp:
        async with carrying(provider(smtp)) as carrier:
            report = await carrier.carry(message, mail)
        assert report.outcome.verdict is Verdict.ACCEPTED
        (arrived,) = smtp.messages
        return arrived.raw


@pytest.mark.parametrize("kind", EVERY)
async def test_what_was_signed_still_verifies_after_the_wire(
    kind: str, key: Path, verify: Verify
) -> None:
    message = claimed(EVERY[kind]())
    mail = signed(Writing().mail(EVERY[kind]()), key)
    arrived = await sent(mail, message)
    assert arrived == mail
    assert verify(arrived)


@pytest.mark.parametrize(
    "place",
    [b"List-Unsubscribe: <h", b"One-Click", b"Message-ID: <", b"Subject: =", b"=_noon-mixed--"],
)
async def test_one_changed_byte_no_longer_verifies(place: bytes, key: Path, verify: Verify) -> None:
    arrived = await sent(signed(Writing().mail(reminder()), key), claimed(reminder()))
    at = arrived.rindex(place) + len(place) - 1
    changed = arrived[:at] + bytes([arrived[at] ^ 1]) + arrived[at + 1 :]
    assert verify(arrived)
    assert not verify(changed)


async def test_what_arrives_is_read_as_it_was_written() -> None:
    mail = Writing().mail(reminder())
    arrived = await sent(mail, claimed(reminder()))
    before, after = read([mail, arrived])
    assert after == before
    assert after.to == [("", ADDRESS)]
    assert b"List-Unsubscribe: <https://noon.example/unsubscribe/" in arrived


async def test_a_person_may_have_the_longest_address_there_is(verify: Verify, key: Path) -> None:
    labels = ".".join(["d" * 61, "e" * 61, "f" * 61, "org"])
    address = f"{'l' * (254 - 1 - len(labels))}@{labels}"
    message = replace(claimed(reminder()), address=address)
    arrived = await sent(signed(Writing().mail(reminder(), address=address), key), message)
    assert len(address) == 254
    assert verify(arrived)
    (seen,) = read([arrived])
    assert seen.to == [("", address)]
