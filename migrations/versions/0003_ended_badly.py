"""An index to find the messages that failed or were left unknown lately."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Small: hardly any message ends like that."""
    op.create_index(
        "ix_message_dispatch_ended_badly",
        "message_dispatch",
        ["next_attempt_at"],
        postgresql_where=sa.text("state IN ('failed', 'unknown')"),
    )


def downgrade() -> None:
    """Without it the figures of failures read the whole table."""
    op.drop_index("ix_message_dispatch_ended_badly", "message_dispatch")
