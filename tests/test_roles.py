"""One role at a time on an SQLite file: a second process refuses and says why."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.commands import HOUSE, Done, command, run

PATIENCE = 20.0
TOKEN = "123456:role-test-token"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        return int(door.getsockname()[1])


@contextmanager
def running(folder: Path, *words: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """Keep `noon …` running; at the end it is told to stop and must do so in order."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NOON_") and k != "PORT"}
    child = subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(HOUSE), **variables},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
        child.send_signal(signal.SIGTERM)
        _, complaints = child.communicate(timeout=PATIENCE)
        assert child.returncode == 0, complaints
        assert "Traceback" not in complaints
    finally:
        child.kill()
        child.wait()


def wait_for_page(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the page did not come up")


@pytest.fixture
def data(tmp_path: Path) -> dict[str, str]:
    """Return the settings of an installation whose tables are there."""
    settings = {"NOON_DATA_DIR": str(tmp_path / "var")}
    assert run(command("db", "upgrade", **settings), tmp_path) == Done(0, "", "")
    return settings


def test_the_web_page_runs_once_on_one_file(tmp_path: Path, data: dict[str, str]) -> None:
    first, second = free_port(), free_port()
    with running(tmp_path, "web", **data, NOON_PORT=str(first)):
        wait_for_page(f"http://127.0.0.1:{first}")
        for role in ("web", "run"):
            refused = run(command(role, **data, NOON_PORT=str(second)), tmp_path)
            assert (refused.code, refused.out) == (2, "")
            assert "'web' already runs" in refused.err
            assert "PostgreSQL" in refused.err
        assert run(command("db", "upgrade", **data), tmp_path) == Done(0, "", "")
    with running(tmp_path, "run", **data, NOON_PORT=str(second)):
        wait_for_page(f"http://127.0.0.1:{second}")


def test_telegram_runs_once_on_one_file_and_beside_the_web_page(
    tmp_path: Path, data: dict[str, str]
) -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(PATIENCE)
        bot = {
            **data,
            "NOON_TELEGRAM_TOKEN": TOKEN,
            "NOON_TELEGRAM_API": f"http://127.0.0.1:{silent.getsockname()[1]}",
        }
        with running(tmp_path, "telegram", **bot):
            with closing(silent.accept()[0]):
                refused = run(command("telegram", **bot), tmp_path)
                assert refused.code == 2
                assert "'telegram' already runs" in refused.err
                assert TOKEN not in refused.err
            with running(tmp_path, "web", **data, NOON_PORT=str(port)):
                wait_for_page(f"http://127.0.0.1:{port}")
