"""What is kept: tables, transactions, migrations. SQLite in one file, or PostgreSQL by address."""


class Unreachable(RuntimeError):
    """The database cannot be used; the text says why."""
