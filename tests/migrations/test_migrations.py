"""Migrations go up, down and up again, and end with what the models say."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, inspect, pool

from authority_portal import tables
from authority_portal.config import CHECKOUT


@pytest.fixture(scope="module")
def empty(servers, worker_id):
    """An empty database of its own; yields its owner's engine."""
    name = f"migrations_{worker_id}"
    servers.drop_database(name)
    made = servers.create_database(name)
    engine = create_engine(made.owner_url, poolclass=pool.NullPool)
    yield engine
    servers.drop_database(name)


def migrate(engine, act, target):
    """Run one migration command on a connection of our own."""
    config = Config(str(CHECKOUT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        act(config, target)
        connection.commit()


def test_the_revisions_are_one_line_numbered_without_a_gap():
    config = Config(str(CHECKOUT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    numbers = sorted(revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions())

    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_up_down_and_up_leave_the_schema_of_the_models(app, empty):
    with app.app_context():
        migrate(empty, command.upgrade, "head")
        migrate(empty, command.downgrade, "base")
        left = set(inspect(empty).get_table_names()) - {"alembic_version", "spatial_ref_sys"}
        migrate(empty, command.upgrade, "head")

    assert left == set()
    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": alembic_helpers.include_object}
        )
        assert compare_metadata(context, tables.metadata()) == []
