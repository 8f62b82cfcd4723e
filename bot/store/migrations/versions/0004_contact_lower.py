"""Contacts are found by their address in any case without looking at all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Index addresses without their case."""
    op.create_index("contact_lower", "contact", ["channel", sa.text("lower(address)")])
