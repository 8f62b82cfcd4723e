"""Fixtures that every test may ask for."""

from tests.postgres import (
    database,
    empty_url,
    postgres,
    postgres_url,
    sqlite_file,
    url,
)

__all__ = ["database", "empty_url", "postgres", "postgres_url", "sqlite_file", "url"]
