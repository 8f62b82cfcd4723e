"""Runs the migrations on the connection that `bot.store.schema` hands over."""

from alembic import context
from sqlmodel import SQLModel

from bot.store import tables

assert tables.Answer.metadata is SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
