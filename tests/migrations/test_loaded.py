"""Migrations on a database that holds a loaded authority, with the command line that an operator uses."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, pool, text

from authority_portal.config import CHECKOUT

MAPPING, FILE = CHECKOUT / "demo" / "otherton.toml", CHECKOUT / "demo" / "otherton.csv"
FOUND = [
    "authority",
    "add",
    "otherton",
    "--name",
    "Otherton",
    "--prefix",
    "OTH",
    "--zone",
    "Europe/London",
    "--locale",
    "en_GB",
    "--bounds=-1.5,52.2,-1.1,52.4",
]


@pytest.fixture
def operator(servers, environment, worker_id):
    """A way to run flask commands on an empty database of its own, and its owner's engine."""
    name = f"loaded_{worker_id}"
    servers.drop_database(name)
    made = servers.create_database(name)
    env = {**os.environ, **environment, "PORTAL_DATABASE_URL": made.url, "PORTAL_DATABASE_OWNER_URL": made.owner_url}

    def flask(*words):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=CHECKOUT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    engine = create_engine(made.owner_url, poolclass=pool.NullPool)
    yield flask, engine
    servers.drop_database(name)


def count(engine, table):
    with engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


def test_a_loaded_house_goes_down_and_up_and_takes_reports_again(operator):
    flask, engine = operator
    flask("db", "upgrade")
    flask("install", "database")
    flask(*FOUND)
    flask("import", "csv", str(FILE), "--mapping", str(MAPPING), "--authority", "otherton")
    assert (count(engine, "report"), count(engine, "status_change") > 300) == (200, True)

    flask("db", "downgrade", "base")
    assert count(engine, "pg_tables WHERE schemaname = 'public' AND tablename = 'report'") == 0

    flask("db", "upgrade")
    flask("install", "database")
    flask(*FOUND)
    assert count(engine, "report") == 0
    assert count(engine, "status") == 6
