"""Keys of API clients: scopes, an end, the last use; and a client's own limit.

A web process of the version before goes on working: its inserts get every scope, as its keys had.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

EVERY_SCOPE = "{client:submit,client:read_own,client:read_public}"


def upgrade():
    op.add_column("api_client", sa.Column("per_minute", sa.Integer()))
    op.create_check_constraint(op.f("ck_api_client_per_minute"), "api_client", "per_minute BETWEEN 1 AND 100000")
    op.add_column("api_key", sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False, server_default=EVERY_SCOPE))
    op.create_check_constraint(op.f("ck_api_key_scopes"), "api_key", "cardinality(scopes) > 0")
    op.add_column("api_key", sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True)))
    op.add_column("api_key", sa.Column("used_at", postgresql.TIMESTAMP(timezone=True)))
    op.create_index("ix_api_key_client", "api_key", ["client_id"])


def downgrade():
    op.drop_index("ix_api_key_client", table_name="api_key")
    for name in ("used_at", "ends_at", "scopes"):
        op.drop_column("api_key", name)
    op.drop_column("api_client", "per_minute")
