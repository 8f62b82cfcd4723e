"""What is kept: tables, transactions, migrations. SQLite in one file, or PostgreSQL by address."""
