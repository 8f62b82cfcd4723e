"""The house rules: what lies where, who may import whom, and what an installed copy holds."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.system import require

HOUSE = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "rules")
MODULES = sorted(path for package in PACKAGES for path in (HOUSE / package).rglob("*.py"))
REGISTRIES = (
    ("pypi", "."),
    ("python", "hosted"),
    ("npm", "js"),
    ("yarn", "pkg"),
)
"""In pieces, so that this file does not name them either."""


def run(*command: str, cwd: Path = HOUSE, **variables: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("NOON_", "PYTHONPATH"))}
    done = subprocess.run(
        command, cwd=cwd, env={**clean, **variables}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ours() -> list[Path]:
    """Return every file that is, or is about to be, kept in the repository."""
    here = bool(shutil.which("git")) and (HOUSE / ".git").exists()
    require(here, "git and a checkout of the repository")
    names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    paths = [HOUSE / name for name in names.split("\0") if name]
    assert HOUSE / "pyproject.toml" in paths
    return [path for path in paths if path.is_file()]


def texts() -> dict[str, str]:
    found = {}
    for path in ours():
        try:
            found[str(path.relative_to(HOUSE))] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_the_dates_folder_is_data_and_shadows_nothing() -> None:
    kinds = {path.suffix for path in (HOUSE / "calendar").rglob("*") if path.is_file()}
    assert kinds == {".toml"}
    says = "import calendar; print(calendar.__file__, calendar.isleap(2028))"
    said = run(sys.executable, "-c", says)
    assert not said.startswith(str(HOUSE))
    assert said.rstrip().endswith("calendar.py True")


def index_hosts() -> set[str]:
    """Return the hosts that this machine gets its packages from."""
    settings = [
        value for name, value in os.environ.items() if "INDEX" in name or "REGISTRY" in name
    ]
    settings.append(run(sys.executable, "-m", "pip", "config", "list"))
    addresses = re.findall(r"https?://[^\s'\",]+", " ".join(settings))
    return {host for address in addresses if (host := urlsplit(address).hostname)}


def test_no_file_names_where_packages_come_from() -> None:
    hosts = {"".join(parts) for parts in REGISTRIES} | index_hosts() - {"localhost", "127.0.0.1"}
    for name, text in texts().items():
        assert not [host for host in hosts if host in text], name


def test_no_file_names_a_place_on_this_machine() -> None:
    places = {HOUSE, HOUSE.parent, Path.home()}
    paths = [re.escape(str(place)) for place in places if place != Path("/")]
    named = re.compile(rf"(?<![\w.:/-])(?:{'|'.join(paths)})/")
    for name, text in texts().items():
        assert named.search(text) is None, name


def test_imports_go_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    require(program.exists(), "import-linter")
    said = run(str(program), "--no-cache", PYTHONPATH=str(HOUSE))
    assert re.search(r"[1-9]\d* kept, 0 broken", said), said


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said
    assert said.splitlines()[0].endswith((".", "?"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installed copy: the wheel, unpacked where nothing else is."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "copy")
    return folder / "copy"


def data(root: Path) -> set[str]:
    """Return the files of the product that an installed copy cannot do without."""
    found = (path for part in (*PACKAGES, "calendar") for path in (root / part).rglob("*"))
    return {
        str(path.relative_to(root))
        for path in found
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_an_installed_copy_holds_all_of_the_product_and_nothing_else(wheel: Path) -> None:
    kept = {str(path.relative_to(HOUSE)) for path in ours()}
    assert data(wheel) == data(HOUSE) & kept
    assert {path.suffix for path in wheel.rglob("*.*")} >= {".py", ".toml", ".po", ".md", ".html"}
    tops = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {*PACKAGES, "calendar"}


def test_an_installed_copy_works_by_itself(wheel: Path, tmp_path: Path) -> None:
    settings = {"PYTHONPATH": str(wheel), "NOON_DATA_DIR": str(tmp_path / "var")}
    says = (
        "import calendar, rules.loader as r; print(r.__file__, len(r.load().deadlines), calendar)"
    )
    said = run(sys.executable, "-c", says, cwd=tmp_path, **settings)
    assert said.startswith(str(wheel))
    assert str(wheel / "calendar") not in said
    for command in (("check",), ("db", "upgrade"), ("deadlines",), ("ask", "OID")):
        run(sys.executable, "-m", "bot", *command, cwd=tmp_path, **settings)
    assert (tmp_path / "var" / "noon.sqlite").exists()


WHAT_RUNS = """
import asyncio, sys
from importlib.metadata import packages_distributions
from bot.settings import Settings
from bot.service import open_noon
from bot.faces import web
from bot.faces.telegram import face
import bot.cli, bot.roles, bot.checks

async def run():
    settings = Settings(_env_file=None, data_dir=sys.argv[1], telegram_token="1:a")
    async with open_noon(settings, migrate=True) as noon:
        web.app(noon)
        await face.make_bot(noon).shutdown()

asyncio.run(run())
owners = packages_distributions()
tops = {module.split(".")[0] for module in list(sys.modules)}
print(" ".join({name for top in tops for name in owners.get(top, [])}))
"""


def test_what_runs_is_pinned_for_running_and_not_for_tests_alone(tmp_path: Path) -> None:
    pinned = re.findall(r"^([a-zA-Z0-9_.-]+)==", (HOUSE / "requirements.lock").read_text(), re.M)
    names = {name.lower().replace("_", "-") for name in pinned} | {"noon"}
    used = run(sys.executable, "-c", WHAT_RUNS, str(tmp_path)).split()
    # Starlette takes python-multipart where it finds it, and does without for what we use.
    others = {name.lower().replace("_", "-") for name in used} - names
    assert others <= {"pip", "setuptools", "python-multipart"}
