"""Notices as the operator sees them: counts, what needs a person, letting held ones go."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.faces import ops
from bot.incident import counting, crowding, register, reporting
from bot.incident.counting import Count, Counted, Need
from bot.service import Noon, open_noon
from bot.settings import Settings
from bot.store import schema
from bot.store.database import Database
from bot.store.tables import Incident, OutboxMessage
from handlers.cases import Standing, Way
from handlers.words import words
from tests.commands import command, run
from tests.incident_rows import AGENCY, CASE, CLOSES, DEADLINE, FORM_ID, NOON, PERSON, notice
from tests.postgres import sqlite
from tests.web.document import read
from tests.web.serving import listening

NOW = NOON + timedelta(minutes=20)
TAKEN: dict[str, Any] = {"state": "accepted", "attempts": 1, "settled_at": NOON.timestamp()}
PRIVATE = (FORM_ID, FORM_ID[-8:], PERSON, CASE.phone, AGENCY, CASE.contact)
"""What the operator is shown nowhere but in the record of one notice."""


@asynccontextmanager
async def opened(url: URL, folder: Path, **given: Any) -> AsyncIterator[Noon]:
    settings = Settings(
        database_url=SecretStr(url.render_as_string(hide_password=False)),
        data_dir=folder,
        now=NOW,
        lang="en",
        _env_file=None,
        **given,
    )
    async with open_noon(settings, migrate=False) as noon:
        yield noon


@asynccontextmanager
async def watched(noon: Noon) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the operator's pages."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with (
            listening(ops.app(noon), door),
            httpx.AsyncClient(base_url=address, timeout=20) as client,
        ):
            yield client


async def fill(noon: Noon) -> dict[str, Incident]:
    """Put a notice of each kind into the tables: some that need a person, some that do not."""
    minute = timedelta(minutes=1)
    ago = NOW - 3 * minute
    late = ("attempt", f"smtp.example.org: 450 <{PERSON}> try later")
    return {
        "fresh": await notice(noon, NOW - minute),
        "slow": await notice(noon, ago),
        "failing": await notice(
            noon, ago, outbox_values={"state": "deferred", "attempts": 3}, steps=(late,)
        ),
        "unheard": await notice(noon, ago, outbox_values={"state": "unknown", "silences": 1}),
        "accepted": await notice(noon, NOON, outbox_values=TAKEN, steps=(("accepted", "250 ok"),)),
        "held": await notice(noon, NOW - minute, Way.HELD, steps=(("held", ""),), late=True),
        "bounced": await notice(noon, NOON, outbox_values={"state": "bounced"}),
        "stopped": await notice(noon, NOON, outbox_values={"state": "needs_human"}),
        "by hand": await notice(noon, NOON, Way.BY_HAND),
        "over": await notice(
            noon, ago, outbox_values={"state": "expired"}, closes_at=(NOW - minute).timestamp()
        ),
        "long over": await notice(
            noon, ago, closes_at=(NOW - counting.SEEN_FOR - minute).timestamp()
        ),
    }


async def test_what_needs_a_person_and_why(url: URL, tmp_path: Path) -> None:
    async with opened(url, tmp_path) as noon:
        rows = await fill(noon)
        async with noon.database.read() as connection:
            count = await counting.count(connection, noon.clock.now())
        names = {row.id: name for name, row in rows.items()}
        assert {names[one.id]: need for one, need in count.unattended} == {
            "slow": Need.SLOW,
            "failing": Need.SLOW,
            "unheard": Need.SLOW,
            "held": Need.HELD,
            "bounced": Need.RETURNED,
            "stopped": Need.STOPPED,
        }
        assert {names[one.id] for one in count.notices} == set(rows) - {"long over"}
        assert [names[one.id] for one in count.held] == ["held"]
        assert count.standings[Standing.ACCEPTED] == 1
        assert sum(count.standings.values()) == len(rows) - 1


async def test_each_standing_is_the_registers(url: URL, tmp_path: Path) -> None:
    async with opened(url, tmp_path) as noon:
        rows = await fill(noon)
        async with noon.database.read() as connection:
            books = noon.books(connection)
            count = await counting.count(connection, noon.clock.now())
            counted = {one.id: one.standing for one in count.notices}
            for row in rows.values():
                told = await register.notice(books, row)
                assert counted.get(row.id, told.standing) is told.standing


moments = st.integers(0, 6 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(st.lists(st.tuples(moments, st.sampled_from(Standing), st.sampled_from("ab")), max_size=30))
def test_quarters_share_the_notices_out(made: list[tuple[datetime, Standing, str]]) -> None:
    notices = tuple(
        Counted(str(n), deadline, 0, False, standing, at, at, CLOSES)
        for n, (at, standing, deadline) in enumerate(made)
    )
    quarters = Count(NOW, notices).quarters
    assert sum(quarter.number() for quarter in quarters) == len(made)
    assert len({(one.start, one.deadline) for one in quarters}) == len(quarters)
    for quarter in quarters:
        assert quarter.start.minute % 15 == 0
        inside = [at for at, _, deadline in made if deadline == quarter.deadline]
        assert any(quarter.start <= at < quarter.start + counting.QUARTER for at in inside)
    places = [(one.deadline, -one.start.timestamp()) for one in quarters]
    assert places == sorted(places)


async def test_the_page_and_the_metrics_tell_it_without_anybodys_data(
    url: URL, tmp_path: Path
) -> None:
    async with opened(url, tmp_path) as noon, watched(noon) as client:
        empty = read((await client.get("/incidents")).text)
        assert words("en").say("operator.incidents.none-unattended") in empty.words
        rows = await fill(noon)
        answer = await client.get("/incidents")
        page = read(answer.text)
        for name in ("slow", "failing", "held", "bounced"):
            assert rows[name].id in page.words
        assert words("en").say("operator.incidents.none-unattended") not in page.words
        shown = {name for name, row in rows.items() if row.id in page.words}
        assert shown == set(rows) - {"long over"}
        assert CASE.organisation in page.words
        assert DEADLINE not in page.words, "the deadline is told in words"
        assert "12:00 Brussels time (13:00 Latvian time)" in page.words
        assert not page.all("form")
        assert answer.headers["cache-control"] == "no-store"
        home = read((await client.get("/")).text)
        assert "/incidents" in [link.attributes["href"] for link in home.all("a")]
        metrics = (await client.get("/metrics")).text
        for text in (answer.text, metrics):
            assert not [one for one in PRIVATE if one in text]
        assert CASE.organisation not in metrics
        found = {
            (sample.name, sample.labels.get("standing", "")): sample.value
            for family in text_string_to_metric_families(metrics)
            for sample in family.samples
        }
        assert found["noon_incidents", "held"] == 1
        assert found["noon_incidents", "accepted"] == 1
        assert found["noon_incidents", "delivered"] == 0
        assert found["noon_incidents_unattended", ""] == 6


async def test_very_many_are_told_once(url: URL, tmp_path: Path) -> None:
    async with opened(url, tmp_path, incident_forecast=6, operator_email="o@example.org") as noon:
        warned = []
        for _ in range(4):
            await notice(noon, NOW)
            async with noon.database.write() as connection:
                warned.append(await crowding.warn_if_many(noon.books(connection), DEADLINE))
        assert warned == [False, False, True, True]
        async with noon.database.read() as connection:
            query = select(col(OutboxMessage.content)).where(col(OutboxMessage.kind) == "alarm")
            (told,) = (await connection.execute(query)).scalars()
        assert json.loads(told)["values"] == {"number": "3", "forecast": "6"}


@pytest_asyncio.fixture
async def kept(tmp_path: Path) -> tuple[dict[str, str], dict[str, Incident]]:
    """A database with notices, and what a command needs to find it."""
    url = sqlite(tmp_path / "noon.sqlite")
    await schema.upgrade(database := Database(url))
    await database.close()
    async with opened(url, tmp_path) as noon:
        rows = await fill(noon)
    address = url.render_as_string(hide_password=False)
    data = {"NOON_DATABASE_URL": address, "NOON_NOW": NOW.isoformat()}
    return {**data, "NOON_DATA_DIR": str(tmp_path)}, rows


async def test_the_commands(
    kept: tuple[dict[str, str], dict[str, Incident]], tmp_path: Path
) -> None:
    data, rows = kept
    told = run(command("incidents", "--json", **data), tmp_path)
    assert told.code == 0, told.err
    assert {one["id"] for one in told.value["unattended"]} == {
        rows[name].id for name in ("slow", "failing", "unheard", "held", "bounced", "stopped")
    }
    assert told.value["standings"]["held"] == 1
    assert sum(one["made"] for one in told.value["quarters"]) == len(rows) - 1
    text = run(command("incidents", **data), tmp_path).out
    assert rows["held"].id in text
    listed = {one["id"]: one for one in told.value["list"]}
    assert set(listed) == {row.id for name, row in rows.items() if name != "long over"}
    for identifier, one in listed.items():
        assert (one["action"], one["organisation"]) == ("KA220-VET", CASE.organisation)
        line = next(each for each in text.splitlines() if each.startswith(identifier))
        assert one["standing"] in line
        assert one["organisation"] in line
    shown = run(command("incidents", "show", rows["failing"].id, **data), tmp_path)
    assert "450" in shown.out
    assert PERSON in shown.out, "the operator may have to call"
    for out in (told.out, text):
        assert not [one for one in PRIVATE if one in out]
    assert FORM_ID[-8:] not in shown.out
    assert run(command("incidents", "show", "nothing", **data), tmp_path).code == 1


async def test_held_notices_are_let_go(
    kept: tuple[dict[str, str], dict[str, Incident]], tmp_path: Path
) -> None:
    data, rows = kept
    assert run(command("incidents", "release", **data), tmp_path).code == 2
    held, other = rows["held"].id, rows["slow"].id
    mixed = run(command("incidents", "release", held, other, "--json", **data), tmp_path)
    assert (mixed.code, mixed.value) == (1, {"released": [held], "refused": [other]})
    left = run(command("incidents", "--json", **data), tmp_path).value
    assert left["held"] == []
    none = run(command("incidents", "release", "--all", "--json", **data), tmp_path)
    assert (none.code, none.value) == (0, {"released": [], "refused": []})


def test_what_people_and_servers_write_stays_one_line() -> None:
    lines = [*reporting.lines(Count(NOW, ()))]
    assert lines == [f"{NOW:%Y-%m-%dT%H:%M:%SZ}  notices: 0", "none needs a person", "no notices"]
    assert reporting._one_line("a\x1b[2J\nb") == "a [2J b"
