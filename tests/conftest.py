"""Real PostGIS and Redis for every test: a template built by the migrations, one copy per worker, a savepoint per test.

`app` is the application on the worker's own database. `house` is an application context whose writes vanish after the test.
`committed` is for tests that need real commits (other connections, worker processes): it empties the tables afterwards.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask, g, request_started
from flask.testing import FlaskClient
from sqlalchemy import create_engine, pool, text

from authority_portal import services
from authority_portal.config import CHECKOUT, DEMO_DATA_KEYS, DEMO_LINK_KEYS, DEMO_SECRET_KEY, LOCAL, settings

TEMPLATE = "tpl"

# How long an example takes says something about the machine, not about the product.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


def _schema_digest() -> str:
    """Changes with any migration or model: then the template is built anew."""
    digest = hashlib.sha256()
    for file in sorted([*(CHECKOUT / "migrations").rglob("*.py"), *(CHECKOUT / "authority_portal").rglob("*models.py")]):
        digest.update(file.read_bytes())
    digest.update((CHECKOUT / "authority_portal" / "cli" / "install.py").read_bytes())
    digest.update((CHECKOUT / "authority_portal" / "foundation" / "outbox.py").read_bytes())
    return digest.hexdigest()[:16]


def _environment(database_url: str, owner_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    return {
        "PORTAL_ENV": "test",
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_DATABASE_OWNER_URL": owner_url,
        "PORTAL_REDIS_URL": redis_url,
        "PORTAL_SECRET_KEY": DEMO_SECRET_KEY,
        "PORTAL_DATA_KEYS": DEMO_DATA_KEYS,
        "PORTAL_LINK_KEYS": DEMO_LINK_KEYS,
        "PORTAL_UNDO_SECONDS": "0",
        "PORTAL_BASE_URL": "http://127.0.0.1:8000",
        "PORTAL_STORAGE_URL": f"file://{folder}/storage",
        "PORTAL_FETCH_PRIVATE": "1",
        **{f"PORTAL_LIMIT_{of}": "1000000" for of in ("STRANGERS", "CLIENT", "STAFF", "UPLOADS")},  # counted, never reached
    }


def _build_template(running: services.Running) -> None:
    """Migrate once; every other worker and every later run copies."""
    from alembic import command
    from alembic.config import Config

    name = f"{TEMPLATE}_{_schema_digest()}"
    with (LOCAL / "test" / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = LOCAL / "test" / "template"
        if mark.is_file() and mark.read_text() == name:
            return
        running.drop_database(name)
        made = running.create_database(name)
        os.environ.update(_environment(made.url, made.owner_url, running.redis_url, LOCAL / "test"))
        settings.cache_clear()
        config = Config(str(CHECKOUT / "migrations" / "alembic.ini"))
        config.set_main_option("script_location", str(CHECKOUT / "migrations"))
        command.upgrade(config, "head")
        from authority_portal.cli import install

        with create_engine(made.owner_url, poolclass=pool.NullPool).begin() as connection:
            install.grant(connection, role="portal_app")
            for function in install.LEAKPROOF:
                connection.execute(text(f"ALTER FUNCTION {function} LEAKPROOF"))
        mark.write_text(name)


@pytest.fixture(scope="session")
def servers() -> Iterator[services.Running]:
    """PostgreSQL and Redis of the test flavour; they run on beside a `make run`."""
    running = services.start("test")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def environment(servers: services.Running, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[dict[str, str]]:
    """This worker's own database and Redis number; also the environment for processes that a test starts."""
    (LOCAL / "test").mkdir(parents=True, exist_ok=True)
    _build_template(servers)
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) + 1
    name = f"w_{worker_id}_{os.getpid()}"
    servers.drop_database(name)
    made = servers.create_database(name, f"{TEMPLATE}_{_schema_digest()}")
    values = _environment(made.url, made.owner_url, f"{servers.redis_url}?db={number}", tmp_path_factory.mktemp("files"))
    os.environ.update(values)
    settings.cache_clear()
    yield values
    servers.drop_database(name)


def _begin_afresh(_app: Flask, **_: object) -> None:
    """A test's requests share its application context; each still begins with an empty `g`, as it does when served."""
    for name in list(g):
        g.pop(name)


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> Iterator[Flask]:
    """The application under test."""
    from authority_portal.app import create_app
    from authority_portal.cli import commands
    from authority_portal.foundation.db import db

    made = create_app(process="portal-test")
    commands.init_app(made)
    made.config["WTF_CSRF_ENABLED"] = False  # tests/web/test_csrf.py switches it on
    request_started.connect(_begin_afresh, made)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def proved(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Takes down what a proof measured, for the report that `make prove` writes."""

    def take_down(*, size: str, result: str) -> None:
        record_property("size", size)
        record_property("result", result)
        print(f"{size}: {result}")

    return take_down


@pytest.fixture
def house(app: Flask) -> Iterator[Flask]:
    """An application context inside one outer transaction: code may commit, nothing survives the test."""
    from authority_portal.domain.authorities import card
    from authority_portal.foundation.db import bind, db

    with app.app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        engines = db._app_engines[app]
        original = engines[None]
        engines[None] = connection  # every session of this test, also those of requests, joins the outer transaction
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        card.forget()
        try:
            yield app
        finally:
            db.session.remove()
            bind(None)
            db.session.remove()
            engines[None] = original
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
            outer.rollback()
            connection.close()
            card.forget()


@pytest.fixture
def client(house: Flask) -> FlaskClient:
    """A browser without JavaScript on the house of this test."""
    return house.test_client()


@pytest.fixture
def committed(app: Flask, environment: dict[str, str]) -> Iterator[Flask]:
    """An application context with real commits. Rows are deleted afterwards (TRUNCATE is fifty times slower here)."""
    from authority_portal import tables
    from authority_portal.domain.authorities import card
    from authority_portal.foundation.db import bind, db

    with app.app_context():
        card.forget()
        try:
            yield app
        finally:
            db.session.remove()
            bind(None)
            db.session.remove()
            card.forget()
            engine = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
            with engine.begin() as connection:
                connection.execute(text("SET session_replication_role = replica"))
                for table in reversed(tables.metadata().sorted_tables):
                    connection.execute(text(f'DELETE FROM "{table.name}"'))
