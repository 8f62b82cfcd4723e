"""The operator's pages: what they show, to whom, and that nothing about a person is in metrics."""

import asyncio
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text, update
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.faces import ops
from bot.post import outbox
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.service import Noon, open_noon
from bot.settings import Settings
from bot.store import leases
from bot.store.tables import Contact, TelegramUpdate
from bot.store.tables import OutboxMessage as Row
from handlers.moments import BRUSSELS, moment
from handlers.words import words
from tests.postgres import MIGRATED, Postgres, sqlite
from tests.web.document import read
from tests.web.serving import listening

NOW = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
PERSON = "anna.berzina@example.org"
CHAT = 773_199_441_122
LETTER = (
    "From: Noon <noon@example.org>\r\nTo: anna@example.org\r\n"
    "Subject: =?utf-8?q?Termi=C5=86=C5=A1?= <script>alert(1)</script>\r\n"
    "Date: Thu, 05 Mar 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "See http://127.0.0.1:8000/confirm/abc. <b>Not bold</b>\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    "<p id=said>HTML of it</p><script>document.title='ran'</script>"
    '<img src="http://127.0.0.1:1/x.png"><a href="http://127.0.0.1:8000/">link</a>\r\n--b--\r\n'
)
NAME = "20260305T080000Z-abc123"


@asynccontextmanager
async def watched(
    url: URL, folder: Path, circuits: Any = lambda: [("mail.example.org:587", True)], **given: Any
) -> AsyncIterator[tuple[Noon, httpx.AsyncClient]]:
    """Yield a Noon and a client of its operator's pages."""
    settings = Settings(
        database_url=SecretStr(url.render_as_string(hide_password=False)),
        data_dir=folder,
        now=NOW,
        lang="en",
        _env_file=None,
        **given,
    )
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with (
            open_noon(settings, migrate=False) as noon,
            listening(ops.app(noon, circuits), door),
            httpx.AsyncClient(base_url=address, timeout=20) as client,
        ):
            yield noon, client


def planned(name: str, kind: Kind, minutes: float, channel: str = "mail") -> Planned:
    """Return a message that was due so many minutes ago."""
    due = NOW - timedelta(minutes=minutes)
    address = PERSON if channel == "mail" else str(CHAT)
    return Planned(name, kind, channel, address, {}, due, NOW + timedelta(days=9))


async def fill(noon: Noon) -> None:
    """Put something of everything into the database."""
    messages = [
        planned("a", Kind.REMINDER, 90),
        planned("b", Kind.REMINDER, 30),
        planned("c", Kind.MOVED, 5, "telegram"),
        planned("d", Kind.REMINDER, -60),
        *(planned(f"x-{state}", Kind.INCIDENT, 300) for state in ENDED),
    ]
    async with noon.database.write() as connection:
        await outbox.plan(noon.database, connection, messages)
        for state in ENDED:
            change = update(Row).where(col(Row.key) == f"x-{state}")
            await connection.execute(change.values(state=state, settled_at=NOW.timestamp()))
        await leases.take(noon.database, connection, [f"chat:{CHAT}", "poller"], "me", 60)
        update_row = {
            "update_id": 1,
            "chat": CHAT,
            "raw": PERSON,
            "messages": "",
            "state": "received",
        }
        row = update_row | {"received_at": NOW.timestamp() - 42}
        await connection.execute(noon.database.insert(TelegramUpdate).values(row))
        contact = {"id": "x", "channel": "mail", "address": PERSON, "language": "lv"}
        moment = NOW.timestamp()  # a contact without a subscription does not last
        more = {"zone": "Europe/Riga", "made_at": moment, "confirmed_at": moment}
        await connection.execute(noon.database.insert(Contact).values(contact | more))


ENDED = ("accepted", "delivered", "unknown", "deferred", "rejected", "expired", "needs_human")


def values(exposed: str) -> dict[str, dict[frozenset[str], float]]:
    """Return every metric as Prometheus' own parser reads it: name → labels → value."""
    found: dict[str, dict[frozenset[str], float]] = {}
    for family in text_string_to_metric_families(exposed):
        for sample in family.samples:
            labels = frozenset(sample.labels.values())
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


async def test_metrics_tell_queues_states_circuits_and_nobody(url: URL, tmp_path: Path) -> None:
    async with watched(url, tmp_path) as (noon, client):
        await fill(noon)
        exposed = (await client.get("/metrics")).text
    told = values(exposed)
    assert told["noon_database_up"] == {frozenset(): 1}
    mail, reminders = frozenset({"reminder", "mail"}), frozenset({"incident", "mail"})
    assert told["noon_queue_length"][mail] == 2
    assert told["noon_queue_oldest_seconds"][mail] == pytest.approx(90 * 60, abs=30)
    assert told["noon_queue_length"][frozenset({"moved", "telegram"})] == 1
    assert told["noon_queue_length"][frozenset({"code", "mail"})] == 0
    assert told["noon_next_due_seconds"] == {mail: NOW.timestamp() + 3600}
    states = {state: count for labels, count in told["noon_messages"].items()
              for state in labels - {"mail", "incident"} if reminders < labels}  # fmt: skip
    assert states == {"accepted": 1, "delivered": 1, "unknown": 1, "deferred": 1, "dead": 3}
    assert told["noon_needs_person"][reminders] == 1
    assert told["noon_circuit_open"] == {frozenset({"mail.example.org:587"}): 1}
    assert told["noon_telegram_updates_waiting"] == {frozenset(): 1}
    assert told["noon_telegram_update_oldest_seconds"][frozenset()] == pytest.approx(42, abs=30)
    assert told["noon_leases"] == {frozenset({"chat"}): 1, frozenset({"poller"}): 1}
    assert told["noon_contacts"] == {frozenset({"mail"}): 1}
    assert told["noon_build_info"]
    assert not [text for text in (PERSON, "example.org\"", str(CHAT)) if text in exposed.replace(
        "mail.example.org:587", "")]  # fmt: skip


async def test_numbers_survive_a_restart(url: URL, tmp_path: Path) -> None:
    async with watched(url, tmp_path) as (noon, client):
        await fill(noon)
        before = values((await client.get("/metrics")).text)["noon_messages"]
    async with watched(url, tmp_path) as (_, client):
        assert values((await client.get("/metrics")).text)["noon_messages"] == before


async def test_without_the_database_metrics_and_overview_say_so(url: URL, tmp_path: Path) -> None:
    async with watched(url, tmp_path) as (noon, client):
        async with noon.database.write() as connection:
            await connection.execute(text("ALTER TABLE outbox RENAME TO gone"))
        exposed, page = await client.get("/metrics"), await client.get("/")
        async with noon.database.write() as connection:
            await connection.execute(text("ALTER TABLE gone RENAME TO outbox"))
        again = values((await client.get("/metrics")).text)
    told = values(exposed.text)
    assert (exposed.status_code, page.status_code) == (200, 200)
    assert told["noon_database_up"] == {frozenset(): 0}
    assert "noon_queue_length" not in told
    assert read(page.text).all("p", class_="bad")
    assert again["noon_database_up"] == {frozenset(): 1}


async def test_the_overview_counts_what_waits_and_what_ended(url: URL, tmp_path: Path) -> None:
    async with watched(url, tmp_path) as (noon, client):
        await fill(noon)
        answer = await client.get("/")
    page = read(answer.text)
    rows = [[cell.words for cell in row.all("td")] for row in page.one("tbody").all("tr")]
    assert ["reminder", "mail", "2"] in [row[:3] for row in rows]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert PERSON not in answer.text
    assert {each.words for each in page.all("dd", class_="bad")} >= {"1", "2"}


REFUSED = [
    "noon.example.org",
    "127.0.0.1.example.org",
    "localhost.example.org:8001",
    "evil@127.0.0.1",
    "127.0.0.1/x",
    "",
    "[::2]",
    "[::1",
]


async def test_another_name_for_this_machine_is_refused(sqlite_file: Path, tmp_path: Path) -> None:
    url = sqlite(sqlite_file)
    async with watched(url, tmp_path) as (_, client):
        for host in REFUSED:
            for address in ("/", "/metrics", "/mail", "/readyz"):
                answer = await client.get(address, headers={"Host": host})
                assert answer.status_code in (400, 421), host


async def until_ready(client: httpx.AsyncClient, ready: bool, seconds: float) -> str | None:
    """Ask once a second, as a monitor does, until it is so; return the reason that is given."""
    async with asyncio.timeout(seconds):
        while True:
            said = (await client.get("/readyz")).json()
            if said["ready"] is ready:
                return str(said["reason"]) if said["reason"] else None
            await asyncio.sleep(1)


async def test_a_stopped_database_shows_within_ten_seconds_and_its_return_too(
    postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.create(template=MIGRATED)
    async with watched(url, tmp_path) as (_, client):
        assert await until_ready(client, True, 10) is None
        postgres.stop()
        try:
            assert await until_ready(client, False, 10) == "database-unreachable"
            told = values((await client.get("/metrics")).text)
            assert told["noon_database_up"] == {frozenset(): 0}
        finally:
            # In this thread: the server ends with the thread that began it.
            postgres.start()
        assert await until_ready(client, True, 10) is None


async def test_a_file_locked_for_long_shows_within_ten_seconds_and_its_release_too(
    sqlite_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "noon.sqlite"
    shutil.copy(sqlite_file, path)
    async with watched(sqlite(path), tmp_path) as (_, client):
        assert await until_ready(client, True, 10) is None
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await until_ready(client, False, 10) == "database-locked"
            assert (await client.get("/healthz")).status_code == 200
            other.execute("ROLLBACK")
        assert await until_ready(client, True, 10) is None


async def test_a_full_disk_shows_though_the_database_answers(
    sqlite_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "noon.sqlite"
    shutil.copy(sqlite_file, path)
    path.chmod(0o600)
    async with watched(sqlite(path), tmp_path) as (noon, client):
        async with noon.database.write() as connection:
            await connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON lease BEGIN"
                " SELECT RAISE(FAIL, 'database or disk is full'); END")  # fmt: skip
        assert await until_ready(client, False, 10) == "database-unwritable"


async def test_its_own_names_are_answered(sqlite_file: Path, tmp_path: Path) -> None:
    url = sqlite(sqlite_file)
    async with watched(url, tmp_path) as (_, client):
        for host in ("127.0.0.1", "localhost:8001", "[::1]:8001", "LOCALHOST"):
            for address in ("/", "/metrics", "/mail", "/readyz", "/healthz", "/operator.css"):
                answer = await client.get(address, headers={"Host": host})
                assert answer.status_code == 200, (host, address)


async def test_captured_mail_is_listed_and_shown_without_being_run(
    sqlite_file: Path, tmp_path: Path
) -> None:
    url = sqlite(sqlite_file)
    keep(tmp_path)
    async with watched(url, tmp_path) as (_, client):
        listed = read((await client.get("/mail")).text)
        shown = await client.get(f"/mail/{NAME}")
        inside = await client.get(f"/mail/{NAME}.html")
        raw = await client.get(f"/mail/{NAME}.eml")
    assert [link.attributes["href"] for link in listed.one("ul").all("a")] == [f"/mail/{NAME}"]
    page = read(shown.text)
    assert page.one("h1").words == "Termiņš <script>alert(1)</script>"
    (date,) = (line for line in LETTER.splitlines() if line.startswith("Date: "))
    sent = parsedate_to_datetime(date.removeprefix("Date: "))
    riga = ZoneInfo("Europe/Riga")
    assert moment(words("en"), sent, BRUSSELS, riga) in page.one("dl").words
    assert page.one("pre").one("a").attributes["href"] == "http://127.0.0.1:8000/confirm/abc"
    assert "<b>Not bold</b>" in page.one("pre").text
    assert "allow-scripts" not in page.one("iframe").attributes["sandbox"]
    assert "allow-same-origin" not in page.one("iframe").attributes["sandbox"]
    policy = inside.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script" not in policy.replace("allow-popups", "")
    assert raw.content == LETTER.encode()
    assert raw.headers["content-disposition"] == f'attachment; filename="{NAME}.eml"'


OUTSIDE = [
    "..%2Fnoon.sqlite",
    "..%2F..%2Fsecret",
    "%2Fetc%2Fpasswd",
    "20260305T080000Z-link",
    "20260305T080000Z-folder",
    "20260305T080000Z-gone",
    "secret",
    "%00",
]


async def test_nothing_outside_the_folder_can_be_asked_for(
    sqlite_file: Path, tmp_path: Path
) -> None:
    url = sqlite(sqlite_file)
    keep(tmp_path)
    secret = tmp_path / "secret.eml"
    secret.write_text("Subject: secret\r\n\r\nsecret")
    (tmp_path / "mail" / "20260305T080000Z-link.eml").symlink_to(secret)
    (tmp_path / "mail" / "20260305T080000Z-folder.eml").mkdir()
    async with watched(url, tmp_path) as (_, client):
        for name in OUTSIDE:
            for ending in ("", ".eml", ".html"):
                answer = await client.get(f"/mail/{name}{ending}")
                assert answer.status_code == 404, (name, ending)
                assert "secret" not in answer.text


def keep(folder: Path) -> None:
    """Put a captured letter into its folder."""
    mail = folder / "mail"
    mail.mkdir()
    (mail / f"{NAME}.eml").write_bytes(LETTER.encode())


async def test_a_taken_port_is_told_and_nothing_else_happens(
    sqlite_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = sqlite(sqlite_file)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with watched(url, tmp_path, ops_port=taken.getsockname()[1]) as (noon, _):
            await asyncio.wait_for(ops.serve(noon), 10)
    assert "cannot be listened on" in caplog.text


async def test_it_is_served_on_loopback_until_it_is_cancelled(
    sqlite_file: Path, tmp_path: Path
) -> None:
    url = sqlite(sqlite_file)
    ports: asyncio.Queue[int] = asyncio.Queue()
    async with watched(url, tmp_path, ops_port=0, host="0.0.0.0") as (noon, client):
        serving = asyncio.create_task(ops.serve(noon, opened=ports.put_nowait))
        port = await asyncio.wait_for(ports.get(), 10)
        assert (await client.get(f"http://127.0.0.1:{port}/readyz")).json()["ready"]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)
        serving.cancel()
        await asyncio.wait([serving], timeout=10)
        assert serving.cancelled()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
