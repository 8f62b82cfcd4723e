"""Mail that is kept instead of sent: whole, once, for nobody else to read, and listed."""

import asyncio
import os
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Clock
from bot.post.mail import Capture, captured, forget, read_captured
from bot.post.outcomes import Verdict
from tests.mailing import NOON, claimed, letter

SUBJECT = "Termiņš tuvojas: KA220, 5. marts 12.00 pēc Briseles laika, vēl septiņas dienas"
DATE = "Thu, 05 Mar 2026 10:00:00 +0200"


def mail(subject: str = SUBJECT, to: str = "anna@example.org") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"], message["To"], message["Date"] = subject, to, DATE
    message.set_content("Sveiki")
    return message.as_bytes()


def capture(folder: Path) -> Capture:
    return Capture(folder, Clock(NOON))


async def test_a_mail_is_kept_as_it_is_and_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    report = await capture(folder).carry(claimed(7), mail())
    (path,) = folder.iterdir()
    assert report.outcome.verdict is Verdict.ACCEPTED
    assert report.answer == "kept on this machine, not sent"
    assert path.name == f"20260305T080000Z-{7:032x}.eml"
    assert path.read_bytes() == mail()
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_repetition_takes_its_own_place(tmp_path: Path) -> None:
    for first_at in (None, NOON):
        await capture(tmp_path).carry(claimed(7, first_at=first_at), mail())
    await capture(tmp_path).carry(claimed(8), mail())
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Mar 2026", "Thu, 05 Mar 2026 25:00:00"])
async def test_a_mail_without_a_date_that_can_be_read(tmp_path: Path, date: str) -> None:
    for first_at in (None, NOON):
        await capture(tmp_path).carry(claimed(7, first_at=first_at), letter(1, Date=date))
    (kept,) = captured(tmp_path)
    assert (kept.date, kept.subject) == (NOON, "Test")


async def test_many_at_once_and_nothing_half_written_beside_them(tmp_path: Path) -> None:
    keeper = capture(tmp_path)
    await asyncio.gather(*(keeper.carry(claimed(number), mail()) for number in range(50)))
    assert len(captured(tmp_path)) == 50
    assert {path.suffix for path in tmp_path.iterdir()} == {".eml"}
    assert keeper.capacity() > 1


async def test_a_place_where_nothing_can_be_kept(tmp_path: Path) -> None:
    taken = tmp_path / "mail"
    taken.write_text("a file")
    report = await capture(taken).carry(claimed(), mail())
    assert report.outcome.verdict is Verdict.CONNECTION
    assert str(tmp_path) not in report.answer


async def test_a_name_that_is_a_way_to_somewhere_else(tmp_path: Path) -> None:
    folder, victim = tmp_path / "mail", tmp_path / "victim"
    folder.mkdir()
    name = f"20260305T080000Z-{7:032x}.eml"
    (folder / f".{name}.part").symlink_to(victim)
    await capture(folder).carry(claimed(7), mail())
    assert not victim.exists()


async def test_what_was_kept_is_listed_newest_first(tmp_path: Path) -> None:
    await capture(tmp_path).carry(claimed(1), mail())
    await capture(tmp_path).carry(claimed(2), mail("Otrs").replace(b"05 Mar", b"06 Mar"))
    newest, oldest = captured(tmp_path)
    assert (newest.subject, oldest.subject) == ("Otrs", SUBJECT)
    assert oldest.to == "anna@example.org"
    assert oldest.date == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert read_captured(tmp_path, newest.name) == mail("Otrs").replace(b"05 Mar", b"06 Mar")
    assert SUBJECT not in repr(oldest)


async def test_of_many_only_the_newest_are_listed(tmp_path: Path) -> None:
    for number in range(5):
        await capture(tmp_path).carry(claimed(number), mail())
    assert captured(tmp_path, most=2) == captured(tmp_path)[:2]


def test_where_nothing_was_kept(tmp_path: Path) -> None:
    assert captured(tmp_path) == captured(tmp_path / "nothing") == []


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "20260305T080000Z-1.eml.part").write_bytes(mail())
    (tmp_path / "99999999T999999Z-1.eml").write_bytes(mail())
    (tmp_path / "20260305T080000Z-2.eml").mkdir()
    (tmp_path / "20260305T080000Z-3.eml").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "20260305T080000Z-4.eml")
    assert captured(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["../secret.eml", "/etc/passwd", "..", "", "a/20260305T080000Z-1.eml"]
)
def test_only_what_was_kept_can_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_bytes(b"secret")
    (tmp_path / "mail").mkdir()
    assert read_captured(tmp_path / "mail", name) is None


RUBBISH = [
    b"",
    b"\x00\xff\xfe",
    b"Subject: =?utf-8?b?////?=\r\nTo: =?nowhere?q?x?=\r\n\r\n",
    b"Subject: =?utf-8?b?x?=\r\n\r\n",
    b"Subject: nezin\xe2ms\r\nTo: \xff\r\n\r\n",
    b"Subject" * 1_000_000,
    b"Subject: a\r\n b\x1b[31m\r\n\r\n",
]


@pytest.mark.parametrize("content", RUBBISH)
def test_rubbish_is_listed_as_well_as_it_can_be(tmp_path: Path, content: bytes) -> None:
    check_listed(tmp_path, content)


@given(st.binary(), st.sampled_from([b"Subject: ", b"To: =?utf-8?q?", b""]))
def test_any_bytes_can_be_listed(content: bytes, before: bytes) -> None:
    with TemporaryDirectory() as folder:
        check_listed(Path(folder), before + content)


def check_listed(folder: Path, content: bytes) -> None:
    name = "20260305T080000Z-1.eml"
    (folder / name).write_bytes(content)
    (kept,) = captured(folder)
    assert (kept.name, kept.date) == (name, datetime(2026, 3, 5, 8, tzinfo=UTC))
    assert (kept.subject + kept.to).isprintable()


def test_what_was_kept_is_erased_after_thirty_days(tmp_path: Path) -> None:
    for day in ("20260203", "20260204", "20260305"):
        (tmp_path / f"{day}T120000Z-1.eml").write_bytes(letter())
    (tmp_path / "notes.txt").write_text("not ours")
    assert forget(tmp_path, datetime(2026, 3, 6, 11, 59, tzinfo=UTC)) == 1
    assert [kept.name[:8] for kept in captured(tmp_path)] == ["20260305", "20260204"]
    assert (tmp_path / "notes.txt").exists()
