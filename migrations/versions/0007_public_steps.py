"""Find the steps that became public in a while, as clients of Open311 ask every few minutes."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_status_change_public", "status_change", ["authority_id", "public_at"])


def downgrade() -> None:
    op.drop_index("ix_status_change_public", table_name="status_change")
