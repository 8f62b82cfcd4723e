"""Mail that comes back, read from a real mailbox: what follows from it, and what is left alone."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from imaplib import IMAP4
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col

from bot.post.bounces import imap, reader
from bot.post.kinds import Kind
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from tests.imap import SAMPLES, Dovecot, Sample, person
from tests.imap.dovecot import PASSWORD
from tests.imap.post import NOON, SENDER, Post, claimed_as
from tests.imap.samples import ANNA, postfix


@pytest.fixture(scope="module")
def imap_server() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


@pytest.fixture
async def post(database: Database, imap_server: Dovecot, tmp_path: Path) -> AsyncIterator[Post]:
    made = Post(database, imap_server, tmp_path)
    yield made
    await made.reader.close()


async def test_the_report_of_each_server_ends_its_message_and_its_mailbox(post: Post) -> None:
    for server, written in SAMPLES.items():
        post.arrives(written(post.about(await post.sent(server))))
    await post.reader.look()
    assert await post.states() == dict.fromkeys(SAMPLES, "bounced")
    assert await post.scores(*SAMPLES) == dict.fromkeys(SAMPLES, (1.0, True))
    assert post.left == []


@pytest.mark.parametrize(
    ("status", "score"),
    [
        ("5.1.1", (1.0, True)),
        ("5.1.10", (1.0, True)),
        ("5.2.1", (1.0, True)),
        ("5.4.1", (1.0, True)),
        ("4.4.7", (0.5, False)),
        ("5.2.2", (0.5, False)),
        ("5.4.4", (0.5, False)),
        ("5.7.1", (0.5, False)),
    ],
)
async def test_what_is_counted_depends_on_what_is_to_blame(
    post: Post, status: str, score: tuple[float, bool]
) -> None:
    message = await post.sent("a")
    post.arrives(postfix(post.about(message, status=status, diagnostic="550 no")))
    await post.reader.look()
    assert await post.states() == {"a": "bounced"}
    assert await post.scores("a") == {"a": score}


async def test_a_delayed_mail_is_delivered_in_the_end_and_a_last_word_stays(post: Post) -> None:
    message = await post.sent("a")
    course = []
    for action, status in (("delayed", "4.4.1"), ("delivered", "2.0.0"), ("failed", "5.1.1")):
        about = post.about(message, action=action, status=status, diagnostic="as told")
        post.arrives(postfix(about))
        await post.reader.look()
        course.append((await post.states())["a"])
    assert course == ["delayed", "delivered", "delivered"]
    assert (await post.answer(message)).splitlines()[0] == "250 queued as 4711"
    assert "relayed" not in await post.answer(message)


async def test_a_report_that_needs_no_action_changes_nothing(post: Post) -> None:
    message = await post.sent("a")
    post.arrives(postfix(post.about(message, action="relayed", status="2.0.0")))
    await post.reader.look()
    assert await post.states() == {"a": "accepted"}


async def test_a_report_proves_that_an_unheard_mail_had_arrived(post: Post) -> None:
    messages = [await post.sent(key, state="unknown") for key in ("came", "lost")]
    post.arrives(
        postfix(post.about(messages[0], action="delivered", status="2.0.0")),
        postfix(post.about(messages[1])),
    )
    await post.reader.look()
    assert await post.states() == {"came": "delivered", "lost": "bounced"}


async def test_a_report_on_what_is_being_sent_waits_until_that_is_over(post: Post) -> None:
    message = await post.sent("a", state="sending")
    post.arrives(postfix(post.about(message)))
    await post.reader.look()
    assert (await post.states(), await post.scores("a")) == ({"a": "sending"}, {})
    async with post.database.write() as connection:
        await connection.execute(update(Row).values(state="accepted"))
    await post.reader.look()
    assert (await post.states(), post.left) == ({"a": "bounced"}, [])


async def test_a_report_to_the_plain_sender_is_known_by_the_mail_it_brings(post: Post) -> None:
    for key in SAMPLES:
        message = await post.sent(key)
        about = Sample(SENDER, f"<reminder.{message.id}@noon.example>")
        post.arrives(SAMPLES[key](about))
    await post.reader.look()
    assert await post.states() == dict.fromkeys(SAMPLES, "bounced")


async def test_forged_foreign_and_old_reports_change_nothing_and_stay(post: Post) -> None:
    message, old = await post.sent("a"), await post.sent("old")
    month = (NOON - timedelta(days=31)).timestamp()
    async with post.database.write() as connection:
        await connection.execute(update(Row).where(col(Row.key) == "old").values(first_at=month))
    right = post.about(message)
    seal = right.to.partition("@")[0][-16:]
    for to in (right.to.replace(seal, "0" * 16), right.to.replace("+b", "+b0", 1)):
        post.arrives(postfix(Sample(to, right.original)))
    post.arrives(
        postfix(post.about(old)),
        postfix(Sample(SENDER, f"<reminder.{message.id}@other.example>")),
        postfix(Sample(SENDER, f"<alarm.{'0' * 32}@noon.example>")),
        postfix(Sample(SENDER, "")),
        postfix(post.about(claimed_as("f" * 32))),
    )
    await post.reader.look()
    assert await post.states() == {"a": "accepted", "old": "accepted"}
    assert await post.scores("a", "old") == {}
    assert post.left == [frozenset()] * 7


async def test_mail_of_people_is_left_as_it_is_and_read_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = "Auto-Submitted: auto-replied\n"
    about = post.about(await post.sent("a"))
    head = f"From: {ANNA}\r\nTo: {SENDER}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    forwarded = f"{head}--b\r\nContent-Type: message/rfc822\r\n\r\n".encode() + postfix(about)
    post.arrives(
        person("A question", SENDER),
        person("Away until Monday", about.to, more=away),
        forwarded,
        b"\r\n",
        b"\xff\xfe\r\n\r\n\xff",
    )
    await post.reader.look()
    fetched: list[int] = []
    whole = imap._fetched

    def counted(server: IMAP4, number: int) -> bytes:
        fetched.append(number)
        return whole(server, number)

    monkeypatch.setattr(imap, "_fetched", counted)
    post.arrives(person("Another question", SENDER))
    await post.reader.look()
    assert len(fetched) == 1
    assert await post.states() == {"a": "accepted"}
    assert set(post.left) == {frozenset()}


async def test_an_incident_that_comes_back_warns_the_operator_at_once_and_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after it has noted the report and before it could mark the mail."""
    message = await post.sent("notice", Kind.INCIDENT, address=ANNA)
    post.arrives(postfix(post.about(message)))
    monkeypatch.setattr(imap, "done", lambda *_: (_ for _ in ()).throw(imap.Unreadable("cut")))
    await post.reader.look()
    assert (await post.alarms(), post.left) == (["incident-bounced"], [frozenset()])
    monkeypatch.undo()
    await post.reader.close()
    again = post.new_reader()
    await again.look()
    await again.close()
    assert (await post.states(), await post.alarms()) == (
        {"notice": "bounced"},
        ["incident-bounced"],
    )
    assert post.left == []


async def test_a_canary_that_arrives_is_told_of_and_goes(post: Post) -> None:
    canary = await post.sent("canary", Kind.CONFIRMATION, what="canary")
    other = await post.sent("other")
    name, reminder = (
        f"<confirmation.{canary.id}@noon.example>",
        f"<reminder.{other.id}@noon.example>",
    )
    tagged = SENDER.replace("@", "+canary@")
    post.arrives(
        person("Canary", tagged, message_id=name), person("KA220", SENDER, message_id=reminder)
    )
    await post.reader.look()
    assert post.seen == [canary.id]
    assert post.left == [frozenset()]


async def test_one_process_reads_at_a_time_and_another_takes_over(post: Post) -> None:
    other = post.new_reader()
    await post.reader.look()
    post.arrives(postfix(post.about(await post.sent("a"))))
    await other.look()
    assert await post.states() == {"a": "accepted"}
    await post.reader.close()
    await other.look()
    assert await post.states() == {"a": "bounced"}
    await other.close()


async def test_more_than_one_round_holds_is_read_round_by_round(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MOST", 2)
    keys = [f"m{number}" for number in range(3)]
    for key in keys:
        post.arrives(person("A question", SENDER), postfix(post.about(await post.sent(key))))
    rounds = 1
    while await post.reader.look():
        rounds += 1
    assert (rounds, await post.states()) == (4, dict.fromkeys(keys, "bounced"))


async def test_a_report_that_brings_back_a_large_mail_is_read(post: Post) -> None:
    message = await post.sent("a")
    large = postfix(post.about(message)) + b"x" * 70 + b"\r\n"
    post.arrives(large.replace(b"KA220 closes.", b"KA220 closes.\r\n" * 60_000))
    await post.reader.look()
    assert (await post.states(), post.left) == ({"a": "bounced"}, [])


async def test_a_mailbox_that_cannot_be_read_is_tried_again_and_told_of(
    post: Post, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    message = await post.sent("a")
    post.arrives(postfix(post.about(message)))
    post.server.stop()
    for _ in range(reader.TOO_OFTEN + 1):
        await post.reader.look()
    post.server.start()
    assert await post.alarms() == ["bounces-unreadable"]
    assert not any(secret in caplog.text for secret in (PASSWORD, ANNA, message.id))
    await post.reader.look()
    assert await post.states() == {"a": "bounced"}


@pytest.mark.parametrize("wrong", ["password", "authority", "folder"])
async def test_a_login_that_fails_leaves_everything_and_says_no_secret(
    post: Post, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    urls = {
        "password": post.server.url(post.folder, password="wr0ng-secret"),
        "authority": post.server.url(post.folder).partition("?")[0],
        "folder": post.server.url("No such folder"),
    }
    post.settings.bounces = SecretStr(urls[wrong])
    await post.reader.close()
    broken = post.new_reader()
    await broken.look()
    await broken.close()
    assert "cannot be read" in caplog.text
    assert not any(secret in caplog.text for secret in (PASSWORD, "wr0ng-secret"))


async def test_on_this_machine_a_mailbox_may_be_read_in_plain_text(post: Post) -> None:
    post.settings.bounces = SecretStr(post.server.url(post.folder, tls=False))
    post.arrives(postfix(post.about(await post.sent("a"))))
    plain = post.new_reader()
    await plain.look()
    await plain.close()
    assert await post.states() == {"a": "bounced"}
