"""`noon post` and `noon subscribers import` as an operator runs them."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.engine import URL

from tests import system

ROOT = Path(__file__).parents[2]
BEFORE = "2026-02-01T09:00:00+02:00"
"""Before the first reminder of the deadline of 5 March 2026."""

DUE = "2026-02-03T13:30:00+02:00"
"""When all reminders thirty days before it are due, in Riga."""

PATIENCE = 300.0


def environment(url: URL, folder: Path, now: str, **variables: str) -> dict[str, str]:
    """Return what a command runs with, and nothing of ours besides."""
    ours = {
        "NOON_DATABASE_URL": url.render_as_string(hide_password=False),
        "NOON_DATA_DIR": str(folder),
        "NOON_OPS_PORT": "0",
        "NOON_MAIL_FROM": "noon@noon.invalid",
        "NOON_MAIL_RATE": "0",
        "NOON_LEASE": "2",
        "NOON_NOW": now,
    }
    return system.environment(**ours, **variables)


def table(folder: Path, people: Iterable[int], leads: str = "T-30d") -> Path:
    """Write the file of so many people who want to be reminded of KA220."""
    file = folder / "people.csv"
    rows = (f"p{n}@example.org,lv,KA220-SCH,{leads},form of 1 January 2026" for n in people)
    file.write_text("\n".join(["email,language,selection,leads,consent", *rows]) + "\n")
    return file


async def noon(*words: str, **variables: str) -> Process:
    """Begin `noon <words>` in the environment `variables`."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=ROOT, env=variables, stdout=DEVNULL, stderr=None
    )


async def done(process: Process) -> None:
    """Wait for the end of a command that has to succeed."""
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def stop(process: Process, how: signal.Signals = signal.SIGTERM) -> None:
    """Stop a process and wait for its end."""
    if process.returncode is None:
        process.send_signal(how)
    await asyncio.wait_for(process.wait(), 30)
