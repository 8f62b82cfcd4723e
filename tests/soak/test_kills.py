"""An incident killed hundreds of times at every point of its way: none lost, few repeated once."""

import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle, islice

import pytest
from sqlalchemy.engine import URL

from bot.post.kinds import Kind, Lane
from bot.settings import Settings
from bot.store.database import Database
from tests.post.nursery import POINTS
from tests.post.processes import Nursery
from tests.post.store import plan, states
from tests.smtp.process import SmtpProcess
from tests.soak.size import KILLS, tell

pytestmark = pytest.mark.soak

SHORT = 1.0
"""A lease in seconds: what is in a killed process's hands is free again after so long."""

RESUMED_WITHIN = 90.0


@dataclass
class Kills:
    """What the kills came to: when each was, and how long its notice took from there."""

    at: list[datetime] = field(default_factory=list)
    noted: list[float] = field(default_factory=list)


async def test_incidents_survive_a_kill_at_every_point(url: URL, database: Database) -> None:
    await _survived(url, database, KILLS, SHORT)


async def test_an_incident_is_resumed_in_time_with_the_lease_of_default(
    url: URL, database: Database
) -> None:
    await _survived(url, database, len(POINTS), Settings.model_fields["lease"].default)


async def _survived(url: URL, database: Database, number: int, lease: float) -> None:
    kills = Kills()
    async with SmtpProcess() as smtp, Nursery(url, smtp.port) as nursery:
        for one, point in enumerate(islice(cycle(POINTS), number)):
            await plan(database, Kind.INCIDENT, 1, f"notice-{one}")
            await _killed(nursery, point, lease, kills)
        arrived = await smtp.ask("messages")
    _judged(url, number, lease, kills, _by_name(arrived))
    assert await states(database) == {"accepted": number}


def _judged(
    url: URL, number: int, lease: float, kills: Kills, copies: dict[str, list[dict[str, str]]]
) -> None:
    assert len(copies) == number
    extra = [len(those) - 1 for those in copies.values()]
    late = [_after(kill, those) for kill, those in zip(kills.at, copies.values(), strict=True)]
    tell(
        "incident sends killed at four points", url,
        kills=number, lost=number - len(copies), extra_copies=sum(extra), most_of_one=max(extra),
        kill_to_acceptance_max=f"{max(late):.2f} s",
        kill_to_noted_max=f"{max(kills.noted):.2f} s (lease {lease:g} s)",
    )  # fmt: skip
    assert max(extra) <= 1
    assert all(len({one["sha256"] for one in those}) == 1 for those in copies.values())
    assert max(kills.noted) <= RESUMED_WITHIN


async def _killed(nursery: Nursery, point: str, lease: float, kills: Kills) -> None:
    """Have the notice that waits sent by a process that dies at `point`, then by another one."""
    assert await nursery.carry(Lane.INCIDENT, point=point, lease=lease) == -signal.SIGKILL
    kills.at.append(datetime.now(UTC))
    begun = time.monotonic()
    assert await nursery.carry(Lane.INCIDENT, lease=lease) == 0
    kills.noted.append(time.monotonic() - begun)


def _by_name(arrived: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Return the copies of each message, in the order of their first ones."""
    copies: dict[str, list[dict[str, str]]] = {}
    for one in arrived:
        copies.setdefault(one["message_id"], []).append(one)
    return copies


def _after(kill: datetime, copies: list[dict[str, str]]) -> float:
    """Return the seconds from a kill to the last copy; 0 where it came before the kill."""
    last = datetime.fromisoformat(copies[-1]["at"])
    return max(0.0, (last - kill).total_seconds())
