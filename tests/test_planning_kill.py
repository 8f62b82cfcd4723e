"""A planner killed in the middle of its work: the next one goes on, nobody is told twice."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.post.importing import Entry
from bot.post.taking_over import take_over
from bot.store.database import Database
from bot.store.tables import Lease, Subscription
from tests.planning_process import MOVED
from tests.post_office import SHORT, SOON, Office, desk, leads

HOUSE = Path(__file__).parent.parent
PEOPLE = 45


def entries(count: int) -> list[Entry]:
    return [
        Entry(n, f"p{n}@example.org", "lv", "Europe/Riga", "KA210", SHORT, "asked in 2025")
        for n in range(count)
    ]


def killed(office: Office, point: str, times: int) -> None:
    url = office.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.planning_process", url, str(office.folder)]
    done = subprocess.run([*command, point, str(times)], cwd=HOUSE, timeout=60)
    assert done.returncode == -signal.SIGKILL


async def lapse(office: Office) -> None:
    async with office.database.write() as connection:
        await connection.execute(update(Lease).values(until=0.0))


@pytest.mark.parametrize(
    ("point", "times"), [("in_chunk", 1), ("in_chunk", 3), ("before_chunk", 3)]
)
async def test_killed_while_planning_anew(
    database: Database, tmp_path: Path, point: str, times: int
) -> None:
    office = Office(database, tmp_path)
    await take_over(entries(PEOPLE), office.books)
    killed(office, point, times)

    office.desk = desk(MOVED)
    before = await office.rows(Subscription, col(Subscription.edition) != "")
    halfway = Counter(row["edition"] for row in before)
    assert sorted(halfway.values()) == sorted(
        filter(None, [(times - 1) * 10, PEOPLE - (times - 1) * 10])
    )
    assert len(await office.waiting("moved")) == (times - 1) * 10
    await lapse(office)
    assert await office.planner(owner="next").look() == PEOPLE - (times - 1) * 10

    assert len({row["contact"] for row in await office.waiting("moved")}) == PEOPLE
    assert len(await office.waiting("moved")) == PEOPLE
    rows = await office.waiting("reminder", "two-hours")
    assert {row["key"].split(":")[3] for row in rows} == {"1"}
    assert Counter(leads([row["key"] for row in rows])) == dict.fromkeys(SHORT.split(), PEOPLE)
    assert {row["deadline"] for row in rows} == {SOON}
