"""Retention of a reporter's contact: the authority's mode, what was told and erased, and the ledger of erasures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TENANT_TABLES = ("erasure", "erasure_batch")


def bind_to_authority(table: str) -> None:
    """Rows of another authority than the bound one do not exist; with none bound, none do. Holds for the owner too."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY bound_authority ON {table} "
        "USING (authority_id = nullif(current_setting('app.authority_id', true), '')::bigint) "
        "WITH CHECK (authority_id = nullif(current_setting('app.authority_id', true), '')::bigint)"
    )


def upgrade() -> None:
    op.add_column("authority", sa.Column("retention_mode", sa.Text(), server_default="unless_open", nullable=False))
    op.add_column("authority", sa.Column("retention_swept_on", sa.Date(), nullable=True))
    op.create_check_constraint(op.f("ck_authority_retention_mode"), "authority", "retention_mode IN ('unless_open', 'literal')")
    op.add_column("person", sa.Column("retention_told_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("person", sa.Column("erased_because", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_person_erased_because"), "person", "erased_because IN ('retention', 'request')")
    op.create_index("ix_person_kept", "person", ["authority_id", "id"], postgresql_where=sa.text("erased_at IS NULL"))
    op.create_index("ix_message_person", "message", ["authority_id", "person_id"])
    op.create_table(
        "erasure_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("persons > 0", name=op.f("ck_erasure_batch_persons")),
        sa.CheckConstraint("reason IN ('rule', 'replay')", name=op.f("ck_erasure_batch_reason")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_erasure_batch_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_batch")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_erasure_batch_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT"},
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_erasure_authority_id")),
        sa.ForeignKeyConstraint(
            ["authority_id", "batch_id"],
            ["erasure_batch.authority_id", "erasure_batch.id"],
            name=op.f("fk_erasure_authority_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "person_id"], ["person.authority_id", "person.id"], name=op.f("fk_erasure_authority_id_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_erasure_authority_id_id")),
        sa.UniqueConstraint("authority_id", "person_id", name=op.f("uq_erasure_authority_id_person_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT"},
    )
    for table in TENANT_TABLES:
        bind_to_authority(table)


def downgrade() -> None:
    for table in TENANT_TABLES:
        op.drop_table(table)
    op.drop_index("ix_message_person", table_name="message")
    op.drop_index("ix_person_kept", table_name="person", postgresql_where=sa.text("erased_at IS NULL"))
    op.drop_constraint(op.f("ck_person_erased_because"), "person")
    op.drop_column("person", "erased_because")
    op.drop_column("person", "retention_told_at")
    op.drop_constraint(op.f("ck_authority_retention_mode"), "authority")
    op.drop_column("authority", "retention_swept_on")
    op.drop_column("authority", "retention_mode")
