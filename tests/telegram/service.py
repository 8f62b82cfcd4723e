"""`noon telegram` as a process of its own that can be killed, and the same face inside the test."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Self
from unittest.mock import patch

from pydantic import SecretStr

from bot import almanac
from bot.faces.telegram import face
from bot.service import Noon, open_noon
from bot.settings import Settings
from rules.asking import finder
from rules.loader import load
from rules.understanding import Finder
from tests.botapi import BotApi

ROOT = Path(__file__).parents[2]
TOKEN = "123456:loopback"
ENDING_WITH_US = ("setpriv", "--pdeathsig=KILL") if shutil.which("setpriv") else ()
"""So that a test run that is killed leaves no process behind."""

PATIENCE = 20.0
"""Seconds that a slow machine may take for anything that is waited for."""


class Service:
    """A Noon process with its data in `folder`; what it prints is kept in one file over restarts.

    `server` is the Bot API's address; `variables` are set in the environment on top of it, of token
    and folder; rates are lifted unless they are set.
    """

    def __init__(self, server: str, folder: Path, **variables: str) -> None:
        self._printed = folder / "printed"
        self._process: asyncio.subprocess.Process | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not _ours(name)},
            "NOON_DATA_DIR": str(folder),
            "NOON_TELEGRAM_TOKEN": TOKEN,
            "NOON_TELEGRAM_API": server,
            "NOON_TELEGRAM_RATE": "0",
            "NOON_TELEGRAM_CHAT_RATE": "0",
            **variables,
        }

    async def __aenter__(self) -> Self:
        """Return the service, not started yet."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Kill the process, if it still runs."""
        await self.kill()

    async def start(self, *command: str) -> None:
        """Begin `noon <command>` (`telegram` if none is given); it is not waited for."""
        await self.begin("-m", "bot", *(command or ("telegram",)))

    async def begin(self, *arguments: str) -> None:
        """Begin `python <arguments>` in the checkout."""
        with self._printed.open("ab") as out:
            command = (*ENDING_WITH_US, sys.executable, *arguments)
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self._environment, stdout=out, stderr=out
            )

    async def run(self, *command: str) -> int:
        """Run `noon <command>` to its end and return its exit code."""
        await self.start(*command)
        return await self.ended()

    async def ended(self) -> int:
        """Return the exit code once the process has ended by itself."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def kill(self) -> None:
        """Kill the process without notice (SIGKILL), if it runs."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask the process to stop (SIGTERM) and wait until it has, if it runs."""
        await self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The number of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def printed(self) -> str:
        """Everything that went to stdout and stderr so far."""
        return self._printed.read_text() if self._printed.exists() else ""

    async def _end(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self.ended()


def _ours(name: str) -> bool:
    return name.startswith("NOON_") or name.lower().endswith("_proxy") or name == "PORT"


def settings(api: BotApi, folder: Path, **fields: object) -> Settings:
    """Return the settings of a Noon that talks to `api`, with limits lifted unless given."""
    given: dict[str, object] = {
        "telegram_token": SecretStr(api.token),
        "telegram_api": api.url,
        "telegram_rate": 0.0,
        "telegram_chat_rate": 0.0,
        "data_dir": folder,
    }
    return Settings.model_validate(given | fields)


@asynccontextmanager
async def served(chosen: Settings) -> AsyncIterator[Noon]:
    """Yield a Noon whose Telegram face runs in this loop; an error that ended it is raised."""
    with patch.object(almanac, "finder", lambda facts: _learned()):
        async with open_noon(chosen, migrate=False) as noon:
            serving = asyncio.create_task(face.serve(noon))
            try:
                yield noon
            finally:
                serving.cancel()
                await asyncio.wait([serving])
    if not serving.cancelled() and (error := serving.exception()) is not None:
        raise error


@cache
def _learned() -> Finder:
    """Return the finder of topics, learned once: that takes most of a start."""
    return finder(load())
