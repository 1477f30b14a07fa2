"""Figures: one row per report, the marks of those that changed, and the counts of the usual periods.

The marks are written by triggers, so that a process of the version before keeps the figures true as well. It may run before
`flask install database` does: whoever may mark the map's cells may at once mark figures.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTED = ("received_at", "first_response_at", "closed_at", "due_at", "category_id", "area_id", "team_id", "channel")
"""The columns of a report that its figure is made of."""


def bind_to_authority(table: str) -> None:
    """The same policy as every tenant table has."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY bound_authority ON {table} "
        "USING (authority_id = nullif(current_setting('app.authority_id', true), '')::bigint) "
        "WITH CHECK (authority_id = nullif(current_setting('app.authority_id', true), '')::bigint)"
    )


def upgrade() -> None:
    """Empty tables: the sweeper counts an authority that has no counts yet from the beginning."""
    op.create_table(
        "figure",
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("responded_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("response_seconds", sa.Integer()),
        sa.Column("close_seconds", sa.Integer()),
        sa.Column("due_met", sa.Boolean()),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("area_id", sa.BigInteger()),
        sa.Column("team_id", sa.BigInteger()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_figure_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "report_id", name=op.f("pk_figure")),
    )
    for name in ("received", "responded", "closed"):
        op.create_index(f"ix_figure_{name}", "figure", ["authority_id", f"{name}_on"])
    op.create_table(
        "figure_dirt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_figure_dirt_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_dirt")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_figure_dirt_authority_id_id")),
    )
    op.create_index("ix_figure_dirt_authority_id", "figure_dirt", ["authority_id"])
    op.create_table(
        "figure_period",
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("counted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_figure_period_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "first_day", "last_day", "dimension", name=op.f("pk_figure_period")),
    )
    for table in ("figure", "figure_dirt", "figure_period"):
        bind_to_authority(table)
    mark()


def mark() -> None:
    """Whoever writes a report marks its figure in the same transaction."""
    op.execute(
        """
        DO $$ DECLARE who name; BEGIN
            FOR who IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                       WHERE table_schema = 'public' AND table_name = 'map_dirt' AND privilege_type = 'INSERT'
            LOOP EXECUTE format('GRANT SELECT, INSERT, DELETE ON figure_dirt TO %I', who); END LOOP;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION mark_new_figures() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO public.figure_dirt (authority_id, report_id) SELECT authority_id, id FROM fresh;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION mark_changed_figure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO public.figure_dirt (authority_id, report_id) VALUES (NEW.authority_id, NEW.id);
            RETURN NULL;
        END $$
        """
    )
    # Once per statement: an import writes thousands of reports in one.
    op.execute(
        "CREATE TRIGGER mark_new_figures AFTER INSERT ON report "
        "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mark_new_figures()"
    )
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in COUNTED)
    op.execute(
        f"CREATE TRIGGER mark_changed_figure AFTER UPDATE ON report "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION mark_changed_figure()"
    )


def downgrade() -> None:
    """Without the figures; reports stay as they are."""
    op.execute("DROP TRIGGER mark_changed_figure ON report")
    op.execute("DROP TRIGGER mark_new_figures ON report")
    op.execute("DROP FUNCTION mark_changed_figure()")
    op.execute("DROP FUNCTION mark_new_figures()")
    op.drop_table("figure_period")
    op.drop_index("ix_figure_dirt_authority_id", "figure_dirt")
    op.drop_table("figure_dirt")
    for name in ("closed", "responded", "received"):
        op.drop_index(f"ix_figure_{name}", "figure")
    op.drop_table("figure")
