"""Conversations, the Telegram inbox, leases and send slots."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "answer",
        sa.Column("conversation", sa.String(), primary_key=True),
        sa.Column("form", sa.String(), primary_key=True),
        sa.Column("question", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=False, index=True),
    )
    op.create_table(
        "exchange",
        sa.Column("conversation", sa.String(), primary_key=True),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("replies", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False, index=True),
    )
    op.create_table(
        "telegram_update",
        sa.Column("update_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("messages", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False, index=True),
    )
    op.create_index(
        "telegram_update_undone",
        "telegram_update",
        ["chat", "update_id"],
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "button",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False, index=True),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
    )
    op.create_table(
        "send_slot",
        sa.Column("scope", sa.String(), primary_key=True),
        sa.Column("free_at", sa.Float(), nullable=False),
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
