"""Who is warned of what: queues that stand still, notices left to a person, a lost canary."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import inspect, select, update
from sqlmodel import col

from bot.clock import Clock
from bot.post import alarms, canary, content, outbox
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.post.providers import parse
from bot.post.states import State
from bot.post.watch import NOTED, PROMISES, REFUSED_BY_MANY, Watcher, lateness
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row
from handlers.words import LANGUAGES, words

NOW = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
OPERATOR = "operator@noon.example"
ZONE = "Europe/Riga"
SMTP = SecretStr("smtp://127.0.0.1:2525?tls=none")
BOUNCES = SecretStr("imap://noon:secret@127.0.0.1:1/INBOX")


class ShiftedClock(Clock):
    """A clock that stands where it is put."""

    def __init__(self, at: datetime = NOW) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at


def settings(folder: Path, **given: Any) -> Settings:
    both = {"operator_email": OPERATOR, "operator_chat": 4242, "telegram_token": SecretStr("1:a")}
    fields = {"data_dir": folder, "mail_from": "noon@noon.example", "lang": "en", **both, **given}
    return Settings(**fields, _env_file=None)


def watcher(database: Database, chosen: Settings, clock: Clock) -> Watcher:
    return Watcher(database, chosen, clock, ZONE)


async def rows(database: Database, kind: Kind = Kind.ALARM) -> list[Any]:
    async with database.read() as connection:
        query = select(inspect(Row).local_table).where(col(Row.kind) == kind.value)
        return list((await connection.execute(query.order_by(col(Row.key)))).all())


async def told(database: Database) -> list[tuple[str, str, str]]:
    """Return channel, address and words of every warning, the words as far as the title."""
    found = []
    for row in await rows(database):
        alarm = content.read(json.loads(row.content))
        assert isinstance(alarm, content.Alarm)
        title = words(alarm.language).say(f"alarm.{alarm.message}.title", **alarm.values)
        assert words("lv").say(f"alarm.{alarm.message}.text", **alarm.values)
        found.append((row.channel, row.address, title))
    return found


async def plan(database: Database, *messages: Planned) -> None:
    async with database.write() as connection:
        await outbox.plan(database, connection, messages)


async def change(database: Database, key: str, **values: Any) -> None:
    async with database.write() as connection:
        await connection.execute(update(Row).where(col(Row.key) == key).values(**values))


def message(key: str, kind: Kind, late: timedelta, channel: str = "mail") -> Planned:
    later = NOW + timedelta(days=2)
    return Planned(key, kind, channel, "anna@example.org", {}, NOW - late, later)


async def warned(database: Database, chosen: Settings, once: str = "x") -> None:
    async with database.write() as connection:
        await alarms.warn(database, connection, chosen, NOW, "canary-lost", once)


async def test_a_warning_goes_to_every_channel_that_is_set_once(
    database: Database, tmp_path: Path
) -> None:
    for _ in range(2):
        await warned(database, settings(tmp_path))
    title = words("en").say("alarm.canary-lost.title")
    assert await told(database) == [("mail", OPERATOR, title), ("telegram", "4242", title)]
    mail, _ = await rows(database)
    assert (mail.key, mail.lane) == ("alarm:x:mail", "incident")
    assert mail.not_after == (NOW + timedelta(hours=24)).timestamp()


CHANNELS: list[tuple[dict[str, Any], set[str]]] = [
    ({"telegram_token": None}, {"mail"}),
    ({"operator_email": None}, {"telegram"}),
    ({"operator_email": None, "telegram_token": None}, set()),
]


@pytest.mark.parametrize(("given", "channels"), CHANNELS)
async def test_where_no_channel_is_set_the_log_is_told_without_anybodys_data(
    database: Database,
    tmp_path: Path,
    given: dict[str, Any],
    channels: set[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await warned(database, settings(tmp_path, **given))
    assert {channel for channel, _, _ in await told(database)} == channels
    assert ("canary-lost" in caplog.text) == (not channels)
    assert "4242" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_warning_has_its_words_and_asks_for_no_more_than_it_says(language: str) -> None:
    spoken = words(language)
    for name, needed in alarms.MESSAGES.items():
        texts = [spoken.messages[f"alarm.{name}.{part}"][0] for part in ("title", "text")]
        fields = {field for text in texts for _, field, _, _ in Formatter().parse(text) if field}
        assert fields == needed, name


@pytest.mark.parametrize("kind", PROMISES)
async def test_a_queue_is_stuck_only_past_its_promise_and_is_told_once_an_hour(
    database: Database, tmp_path: Path, kind: Kind
) -> None:
    promise = PROMISES[kind]
    clock = ShiftedClock()
    looking = watcher(database, settings(tmp_path, telegram_token=None), clock)
    await plan(database, message("a", kind, promise - timedelta(seconds=30)))
    await looking.look()
    assert await told(database) == []
    clock.at += timedelta(minutes=1)
    for _ in range(3):
        await looking.look()
    named = words("en").say(f"alarm.kind.{kind}")
    ((_, _, title),) = await told(database)
    assert named in title
    clock.at += timedelta(hours=1)
    await looking.look()
    assert len(await told(database)) == 2


async def test_what_left_ran_out_or_is_not_due_is_not_late(database: Database) -> None:
    hour = timedelta(hours=1)
    await plan(database, *(message(key, Kind.MOVED, hour) for key in ("a", "b", "c")))
    await plan(database, message("d", Kind.MOVED, -hour), message("e", Kind.TWO_HOURS, hour))
    await change(database, "a", state=State.ACCEPTED.value)
    await change(database, "b", state=State.CANCELLED.value)
    await change(database, "c", not_after=NOW.timestamp() - 1)
    async with database.read() as connection:
        late = await lateness(connection, Kind.MOVED, NOW, PROMISES[Kind.MOVED])
        other = await lateness(connection, Kind.TWO_HOURS, NOW, PROMISES[Kind.TWO_HOURS])
    assert late is None
    assert other is not None
    assert other.by == hour


@pytest.mark.parametrize(
    ("kind", "number", "verdict", "stuck"),
    [
        (Kind.MOVED, 1, "transient", False),
        (Kind.MOVED, REFUSED_BY_MANY, "transient", True),
        (Kind.MOVED, 1, "connection", True),
        (Kind.MOVED, 1, "ours", True),
        (Kind.INCIDENT, 1, "transient", True),
    ],
)
async def test_a_mailbox_that_puts_us_off_is_no_stuck_queue(
    database: Database, kind: Kind, number: int, verdict: str, stuck: bool
) -> None:
    for key in map(str, range(number)):
        await plan(database, message(key, kind, timedelta(hours=1)))
        again = (NOW + timedelta(minutes=30)).timestamp()
        state = State.DEFERRED.value
        await change(database, key, state=state, last_verdict=verdict, next_at=again)
    async with database.read() as connection:
        late = await lateness(connection, kind, NOW, PROMISES[kind])
    assert late is not None
    assert late.stuck is stuck


async def test_a_fast_rehearsal_is_not_late(database: Database, tmp_path: Path) -> None:
    clock = ShiftedClock()
    await plan(database, message("a", Kind.MOVED, timedelta(minutes=50)))
    await watcher(database, settings(tmp_path, now=NOW, now_rate=3600), clock).look()
    assert await told(database) == []


async def test_a_notice_left_to_a_person_is_told_once(database: Database, tmp_path: Path) -> None:
    looking = watcher(database, settings(tmp_path, telegram_token=None), ShiftedClock())
    await plan(database, *(message(key, Kind.INCIDENT, timedelta(0)) for key in ("a", "b")))
    await plan(database, message("c", Kind.REMINDER, timedelta(0)))
    for key in ("a", "c"):
        state = State.NEEDS_HUMAN.value
        await change(database, key, state=state, settled_at=NOW.timestamp())
    for _ in range(2):
        await looking.look()
    await watcher(database, settings(tmp_path, telegram_token=None), ShiftedClock()).look()
    assert len(await told(database)) == 1


async def strand(database: Database, key: str, kind: Kind, at: datetime) -> None:
    await plan(database, message(key, kind, timedelta(0)))
    await change(database, key, state=State.NEEDS_HUMAN.value, settled_at=at.timestamp())


async def numbers(database: Database) -> list[tuple[str, str]]:
    """Return the kind and the number that each warning tells, in the order of their hours."""
    said = [content.read(json.loads(row.content)) for row in await rows(database)]
    alarms_said = [one for one in said if isinstance(one, content.Alarm)]
    assert {one.message for one in alarms_said} <= {"needs-person"}
    return [(one.values["name"], one.values["number"]) for one in alarms_said]


async def test_what_is_left_to_a_person_is_told_by_kind_and_once_an_hour(
    database: Database, tmp_path: Path
) -> None:
    chosen, clock = settings(tmp_path, telegram_token=None), ShiftedClock()
    looking = watcher(database, chosen, clock)
    await strand(database, "a", Kind.REMINDER, clock.at)
    await strand(database, "b", Kind.TWO_HOURS, clock.at)
    for _ in range(3):
        clock.at += timedelta(seconds=30)
        await looking.look()
    assert await numbers(database) == [("reminder", "1"), ("two-hours", "1")]
    for key in ("c", "d"):
        await strand(database, key, Kind.REMINDER, clock.at)
    clock.at += timedelta(minutes=10)
    await looking.look()
    assert len(await numbers(database)) == 2
    # A restart changes nothing: what was told is known by the outbox.
    looking = watcher(database, chosen, clock)
    for _ in range(26):
        clock.at += timedelta(minutes=60)
        await looking.look()
    assert sorted(await numbers(database)) == [
        ("reminder", "1"),
        ("reminder", "3"),
        ("two-hours", "1"),
    ]


async def test_what_is_noted_late_is_told_all_the_same(database: Database, tmp_path: Path) -> None:
    looking = watcher(database, settings(tmp_path, telegram_token=None), clock := ShiftedClock())
    await strand(database, "a", Kind.MOVED, clock.at - NOTED)
    await looking.look()
    # It was settled before that look and noted after it.
    await strand(database, "b", Kind.MOVED, clock.at - timedelta(seconds=1))
    clock.at += timedelta(hours=1)
    await looking.look()
    assert await numbers(database) == [("moved", "1"), ("moved", "2")]


async def test_warnings_and_lost_canaries_are_no_warning_of_their_own(
    database: Database, tmp_path: Path
) -> None:
    clock = ShiftedClock()
    await strand(database, "a", Kind.ALARM, clock.at)
    await strand(database, f"{canary.KEYS}2026-03-05", Kind.CONFIRMATION, clock.at)
    clock.at += timedelta(minutes=1)
    await watcher(database, settings(tmp_path, telegram_token=None), clock).look()
    kept = [row.key for row in await rows(database)]
    assert kept == ["a", f"alarm:lost-{canary.KEYS}2026-03-05:mail"]


async def test_one_trouble_that_two_lanes_see_is_one_warning_an_hour(
    database: Database, tmp_path: Path
) -> None:
    looking = watcher(database, settings(tmp_path, telegram_token=None), clock := ShiftedClock())
    provider = parse(SecretStr("smtp://noon:secret@mail.example.org"))
    other = parse(SecretStr("smtp://noon:secret@mail2.example.org"))
    for words_of_it in ("auth: 535 5.7.8 no, 17", "auth: 535 5.7.8 no, 18"):
        looking.trouble(provider, words_of_it)
        await looking.look()
        await looking.look()
    assert len(await told(database)) == 1
    looking.trouble(other, "auth: 535 5.7.8 no")
    looking.trouble(provider, "mail: 550 5.7.1 sender refused")
    looking.trouble(provider, "auth: 535 5.7.8 no, 19")
    await looking.look()
    assert len(await told(database)) == 3
    for minutes, warnings in ((0, 4), (2, 4), (59, 4), (60, 5)):
        clock.at = NOW + timedelta(minutes=59 + 60 + minutes)
        looking.trouble(provider, "auth: 535 5.7.8 no, 20")
        await looking.look()
        assert len(await told(database)) == warnings


async def test_trouble_with_a_provider_is_told_at_the_next_look(
    database: Database, tmp_path: Path
) -> None:
    looking = watcher(database, settings(tmp_path, telegram_token=None), ShiftedClock())
    provider = parse(SecretStr("smtp://noon:secret@mail.example.org"))
    looking.trouble(provider, "535 5.7.8 no" + "x" * 1000)
    for _ in range(2):
        await looking.look()
    ((_, _, title),) = await told(database)
    assert "mail.example.org:587" in title
    (row,) = await rows(database)
    assert "535 5.7.8" in row.content
    assert "secret" not in row.content
    assert len(row.content) < 700


@pytest.mark.parametrize(
    ("given", "mailbox"),
    [
        ({}, None),
        ({"smtp_url": SMTP}, OPERATOR),
        ({"smtp_url": SMTP, "bounces": BOUNCES}, "noon+canary@noon.example"),
        ({"smtp_url": SMTP, "operator_email": None}, None),
    ],
)
def test_where_the_canary_flies(tmp_path: Path, given: dict[str, Any], mailbox: str | None) -> None:
    assert canary.mailbox(settings(tmp_path, **given)) == mailbox


async def days(database: Database, chosen: Settings, *moments: datetime) -> int:
    """Return how many canaries there are after a look at each of the moments."""
    clock = ShiftedClock(moments[0] - timedelta(minutes=2))
    looking = watcher(database, chosen, clock)
    for clock.at in moments:
        await looking.look()
    return len(await rows(database, Kind.CONFIRMATION))


RIGA_SIX = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)


async def test_one_canary_a_day_from_six_in_the_agencys_morning(
    database: Database, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, smtp_url=SMTP)
    second = timedelta(seconds=1)
    assert await days(database, chosen, RIGA_SIX - 2 * second, RIGA_SIX - second) == 1
    assert await days(database, chosen, RIGA_SIX, RIGA_SIX + timedelta(hours=23)) == 2
    assert await days(database, chosen, RIGA_SIX + timedelta(hours=24)) == 3


async def test_the_first_leaves_a_minute_after_the_start(
    database: Database, tmp_path: Path
) -> None:
    clock = ShiftedClock()
    looking = watcher(database, settings(tmp_path, smtp_url=SMTP), clock)
    clock.at += timedelta(seconds=59)
    await looking.look()
    assert await rows(database, Kind.CONFIRMATION) == []
    clock.at += timedelta(seconds=1)
    await looking.look()
    assert len(await rows(database, Kind.CONFIRMATION)) == 1


Step = Callable[[Database, str], Any]


async def nothing(database: Database, identifier: str) -> None:
    """Nobody carries it."""


async def taken(database: Database, identifier: str) -> None:
    """A server takes it."""
    async with database.write() as connection:
        state = {"state": State.ACCEPTED.value, "settled_at": NOW.timestamp()}
        await connection.execute(update(Row).where(col(Row.id) == identifier).values(**state))


async def seen(database: Database, identifier: str) -> None:
    """It is taken and seen in the mailbox."""
    await taken(database, identifier)
    async with database.write() as connection:
        assert await canary.seen(connection, identifier, NOW + timedelta(minutes=1))
        assert not await canary.seen(connection, identifier, NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("bounces", "step", "lost"),
    [
        (None, nothing, True),
        (None, taken, False),
        (BOUNCES, nothing, True),
        (BOUNCES, taken, True),
        (BOUNCES, seen, False),
    ],
)
async def test_a_canary_that_does_not_arrive_is_told_once_even_after_a_restart(
    database: Database, tmp_path: Path, bounces: SecretStr | None, step: Step, lost: bool
) -> None:
    chosen = settings(tmp_path, smtp_url=SMTP, bounces=bounces, telegram_token=None)
    clock = ShiftedClock(NOW - timedelta(minutes=2))
    looking = watcher(database, chosen, clock)
    clock.at = NOW
    await looking.look()
    (row,) = await rows(database, Kind.CONFIRMATION)
    await step(database, row.id)
    clock.at = NOW + canary.PATIENCE - timedelta(seconds=1)
    await looking.look()
    assert await told(database) == []
    clock.at += timedelta(seconds=1)
    for _ in range(2):
        await looking.look()
        looking = watcher(database, chosen, clock)
    title = words("en").say("alarm.canary-lost.title")
    assert await told(database) == ([("mail", OPERATOR, title)] if lost else [])
    async with database.read() as connection:
        known = await canary.look(connection, chosen, clock.at)
    assert (known.lost, known.arrived_at is None) == (lost, lost)


async def test_only_a_canary_can_be_seen(database: Database, tmp_path: Path) -> None:
    await plan(database, message("a", Kind.REMINDER, timedelta(0)))
    await change(database, "a", state=State.ACCEPTED.value)
    (row,) = await rows(database, Kind.REMINDER)
    async with database.write() as connection:
        assert not await canary.seen(connection, row.id, NOW)
        assert not await canary.seen(connection, "x", NOW)


async def test_a_broken_database_loses_no_trouble(database: Database, tmp_path: Path) -> None:
    looking = watcher(database, settings(tmp_path, telegram_token=None), ShiftedClock())
    looking.trouble("mail.example.org:587", "535 no")
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    with pytest.raises(Exception, match="outbox"):
        await looking.look()
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
    await looking.look()
    assert len(await told(database)) == 1
