"""Every migration only adds, so that the code before it runs on beside it while a release comes in."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool, text

from authority_portal.config import CHECKOUT

COLUMNS = text(
    """SELECT table_name || '.' || column_name AS name, data_type || ' ' || udt_name AS kind, is_nullable = 'YES' AS nullable,
        column_default IS NOT NULL OR is_identity = 'YES' AS filled
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"""
)
UNIQUE = text(
    """SELECT indexrelid::regclass::text AS name, indrelid::regclass::text AS of FROM pg_index
    WHERE indisunique AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"""
)


@pytest.fixture
def empty(servers, worker_id):
    """An empty database of its own; yields its owner's engine."""
    name = f"beside_{worker_id}"
    servers.drop_database(name)
    made = servers.create_database(name)
    yield create_engine(made.owner_url, poolclass=pool.NullPool)
    servers.drop_database(name)


@pytest.fixture
def config():
    made = Config(str(CHECKOUT / "migrations" / "alembic.ini"))
    made.set_main_option("script_location", str(CHECKOUT / "migrations"))
    return made


def upgrade(engine, config, revision):
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def seen(engine):
    """Columns by name, and which tables have which unique indexes."""
    with engine.connect() as connection:
        columns = {row.name: row for row in connection.execute(COLUMNS)}
        return columns, {(row.of, row.name) for row in connection.execute(UNIQUE)}


def test_a_migration_only_adds(app, empty, config):
    revisions = sorted(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())
    with app.app_context():
        upgrade(empty, config, revisions[0])
        before, unique_before = seen(empty)
        for revision in revisions[1:]:
            upgrade(empty, config, revision)
            after, unique_after = seen(empty)
            tables = {name.partition(".")[0] for name in before}
            assert before.keys() - after.keys() == set(), f"{revision} takes away what running code reads"
            for name, column in before.items():
                assert after[name].kind == column.kind, f"{revision} changes the type of {name} under running code"
                assert after[name].nullable or not column.nullable, f"{revision} demands {name}, which running code may leave out"
            for name in after.keys() - before.keys():
                fits = after[name].nullable or after[name].filled or name.partition(".")[0] not in tables
                assert fits, f"{revision}: running code does not know {name} and cannot fill it"
            narrowed = {index for table, index in unique_after - unique_before if table in tables}
            assert narrowed == set(), f"{revision} forbids rows that running code may write"
            before, unique_before = after, unique_after


def test_a_migration_empties_and_renames_nothing():
    words = re.compile(r"drop_table|drop_column|rename_table|new_column_name|\b(DELETE FROM|TRUNCATE|DROP TABLE|RENAME)\b")
    for file in sorted(Path(CHECKOUT / "migrations/versions").glob("0*.py")):
        body = file.read_text().partition("def upgrade")[2].partition("def downgrade")[0]
        assert words.search(body) is None, f"{file.name} takes something away"
