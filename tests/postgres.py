"""Databases for tests: SQLite files, and a real PostgreSQL server of the test run's own.

The server lives in a temporary folder, listens on a socket in it and ends with the test run, even
with one that is killed. Each test gets a database nobody else uses, copied from a migrated one.

Fixtures: `url` and `database` are migrated and run once on SQLite and once on PostgreSQL;
`empty_url` has no tables yet; `postgres_url` is migrated, PostgreSQL alone; `postgres` is the
server itself.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.store import schema
from bot.store.database import Database
from tests.system import require

BOTH = ("sqlite", "postgresql")
MIGRATED = "migrated"
NEEDED = ("initdb", "postgres", "createdb", "pg_isready")
PATIENCE = 30.0

HASTE = (
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off"),
    *("-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=128MB"),
)
"""What a server need not do whose data nobody needs tomorrow."""


class Postgres:
    """A PostgreSQL server in `folder`; whoever stops it starts it again."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self._programs = programs
        self._durable = durable
        self._folder = folder
        self._names = (f"test_{number}" for number in count(1))
        self._server: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the server's files."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        data = f"--pgdata={self._folder / 'data'}"
        self._run(*_as_its_user(), str(self._programs / "initdb"), data, "--no-sync", *options)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = ["-D", str(self._folder / "data"), "-k", str(self._folder)]
        options += ["-c", "listen_addresses=", "-c", "max_connections=60"]
        options += [] if self._durable else HASTE
        command = [*_as_its_user(), str(self._programs / "postgres"), *options]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while subprocess.run(self._client("pg_isready"), capture_output=True).returncode:
            assert time.monotonic() < until, (self._folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server; connections are cut."""
        if self._server is not None:
            self._server.send_signal(2)
            self._server.wait(PATIENCE)
            self._server = None

    def create(self, template: str = "template1", name: str | None = None) -> URL:
        """Make a database like `template` and return its address."""
        made = name or next(self._names)
        self._run(*self._client("createdb"), "--template", template, made)
        where = {"host": str(self._folder)}
        return URL.create("postgresql+asyncpg", username="postgres", database=made, query=where)

    def _client(self, program: str) -> list[str]:
        return [str(self._programs / program), "-h", str(self._folder), "-U", "postgres"]

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def _as_its_user() -> list[str]:
    """Return how a program is begun as the server's user, to end when this process does."""
    apart = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *apart, "--pdeathsig=INT"]


def _programs() -> Path:
    """Return the folder of the newest server of this machine; Debian keeps them off the path."""
    kept = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(kept, key=lambda folder: float(folder.parent.name))
    found = shutil.which("postgres")
    folders = [*([Path(found).parent] if found else []), *folders]
    have = bool(folders) and all((folders[-1] / name).exists() for name in NEEDED)
    require(have and bool(shutil.which("setpriv")), "PostgreSQL (postgresql) and setpriv")
    return folders[-1]


@contextmanager
def serving(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a server; `durable`: its commits wait for the disk, as everywhere but in tests."""
    folder = Path(tempfile.mkdtemp(prefix="noon-postgres-"))
    server = Postgres(_programs(), folder, durable=durable)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server, with one migrated database to copy from."""
    with serving() as server:
        asyncio.run(migrate(server.create(name=MIGRATED)))
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "noon.sqlite"
    asyncio.run(migrate(sqlite(path)))
    return path


async def migrate(url: URL) -> None:
    """Bring the database at `url` to the present shape."""
    database = Database(url)
    try:
        await schema.upgrade(database)
    finally:
        await database.close()


def sqlite(path: Path) -> URL:
    """Return the address of an SQLite file."""
    return URL.create("sqlite+aiosqlite", database=str(path))


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """The address of a database that has no tables yet."""
    if request.param == "sqlite":
        return sqlite(tmp_path / "noon.sqlite")
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """The address of a migrated database."""
    if request.param == "postgresql":
        made: URL = request.getfixturevalue("postgres_url")
        return made
    path = tmp_path / "noon.sqlite"
    shutil.copy(request.getfixturevalue("sqlite_file"), path)
    return sqlite(path)


@pytest.fixture
def postgres_url(postgres: Postgres) -> URL:
    """The address of a migrated PostgreSQL database."""
    return postgres.create(template=MIGRATED)


@pytest.fixture
async def database(url: URL) -> AsyncIterator[Database]:
    """A migrated store."""
    opened = Database(url)
    yield opened
    await opened.close()
