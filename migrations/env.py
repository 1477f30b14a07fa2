"""How migrations run: as the owner, which alone may change tables and passes row-level security."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, pool

from authority_portal import tables
from authority_portal.config import settings

# Partial and operator-class indexes are compared by name only; PostGIS's own tables are not ours to touch.
target_metadata = tables.metadata()


def run() -> None:
    """Run on the connection that a test hands over, or on one of the owner's."""
    handed = context.config.attributes.get("connection")
    if handed is not None:
        _migrate(handed)
        return
    engine = create_engine(settings().DATABASE_OWNER_URL or settings().DATABASE_URL, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '4s'")
        connection.commit()
        _migrate(connection)


def _migrate(connection: object) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
