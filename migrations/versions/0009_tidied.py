"""Find what is finished and old enough to be cleared away, without walking over everything that is not."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_outbox_event_finished", "outbox_event", ["created_at"], postgresql_where=sa.text("state IN ('done', 'cancelled')")
    )
    op.create_index(
        "ix_message_dispatch_plain", "message_dispatch", ["sent_at"], postgresql_where=sa.text("state = 'sent' AND ambiguous = 0")
    )


def downgrade() -> None:
    op.drop_index("ix_message_dispatch_plain", table_name="message_dispatch")
    op.drop_index("ix_outbox_event_finished", table_name="outbox_event")
