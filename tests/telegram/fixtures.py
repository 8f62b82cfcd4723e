"""Fixtures of the Telegram tests; named as a plugin by the modules that use them."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.service import Noon
from tests.botapi import BotApi
from tests.botapi import judged as judging
from tests.botapi.judged import Judge
from tests.telegram.service import Service, served, settings
from tests.telegram.store import FILE

aiogram_python = judging.aiogram_python
judge = judging.judge


@pytest.fixture(scope="session")
def telegram_record(judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the record of all that the face and the servers say; aiogram judges it at the end."""
    record = tmp_path_factory.mktemp("telegram") / "record.jsonl"
    yield record
    passed, report = judge.verdict(record)
    assert passed, report


@pytest.fixture
async def api(telegram_record: Path) -> AsyncIterator[BotApi]:
    """Yield a Bot API server without the real one's pauses."""
    async with BotApi(trace=str(telegram_record)) as api:
        api.network.webhook_retry, api.network.webhook_pause = 0.02, 0.0
        api.network.feed.conflict_pause = 0.0
        yield api


@pytest.fixture
def folder(tmp_path: Path, sqlite_file: Path) -> Path:
    """Return a data folder with a migrated database."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(sqlite_file, data / FILE)
    return data


@pytest.fixture
async def service(api: BotApi, folder: Path) -> AsyncIterator[Service]:
    """Yield a Noon process, not started yet; it is killed in the end."""
    async with Service(api.url, folder) as service:
        yield service


@pytest.fixture
async def noon(api: BotApi, folder: Path) -> AsyncIterator[Noon]:
    """Yield a Noon whose Telegram face runs inside the test."""
    async with served(settings(api, folder)) as noon:
        yield noon
