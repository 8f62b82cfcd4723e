"""Contacts, subscriptions, what reminders were planned from, and what the outbox is about."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WAITING = "state IN ('planned', 'due', 'deferred', 'unknown', 'sending')"
PLANNED = "state = 'planned'"


def upgrade() -> None:
    """Create the tables of people, and let the outbox say whom and what it is about."""
    _contacts()
    _records()
    _outbox()


def _contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("confirmed_at", sa.Float(), nullable=True),
        sa.UniqueConstraint("channel", "address"),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column(
            "contact", sa.String(), sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("selection", sa.String(), nullable=False),
        sa.Column("leads", sa.String(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("confirmed_at", sa.Float(), nullable=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.UniqueConstraint("contact", "selection", "conversation"),
    )
    op.create_index("ix_subscription_contact", "subscription", ["contact"])
    op.create_index("ix_subscription_conversation", "subscription", ["conversation"])
    op.create_index("subscription_edition", "subscription", ["edition"])
    op.create_table(
        "handed",
        sa.Column(
            "contact", sa.String(), sa.ForeignKey("contact.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("deadline", sa.String(), primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
    )  # fmt: skip


def _records() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("dates", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.Float(), nullable=False),
    )
    op.create_index("ix_edition_adopted_at", "edition", ["adopted_at"])
    op.create_table(
        "bounces",
        sa.Column("mailbox", sa.String(), primary_key=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.Column("suppressed_at", sa.Float(), nullable=True),
    )
    op.create_index("ix_bounces_last_at", "bounces", ["last_at"])
    op.create_table(
        "sign_up",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("sign_up_scope", "sign_up", ["scope", "at"])
    op.create_index("ix_sign_up_at", "sign_up", ["at"])
    op.create_table(
        "erasure",
        sa.Column("who", sa.String(), primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
    )


def _outbox() -> None:
    for name in ("contact", "deadline", "run"):
        op.add_column("outbox", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("target_at", sa.Float(), nullable=True))
    for name in ("spread", "room"):
        op.add_column("outbox", sa.Column(name, sa.Float(), nullable=False, server_default="0"))
    op.drop_index("outbox_waiting", "outbox")
    _index("outbox_waiting", ["lane", "channel", "priority", "next_at"], WAITING)
    _index("outbox_running_out", ["not_after"], WAITING)
    _index("outbox_run", ["run"], PLANNED)
    op.create_index("outbox_contact", "outbox", ["contact", "deadline"])
    op.create_index("outbox_settled", "outbox", ["settled_at"])


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, "outbox", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
