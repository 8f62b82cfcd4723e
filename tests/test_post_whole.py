"""A run of reminders through `noon subscribers import` and `noon post`, with and without kills.

`make soak` does it with 20,000 (tests/soak).
"""

from pathlib import Path

from sqlalchemy.engine import URL

from tests.post.whole import run

PEOPLE = 1_500
KILLS = 3


async def test_each_of_a_run_leaves_exactly_once(url: URL, tmp_path: Path) -> None:
    copies = await run(url, tmp_path, PEOPLE, kills=0)
    assert len(copies) == PEOPLE
    assert set(copies.values()) == {1}


async def test_kills_in_a_run_lose_nobody_and_repeat_few(url: URL, tmp_path: Path) -> None:
    copies = await run(url, tmp_path, PEOPLE, kills=KILLS)
    assert len(copies) == PEOPLE
    assert copies.total() - PEOPLE <= 32 * KILLS
