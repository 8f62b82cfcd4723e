"""Incident notices with their record and files, confirmed mailboxes, announcements."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    _incidents()
    _files()
    op.create_table(
        "mailbox_proof",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("proved_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("conversation", "asked_at"):
        op.create_index(f"ix_mailbox_proof_{name}", "mailbox_proof", [name])
    op.create_table(
        "announcement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("text_lv", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_announcement_until", "announcement", ["until"])


def _incidents() -> None:
    texts = ("conversation", "deadline", "form", "corrects", "address", "mailbox", "language",
             "zone", "way", "message", "message_id")  # fmt: skip
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("closes_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("conversation", "deadline", "form", "message", "made_at"):
        op.create_index(f"ix_incident_{name}", "incident", [name])
    op.create_table(
        "incident_step",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("once"),
    )
    op.create_index("incident_step_incident", "incident_step", ["incident", "number"])


def _files() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("kind", "media_type", "sha256", "problem")
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("conversation", "incident", "at"):
        op.create_index(f"ix_evidence_{name}", "evidence", [name])
    op.create_table(
        "evidence_bytes",
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["evidence"], ["evidence.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("evidence"),
    )
