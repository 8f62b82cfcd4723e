"""The Procfile as a platform runs it: the release line alone, then the others side by side."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.botapi.chat import BotApi

ROOT = Path(__file__).parent.parent
LINES = dict(
    line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line.strip()
)
PATIENCE = 30.0


@contextmanager
def honcho(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run every line but the release line, and stop them all afterwards."""
    others = [name for name in LINES if name != "release"]
    command = [sys.executable, "-m", "honcho", "start", "--no-colour", *others]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


async def test_the_release_line_alone_then_the_roles_together(tmp_path: Path) -> None:
    async with BotApi() as api:
        port = _free_port()
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "NOON_DATA_DIR": str(tmp_path),
            "NOON_TELEGRAM_TOKEN": api.token,
            "NOON_TELEGRAM_API": api.url,
            "PORT": str(port),
        }
        released = subprocess.run(LINES["release"].split(), cwd=ROOT, env=environment, timeout=60)
        assert released.returncode == 0
        with honcho(environment):
            assert (await _page(port)).status_code == 200
            person = api.user(1, "en")
            person.say("/help")
            answer = await person.wait_for(lambda message: message.from_bot, timeout=PATIENCE)
            assert "/deadlines" in answer.text


@pytest.mark.parametrize("role", [name for name in LINES if name != "release"])
def test_a_role_refuses_a_database_that_was_not_released(role: str, tmp_path: Path) -> None:
    environment = {**os.environ, "NOON_DATA_DIR": str(tmp_path), "NOON_TELEGRAM_TOKEN": "1:a"}
    command = [sys.executable, "-m", "bot", *LINES[role].split()[1:]]
    refused = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert refused.returncode == 2
    assert "noon db upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr


async def _page(port: int) -> httpx.Response:
    until = time.monotonic() + PATIENCE
    async with httpx.AsyncClient() as client:
        while True:
            try:
                return await client.get(f"http://127.0.0.1:{port}/")
            except httpx.TransportError:
                assert time.monotonic() < until


def _free_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
