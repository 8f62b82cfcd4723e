"""Fixtures that put the wire format under aiogram's judgement.

Name what is needed in a conftest or test module (`judged = tests.botapi.judged.judged`):
`aiogram_python` (the interpreter of an environment made once beside the project's own), `judge`
(aiogram, ready to judge records), `judged` (everything a test's servers exchange is recorded and
judged when the test ends) and `judged_session` (the same, once for all tests together). Each needs
those before it. A server whose client is meant to send nonsense takes `BotApi(trace="")`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.botapi.tracing import VARIABLE

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
ENVIRONMENT = HERE.parents[1] / ".venv-aiogram"


class Judge:
    """The validator, kept running because aiogram takes seconds to import."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions = questions
        self._answers = answers

    def verdict(self, record: Path) -> tuple[bool, str]:
        """Returns whether aiogram agrees with a record, and its report."""
        self._questions.write(f"{record}\n")
        self._questions.flush()
        passed, report = json.loads(self._answers.readline())
        return bool(passed), str(report)


@pytest.fixture(scope="session")
def aiogram_python() -> Path:
    """Returns the Python of the environment with aiogram, which is made if missing or outdated."""
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = ENVIRONMENT / "made-from"
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            _make()
            stamp.write_text(wanted)
    return ENVIRONMENT / "bin" / "python"


@pytest.fixture(scope="session")
def judge(aiogram_python: Path) -> Iterator[Judge]:
    """Yields the running validator."""
    command = [str(aiogram_python), "-P", str(HERE / "validate.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Judge(process.stdin, process.stdout)


@pytest.fixture
def judged(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yields the record of all servers started during the test; has it judged afterwards."""
    record = tmp_path / "botapi.jsonl"
    monkeypatch.setenv(VARIABLE, str(record))
    yield record
    passed, report = judge.verdict(record)
    assert passed, report


@pytest.fixture(scope="session")
def judged_session(judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yields the record of all servers started from now on; has it judged after the last test."""
    record = tmp_path_factory.mktemp("botapi") / "botapi.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(record))
        yield record
    passed, report = judge.verdict(record)
    assert passed, report


def _make() -> None:
    _run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _run([*pip, "--require-hashes", "-r", str(LOCK)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
