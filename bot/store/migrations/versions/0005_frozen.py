"""Bytes of messages in a table of their own: claims and notes then write small rows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Move what is fixed already out of the outbox."""
    op.create_table(
        "outbox_frozen",
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["outbox.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message"),
    )
    op.execute(
        "INSERT INTO outbox_frozen (message, content) "
        "SELECT id, frozen FROM outbox WHERE frozen IS NOT NULL"
    )
    op.drop_column("outbox", "frozen")
