"""Fixtures that every test may ask for, how Hypothesis runs, and how a run is dealt out."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from bot import almanac
from bot.post import alarms
from rules.asking import finder
from rules.loader import Facts, load
from rules.understanding import Finder
from tests.postgres import (
    database,
    empty_url,
    postgres,
    postgres_url,
    sqlite_file,
    url,
)

__all__ = ["database", "empty_url", "postgres", "postgres_url", "sqlite_file", "url"]

# A busy machine is slow, not wrong.
settings.register_profile("noon", deadline=None)
settings.load_profile("noon")

LONG = (
    "test_incident_progress.py",
    "test_incident_insisting.py",
    "test_incident_rehearsal.py",
    "test_incident_delivery_kill.py",
    "test_post_kill.py",
    "test_incident_delivery.py",
    "test_post_whole.py",
    "test_announcing.py",
    "test_incident_moving.py",
    "test_telegram_kill.py",
    "test_web_reminders.py",
    "test_operator.py",
    "test_planning_runs.py",
)
"""Files that take longest: begun first, so that no worker is left with one at the end."""


def pytest_xdist_auto_num_workers() -> int:
    """Take one worker more than cores: what many tests do is wait."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long files first; the order is otherwise as it was."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session", autouse=True)
def _facts_are_read_once() -> Iterator[None]:
    """Let services share the facts as they are: reading them is most of a start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(almanac, "load", _facts)
        patch.setattr(almanac, "finder", _finder)
        patch.setattr(alarms, "load", _facts)
        yield


def _facts(overlay: Path | None = None) -> Facts:
    return _our_facts() if overlay is None else load(overlay=overlay)


@cache
def _our_facts() -> Facts:
    return load()


def _finder(facts: Facts) -> Finder:
    return _our_finder() if facts is _our_facts() else finder(facts)


@cache
def _our_finder() -> Finder:
    return finder(_our_facts())
