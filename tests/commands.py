"""Runs `noon …` as a person does: several side by side, each with data of its own."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parent.parent
ANSWERS: dict[str, Any] = {
    "sector": "VET",
    "as_of": "2026-02-01",
    "coordinator": {
        "country": "LV",
        "kind": "organisation",
        "established": "2020-05-01",
        "applications_total": 2,
    },
    "partners": [
        {"country": country, "kind": "organisation", "applications_total": 1}
        for country in ("EE", "NO")
    ],
    "associated_partners": [{"country": "UA"}],
    "months": 24,
    "start": "2026-10-01",
    "lump_sum": 250000,
    "horizontal_priorities": 1,
    "sector_priorities": 0,
    "management_share": 0.2,
    "work_packages": 4,
    "venues": ["LV", "EE"],
    "same_consortium_elsewhere": False,
}
FILES = {
    "good.json": json.dumps(ANSWERS),
    "late.json": json.dumps({**ANSWERS, "months": 48}),
    "few.json": json.dumps({"coordinator": {"country": "LV"}}),
    "not.json": "months: 24",
    "list.json": "[]",
    "latin.json": "\udcff",
    "key.json": json.dumps({"monhts": 24}),
    "country.json": json.dumps({"coordinator": {"country": "XX"}}),
    "number.json": json.dumps({"months": "24"}),
    "other.json": json.dumps({**ANSWERS, "action": "KA210"}),
}


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code, what it printed, what it complained of."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The one JSON value on stdout."""
        return json.loads(self.out)


Command = tuple[list[str], dict[str, str], str]


def command(*words: str, said: str = "", **variables: str) -> Command:
    return (list(words), variables, said)


def run(command: Command, folder: Path) -> Done:
    """Run `noon …` in a folder of its own, with nothing of ours in the environment."""
    words, variables, said = command
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NOON_") and k != "PORT"}
    environment = {**clean, "PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1", **variables}
    ran = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=said,
        capture_output=True,
        cwd=folder,
        env=environment,
        encoding="utf-8",
        timeout=60,
    )
    return Done(ran.returncode, ran.stdout, ran.stderr)


def run_all(commands: dict[str, Command], folder: Path) -> dict[str, Done]:
    """Run commands side by side, each with its own data, in a folder with the answers files."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")

    def one(name: str) -> Done:
        words, variables, said = commands[name]
        apart = {"NOON_DATA_DIR": str(folder / "var" / name.replace(" ", "-")), **variables}
        return run((words, apart, said), folder)

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(commands, pool.map(one, commands), strict=True))
