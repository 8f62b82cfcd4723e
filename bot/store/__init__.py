"""What is kept: tables, transactions, migrations. SQLite in one file, or PostgreSQL by address."""


class Unreachable(RuntimeError):
    """The database cannot be used; the text says why."""


class NotMigrated(Unreachable):
    """The database has not the shape that this version needs; run `noon db upgrade`."""

    def __str__(self) -> str:
        return str(self.__doc__)
