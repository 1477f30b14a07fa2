"""The first house: authorities, staff, reports, people, messages, audit, outbox; row-level security on every tenant table."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "area",
    "assignment",
    "audit_line",
    "category",
    "import_run",
    "map_cell",
    "map_dirt",
    "message",
    "note",
    "person",
    "photo",
    "question",
    "report",
    "status",
    "status_change",
    "status_step",
    "team",
)


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
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "authority",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("accent", sa.Text(), nullable=False),
        sa.Column("undo_seconds", sa.Integer(), nullable=True),
        sa.Column("reference_key", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("mail_from", sa.Text(), nullable=True),
        sa.Column("contact_text", sa.Text(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("accent ~ '^[0-9a-f]{6}$'", name=op.f("ck_authority_accent")),
        sa.CheckConstraint("prefix ~ '^[A-Z]{2,4}$'", name=op.f("ck_authority_prefix")),
        sa.CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,40}$'", name=op.f("ck_authority_slug")),
        sa.CheckConstraint("undo_seconds BETWEEN 0 AND 3600", name=op.f("ck_authority_undo_seconds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("prefix", name=op.f("uq_authority_prefix")),
        sa.UniqueConstraint("slug", name=op.f("uq_authority_slug")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE"},
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("password_changed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("disabled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("single_keys", sa.Boolean(), nullable=False),
        sa.CheckConstraint("theme IN ('system', 'light', 'dark')", name=op.f("ck_staff_theme")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_email")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE"},
    )
    op.create_table(
        "throttle",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("touched_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("free_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_throttle")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_throttle_ends_at", "throttle", ["ends_at"], unique=False)
    op.create_table(
        "api_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_api_client_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("authority_id", "name", name=op.f("uq_api_client_authority_id_name")),
        info={"kind": "installation", "rights": "SELECT, INSERT"},
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_key_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE"},
    )
    op.create_geospatial_table(
        "area",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_area_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_area_authority_id_id")),
        sa.UniqueConstraint("authority_id", "layer", "code", name=op.f("uq_area_authority_id_layer_code")),
    )
    op.create_geospatial_index("ix_area_shape", "area", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={})
    op.create_table(
        "audit_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_audit_line_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_line")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_audit_line_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE (seq, prev_hash, hash)"},
    )
    op.create_index("ix_audit_line_subject", "audit_line", ["authority_id", "subject", "id"], unique=False)
    op.create_index(
        "ix_audit_line_unsealed", "audit_line", ["authority_id", "id"], unique=False, postgresql_where=sa.text("hash IS NULL")
    )
    op.create_index("uq_audit_line_seq", "audit_line", ["authority_id", "seq"], unique=True)
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("tally", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_import_run_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_import_run_authority_id_id")),
        sa.UniqueConstraint("authority_id", "source", "file_digest", name=op.f("uq_import_run_authority_id_source_file_digest")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_table(
        "link_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_link_token_authority_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_token")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_link_token_report", "link_token", ["authority_id", "report_id"], unique=False)
    op.create_table(
        "map_cell",
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("status_group", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("sum_lat", sa.Double(), nullable=False),
        sa.Column("sum_lon", sa.Double(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_map_cell_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "level", "cell", "status_group", "category_id", name=op.f("pk_map_cell")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_table(
        "map_dirt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("tile", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_map_dirt_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_dirt")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_map_dirt_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, DELETE"},
    )
    op.create_index("ix_map_dirt_authority_id_tile", "map_dirt", ["authority_id", "tile"], unique=False)
    op.create_table(
        "message_dispatch",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("stream", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("enqueued_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("handed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'unknown', 'cancelled')", name=op.f("ck_message_dispatch_state")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_message_dispatch_authority_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_dispatch")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index(
        "ix_message_dispatch_batch_id",
        "message_dispatch",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        "ix_message_dispatch_due",
        "message_dispatch",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        "ix_message_dispatch_stream",
        "message_dispatch",
        ["stream", "message_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("stream", sa.BigInteger(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("enqueued_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'cancelled')", name=op.f("ck_outbox_event_state")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_outbox_event_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index(
        "ix_outbox_event_authority_id_kind_subject", "outbox_event", ["authority_id", "kind", "subject"], unique=False
    )
    op.create_index(
        "ix_outbox_event_stream",
        "outbox_event",
        ["authority_id", "stream", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_outbox_event_due", "outbox_event", ["due_at"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("device_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("stopped_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("erased_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'sms', 'phone', 'letter', 'none')", name=op.f("ck_person_channel")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_person_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_person_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_person_email_index", "person", ["authority_id", "email_index"], unique=False)
    op.create_index("ix_person_phone_index", "person", ["authority_id", "phone_index"], unique=False)
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_staff_role_authority_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "authority_id", "role", name=op.f("pk_staff_role")),
        info={"kind": "installation", "rights": "SELECT, INSERT, DELETE"},
    )
    op.create_table(
        "staff_session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_staff_session_authority_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_session")),
        info={"kind": "installation", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_staff_session_ends_at", "staff_session", ["ends_at"], unique=False)
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "status",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("group_name IN ('new', 'open', 'waiting', 'done')", name=op.f("ck_status_group_name")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_status_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_status_authority_id_code")),
        sa.UniqueConstraint("authority_id", "id", "group_name", name=op.f("uq_status_authority_id_id_group_name")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_status_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_team_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_team_authority_id_code")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_team_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("response_hours", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_category_visibility")),
        sa.CheckConstraint("decimals BETWEEN 2 AND 6", name=op.f("ck_category_decimals")),
        sa.CheckConstraint("response_hours > 0", name=op.f("ck_category_response_hours")),
        sa.ForeignKeyConstraint(
            ["authority_id", "team_id"], ["team.authority_id", "team.id"], name=op.f("fk_category_authority_id_team_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_category_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_category_authority_id_code")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_category_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_table(
        "status_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("from_status_id", sa.BigInteger(), nullable=False),
        sa.Column("to_status_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("needs_outcome", sa.Boolean(), nullable=False),
        sa.Column("needs_note", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "from_status_id"],
            ["status.authority_id", "status.id"],
            name=op.f("fk_status_step_authority_id_from_status_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "to_status_id"],
            ["status.authority_id", "status.id"],
            name=op.f("fk_status_step_authority_id_to_status_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_status_step_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_step")),
        sa.UniqueConstraint(
            "authority_id", "from_status_id", "to_status_id", name=op.f("uq_status_step_authority_id_from_status_id_to_status_id")
        ),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_status_step_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_table(
        "team_member",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "team_id"], ["team.authority_id", "team.id"], name=op.f("fk_team_member_authority_id_team_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_team_member_authority_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_team_member_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "team_id", name=op.f("pk_team_member")),
        info={"kind": "installation", "rights": "SELECT, INSERT, DELETE"},
    )
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("datatype", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("variable", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "datatype IN ('string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist')",
            name=op.f("ck_question_datatype"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "category_id"],
            ["category.authority_id", "category.id"],
            name=op.f("fk_question_authority_id_category_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_question_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("authority_id", "category_id", "code", name=op.f("uq_question_authority_id_category_id_code")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_question_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_geospatial_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("source_digest", sa.LargeBinary(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("status_group", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_report_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT", srid=4326, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            nullable=True,
        ),
        sa.Column("lat", sa.Double(), sa.Computed("ST_Y(position)", persisted=True), nullable=True),
        sa.Column("lon", sa.Double(), sa.Computed("ST_X(position)", persisted=True), nullable=True),
        sa.Column("tile", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("cleared_description", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cleared_answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("redacted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "search_original",
            sa.Text(),
            sa.Computed("lower(reference || ' ' || address || ' ' || description)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_cleared",
            sa.Text(),
            sa.Computed("lower(reference || ' ' || address || ' ' || cleared_description)", persisted=True),
            nullable=False,
        ),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("cleared_photos", sa.Integer(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("first_response_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("at_risk_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("due_reason", sa.Text(), nullable=False),
        sa.Column("paused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status_group = 'done') = (closed_at IS NOT NULL)", name=op.f("ck_report_closed_when_done")),
        sa.CheckConstraint("(status_group = 'done') = (outcome IS NOT NULL)", name=op.f("ck_report_outcome_when_done")),
        sa.CheckConstraint(
            "outcome IN ('fixed', 'not_fixed', 'not_ours', 'duplicate', 'withdrawn')", name=op.f("ck_report_outcome")
        ),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_report_visibility")),
        sa.CheckConstraint("(position IS NULL) = (tile IS NULL)", name=op.f("ck_report_tile_with_position")),
        sa.CheckConstraint("closed_at >= received_at", name=op.f("ck_report_closed_after_received")),
        sa.CheckConstraint("lead_report_id <> id", name=op.f("ck_report_not_its_own_lead")),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_report_assignee_id")),
        sa.ForeignKeyConstraint(
            ["authority_id", "area_id"], ["area.authority_id", "area.id"], name=op.f("fk_report_authority_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "category_id"],
            ["category.authority_id", "category.id"],
            name=op.f("fk_report_authority_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "lead_report_id"],
            ["report.authority_id", "report.id"],
            name=op.f("fk_report_authority_id_lead_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "person_id"], ["person.authority_id", "person.id"], name=op.f("fk_report_authority_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "status_id", "status_group"],
            ["status.authority_id", "status.id", "status.group_name"],
            name=op.f("fk_report_authority_id_status_id_status_group"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "team_id"], ["team.authority_id", "team.id"], name=op.f("fk_report_authority_id_team_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_report_authority_id")),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_report_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_report_authority_id_id")),
        sa.UniqueConstraint("authority_id", "reference", name=op.f("uq_report_authority_id_reference")),
        sa.UniqueConstraint("authority_id", "source", "source_id", name=op.f("uq_report_authority_id_source_source_id")),
    )
    op.create_index(
        "ix_report_assignee",
        "report",
        ["authority_id", "assignee_id"],
        unique=False,
        postgresql_where=sa.text("assignee_id IS NOT NULL"),
    )
    op.create_index(
        "ix_report_category",
        "report",
        ["authority_id", "category_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_report_lead",
        "report",
        ["authority_id", "lead_report_id"],
        unique=False,
        postgresql_where=sa.text("lead_report_id IS NOT NULL"),
    )
    op.create_index(
        "ix_report_list",
        "report",
        ["authority_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_report_open",
        "report",
        ["authority_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status_group <> 'done'"),
    )
    op.create_index(
        "ix_report_open_due",
        "report",
        ["authority_id", sa.text("coalesce(due_at, 'infinity'::timestamptz)"), "id"],
        unique=False,
        postgresql_include=[
            "due_at",
            "at_risk_at",
            "paused_at",
            "team_id",
            "assignee_id",
            "category_id",
            "area_id",
            "status_group",
            "received_at",
            "tile",
        ],
        postgresql_where=sa.text("status_group <> 'done'"),
    )
    op.create_index(
        "ix_report_open_tile",
        "report",
        ["authority_id", "tile"],
        unique=False,
        postgresql_where=sa.text("status_group <> 'done'"),
    )
    op.create_index(
        "ix_report_person",
        "report",
        ["authority_id", "person_id"],
        unique=False,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_index(
        "ix_report_search",
        "report",
        ["search_original"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_original": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_report_search_cleared",
        "report",
        ["search_cleared"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_cleared": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_report_status",
        "report",
        ["authority_id", "status_group", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_report_team",
        "report",
        ["authority_id", "team_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_report_tile", "report", ["authority_id", "tile"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("by_staff_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"], ["report.authority_id", "report.id"], name=op.f("fk_assignment_authority_id_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "team_id"], ["team.authority_id", "team.id"], name=op.f("fk_assignment_authority_id_team_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_assignment_authority_id")),
        sa.ForeignKeyConstraint(["by_staff_id"], ["staff.id"], name=op.f("fk_assignment_by_staff_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assignment_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_assignment_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT"},
    )
    op.create_index("ix_assignment_report", "assignment", ["authority_id", "report_id", "id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sending", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"], ["report.authority_id", "report.id"], name=op.f("fk_note_authority_id_report_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_note_authority_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_note_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_note_authority_id_id")),
        sa.UniqueConstraint("authority_id", "report_id", "sending", name=op.f("uq_note_authority_id_report_id_sending")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_note_report", "note", ["authority_id", "report_id", "id"], unique=False)
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("cleared", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sending", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('wanted', 'ready', 'failed')", name=op.f("ck_photo_state")),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"], ["report.authority_id", "report.id"], name=op.f("fk_photo_authority_id_report_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_photo_authority_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_photo_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_photo_authority_id_id")),
        sa.UniqueConstraint("authority_id", "report_id", "sending", name=op.f("uq_photo_authority_id_report_id_sending")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_name")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_photo_report", "photo", ["authority_id", "report_id", "id"], unique=False)
    op.create_table(
        "status_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("from_status_id", sa.BigInteger(), nullable=True),
        sa.Column("to_status_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("public_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('fixed', 'not_fixed', 'not_ours', 'duplicate', 'withdrawn')", name=op.f("ck_status_change_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "from_status_id"],
            ["status.authority_id", "status.id"],
            name=op.f("fk_status_change_authority_id_from_status_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"],
            ["report.authority_id", "report.id"],
            name=op.f("fk_status_change_authority_id_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "to_status_id"],
            ["status.authority_id", "status.id"],
            name=op.f("fk_status_change_authority_id_to_status_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_status_change_authority_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_status_change_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_status_change_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE (undone_at, public_at)"},
    )
    op.create_index("ix_status_change_report", "status_change", ["authority_id", "report_id", "id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("authority_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "change_id"],
            ["status_change.authority_id", "status_change.id"],
            name=op.f("fk_message_authority_id_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "person_id"], ["person.authority_id", "person.id"], name=op.f("fk_message_authority_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"], ["report.authority_id", "report.id"], name=op.f("fk_message_authority_id_report_id")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_message_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("authority_id", "dedupe_key", name=op.f("uq_message_authority_id_dedupe_key")),
        sa.UniqueConstraint("authority_id", "id", name=op.f("uq_message_authority_id_id")),
        info={"kind": "tenant", "rights": "SELECT, INSERT, UPDATE, DELETE"},
    )
    op.create_index("ix_message_report", "message", ["authority_id", "report_id", "id"], unique=False)
    for table in TENANT_TABLES:
        bind_to_authority(table)
    # After an import of many rows the planner knows nothing of them yet, and pages take seconds until autovacuum has looked.
    # Only a table's owner may ANALYZE it, so the app's role asks for it here; it learns nothing by it.
    op.execute(
        "CREATE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp "
        "AS $$ BEGIN ANALYZE area, assignment, category, map_cell, person, report, status_change, team; END $$"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION refresh_statistics()")
    op.drop_index("ix_message_report", table_name="message")
    op.drop_table("message")
    op.drop_index("ix_status_change_report", table_name="status_change")
    op.drop_table("status_change")
    op.drop_index("ix_photo_report", table_name="photo")
    op.drop_table("photo")
    op.drop_index("ix_note_report", table_name="note")
    op.drop_table("note")
    op.drop_index("ix_assignment_report", table_name="assignment")
    op.drop_table("assignment")
    op.drop_index("ix_report_tile", table_name="report")
    op.drop_index("ix_report_team", table_name="report")
    op.drop_index("ix_report_status", table_name="report")
    op.drop_index(
        "ix_report_search_cleared", table_name="report", postgresql_using="gin", postgresql_ops={"search_cleared": "gin_trgm_ops"}
    )
    op.drop_index(
        "ix_report_search", table_name="report", postgresql_using="gin", postgresql_ops={"search_original": "gin_trgm_ops"}
    )
    op.drop_index("ix_report_person", table_name="report", postgresql_where=sa.text("person_id IS NOT NULL"))
    op.drop_index("ix_report_open_tile", table_name="report", postgresql_where=sa.text("status_group <> 'done'"))
    op.drop_index("ix_report_open_due", table_name="report", postgresql_where=sa.text("status_group <> 'done'"))
    op.drop_index("ix_report_open", table_name="report", postgresql_where=sa.text("status_group <> 'done'"))
    op.drop_index("ix_report_list", table_name="report")
    op.drop_index("ix_report_lead", table_name="report", postgresql_where=sa.text("lead_report_id IS NOT NULL"))
    op.drop_index("ix_report_category", table_name="report")
    op.drop_index("ix_report_assignee", table_name="report", postgresql_where=sa.text("assignee_id IS NOT NULL"))
    op.drop_geospatial_table("report")
    op.drop_table("question")
    op.drop_table("team_member")
    op.drop_table("status_step")
    op.drop_table("category")
    op.drop_table("team")
    op.drop_table("status")
    op.drop_index("ix_staff_session_staff_id", table_name="staff_session")
    op.drop_index("ix_staff_session_ends_at", table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_table("staff_role")
    op.drop_index("ix_person_phone_index", table_name="person")
    op.drop_index("ix_person_email_index", table_name="person")
    op.drop_table("person")
    op.drop_index("ix_outbox_event_stream", table_name="outbox_event", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_outbox_event_due", table_name="outbox_event", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_outbox_event_authority_id_kind_subject", table_name="outbox_event")
    op.drop_table("outbox_event")
    op.drop_index(
        "ix_message_dispatch_stream", table_name="message_dispatch", postgresql_where=sa.text("state IN ('pending', 'sending')")
    )
    op.drop_index(
        "ix_message_dispatch_due", table_name="message_dispatch", postgresql_where=sa.text("state IN ('pending', 'sending')")
    )
    op.drop_index(
        "ix_message_dispatch_batch_id", table_name="message_dispatch", postgresql_where=sa.text("state IN ('pending', 'sending')")
    )
    op.drop_table("message_dispatch")
    op.drop_index("ix_map_dirt_authority_id_tile", table_name="map_dirt")
    op.drop_table("map_dirt")
    op.drop_table("map_cell")
    op.drop_index("ix_link_token_report", table_name="link_token")
    op.drop_table("link_token")
    op.drop_table("import_run")
    op.drop_index("uq_audit_line_seq", table_name="audit_line")
    op.drop_index("ix_audit_line_unsealed", table_name="audit_line", postgresql_where=sa.text("hash IS NULL"))
    op.drop_index("ix_audit_line_subject", table_name="audit_line")
    op.drop_table("audit_line")
    op.drop_geospatial_index("ix_area_shape", table_name="area", postgresql_using="gist", column_name="shape")
    op.drop_geospatial_table("area")
    op.drop_table("api_key")
    op.drop_table("api_client")
    op.drop_index("ix_throttle_ends_at", table_name="throttle")
    op.drop_table("throttle")
    op.drop_table("staff")
    op.drop_table("authority")
