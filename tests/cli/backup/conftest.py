"""A filled house, and an empty place beside it with a command line of its own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, pool, text

from authority_portal import tables
from authority_portal.config import CHECKOUT, settings
from authority_portal.domain.authorities import card
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.builders.travel import plan_what_is_told

OURS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys' ORDER BY 1"


@dataclass(frozen=True)
class Place:
    """An installation: its settings, and what is in it."""

    app: Flask
    settings: dict[str, str]

    def flask(self, *words: str, code: int = 0) -> str:
        """Run a command there, in this process; returns all it said."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.settings.items():
                patch.setenv(name, value)
            settings.cache_clear()
            done = self.app.test_cli_runner().invoke(args=list(words))
        settings.cache_clear()
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.output

    def operator(self, *words: str) -> "subprocess.Popen[str]":
        """Begin the same in a process of its own."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | self.settings
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.Popen(
            command, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    @property
    def database(self) -> str:
        """Name of its database."""
        return str(make_url(self.settings["PORTAL_DATABASE_URL"]).database)

    @property
    def storage(self) -> Path:
        return Path(self.settings["PORTAL_STORAGE_URL"].removeprefix("file://"))

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table as text, in one order."""
        engine = create_engine(self.settings["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
        with engine.connect() as connection:
            connection.execute(text("SET timezone = 'UTC'"))
            names = connection.scalars(text(OURS)).all()
            return {name: sorted(connection.scalars(text(f'SELECT t::text FROM "{name}" AS t'))) for name in names}

    def files(self) -> dict[str, bytes]:
        """Every file of the storage."""
        return {str(file.relative_to(self.storage)): file.read_bytes() for file in self.storage.rglob("*") if file.is_file()}

    def scalar(self, query: str) -> object:
        """One value, as the owner."""
        engine = create_engine(self.settings["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
        with engine.connect() as connection:
            return connection.scalar(text(query))


def a_photo(town, report, content):
    """A photo with both its files."""
    name = storage.new_name()
    storage.keep(town.id, name, content, content[:10])
    bind(town.id)
    with transaction():
        db.session.add(
            Photo(
                authority_id=town.id, report_id=report.id, state="ready", name=name, added_at=clock.now(), attempts=0, failure=""
            )
        )
    return name


@pytest.fixture(scope="session")
def original(app, servers, environment, worker_id, tmp_path_factory):
    """Two towns with reports, residents, staff, photos and waiting messages, in a place of their own. No test changes it."""
    name = f"original_{worker_id}_{os.getpid()}"
    servers.drop_database(name)
    folder = tmp_path_factory.mktemp("original")
    with pytest.MonkeyPatch.context() as patch, app.app_context():
        patch.setenv("PORTAL_STORAGE_URL", f"file://{folder}/storage")
        settings.cache_clear()
        card.forget()
        for slug in ("boston", "otherton"):
            town = a_town(slug)
            a_member(town)
            for number in range(2):
                report = a_report(town, description=f"Hole {number}, déjà vu 🕳")
                a_photo(town, report, os.urandom(5000 + number))
        plan_what_is_told()
        leave(app)
        made = servers.create_database(name, make_url(environment["PORTAL_DATABASE_URL"]).database)
        empty(environment)
    settings.cache_clear()
    urls = {"PORTAL_DATABASE_URL": made.url, "PORTAL_DATABASE_OWNER_URL": made.owner_url}
    yield Place(app, {**environment, **urls, "PORTAL_STORAGE_URL": f"file://{folder}/storage"})
    servers.drop_database(name)


def leave(app):
    """Nothing stays connected to this worker's database, so that it can be copied."""
    db.session.remove()
    bind(None)
    db.session.remove()
    card.forget()
    db.engine.dispose()


def empty(environment):
    """This worker's database as every other test expects it."""
    engine = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for table in reversed(tables.metadata().sorted_tables):
            connection.execute(text(f'DELETE FROM "{table.name}"'))


@pytest.fixture(scope="session")
def made(original, tmp_path_factory):
    """An archive of the original, which no test may change, and what was said about it."""
    folder = tmp_path_factory.mktemp("made")
    said = original.flask("backup", "create", "--to", str(folder))
    return next(folder.glob("*.tar")), said


@pytest.fixture
def archive(made, tmp_path):
    """A copy of it, in a folder of its own."""
    return Path(shutil.copy(made[0], tmp_path))


@pytest.fixture
def elsewhere(app, servers, environment, worker_id, tmp_path):
    """A database and a folder with nothing in them."""
    name = f"restored_{worker_id}_{os.getpid()}"
    servers.drop_database(name)
    there = servers.create_database(name)
    urls = {"PORTAL_DATABASE_URL": there.url, "PORTAL_DATABASE_OWNER_URL": there.owner_url}
    yield Place(app, {**environment, **urls, "PORTAL_STORAGE_URL": f"file://{tmp_path}/restored"})
    for database in databases(environment, name):
        servers.drop_database(database)


def databases(environment, beginning):
    """Names of the databases that begin so."""
    engine = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        named = text("SELECT datname FROM pg_database WHERE starts_with(datname, :it) ORDER BY 1")
        return connection.scalars(named, {"it": beginning}).all()
