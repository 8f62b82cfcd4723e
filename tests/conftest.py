"""Fixtures that every test may ask for, and how Hypothesis runs."""

from hypothesis import settings

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
