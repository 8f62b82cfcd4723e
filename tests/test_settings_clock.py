"""What the environment may say, what it may not, and the clock that follows it."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.settings import BadSettings, Settings, load_settings

MARCH = datetime.fromisoformat("2026-03-01T09:00:00+02:00")
Environment = Callable[..., Settings]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    """Return the settings of an environment with these variables and no others of ours."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("NOON_") or name == "PORT":
            monkeypatch.delenv(name)

    def read(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return read


def test_nothing_needs_to_be_set(environment: Environment, tmp_path: Path) -> None:
    settings = environment()
    assert str(settings.database) == f"sqlite+aiosqlite:///{tmp_path}/var/noon.sqlite"
    assert settings.embedded
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.address == "http://127.0.0.1:8000"
    assert (settings.telegram_token, settings.secret, settings.calendar_dir) == (None, None, None)
    assert (settings.telegram_api, settings.telegram_mode) == (
        "https://api.telegram.org",
        "polling",
    )
    assert (settings.agency, settings.lang, settings.telegram_rate) == ("LV01", "lv", 25)
    assert (settings.now, settings.now_rate, settings.secrets) == (None, 1, [])


@pytest.mark.parametrize(
    ("variables", "port", "address"),
    [
        ({"NOON_PORT": "9000"}, 9000, "http://127.0.0.1:9000"),
        ({"PORT": "9001"}, 9001, "http://127.0.0.1:9001"),
        ({"NOON_PORT": "9000", "PORT": "9001"}, 9000, "http://127.0.0.1:9000"),
        ({"NOON_PORT": "", "PORT": "9001"}, 9001, "http://127.0.0.1:9001"),
        ({"NOON_HOST": "0.0.0.0"}, 8000, "http://0.0.0.0:8000"),
        ({"NOON_PUBLIC_URL": "https://noon.example/"}, 8000, "https://noon.example"),
    ],
)
def test_where_the_web_server_listens(
    environment: Environment, variables: dict[str, str], port: int, address: str
) -> None:
    settings = environment(**variables)
    assert (settings.port, settings.address) == (port, address)


@pytest.mark.parametrize(
    ("url", "engine", "embedded"),
    [
        ("sqlite+aiosqlite:////data/noon.sqlite", "sqlite+aiosqlite:////data/noon.sqlite", True),
        ("sqlite:///noon.sqlite", "sqlite+aiosqlite:///noon.sqlite", True),
        ("postgres://u:p@db/noon", "postgresql+asyncpg://u:p@db/noon", False),
        ("postgresql://u:p@db:5433/noon", "postgresql+asyncpg://u:p@db:5433/noon", False),
        (
            "postgresql+asyncpg://u@/noon?host=/run",
            "postgresql+asyncpg://u@/noon?host=%2Frun",
            False,
        ),
        ("postgres://db/noon?sslmode=require", "postgresql+asyncpg://db/noon?ssl=require", False),
    ],
)
def test_the_database_may_be_named_in_every_usual_way(
    environment: Environment, url: str, engine: str, embedded: bool
) -> None:
    settings = environment(NOON_DATABASE_URL=url)
    assert settings.database.render_as_string(hide_password=False) == engine
    assert settings.embedded is embedded


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOON_PORT", "many"),
        ("NOON_PORT", "70000"),
        ("PORT", "-1"),
        ("NOON_DATABASE_URL", "mysql://u:s3cret@db/noon"),
        ("NOON_DATABASE_URL", "s3cret"),
        ("NOON_DATABASE_URL", "postgresql+nodriver://u:s3cret@db/noon"),
        ("NOON_TELEGRAM_MODE", "pigeon"),
        ("NOON_TELEGRAM_RATE", "-1"),
        ("NOON_LANG", "xx"),
        ("NOON_NOW", "2026-03-01T09:00:00"),
        ("NOON_NOW", "2026-03-01"),
        ("NOON_NOW", "2026"),
        ("NOON_NOW", "1772348400"),
        ("NOON_NOW", "tomorrow"),
        ("NOON_NOW_RATE", "0"),
        ("NOON_NOW_RATE", "fast"),
        ("NOON_LEASE", "0"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(
    environment: Environment, name: str, value: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        environment(**{name: value})
    assert name in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_all_bad_values_are_told_at_once(environment: Environment) -> None:
    with pytest.raises(BadSettings, match=r"NOON_PORT: .*; NOON_LANG: "):
        environment(NOON_PORT="many", NOON_LANG="xx")


def test_an_empty_variable_is_as_good_as_none(environment: Environment) -> None:
    settings = environment(
        NOON_TELEGRAM_TOKEN="", NOON_SECRET="", NOON_NOW="", NOON_DATABASE_URL=""
    )
    assert (settings.telegram_token, settings.secret, settings.now) == (None, None, None)
    assert settings.embedded


def test_a_file_of_settings_is_read_and_the_environment_goes_before_it(
    environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("NOON_PORT=9000\nNOON_LANG=en\nOTHER=1\nNOON_UNKNOWN=1\n")
    settings = environment(NOON_PORT="9001")
    assert (settings.port, settings.lang) == (9001, "en")


def test_secrets_are_known_and_never_shown(environment: Environment) -> None:
    settings = environment(
        NOON_TELEGRAM_TOKEN="123:s3cret-token",
        NOON_SECRET="s3cret-key",
        NOON_DATABASE_URL="postgres://noon:s3cret-password@db/noon",
    )
    assert set(settings.secrets) == {"123:s3cret-token", "s3cret-key", "s3cret-password"}
    shown = [repr(settings), str(settings), str(settings.database), settings.model_dump_json()]
    assert "s3cret" not in " ".join(shown)


@pytest.mark.parametrize(
    ("start", "rate", "rehearsed"),
    [(None, 1.0, False), (MARCH, 1.0, True), (None, 60.0, True), (MARCH, 60.0, True)],
)
def test_the_clock_tells_utc_and_never_goes_back(
    start: datetime | None, rate: float, rehearsed: bool
) -> None:
    clock = Clock(start, rate)
    told = [clock.now() for _ in range(50)]
    assert clock.rehearsed is rehearsed
    assert {moment.tzinfo for moment in told} == {UTC}
    assert told == sorted(told)


def test_the_real_clock_tells_the_time() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=1)
    assert abs(Clock(rate=2).now() - datetime.now(UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize(("rate", "least", "most"), [(1, 0.1, 5), (3600, 360, 18_000)])
def test_a_shifted_clock_starts_there_and_runs_at_its_rate(
    rate: float, least: float, most: float
) -> None:
    clock = Clock(MARCH, rate)
    time.sleep(0.1)
    passed = (clock.now() - MARCH).total_seconds()
    assert least <= passed <= most


def test_a_clock_does_not_start_at_a_naive_time() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock(MARCH.replace(tzinfo=None))
